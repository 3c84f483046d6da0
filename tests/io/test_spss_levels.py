"""What a file of SPSS says of the level of measurement, and what is made of it where it says nothing."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pyreadstat
import pytest

import survey as sv


@pytest.mark.parametrize(
    ("labels", "measure", "kind"),
    [
        ({1: "bad", 3: "good"}, None, "ordinal"),  # 2 has no label: a step between two ends
        ({1: "An", 2: "Binh", 3: "Chau"}, None, "nominal"),  # nobody said, and each code has a name
        ({1: "An", 3: "Chau"}, "nominal", "nominal"),  # the file says so
        ({1: "bad", 2: "fair", 3: "good"}, "ordinal", "ordinal"),
    ],
)
def test_a_code_between_labelled_ones_is_a_step(tmp_path: Path, labels: dict, measure: str | None, kind: str) -> None:
    level = {} if measure is None else {"variable_measure": {"q": measure}}
    file = tmp_path / "a.sav"
    pyreadstat.write_sav(pd.DataFrame({"q": [1.0, 2, 3] * 10}), str(file), variable_value_labels={"q": labels}, **level)
    assert sv.read(file).codebook["q"].type == kind


AGREE = [
    "Muy en desacuerdo",
    "En desacuerdo",
    "Ni de acuerdo ni en desacuerdo (NO LEA)",
    "De acuerdo",
    "Muy de acuerdo",
]
STEPS = {i: text for i, text in enumerate(AGREE, 1)}


@pytest.mark.parametrize(
    ("labels", "measure", "kind"),
    [
        (STEPS, None, "ordinal"),  # nobody said, and the labels are a known scale in its order
        (dict(zip(range(5, 0, -1), AGREE, strict=True)), None, "ordinal"),
        ({**STEPS, 9: "NS/NR (NO LEA)"}, None, "ordinal"),  # what is no answer is no point of the scale
        (STEPS, "nominal", "nominal"),  # the file says so
        ({1: "De acuerdo", 2: "Muy de acuerdo", 3: "En desacuerdo"}, None, "nominal"),  # not in their order
        ({1: "Sí", 2: "No"}, None, "nominal"),
        ({1: "Norte", 2: "Sur", 3: "Centro"}, None, "nominal"),
    ],
)
def test_labels_that_are_a_known_scale_are_an_order_where_the_file_states_none(
    tmp_path: Path, labels: dict, measure: str | None, kind: str
) -> None:
    level = {} if measure is None else {"variable_measure": {"q": measure}}
    file = tmp_path / "a.sav"
    data = pd.DataFrame({"q": [float(c) for c in labels] * 10})
    pyreadstat.write_sav(data, str(file), variable_value_labels={"q": labels}, **level)
    responses = sv.read(file)
    assert responses.codebook["q"].type == kind
    said = [b.message for b in responses.check().broken if "no level of measurement" in b.message]
    assert bool(said) == (kind == "ordinal") and all("q" in m for m in said)


def test_stata_states_no_level_and_a_share_of_the_top_is_at_hand(tmp_path: Path) -> None:
    file = tmp_path / "a.dta"
    data = pd.DataFrame({"al2": [1.0, 2, 3, 4, 5, 5, 5, 4] * 10, "party": [1.0, 2, 3, 1] * 20})
    parties = {1: "Liberación", 2: "Unidad", 3: "Acción"}
    pyreadstat.write_dta(data, str(file), variable_value_labels={"al2": STEPS, "party": parties})
    responses = sv.read(file)
    sample = sv.Sample(responses, weights=None)
    assert sample.proportion("al2", top=2).table["estimate"].iloc[0] == 5 / 8
    with pytest.raises(sv.EstimationError, match="no order"):
        sample.proportion("party", top=1)
    assert "no level of measurement; 1 column" in responses.to_text() and "al2" in responses.to_text()

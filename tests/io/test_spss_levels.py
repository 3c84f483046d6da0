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

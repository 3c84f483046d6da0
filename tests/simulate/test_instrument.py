"""The questionnaire is complete in both languages and fits into an SPSS file without being cut."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pyreadstat
import pytest

import survey as sv
from survey.codebook import Codebook, Variable
from survey.simulate.items import ITEMS
from survey.simulate.sav import labels_for, write_sav

ROWS = pd.DataFrame({"q": [1.0, 1.0]})


@pytest.fixture(scope="module")
def codebook(raw: Path) -> Codebook:
    return Codebook.from_toml(raw / "codebook.toml")


def _both(text: dict[str, str]) -> bool:
    return {k for k, v in text.items() if v.strip()} == {"vi", "en"}


def test_all_34_items_are_there_in_order(codebook: Codebook) -> None:
    names = [v.name for v in codebook.variables.values() if v.role == "item"]
    expected = [
        f"{k}{i:02d}" for k, n in (("FR", 11), ("TR", 8), ("EF", 10), ("OV", 4), ("VG", 1)) for i in range(1, n + 1)
    ]
    assert names == expected == list(ITEMS)


def test_every_text_stands_in_both_languages(codebook: Codebook) -> None:
    assert _both(codebook.title) and all(_both(t) for t in codebook.dimensions.values())
    for v in codebook.variables.values():
        assert _both(v.text), v.name
        for code, text in {**v.labels, **v.missing_labels}.items():
            assert _both(text), (v.name, code)


def test_missing_codes_are_the_four_kinds_for_every_item(codebook: Codebook) -> None:
    kinds = {-96: "not_applicable", -97: "blank", -98: "dont_know", -99: "refused"}
    assert all(dict(codebook[name].missing) == kinds for name in ITEMS)


def test_items_that_enter_no_score_stay_out(codebook: Codebook) -> None:
    # minutes, trips and result are reported in their own units; badge and awareness are no quality
    assert len(codebook.items("friendliness")) == 10 and "FR11" not in codebook.items("friendliness")
    assert len(codebook.items("transparency")) == 8
    assert codebook.items("efficiency") == tuple(f"EF{i:02d}" for i in range(4, 11))
    scored = {v.dimension for v in codebook.variables.values() if v.scored}
    assert scored == {"friendliness", "transparency", "efficiency"}


def test_a_low_code_is_good_for_these_and_no_others(codebook: Codebook) -> None:
    low = {v.name for v in codebook.variables.values() if v.direction == -1}
    assert low == {"FR07", "FR08", "FR09", "FR10", "EF01", "EF02"}


def test_who_was_asked(codebook: Codebook) -> None:
    everyone = {n for n in ITEMS if not codebook[n].base}
    assert everyone == {"FR10", "TR08", "OV01", "OV02", "OV03", "OV04", "VG01"}
    assert {n: codebook[n].base for n in ("TR06", "TR07", "EF09", "EF10")} == {
        "TR06": "resp_type == 1",
        "TR07": "resp_type == 1",
        "EF09": "filed_complaint == 1",
        "EF10": "filed_online == 1",
    }
    others = set(ITEMS) - everyone - {"TR06", "TR07", "EF09", "EF10"}
    assert {codebook[n].base for n in others} == {"contact12 == 1"}


@pytest.mark.parametrize("kind", ["residents", "businesses"])
def test_labels_come_back_from_the_file_uncut(raw: Path, codebook: Codebook, kind: str) -> None:
    data, meta = pyreadstat.read_sav(raw / f"{kind}_2024.sav", user_missing=True)
    wording, values = labels_for(list(codebook.variables.values()), "vi", business=kind == "businesses")
    assert meta.column_names_to_labels == wording
    assert meta.variable_value_labels == values
    assert list(data.columns) == list(codebook.variables)
    assert meta.missing_ranges["FR01"] == [{"lo": -99, "hi": -96}]
    assert "wave" not in meta.missing_ranges
    assert ("doanh nghiệp" in wording["FR01"]) == (kind == "businesses")


def test_a_label_that_spss_would_cut_is_refused(tmp_path: Path) -> None:
    # 86 letters of three bytes are 258 bytes: fewer than 255 letters, more than 255 bytes
    book = Codebook().update(Variable("q", text={"vi": "ậ" * 86}))
    with pytest.raises(sv.ExportError, match="A label is longer than SPSS allows") as caught:
        write_sav(tmp_path / "x.sav", ROWS, book, title="dữ liệu mô phỏng")
    assert caught.value.where == "q" and "258 bytes" in str(caught.value.got)
    assert not list(tmp_path.iterdir())
    book = Codebook().update(Variable("q", type="ordinal", text={"vi": "q"}, labels={1: {"vi": "ậ" * 41}}))
    with pytest.raises(sv.ExportError, match="A label is longer than SPSS allows"):
        write_sav(tmp_path / "x.sav", ROWS, book, title="dữ liệu mô phỏng")
    fits = Codebook().update(Variable("q", type="ordinal", text={"vi": "ậ" * 85}, labels={1: {"vi": "ậ" * 40}}))
    write_sav(tmp_path / "x.sav", ROWS, fits, title="dữ liệu mô phỏng")
    meta = pyreadstat.read_sav(tmp_path / "x.sav")[1]
    assert meta.column_labels == ["ậ" * 85] and meta.variable_value_labels == {"q": {1: "ậ" * 40}}

"""Letters of Stata for more missing codes than there are letters."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from survey.codebook import Codebook, Variable
from survey.errors import ExportError
from survey.io import read
from survey.responses import Responses

# codes of the European Social Survey: 6 to 9 in scales to 5, 66 to 99 in scales to 10, 666 to 999 in years, and so on
KINDS = ("not_applicable", "refused", "dont_know", "blank")
SIZES = (1, 2, 3, 4, 5, 6, 7, 8)


def _responses() -> Responses:
    book, data = Codebook(), {}
    for size in SIZES:
        codes = [int(str(digit) * size) for digit in (6, 7, 8, 9)]
        kinds = dict(zip(codes, KINDS, strict=True))
        book = book.update(Variable(f"q{size}", missing=kinds, missing_labels={c: {"en": k} for c, k in kinds.items()}))
        data[f"q{size}"] = [1.0, *map(float, codes), np.nan]
    return Responses(pd.DataFrame(data), book)


def test_each_column_has_letters_of_its_own_where_26_do_not_suffice_for_all(tmp_path: Path) -> None:
    before = _responses()
    before.write(tmp_path / "a.dta", lang="en")
    after = read(tmp_path / "a.dta")
    for name in before.data.columns:
        cells, kinds = after.data[name], dict(after.codebook[name].missing)
        assert cells[0] == 1 and pd.isna(cells[5])
        assert tuple(kinds[letter] for letter in cells[1:5]) == KINDS
        assert tuple(after.codebook[name].missing_labels[letter]["en"] for letter in cells[1:5]) == KINDS
    assert len({after.data[name][2] for name in before.data.columns}) == 1  # a refusal has one letter in all columns
    wanted, got = before.recode_missing(), after.recode_missing()
    pd.testing.assert_frame_equal(got.missing, wanted.missing)
    np.testing.assert_array_equal(got.data.to_numpy(float), wanted.data.to_numpy(float))


def test_stata_itself_would_find_these_letters(tmp_path: Path) -> None:
    """Another reader: pandas takes .a to .z for empty cells, and . too."""
    _responses().write(tmp_path / "a.dta", lang="en")
    frame = pd.read_stata(tmp_path / "a.dta", convert_categoricals=False)
    assert frame.isna().to_numpy().tolist() == [[i > 0] * len(SIZES) for i in range(6)]


def test_several_codes_of_a_kind_stay_apart(tmp_path: Path) -> None:
    codes = {f"q{i}": {100 * i + 1: "refused", 100 * i + 2: "refused", 100 * i + 3: "blank"} for i in range(1, 11)}
    book = Codebook().update(*(Variable(n, missing=kinds) for n, kinds in codes.items()))
    data = pd.DataFrame({n: [1.0, *map(float, kinds)] for n, kinds in codes.items()})
    Responses(data, book).write(tmp_path / "a.dta")
    after = read(tmp_path / "a.dta")
    for name in codes:
        assert len(set(after.data[name][1:])) == 3
        assert [after.codebook[name].missing[letter] for letter in after.data[name][1:]] == [
            "refused",
            "refused",
            "blank",
        ]


def test_letters_that_the_codebook_has_stay(tmp_path: Path) -> None:
    many = {f"q{i}": {10 * i + d: KINDS[d] for d in range(4)} for i in range(1, 9)}
    book = Codebook().update(
        Variable("own", missing={"c": "refused", "x": "blank", -9: "dont_know"}),
        *(Variable(n, missing=kinds) for n, kinds in many.items()),
    )
    data = pd.DataFrame({"own": [1.0, "c", "x", -9.0, 2.0], **{n: [1.0, *map(float, k)] for n, k in many.items()}})
    Responses(data, book).write(tmp_path / "a.dta")
    after = read(tmp_path / "a.dta")
    assert after.data["own"].tolist()[1:3] == ["c", "x"]
    assert after.codebook["own"].missing[after.data["own"][3]] == "dont_know"
    assert after.data["own"][3] not in ("c", "x")


def test_a_column_with_more_codes_than_letters_is_named(tmp_path: Path) -> None:
    book = Codebook().update(Variable("q", missing={-i: "blank" for i in range(1, 28)}))
    with pytest.raises(ExportError, match="26 letters") as caught:
        Responses(pd.DataFrame({"q": [1.0]}), book).write(tmp_path / "a.dta")
    assert caught.value.where == "q"

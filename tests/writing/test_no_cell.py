"""Characters that XML has not: a workbook refuses them, and every other format gives them back."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

import survey as sv


@pytest.mark.parametrize("sign", ["\ufffe", "\uffff"])
def test_a_workbook_refuses_what_it_would_give_back_as_other_letters(tmp_path: Path, sign: str) -> None:
    """U+FFFE came back as the seven letters _xFFFE_."""
    label = sv.Variable("q", type="ordinal", labels={1: {"en": f"one{sign}"}})
    for responses in (
        sv.Responses(pd.DataFrame({"t": [f"a{sign}b", "c"]})),
        sv.Responses(pd.DataFrame({f"t{sign}": ["b", "c"]})),
        sv.Responses(pd.DataFrame({"q": [1, 1]}), sv.Codebook({"q": label})),
    ):
        with pytest.raises(sv.ExportError, match="A text contains a character that Excel cells cannot store"):
            responses.write(tmp_path / "a.xlsx")
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("ending", ["xlsx", "csv", "parquet", "sav", "dta"])
def test_control_characters_come_back_as_they_were(tmp_path: Path, ending: str) -> None:
    texts = [f"a{chr(c)}b" for c in (*range(1, 9), 0x0B, 0x0C, *range(0x0E, 0x20), *range(0x7F, 0xA0), 0x2028, 0x2029)]
    sv.Responses(pd.DataFrame({"t": texts})).write(tmp_path / f"a.{ending}")
    assert sv.read(tmp_path / f"a.{ending}").data["t"].tolist() == texts

"""TOML that is nested beyond all use: one error, at once."""

from __future__ import annotations

from pathlib import Path

import pytest

import survey as sv
from survey.io.xlsform.relevant import base_of, relevant_of

DEEP = {
    "lists": "x = " + "[" * 5_000 + "]" * 5_000,
    "tables": "x = " + "{a = " * 5_000 + "1" + "}" * 5_000,
    "a dotted key": ".".join(["a"] * 20_000) + " = 1",
    "a dotted header": "[" + ".".join(["a"] * 20_000) + "]",
    "a quoted key": ".".join(['"a"'] * 20_000) + " = 1",
}


@pytest.mark.parametrize("text", [pytest.param(t, id=name) for name, t in DEEP.items()])
def test_what_is_nested_too_deeply_is_one_error(tmp_path: Path, text: str) -> None:
    for name, opened in (("book.toml", sv.read_codebook), ("study.toml", sv.Study.open)):
        path = tmp_path / name
        path.write_text(f"{text}\n[variables.q]\ntype = 'number'\n", encoding="utf-8")
        with pytest.raises(sv.SurveyError, match="TOML"):
            opened(path)


@pytest.mark.parametrize(
    "relevant", ["(" * 16_000 + "${q} = 1" + ")" * 16_000, "not(" * 8_000 + "${q} = 1" + ")" * 8_000]
)
def test_a_condition_of_a_form_that_is_nested_too_deeply_is_not_translated(relevant: str) -> None:
    assert base_of(relevant) == ("", "it is nested too deeply")


@pytest.mark.parametrize("base", ["not " * 5_000 + "q == 1", "(" * 5_000 + "q == 1" + ")" * 5_000])
def test_a_base_that_is_nested_too_deeply_is_one_error(base: str) -> None:
    with pytest.raises(sv.CodebookError, match="cannot be expressed"):
        relevant_of(base)

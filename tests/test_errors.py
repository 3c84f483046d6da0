"""Errors as data: one shape for a person to read, one class a kind for a script to catch."""

from __future__ import annotations

import copy
import pickle

import pytest

from survey import errors
from survey.errors import ReadError, SurveyError, shorten

KINDS = [getattr(errors, n) for n in errors.__all__ if n.endswith("Error")]


def test_the_five_parts_stand_under_each_other() -> None:
    error = ReadError("The file is cut.", where="a.sav", got=12, expected="a whole file", fix="copy it again")
    assert str(error) == (
        "The file is cut.\n  where:    a.sav\n  got:      12\n  expected: a whole file\n  fix:      copy it again"
    )


def test_parts_that_are_not_given_are_not_shown_but_zero_and_empty_are() -> None:
    assert str(SurveyError("Wrong.")) == "Wrong."
    assert str(SurveyError("Wrong.", got=0)) == "Wrong.\n  got:      0"
    assert "got:" in str(SurveyError("Wrong.", got=""))


@pytest.mark.parametrize("kind", KINDS, ids=lambda k: k.__name__)
def test_every_kind_is_a_survey_error_with_a_sentence_of_its_own(kind: type[SurveyError]) -> None:
    assert issubclass(kind, SurveyError)
    assert kind.__doc__


@pytest.mark.parametrize("kind", KINDS, ids=lambda k: k.__name__)
def test_errors_cross_processes_whole(kind: type[SurveyError]) -> None:
    error = kind("Wrong.", where="a", got=1, expected=2, fix="b")
    for twin in (pickle.loads(pickle.dumps(error)), copy.copy(error)):
        assert type(twin) is kind
        assert str(twin) == str(error)
        assert (twin.what, twin.where, twin.got, twin.expected, twin.fix) == ("Wrong.", "a", 1, 2, "b")


def test_every_error_of_the_package_is_exported() -> None:
    import survey

    assert {n for n in errors.__all__ if n[0].isupper()} <= set(survey.__all__)


def test_many_values_are_cut_and_counted() -> None:
    assert shorten(range(3)) == "0, 1, 2"
    assert shorten(range(8)) == "0, 1, 2, 3, 4, 5, 6, 7"
    assert shorten(range(9)) == "0, 1, 2, 3, 4, 5, 6, 7, … (9 in all)"
    assert shorten("abc", limit=2) == "a, b, … (3 in all)"
    assert shorten([]) == ""


def test_a_notebook_shows_the_five_lines_and_no_traceback() -> None:
    from IPython.core.interactiveshell import InteractiveShell

    shell = InteractiveShell()
    shown: list[str] = []
    shell._showtraceback = lambda kind, value, lines: shown.extend(lines)
    shell.run_cell("import survey\nraise survey.ReadError('The file is cut.', where='a.sav', fix='copy it again')")
    assert shown == ["The file is cut.", "  where:    a.sav", "  fix:      copy it again"]
    shell.run_cell("1 / 0")  # and only ours
    assert any("ZeroDivisionError" in line for line in shown)


def test_missing_data_are_told_in_one_sentence() -> None:
    error = errors.DataNotFoundError("X is not here.", got="no connection", fix="put it there")
    assert error.sentence == "X is not here: put it there."
    assert errors.DataNotFoundError("X is not here.").sentence == "X is not here."

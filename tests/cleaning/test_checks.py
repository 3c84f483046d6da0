"""Checks: every broken rule at once, with its rows, and no rule that was kept."""

from __future__ import annotations

from dataclasses import replace
from types import MappingProxyType

import numpy as np
import pandas as pd
import pytest

from survey.cleaning import Report
from survey.codebook import Codebook, Variable
from survey.errors import CheckError, CleaningError
from survey.responses import Responses


def broken(report: Report) -> set[tuple[str, str, str, int]]:
    return {(b.rule, b.variable, b.severity, len(b.index)) for b in report.broken}


def test_answers_that_keep_every_rule_pass(responses: Responses) -> None:
    report = responses.check()
    assert report.table.empty, report.to_text()
    assert report.passed and bool(report)
    report.raise_if_failed()
    assert responses.recode_missing().reverse().score("friendliness").check().table.empty


def test_every_broken_rule_is_told_at_once(responses: Responses) -> None:
    data = responses.data.assign(
        resp_id=["R1", "R1", "R3", None, "R5"],
        contact=[1, 0, np.nan, 1, 1],
        gentle=[5, 4, np.nan, 6, -98],
        badge=[1, 0, 2, -98, 1],
        born=[1950, 1850, 2000, 2030, -98],
        ward=["P01", "P02", "P03", None, "P01"],
        extra=1,
    ).drop(columns="bribes")
    report = Responses(data, responses.codebook).check()
    assert broken(report) == {
        ("codebook", "bribes", "error", 0),
        ("codebook", "extra", "error", 0),
        ("scale", "gentle", "error", 1),
        ("scale", "badge", "error", 1),
        ("limits", "born", "error", 2),
        ("scale", "ward", "error", 1),
        ("required", "contact", "error", 1),
        ("unique", "resp_id", "error", 2),
        ("unique", "resp_id", "error", 1),
        ("routing", "gentle", "warning", 1),
        ("routing", "curt", "warning", 1),
    }
    assert report.table["severity"].tolist() == sorted(report.table["severity"])
    assert not report.passed
    with pytest.raises(CheckError) as caught:
        report.raise_if_failed()
    for words in ("bribes", "1850", "P03", "9 rules", "1 (R1)"):
        assert words in str(caught.value)


def test_rows_are_named_by_index_and_id(responses: Responses) -> None:
    data = responses.data.assign(gentle=9)
    report = Responses(data, responses.codebook).check()
    line = report.table.query("rule == 'scale'").iloc[0]
    assert line["ids"].startswith("0 (R1), 1 (R2)")
    assert line["rows"] == 5
    found = next(b for b in report.broken if b.rule == "scale")
    assert found.index.tolist() == [0, 1, 2, 3, 4]


def test_exact_copies_but_for_the_id_are_a_warning(responses: Responses) -> None:
    data = responses.data.loc[[0, 1, 0]].assign(resp_id=["R1", "R2", "R9"]).reset_index(drop=True)
    report = Responses(data, responses.codebook).check()
    assert broken(report) == {("copies", "", "warning", 1)}
    assert report.passed
    assert report.broken[0].index.tolist() == [2]


def test_ids_may_be_unique_only_together(responses: Responses) -> None:
    data = responses.data.loc[[0, 0]].reset_index(drop=True).assign(wave=[1, 2])
    book = responses.codebook.update(Variable("wave", role="id"))
    assert broken(Responses(data, book).check()) == {("copies", "", "warning", 1)}


def test_routing_with_a_missing_code_in_the_question_is_no_answer(responses: Responses) -> None:
    data = responses.data.assign(contact=0, gentle=-96.0, curt=np.nan)
    assert Responses(data, responses.codebook).check().table.empty


def test_required_is_not_required_of_those_who_were_not_asked(responses: Responses) -> None:
    book = responses.codebook
    book = book.update(replace(book["gentle"], required=True))
    report = Responses(responses.data, book).check()
    assert report.table.empty  # R3 was not asked, R4 said don't know; nobody knows whether R5 was asked
    assert Responses(responses.data, book).recode_missing().check().table.query("variable == 'gentle'").empty
    data = responses.data.assign(gentle=[5, np.nan, np.nan, 1, 1])
    assert ("required", "gentle", "error", 1) in broken(Responses(data, book).check())


def test_text_among_numbers_is_told_with_its_rows(responses: Responses) -> None:
    data = responses.data.assign(born=["1950", "198O", None, "1970", "-98"], badge=["1", "x", "0", "1", "1"])
    report = Responses(data, responses.codebook).check()
    assert ("type", "born", "error", 1) in broken(report)
    assert "198O" in report.table.query("rule == 'type'")["message"].iloc[0]


def test_a_date_that_is_none(codebook: Codebook) -> None:
    book = Codebook().update(Variable("day", type="date"))
    report = Responses(pd.DataFrame({"day": ["2024-02-30", "2024-02-28", None]}), book).check()
    assert broken(report) == {("type", "day", "error", 1)}


def test_missing_codes_of_the_file_are_compared_with_the_codebook() -> None:
    declared = MappingProxyType({"q": ((-99, -97), (8, 8)), "t": (("x", "x"),)})
    book = replace(
        Codebook().update(
            Variable("q", "ordinal", labels={1: {}, 2: {}, 8: {}}, missing={-97: "blank", 9: "refused"}),
            Variable("t", "text"),
        ),
        extra=MappingProxyType({"declared_missing": declared}),
    )
    data = pd.DataFrame({"q": [1.0, -97, 8, 9], "t": ["a", "x", "b", "c"]})
    report = Responses(data, book).check()
    assert broken(report) == {
        ("missing codes", "q", "error", 1),  # 8: missing in the file, an answer in the codebook
        ("missing codes", "t", "error", 1),
        ("missing codes", "q", "warning", 1),  # 9: the other way round
    }


def test_rules_of_ones_own(responses: Responses) -> None:
    report = responses.recode_missing().check({"old wards": "ward == 'P01' or born > 1985", "kept": "born > 0"})
    # R2 is of 1980 and of P02; R4 has no ward and is of 1999; R5 said neither: unknown is not broken
    assert broken(report) == {("old wards", "ward, born", "error", 1)}
    with pytest.raises(CleaningError, match="no column"):
        responses.check({"r": "nothing == 1"})


def test_a_base_that_names_no_column_is_a_warning(responses: Responses) -> None:
    data = responses.data.drop(columns="contact")
    report = Responses(data, responses.codebook).check()
    assert ("routing", "gentle", "warning", 0) in broken(report)
    assert ("codebook", "contact", "error", 0) in broken(report)


def test_without_a_codebook_nothing_can_be_compared() -> None:
    report = Responses(pd.DataFrame({"a": [1, 2]})).check()
    assert broken(report) == {("codebook", "", "warning", 0)}


def test_columns_of_nothing_and_of_one_category(responses: Responses) -> None:
    data = responses.data.assign(gentle=np.nan, curt=np.nan, bribes=3.0, badge=np.nan, ward=None)
    assert Responses(data, responses.codebook).check().table.empty


def test_without_rows(responses: Responses) -> None:
    assert Responses(responses.data.iloc[:0], responses.codebook).check().passed


def test_the_report_can_be_read(responses: Responses) -> None:
    report = Responses(responses.data.assign(badge=5, ward="<b>"), responses.codebook).check()
    assert "2 errors, 0 warnings" in report.to_text("en")
    assert "5 rows, 8 columns" in report.to_text("en")
    html = report._repr_html_()
    assert "&lt;b&gt;" in html and "<b>" not in html
    assert "no rule is broken" in responses.check()._repr_html_()


class TestPartialCodebook:
    """Four described columns of forty are a choice; thirty-six errors would bury every other one."""

    @staticmethod
    def forty(*names: str) -> Responses:
        data = pd.DataFrame({f"q{i}": [1, 2, 3] for i in range(1, 41)})
        return Responses(data, Codebook({n: Variable(n, limits=(1, 2)) for n in names}))

    def test_it_is_one_warning(self) -> None:
        report = self.forty("q1", "q2", "q3", "q4").check()
        assert [b.variable for b in report.broken if b.severity == "error"] == ["q1", "q2", "q3", "q4"]  # their limits
        (told,) = [b for b in report.broken if b.rule == "codebook"]
        assert (told.severity, told.variable) == ("warning", "")
        assert "4 of 40 columns" in told.message and "q5, q6" in told.message and "4 trong 40 cột" in told.vi

    def test_a_misspelt_name_is_still_an_error(self) -> None:
        data = pd.DataFrame({"satisfaction_": [1], **{f"q{i}": [1] for i in range(9)}})
        report = Responses(data, Codebook({n: Variable(n) for n in ("satisfaction", "q1")})).check()
        found = broken(report)
        assert {("codebook", "satisfaction", "error", 0), ("codebook", "satisfaction_", "error", 0)} <= found
        assert ("codebook", "", "warning", 0) in found and len(found) == 3

    def test_a_few_columns_too_many_are_errors_each(self) -> None:
        report = self.forty(*(f"q{i}" for i in range(1, 38))).check()
        assert {v for rule, v, severity, _ in broken(report) if (rule, severity) == ("codebook", "error")} == {
            "q38",
            "q39",
            "q40",
        }


def test_a_day_after_the_year_9999_is_in_the_future_too() -> None:
    days = pd.Series(np.array(["2020-01-01", "12024-05-06"], dtype="datetime64[s]"))
    responses = Responses(pd.DataFrame({"d": days}), Codebook({"d": Variable("d", type="date")}))
    (broken,) = [b for b in responses.check().broken if b.rule == "future"]
    assert "12024-05-06" in str(broken.message)

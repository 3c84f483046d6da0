"""Names and words as people type them: pyarrow columns, two Unicode forms, codes that are no answers, costs."""

from __future__ import annotations

import unicodedata
from typing import Any

import numpy as np
import pandas as pd
import pytest

import survey as sv
from work import at_most

NFC, NFD = (lambda text, form=form: unicodedata.normalize(form, text) for form in ("NFC", "NFD"))
FORMS = [NFC, NFD]
WARD = "Phường Bến Nghé"
MIXED = pd.DataFrame(
    {
        "w": 1.0,
        "y": [1.0, 2, 3, 4, 10, 20] * 10,
        "other": [NFD(WARD), NFC(WARD), "Khác", NFD(WARD), "Khác", "An"] * 10,
        "ward": [NFC(WARD), NFD(WARD), NFC(WARD), NFD(WARD), "Khác", "Khác"] * 10,
    }
)


def where(frame: pd.DataFrame, condition: str) -> tuple[int, float]:
    row = sv.Sample(frame, weights="w").mean("y", where=condition).table.iloc[0]
    return int(row["n"]), float(row["estimate"])


# --- pyarrow ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("column", "condition"),
    [
        (pd.array(list("abab"), dtype="string[pyarrow]"), "g == 'a'"),
        (pd.Series(list("abab")).convert_dtypes(dtype_backend="pyarrow"), "g in ['a']"),
        (pd.Series(["a", None, "a", "b"]).convert_dtypes(dtype_backend="pyarrow"), "g == 'a'"),
        (pd.array([True, False, True, None], dtype="bool[pyarrow]"), "g"),
        (pd.array([True, False, True, None], dtype="bool[pyarrow]"), "g == 1"),
        (pd.array([1, 2, 1, None], dtype="int64[pyarrow]"), "g == 1"),
        (pd.array([1.5, 2, 1.5, None], dtype="double[pyarrow]"), "not g >= 2"),
        (
            pd.Series(pd.to_datetime(["2024-01-01", "2024-07-01"] * 2)).astype("timestamp[ns][pyarrow]"),
            "g < '2024-06-01'",
        ),
        (pd.Series(pd.to_datetime(["2024-01-01", "2024-07-01"] * 2)).astype("date32[pyarrow]"), "g < '2024-06-01'"),
        (pd.Series(list("abab")).astype("category"), "g == 'a'"),
    ],
)
def test_a_condition_takes_every_type_of_column(column: Any, condition: str) -> None:
    frame = pd.DataFrame({"g": column, "y": [1.0, 2, 3, 4], "w": 1.0})
    assert where(frame, condition) == (2, 2.0)


# --- two forms of one word --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("dtype", [object, "category", "string", "string[pyarrow]"])
def test_a_condition_joins_the_forms_of_a_word_as_by_does(form: Any, dtype: Any) -> None:
    frame = MIXED.assign(ward=MIXED["ward"].astype(dtype))
    by = sv.Sample(frame, weights="w").mean("y", by="ward").table.set_index("ward").loc[NFC(WARD)]
    assert (by["n"], by["estimate"]) == (40, 2.5)
    for condition in (
        f"ward == '{form(WARD)}'",
        f"ward in ['{form(WARD)}', 'An']",
        f"'{form(WARD)}' == ward",
        "ward != 'Khác'",
        f"not ward != '{form(WARD)}'",
    ):
        assert where(frame, form(condition)) == (40, 2.5), condition


def test_two_columns_are_compared_in_one_form() -> None:
    """Rows 1, 2, 4 and 5 of every six hold the same word in both columns: values 1, 2, 4, 10."""
    assert where(MIXED, "ward == other") == (40, 4.25)
    assert where(MIXED, "ward != other") == (20, 11.5)


@pytest.mark.parametrize(("column", "typed"), [(NFC, NFD), (NFD, NFC), (NFD, NFD)])
@pytest.mark.parametrize(
    ("verb", "right"),
    [
        (lambda s, n: s.mean(n), 3.5),
        (lambda s, n: s.total(n), 35.0),
        (lambda s, n: s.mean("v", where=f"{n} > 3"), 7.8),
        (lambda s, n: s.mean("v", where=f"`{n}` > 3"), 7.8),
        (lambda s, n: s.mean("v", by=n), 4.0),
        (lambda s, n: s.proportion(n, levels=[2, 3]), 0.4),
        (lambda s, n: s.distribution(n), 0.1),
        (lambda s, n: s.ratio(n, "v"), 35 / 65),
        (lambda s, n: s.quantile(n, [0.5]), 3.0),
        (lambda s, n: s.variance(n), 2.5),
        (lambda s, n: s.linear(f"{n} ~ v"), -3.0),
        (lambda s, n: s.calibrate({n: 50.0}).total(n), 50.0),
        (lambda s, n: s.rake({n: {1: 2, 2: 4, 3: 4, 4: 4, 5: 4, 6: 2}}).total("one"), 20.0),
    ],
)
@pytest.mark.sampled
def test_the_other_form_names_the_same_column(column: Any, typed: Any, verb: Any, right: float) -> None:
    """By hand: điểm is 1, 2, 2, 3, 3, 4, 4, 5, 5, 6 and v = điểm + 3; the first row of each result."""
    values = np.array([1.0, 2, 2, 3, 3, 4, 4, 5, 5, 6])
    frame = pd.DataFrame({column("điểm"): values, "v": values + 3, "w": 1.0})
    got = verb(sv.Sample(frame, weights="w"), typed("điểm")).table
    assert got["estimate"][0] == pytest.approx(right)


@pytest.mark.parametrize(("column", "typed"), [(NFC, NFD), (NFD, NFC)])
def test_the_other_form_names_the_columns_of_the_design(column: Any, typed: Any) -> None:
    frame = pd.DataFrame(
        {column("trọng số"): [1.0, 2, 3, 4], column("tầng"): list("aabb"), "c": [1, 2, 3, 4], "y": [1, 2, 3, 5]}
    )
    got = sv.Sample(frame, weights=typed("trọng số"), strata=typed("tầng"), psu="c").mean("y").table
    plain = frame.set_axis(["p", "s", "c", "y"], axis=1)
    pd.testing.assert_frame_equal(got, sv.Sample(plain, weights="p", strata="s", psu="c").mean("y").table)


@pytest.mark.parametrize("form", FORMS)
def test_answers_are_named_in_either_form(form: Any) -> None:
    frame = pd.DataFrame({"w": 1.0, "a": [NFC("Hài lòng"), NFD("Hài lòng"), "Không", "Không", "Không"]})
    assert sv.Sample(frame, weights="w").proportion("a", levels=[form("Hài lòng")]).table["estimate"][0] == 0.4


def test_a_unit_in_two_forms_is_one_unit() -> None:
    """Four wards: the treated one changes by 3, the others by 1, 1 and 1: an effect of 2."""
    units = {NFC("Bến Nghé"): (0, 1), NFD("Bến Nghé"): (3, 2), "An": (0, 1), "An ": (0, 9)}
    rows = [(NFC("Bến Nghé"), 1, 0.0, 1), (NFD("Bến Nghé"), 2, 3.0, 1)]
    for name in ("An", "Đa Kao", "Tân Định"):
        rows += [(name, 1, 5.0, 0), (name, 2, 6.0, 0)]
    frame = pd.DataFrame(rows * 3, columns=["unit", "wave", "y", "pilot"]).assign(w=1.0)
    table = sv.Sample(frame, weights="w").effect("y", treated="pilot", period="wave", unit="unit").table
    assert table["estimate"][0] == pytest.approx(2.0) and table["units"][0] == 4 and len(units) == 4


# --- codes that are no answers ----------------------------------------------------------------------------------------


@pytest.fixture
def undeclared() -> sv.Sample:
    book = sv.Codebook.from_dict({"variables": {"q2": {"missing": {99: "dont_know", 98: "refused"}}}})
    frame = pd.DataFrame({"w": 1.0, "q2": [1.0, 2, 3, 4, 5, 99] * 20, "y": [1.0, 2, 3, 4, 5, 60] * 20})
    return sv.Sample(sv.Responses(frame, book), weights="w")


@pytest.mark.parametrize(
    "verb",
    [
        lambda s: s.mean("y", where="q2 >= 4"),
        lambda s: s.mean("y", where="not q2 < 4"),
        lambda s: s.mean("y", by="q2"),
        lambda s: s.linear("y ~ 1", where="q2 >= 4"),
        lambda s: s.linear("y ~ C(q2)"),
        lambda s: s.mean("q2"),
        lambda s: s.calibrate({"q2": 420.0}, method="raking"),
        lambda s: s.calibrate({"q2": 420.0}),
        lambda s: s.mean("y", where="q2 != 98"),
        lambda s: s.quantile("y", [0.5], where="q2 > 1"),
        lambda s: s.proportion("y", levels=[5.0], where="q2 > 1"),
        lambda s: s.trim(mse=["q2"]),
    ],
)
def test_declared_missing_codes_are_not_taken_for_answers(undeclared: sv.Sample, verb: Any) -> None:
    with pytest.raises(sv.SurveyError, match="declares missing") as caught:
        verb(undeclared)
    assert "99" in str(caught.value.got) and "recode_missing" in str(caught.value.fix)


def test_a_condition_that_names_the_code_is_meant_so(undeclared: sv.Sample) -> None:
    assert undeclared.mean("y", where="q2 == 99").table["estimate"][0] == 60
    assert undeclared.mean("y", where="q2 >= 4 and q2 != 99").table["estimate"][0] == 4.5


# --- conditions cost little -------------------------------------------------------------------------------------------

COSTLY = [
    "9**9**9 > 1",
    "x > 9**9**9",
    "'a'*10**9 == t",
    "t in ['a'] * 10**9",
    "(" * 4000 + "x" + ")" * 4000 + " > 1",
    "-" * 5000 + "x > 1",
    "not " * 2000 + "x > 1",
    "x" + "+x" * 4000 + " > 1",
    "x < " * 2000 + "x",
    "round(x, 1000000000) > 1",
    "round(x, " + "9" * 400 + ") > 1",
    "x > " + "9" * 5000,
    "x ** 1e300 > 1",
    "x << 10**9 > 1",
    "[x for x in range(10**9)]",
    "x" + "**2" * 3000 + " > 1",
    "x.__class__",
    "__import__('os')",
    "lambda: x",
    "f'{x}' == t",
    "x > 1\0",
    "\ud800 > 1",
    "{" * 300 + "}" * 300,
    "x is x",
    "x > 1j",
    "...",
    "(x := 1) > 0",
    "x " * 50_000,
]


@pytest.mark.parametrize("condition", COSTLY, ids=range(len(COSTLY)))
@pytest.mark.sampled
def test_what_a_condition_costs_is_bounded(condition: str) -> None:
    frame = pd.DataFrame({"x": np.arange(50_000) * 1.0, "t": ["a", "b"] * 25_000, "w": 1.0})
    sample = sv.Sample(frame, weights="w")
    with at_most(1_000_000), pytest.raises(sv.EstimationError):
        sample.mean("x", where=condition)

"""Contrasts written in words: against R's svycontrast, against finite differences, and what cannot be read."""

from __future__ import annotations

import json
import unicodedata
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import survey as sv
from examples import examples
from survey.core.contrast_expressions import evaluate

REFERENCE = Path(__file__).parents[1] / "reference"
DESIGNS = json.loads((REFERENCE / "designs.json").read_text(encoding="utf-8"))
_R = json.loads((REFERENCE / "statistics" / "statistics.json").read_text(encoding="utf-8"))["results"]
R = {r["id"].removeprefix("formula/"): r for r in _R if r["id"].startswith("formula/")}
FORMULAS = {
    "ratio": "`An Hòa` / `Đông Sơn`",
    "change": "100 * (`An Hòa` / `Đông Sơn` - 1)",
    "of_sums": "(`An Hòa` + 2 * `Bình Minh`) / (-`Đông Sơn` * 3)",
    "product": "`An Hòa` * `Bình Minh`",
}


@pytest.fixture
def sample(rows: pd.DataFrame) -> sv.Sample:
    return sv.Sample(rows, **DESIGNS["strat_clus"])


def same(got: sv.Estimates, expected: sv.Estimates, rtol: float = 1e-10) -> None:
    pd.testing.assert_frame_equal(got.table, expected.table, rtol=rtol)
    np.testing.assert_allclose(got.covariance, expected.covariance, rtol=1e-9)


# --- against R --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("design", ["strat_clus", "two_stage", "unequal"])
def test_ratios_and_products_have_the_delta_method_errors_of_r(rows: pd.DataFrame, design: str) -> None:
    e = sv.Sample(rows, **DESIGNS[design]).mean("q1", by="ward").contrast(FORMULAS)
    expected = R[design]
    assert e.table["contrast"].tolist() == expected["names"]
    np.testing.assert_allclose(e.table["estimate"], expected["estimate"], rtol=1e-10)
    np.testing.assert_allclose(e.table["std_error"], expected["se"], rtol=1e-8)


@pytest.mark.parametrize("design", ["strat_clus", "two_stage", "unequal"])
def test_a_ratio_of_two_items_is_that_of_r(rows: pd.DataFrame, design: str) -> None:
    both = rows[["q1", "q2"]].notna().all(axis=1).to_numpy()
    e = sv.Sample(rows, **DESIGNS[design]).mean(["q1", "q2"], where=both).contrast({"ratio": "q1 / q2"})
    np.testing.assert_allclose(e.table["estimate"], R[f"{design}/items"]["estimate"], rtol=1e-10)
    np.testing.assert_allclose(e.table["std_error"], R[f"{design}/items"]["se"], rtol=1e-8)


# --- by other roads ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("formula", "weights"),
    [
        ("(`1:1` - `1:0`) - (`0:1` - `0:0`)", [1, -1, -1, 1]),
        ("(`0:0` + `0:1` + `1:0` + `1:1`) / 4", [0.25] * 4),
        ("-`0:0` + 2 * (`1:1` - +`0:1`) - `1:1` * 2 / 1", [-1, -2, 0, 0]),
    ],
)
def test_a_linear_formula_is_the_contrast_with_those_weights(
    sample: sv.Sample, formula: str, weights: list[float]
) -> None:
    e = sample.mean("q1", by=["group", "wave"])
    same(e.contrast({"c": formula}), e.contrast({"c": weights}))


def test_formulas_and_numbers_may_stand_side_by_side_with_their_covariance(sample: sv.Sample) -> None:
    e = sample.mean("q1", by="sex")
    mixed = e.contrast({"a": "`1` / `0`", "b": [-1, 1]})
    gradient = np.array([[-e.table["estimate"][1] / e.table["estimate"][0] ** 2, 1 / e.table["estimate"][0]], [-1, 1]])
    np.testing.assert_allclose(mixed.covariance, gradient @ e.covariance @ gradient.T, rtol=1e-9)


def test_a_ratio_of_totals_is_the_verb_ratio(sample: sv.Sample) -> None:
    complete = sample.data["minutes"].notna().to_numpy()
    got = sample.total(["minutes", "trips"], where=complete).contrast("minutes / trips").table.iloc[0]
    expected = sample.ratio("minutes", "trips").table.iloc[0]
    for column in ("estimate", "std_error", "df", "conf_low", "conf_high"):
        assert got[column] == pytest.approx(expected[column], rel=1e-9), column


def test_a_name_alone_needs_no_label(sample: sv.Sample) -> None:
    e = sample.mean(["q1", "minutes"])
    got = e.contrast("q1").table.iloc[0]
    assert got["contrast"] == "contrast"
    assert got["std_error"] == pytest.approx(e.table["std_error"][0])


EXPRESSIONS = st.recursive(
    st.sampled_from(["a", "b", "`c d`", "2", "0.5"]),
    lambda part: st.one_of(
        st.builds(lambda x, o, y: f"({x} {o} {y})", part, st.sampled_from("+-*"), part),
        st.builds(lambda x, y: f"({x} / (7 + {y} * {y}))", part, part),
        part.map(lambda x: f"-{x}"),
    ),
    max_leaves=6,
)


@settings(max_examples=examples(60), deadline=None)
@given(EXPRESSIONS)
def test_values_are_those_of_python_and_gradients_those_of_finite_differences(expression: str) -> None:
    expression = f"a + {expression}"
    names, at = ["a", "b", "c d"], np.array([1.3, -0.7, 2.1])

    def value(x: np.ndarray) -> float:
        return float(eval(expression.replace("`c d`", "c"), {}, dict(zip("abc", x, strict=True))))

    found = evaluate(expression, names, at)
    got, gradient = found.value, found.gradient
    assert got == pytest.approx(value(at), rel=1e-12)
    step = 1e-6
    numeric = [(value(at + step * unit) - value(at - step * unit)) / (2 * step) for unit in np.eye(3)]
    scale = 1 + np.abs(numeric).max() + abs(got)
    np.testing.assert_allclose(gradient, numeric, atol=1e-6 * scale)


# --- what must not change a result ------------------------------------------------------------------------------------


@pytest.mark.crossed
@pytest.mark.parametrize("change", ["weights", "order"])
@pytest.mark.parametrize("design", DESIGNS)
@pytest.mark.sampled
def test_the_scale_of_the_weights_and_the_order_of_the_rows(rows: pd.DataFrame, design: str, change: str) -> None:
    changed = rows.assign(w=1e6 * rows["w"]) if change == "weights" else rows.sample(frac=1, random_state=6)
    got, expected = (sv.Sample(r, **DESIGNS[design]).mean("q1", by="ward").contrast(FORMULAS) for r in (changed, rows))
    same(got, expected, rtol=1e-8)


@pytest.mark.parametrize("design", DESIGNS)
@pytest.mark.sampled
def test_a_ratio_has_no_unit(rows: pd.DataFrame, design: str) -> None:
    """Percent or share, minutes or seconds: the ratio of two groups and its error stay."""
    got, expected = (
        sv.Sample(r, **DESIGNS[design]).mean("minutes", by="sex").contrast({"ratio": "`1` / `0`"})
        for r in (rows.assign(minutes=100 * rows["minutes"]), rows)
    )
    same(got, expected, rtol=1e-9)


def test_with_weights_of_one_a_ratio_of_two_samples_has_the_textbook_error(rows: pd.DataFrame) -> None:
    """Independent means: (SE r / r)^2 = (SE a / a)^2 + (SE b / b)^2."""
    s = sv.Sample(rows.dropna(subset="minutes"), weights=None, strata="sex")
    e = s.mean("minutes", by="sex")
    ratio = e.contrast("`1` / `0`").table.iloc[0]
    relative = ((e.table["std_error"] / e.table["estimate"]) ** 2).sum()
    assert ratio["std_error"] == pytest.approx(ratio["estimate"] * np.sqrt(relative), rel=1e-9)


# --- names ------------------------------------------------------------------------------------------------------------

NAMED: dict[str, tuple[Callable[[sv.Sample], sv.Estimates], str, list[float]]] = {
    "items": (lambda s: s.mean(["q1", "q2"]), "q1 - q2", [1, -1]),
    "items by group": (lambda s: s.mean(["q1", "q2"], by="sex"), "`q1:1` - `q2:0`", [0, 1, -1, 0]),
    "answers": (lambda s: s.distribution("rare"), "`1` - `0`", [-1, 1]),
    "quantiles": (lambda s: s.quantile("minutes", [0.25, 0.75]), "`0.75` - `0.25`", [-1, 1]),
    "quantiles by group": (
        lambda s: s.quantile("minutes", [0.25, 0.5], by="sex"),
        "`1:0.5` - `0:0.5`",
        [0, -1, 0, 1],
    ),
    "pairs of items": (lambda s: s.covariance(["q1", "q2"]), "`q1:q2` - `q2:q2`", [0, 1, -1]),
    "terms": (lambda s: s.linear("q1 ~ sex + age"), "sex - age", [0, 1, -1]),
    "diacritics need no quotes": (lambda s: s.mean("q1", by="word"), "Đông - Nam", [-1, 1]),
}


@pytest.mark.parametrize("kind", NAMED)
def test_rows_are_named_by_what_tells_them_apart(rows: pd.DataFrame, kind: str) -> None:
    run, formula, weights = NAMED[kind]
    rows["word"] = np.where(rows["sex"] == 1, "Đông", "Nam")
    e = run(sv.Sample(rows, **DESIGNS["strat_clus"]))
    order = e.table["word"].tolist() if "word" in e.table else []
    if order == ["Đông", "Nam"]:
        weights = weights[::-1]
    same(e.contrast({"c": formula}), e.contrast({"c": weights}))


@pytest.mark.parametrize("typed", ["NFC", "NFD"])
@pytest.mark.parametrize("held", ["NFC", "NFD"])
def test_a_name_is_the_same_in_either_unicode_form(rows: pd.DataFrame, held: str, typed: str) -> None:
    """`Hòa` has two spellings that look alike; an error that shows both could not be understood."""
    rows["ward"] = [unicodedata.normalize(held, w) for w in rows["ward"]]
    e = sv.Sample(rows, **DESIGNS["strat_clus"]).mean("q1", by="ward")
    got = e.contrast({"c": unicodedata.normalize(typed, "`An Hòa` - `Bình Minh`")})
    np.testing.assert_allclose(got.table["estimate"], e.table["estimate"][0] - e.table["estimate"][1])


def test_an_item_is_the_same_in_either_unicode_form(rows: pd.DataFrame) -> None:
    held = unicodedata.normalize("NFD", "điểm")
    e = sv.Sample(rows.assign(**{held: rows["q1"]}), **DESIGNS["strat_clus"]).mean([held, "q1"])
    assert e.contrast(unicodedata.normalize("NFC", "`điểm` - q1")).table["estimate"][0] == 0


def test_a_group_without_answers_is_named_when_it_is_used(rows: pd.DataFrame) -> None:
    rows.loc[rows["ward"] == "An Hòa", "q1"] = np.nan
    e = sv.Sample(rows, **DESIGNS["strat_clus"]).mean("q1", by="ward")
    with pytest.raises(sv.EstimationError, match="without an estimate") as caught:
        e.contrast("`An Hòa` - `Bình Minh`")
    assert "An Hòa" in str(caught.value)
    assert e.contrast("`Đông Sơn` - `Bình Minh`").table["std_error"].notna().all()


# --- what cannot be read ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("formula", "words"),
    [
        ("", "cannot be read"),
        ("`0` -", "cannot be read"),
        ("`0", "cannot be read"),
        ("`0`; `1`", "cannot be read"),
        ("x = `0`", "cannot be read"),
        ("`0` ** 2", "A contrast may contain only row names, numbers,"),
        ("abs(`0`)", "A contrast may contain only row names, numbers,"),
        ("`0`.real", "A contrast may contain only row names, numbers,"),
        ("[`0`]", "A contrast may contain only row names, numbers,"),
        ("`0` if `1` else 2", "A contrast may contain only row names, numbers,"),
        ("`0` > `1`", "A contrast may contain only row names, numbers,"),
        ("'0'", "A contrast may contain only row names, numbers,"),
        ("`0` + True", "A contrast may contain only row names, numbers,"),
        ("`0` + 1e999", "A contrast may contain only row names, numbers,"),
        ("`0` + 2j", "A contrast may contain only row names, numbers,"),
        ("`0` - `2`", "no row, or more"),
        ("`0` - men", "no row, or more"),
        ("5", "A contrast does not name any row"),
        ("1 - 1", "A contrast does not name any row"),
        ("`0` / 0", "divides by zero"),
        ("`0` / (`1` - `1`)", "divides by zero"),
    ],
)
def test_what_cannot_be_read_is_said(sample: sv.Sample, formula: str, words: str) -> None:
    with pytest.raises(sv.EstimationError, match=words) as caught:
        sample.mean("q1", by="sex").contrast({"c": formula})
    assert "_row_" not in str(caught.value)  # the user's own words, never ours


def test_an_unknown_name_shows_the_known_ones(sample: sv.Sample) -> None:
    with pytest.raises(sv.EstimationError) as caught:
        sample.mean("q1", by="ward").contrast("`An Hoa` - `Bình Minh`")
    assert "An Hoa" in str(caught.value)
    assert "An Hòa, Bình Minh, Đông Sơn" in str(caught.value)


def test_a_name_that_fits_two_rows_is_refused(sample: sv.Sample) -> None:
    with pytest.raises(sv.EstimationError, match="more than one"):
        sample.quantile("minutes", [0.5, 0.5]).contrast("minutes * 2")


def test_nothing_is_run_as_code(sample: sv.Sample, tmp_path: Path) -> None:
    target = tmp_path / "made"
    with pytest.raises(sv.EstimationError):
        sample.mean("q1", by="sex").contrast(f"__import__('pathlib').Path({str(target)!r}).touch()")
    assert not target.exists()


# --- by the names that people read --------------------------------------------------------------------------------


def named(groups: list[Any], labels: dict[Any, str] | None = None) -> sv.Estimates:
    """Means of groups 1, 2, 3, ... in the order of the groups."""
    frame = pd.DataFrame({"g": [g for g in groups for _ in range(4)], "y": np.repeat(range(1, len(groups) + 1), 4.0)})
    frame["y"] = frame["y"] + np.tile([-0.5, 0.5], len(frame) // 2)
    texts = {code: {"en": text, "vi": f"vi {text}"} for code, text in (labels or {}).items()}
    book = sv.Codebook({"g": sv.Variable("g", type="ordinal", labels=texts)} if texts else {})
    return sv.Sample(sv.Responses(frame, book), weights=None).mean("y", by="g")


@pytest.mark.parametrize(
    ("groups", "text", "difference"),
    [
        ([2024, 2025], "2025 - 2024", 1),
        ([2024.0, 2025.0], "2025 - 2024", 1),
        ([1, 2, 3], "3 - 1", 2),
        (["P01-01", "P01-02"], "P01-02 - P01-01", 1),
        (["Rất hài lòng", "Hài lòng"], "Hài lòng - Rất hài lòng", 1),
        (["a-b", "c"], "c - a-b", 1),
        (["P-1", "P-2", "P-3"], "(P-1 + P-3) / 2 - P-2", 0),
        (["A", "B"], "B \N{MINUS SIGN} A", 1),
    ],
)
def test_a_difference_is_read_whatever_names_hold(groups: list[Any], text: str, difference: float) -> None:
    e = named(groups)
    assert e.contrast([text]).table["contrast"].tolist() == [text]
    np.testing.assert_allclose(e.contrast(text).table["estimate"], [difference], atol=1e-12)


def test_rows_are_called_by_the_labels_of_the_codebook_too() -> None:
    e = named([1, 2, 3], {1: "Primary", 2: "Secondary school", 3: "University"})
    found = e.contrast(["University - Primary", "3 - 1", "vi University - vi Primary", "University - Secondary school"])
    np.testing.assert_allclose(found.table["estimate"], [2, 2, 2, 1])
    assert e.contrast("100 * (`3` / `1` - 1)").table["estimate"].iloc[0] == pytest.approx(200)
    with pytest.raises(sv.EstimationError) as failed:
        e.contrast("Universty - Primary")
    assert "did you mean University" in str(failed.value.fix) and failed.value.got == "Universty"


def test_a_contrast_that_can_be_read_in_two_ways_is_refused() -> None:
    with pytest.raises(sv.EstimationError, match="several ways"):
        named(["a", "b-c", "a-b", "c"]).contrast("a-b-c")

"""Odds ratios on a logarithmic axis: round ratios at its ticks, 1 in it, and what goes beyond it cut and told."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
import pytest

import survey as sv
from survey.figures._axis import ratio_span, ratio_text, ratio_ticks, ratio_value


def model(terms: int, n: int = 900) -> Any:
    """A logistic model of so many features, of which every other one raises the odds."""
    rng = np.random.default_rng(3)
    data = pd.DataFrame({f"x{i}": rng.integers(0, 2, n) for i in range(terms)})
    lift = sum((0.8 if i % 2 else -0.5) * data[f"x{i}"] for i in range(min(terms, 6)))
    data["y"] = (rng.random(n) < 1 / (1 + np.exp(-lift))).astype(int)
    labels = {0: {"vi": "Không", "en": "No"}, 1: {"vi": "Có", "en": "Yes"}}
    names = {f"x{i}": {"vi": f"Đặc điểm thứ {i}", "en": f"Feature no. {i}"} for i in range(terms)}
    names["y"] = {"vi": "Hài lòng", "en": "Satisfied"}
    book = sv.Codebook({n: sv.Variable(n, "binary", short=short, labels=labels) for n, short in names.items()})
    formula = "y ~ " + " + ".join(f"C(x{i})" for i in range(terms))
    return sv.Sample(sv.Responses(data, book), weights=None).logistic(formula)


@pytest.fixture(scope="module")
def twelve() -> Any:
    return model(12).odds_ratios()


def axis(exhibit: Any) -> Any:
    return exhibit.figure().axes[0]


def ticks(exhibit: Any) -> dict[str, float]:
    """The numbers below the axis, and where they stand on it."""
    return {t.get_text(): float(t.get_position()[0]) for t in axis(exhibit).texts}


def labels(exhibit: Any) -> list[str]:
    return list(ticks(exhibit))


@pytest.mark.parametrize(("lang", "half"), [("vi", "0,5"), ("en", "0.5")])
def test_a_half_and_twice_are_as_far_from_one(twelve: Any, lang: str, half: str) -> None:
    exhibit = sv.figures.forest(twelve, lang=lang)
    drawn = axis(exhibit)
    assert drawn.get_xscale() == "log" and len(drawn.get_xticks()) == len(drawn.get_xticks(minor=True)) == 0
    told = ticks(exhibit)
    assert (told[half], told["1"], told["2"]) == (0.5, 1.0, 2.0)
    at = {text: float(drawn.transData.transform((x, 0))[0]) for text, x in told.items()}
    assert at["1"] - at[half] == pytest.approx(at["2"] - at["1"])
    rule = [line for line in drawn.collections if np.allclose(np.asarray(line.get_paths()[0].vertices)[:, 0], 1.0)]
    assert rule, "a line at 1"


def test_marks_stand_at_the_ratios_and_coefficients_keep_their_axis(twelve: Any) -> None:
    marks = [line for line in axis(sv.figures.forest(twelve)).lines if line.get_marker() == "o"]
    shown = twelve.table["estimate"].to_numpy()[-len(marks) :]
    np.testing.assert_allclose([float(np.asarray(m.get_xdata())[0]) for m in marks], shown)
    plain = sv.figures.forest(model(2), lang="en")
    assert axis(plain).get_xscale() == "linear" and "0.0" in labels(plain)


@pytest.mark.parametrize(
    ("low", "high", "expected"),
    [
        (0.2, 5, [0.25, 0.5, 1, 2, 4]),
        (0.3, 3.3, [0.5, 1, 2]),
        (0.11, 17, [0.125, 0.25, 0.5, 1, 2, 4, 8, 16]),
        (0.2, 70, [0.25, 1, 4, 16, 64]),
        (0.0008, 1200, [0.001, 0.01, 0.1, 1, 10, 100, 1000]),
        (0.9, 2e6, [1, 10, 100, 1e3, 1e4, 1e5, 1e6]),
        (0.9, 2e12, [1, 1e2, 1e4, 1e6, 1e8, 1e10, 1e12]),
        (0.7, 1.15, [0.7, 0.8, 0.9, 1.0, 1.1]),
    ],
)
def test_ticks_are_round_ratios(low: float, high: float, expected: list[float]) -> None:
    np.testing.assert_allclose(ratio_ticks(low, high, 8), expected, rtol=1e-12)


@pytest.mark.parametrize("most", [3, 5, 7])
def test_there_are_always_ticks_and_one_is_among_them(most: int) -> None:
    rng = np.random.default_rng(1)
    for _ in range(200):
        low, high = ratio_span(np.exp(rng.normal(0, rng.choice([0.02, 1, 9]), 3)), np.exp(rng.normal(0, 9, 6)))
        ticks = ratio_ticks(low, high, most)
        assert low < 1 < high and 2 <= len(ticks) <= most + 1, (low, high)
        assert np.isclose(ticks, 1).any() and (ticks >= low * (1 - 1e-9)).all() and (ticks <= high * (1 + 1e-9)).all()


@pytest.mark.parametrize(
    ("x", "vi", "en"),
    [
        (0.25, "0,25", "0.25"),
        (0.125, "0,125", "0.125"),
        (4.0, "4", "4"),
        (1000.0, "1.000", "1,000"),
        (1e6, "10⁶", "10⁶"),
        (1e-4, "10⁻⁴", "10⁻⁴"),
    ],
)
def test_labels_of_ticks(x: float, vi: str, en: str) -> None:
    assert (ratio_text(x, "vi"), ratio_text(x, "en")) == (vi, en)


@pytest.mark.parametrize(
    ("x", "said"),
    [(0.917, "0.92"), (12.34, "12.3"), (123.4, "123"), (0.0123, "0.012"), (2.5e6, "2.5 × 10⁶"), (3e-7, "3.0 × 10⁻⁷")],
)
def test_ratios_have_the_digits_that_say_something(x: float, said: str) -> None:
    assert ratio_value(x, "en") == said
    assert ratio_value(x, "vi") == said.replace(".", ",")


def test_a_huge_ratio_and_one_that_was_not_estimated(twelve: Any, crowding: Callable[[Any], list[str]]) -> None:
    table = twelve.table.copy()
    table.loc[3, ["estimate", "conf_low", "conf_high"]] = [1e6, 20, np.inf]
    table.loc[5, ["estimate", "std_error", "conf_low", "conf_high", "p_value"]] = np.nan
    exhibit = sv.figures.forest(twelve.with_table(table), lang="en")
    drawn = axis(exhibit)
    assert drawn.get_xlim()[1] < 1e10 and "10⁶" in labels(exhibit)
    assert sum(line.get_marker() == "o" for line in drawn.lines) == len(labels_of_rows(exhibit)) - 1
    assert any("go on beyond" in note for note in exhibit.notes)
    assert crowding(exhibit.figure()) == []
    assert not any("go on beyond" in note for note in sv.figures.forest(twelve, lang="en").notes)


def labels_of_rows(exhibit: Any) -> list[str]:
    return [t.get_text() for t in exhibit.figure().texts if t.get_text() == "Yes"]


@pytest.mark.parametrize("lang", ["vi", "en"])
@pytest.mark.parametrize("width", ["full", "half", "slide"])
@pytest.mark.parametrize("terms", [1, 12])
def test_nothing_is_cut_or_covered(
    twelve: Any, crowding: Callable[[Any], list[str]], terms: int, width: str, lang: str
) -> None:
    e = twelve if terms == 12 else model(1).odds_ratios()
    exhibit = sv.figures.forest(e, lang=lang, width=width)
    assert crowding(exhibit.figure()) == []
    assert len(labels(exhibit)) >= 2


def test_dots_of_ratios_have_the_same_axis(twelve: Any) -> None:
    exhibit = sv.figures.intervals(twelve, lang="vi")
    assert axis(exhibit).get_xscale() == "log" and {"0,5", "1", "2"} <= set(labels(exhibit))
    assert any("thang logarit" in t.get_text() for t in exhibit.figure().texts)

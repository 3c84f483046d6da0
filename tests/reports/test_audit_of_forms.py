"""Every figure and table is held against the others by an audit: none can show what nobody looks at."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Any

import numpy as np
import pandas as pd
import pytest

import survey as sv
from survey.reports.disclosure import cells_of

# ward 1 has too few, and ward 2, the next in size, is hidden with it; tier 2 less ward 6 is ward 1 (by hand: 124 - 100)
SIZES = {1: 24, 2: 96, 3: 340, 4: 160, 5: 180, 6: 100}
TIERS = {1: 2, 6: 2, 2: 1, 3: 1, 4: 0, 5: 0}


@cache
def sample() -> sv.Sample:
    rng = np.random.default_rng(3)
    ward = np.repeat(list(SIZES), list(SIZES.values()))
    n = len(ward)
    labels = {w: {"vi": f"Phường {w}", "en": f"Ward {w}"} for w in SIZES}
    data = pd.DataFrame(
        {
            "id": np.arange(n),
            "ward": ward,
            "tier": [TIERS[int(w)] for w in ward],
            "wave": np.arange(n) % 2 + 1,
            "pilot": np.isin(ward, (4, 5)).astype(int),
            "a": rng.integers(0, 2, n),
            "b": rng.integers(0, 2, n),
            "minutes": rng.integers(1, 90, n).astype(float),
            "q": rng.integers(1, 6, n),
            "r": rng.integers(1, 6, n),
            "w": rng.uniform(0.5, 2, n),
        }
    )
    scale = {i: {"vi": f"mức {i}", "en": f"level {i}"} for i in range(1, 6)}
    waves = {i: {"vi": f"Đợt {i}", "en": f"Wave {i}"} for i in (1, 2, 3)}
    yes = {0: {"vi": "Không", "en": "No"}, 1: {"vi": "Có", "en": "Yes"}}
    book = sv.Codebook(
        {
            "q": sv.Variable("q", "ordinal", labels=scale, direction=1),
            "r": sv.Variable("r", "ordinal", labels=scale, direction=1),
            "a": sv.Variable("a", "binary", labels=yes),
            "b": sv.Variable("b", "binary", labels=yes),
            "minutes": sv.Variable("minutes", "number", unit="minutes"),
            "ward": sv.Variable("ward", "nominal", labels=labels),
            "wave": sv.Variable("wave", "ordinal", labels=waves, role="period"),
        }
    )
    return sv.Sample(sv.Responses(data, book), weights="w")


def areas() -> dict[str, Any]:
    """A square for each ward."""
    squares = [[[[float(w), 0.0], [w + 1.0, 0.0], [w + 1.0, 1.0], [float(w), 1.0], [float(w), 0.0]]] for w in SIZES]
    features = [
        {"type": "Feature", "properties": {"code": w}, "geometry": {"type": "Polygon", "coordinates": ring}}
        for w, ring in zip(SIZES, squares, strict=True)
    ]
    return {"type": "FeatureCollection", "features": features}


def three_waves() -> sv.Sample:
    data = sample().data.copy()
    data["wave"] = np.arange(len(data)) % 3 + 1
    return sv.Sample(sv.Responses(data, sample().codebook), weights="w")


def mean(item: Any = "q", by: Any = "ward") -> Any:
    return sample().mean(item, by=by)


FORMS: dict[str, Callable[[], Any]] = {
    "figures.bars": lambda: sv.figures.bars(sample().proportion("a", levels=[1], by="ward")),
    "figures.benchmark": lambda: sv.figures.benchmark(mean(), 3.0, source="a census"),
    "figures.contrasts": lambda: sv.figures.contrasts(mean().pairwise()),
    "figures.effect": lambda: sv.figures.effect(sample().effect("q", treated="pilot == 1", period="wave", unit="ward")),
    "figures.forest": lambda: sv.figures.forest(mean().pairwise()),
    "figures.heat": lambda: sv.figures.heat(mean(["q", "r"])),
    "figures.histogram": lambda: sv.figures.panels(
        sample().histogram("minutes", by="ward"), by="ward", figure=sv.figures.histogram
    ),
    "figures.intervals": lambda: sv.figures.intervals(mean()),
    "figures.likert": lambda: sv.figures.likert(sample().distribution("q", by="ward")),
    "figures.lines": lambda: sv.figures.lines(three_waves().mean("q", by=["ward", "wave"])),
    "figures.map": lambda: sv.figures.map(mean(), areas()),
    "figures.panels": lambda: sv.figures.panels(mean(["q", "r"]), by="item"),
    "figures.ranking": lambda: sv.figures.ranking(mean()),
    "figures.scatter": lambda: sv.figures.scatter(mean(["q", "r"])),
    "figures.specifications": lambda: sv.figures.specifications(
        sample().specifications("q", "pilot == 1", "wave", "ward", choices={"r at most 4": {"where": "r < 5"}})
    ),
    "figures.slope": lambda: sv.figures.slope(mean(by=["ward", "wave"])),
    "figures.waves": lambda: sv.figures.waves(mean(["q", "r"], by=["wave"])),
    "tables.banner": lambda: sv.tables.banner(sample().distribution("q", over=["ward"])),
    "tables.changes": lambda: sv.tables.changes(mean(by=["ward", "wave"]).contrast(_changes())),
    "tables.frequencies": lambda: sv.tables.frequencies(sample().frequencies("q", by="ward")),
    "tables.indicators": lambda: sv.tables.indicators(sample().mean("q", over=["everyone", "ward"])),
    "tables.table": lambda: sv.tables.table(mean()),
}
OF_NOBODY = {
    "figures.love": "margins of the sample and the population",
    "figures.weights": "weights",
    "figures.power": "a survey that is planned",
    "figures.quality": "interviewers",
    "figures.fieldwork": "how many interviews a day had",
    "figures.quadrant": "coefficients of all respondents together, which are hidden by themselves",
    "tables.methods": "how the survey was made; screened by item",
}
"""Exhibits that tell no one's answers, or those of all respondents at once."""
WITHOUT_WARDS = {"figures.waves"}
"""At most four lines: its groups are waves here."""


def _changes() -> dict[str, Any]:
    one = np.eye(2 * len(SIZES))
    return {str(w): one[2 * i + 1] - one[2 * i] for i, w in enumerate(SIZES)}


def test_every_form_is_known() -> None:
    verbs = {f"figures.{name}" for name in sv.figures.__all__ if name != "theme"}
    verbs |= {f"tables.{name}" for name in sv.tables.__all__ if not name.startswith(("to_", "export"))}
    assert verbs == set(FORMS) | set(OF_NOBODY)


@pytest.mark.parametrize("form", FORMS)
def test_what_a_form_hides_is_found_beside_another_exhibit(form: str) -> None:
    """By hand: tier 2 less ward 6 is ward 1, in each wave too (62 - 50 and 62 - 50)."""
    exhibit = FORMS[form]()
    cells = cells_of({"it": exhibit})
    assert any(cell.shown for cell in cells)
    if form in WITHOUT_WARDS:
        assert {cell.n for cell in cells} == {sum(SIZES.values()) // 2}
        return
    small = {cell.n for cell in cells if cell.small}
    assert small and small <= {24, 12, 8}, "ward 1 alone is small: 24, of two waves 12 each, of three 8"
    whole = three_waves() if form == "figures.lines" else sample()
    waves = small != {24}
    tiers = whole.mean(["q", "r", "a", "minutes"], by=["tier", "wave"] if waves else "tier")
    found = sv.audit({"it": exhibit, "tiers": tiers})
    assert set(found["exhibit"]) == {"it"} and set(found["n"]) == small
    assert all("tiers" in text for text in found["computed_from"])
    assert len(sv.audit({"it": exhibit})) == 0


def test_numbers_that_stand_beside_those_of_a_result_are_audited_too() -> None:
    """The numbers along of a scatter, a reference and quartiles are of other results than the exhibit's own."""
    tiers = sample().mean("q", by="tier")
    scatter = sv.figures.scatter(tiers, sample().mean("r", by="tier"))
    assert {cell.item for cell in cells_of({"it": scatter})} == {"q", "r"}
    some = sample().mean("q", by="wave", where="ward in [3, 4]")  # 170 and 80 of each wave
    benchmark = sv.figures.benchmark(sample().mean("q", by="wave"), some, source="the same survey")
    assert [cell.n for cell in cells_of({"it": benchmark})] == [450, 450, 250, 250]
    quartiles = sample().quantile("minutes", [0.25, 0.5, 0.75], where="ward != 3")
    histogram = sv.figures.histogram(sample().histogram("minutes"), quantiles=quartiles)
    assert {cell.n for cell in cells_of({"it": histogram})} == {900, 560}
    by_ward = sample().mean("r", by="ward")
    found = sv.audit({"wards": by_ward, "scatter": scatter})
    assert found["n"].tolist() == [24]


def test_a_unit_that_a_scatter_does_not_draw_is_hidden_in_both_numbers() -> None:
    """By hand: in wave 1 ward 1 has 12 and is hidden; its 24 of both waves stand nowhere in the picture."""
    first = sample().mean("q", by="ward", where="wave == 1")
    exhibit = sv.figures.scatter(sample().mean("r", by="ward"), first, suppress_below=20)
    assert exhibit.frame()["other"].notna().tolist() == exhibit.frame()["estimate"].notna().tolist()
    shown = {(c.item, c.group) for c in cells_of({"it": exhibit}) if c.shown}
    assert {group for item, group in shown if item == "q"} == {group for item, group in shown if item == "r"}


RESULTS: dict[str, Callable[[], Any]] = {
    "mean": lambda: sample().mean(["q", "a"], by=["ward", "wave"]),
    "distribution": lambda: sample().distribution(["q", "r"], by="ward"),
    "frequencies": lambda: sample().frequencies(["q", "a"], by="ward"),
    "frequencies of waves": lambda: sample().frequencies(["q", "a"], by=["ward", "wave"]),
    "quantile": lambda: sample().quantile("minutes", [0.75, 0.25, 0.5], by="ward"),
    "histogram": lambda: sample().histogram("minutes", by="ward"),
    "ratio": lambda: sample().ratio("q", "r", by="ward"),
}


@pytest.mark.parametrize("result", RESULTS)
def test_a_row_is_known_to_be_of_the_people_it_counts(result: str) -> None:
    """Everyone answered here, so that the people of a row are as many as its answers."""
    e = RESULTS[result]()
    place, members = e._domains.sets()
    assert members.sum(axis=1)[place].tolist() == e.table["n"].tolist()

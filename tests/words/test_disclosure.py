"""Nothing that leaves may depend on what is not shown: two samples that differ only there give the same bytes."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

import survey as sv
from examples import a_quarter, but_one_slow
from survey.narrative import compare, describe, permutation, ranking
from survey.reports.export import FORMATS
from survey.tables._grid import grid_of
from survey.words.behind import behind_coefficients
from survey.words.disclosure import published

BOOK = sv.Codebook(
    variables={
        v.name: v
        for v in (
            sv.Variable(
                "g",
                "nominal",
                {"en": "Ward", "vi": "Phường"},
                {i: {"en": f"Ward {i}", "vi": f"Phường {i}"} for i in (1, 2, 3, 4)},
            ),
            sv.Variable(
                "q",
                "ordinal",
                {"en": "Satisfied?", "vi": "Hài lòng?"},
                {i: {"en": f"level {i}", "vi": f"mức {i}"} for i in (1, 2, 3, 4, 5)},
            ),
        )
    },
    title={"en": "Trial", "vi": "Thử"},
)

# what the few people of ward 3 answered: it must not matter
HIDDEN = {
    "some of each": [1, 2, 3, 4, 5, 1, 2, 3, 4, 5, 1, 2],
    "all at the end": [5] * 12,
    "none at the top": [1, 2, 1, 2, 1, 2, 1, 2, 3, 1, 2, 1],
    "one fewer, in one cluster": [5, 4, 5, 4, 5, 4, 5, 4, 5, 4, 5],
    "a single one": [3],
    "an answer that nobody else gave": [1, 2, 3, 4, 9, 1, 2, 3, 4, 5, 1, 2],
}


@cache
def hiding(kind: str) -> Any:
    """The sample whose small ward answered so; samples cannot be changed, so one serves all tests."""
    return sample(HIDDEN[kind])


def sample(hidden: list[int], codebook: bool = True) -> Any:
    """Four wards, 36 clusters; ward 3 has a few people."""
    rng = np.random.default_rng(5)
    parts = [
        pd.DataFrame(
            {
                "g": ward,
                "psu": np.arange(n) % 36,
                "q": rng.integers(1, 6, n).astype(float),
                "x": rng.normal(size=n) + ward,
                "w": rng.uniform(0.5, 2, n),
            }
        )
        for ward, n in ((1, 170), (2, 220), (4, 41))
    ]
    n = len(hidden)
    units = np.zeros(n) if n == 11 else np.arange(n)
    small = pd.DataFrame({"g": 3, "psu": units, "q": np.array(hidden, float), "x": np.array(hidden) * 7.0, "w": 1.5})
    data = pd.concat([*parts, small], ignore_index=True).astype({"g": float, "psu": int})
    data["yes"] = (data["q"] >= 4).astype(float)
    data["seen"] = np.where(data["q"] > 1, data["x"], np.nan)
    book = BOOK if codebook else sv.Codebook()
    return sv.Sample(sv.Responses(data, book), weights="w", psu="psu")


ESTIMATED: dict[str, Callable[[Any], Any]] = {
    "mean": lambda s: s.mean(["q", "yes"], by="g"),
    "mean of a domain": lambda s: s.mean("q", where="g == 3"),
    "mean of groups in a domain": lambda s: s.mean("q", by="g", where="g >= 3"),
    "proportion": lambda s: s.proportion("q", top=2, by="g"),
    "proportion of a domain": lambda s: s.proportion("q", levels=[5], where="g == 3"),
    "net": lambda s: s.proportion("q", net=2, by="g"),
    "distribution": lambda s: s.distribution("q", by="g"),
    "total": lambda s: s.total("yes", by="g"),
    "people": lambda s: s.total("one", by="g"),
    "ratio": lambda s: s.ratio("x", "q", by="g"),
    "quantile": lambda s: s.quantile("x", [0.25, 0.5], by="g"),
    "bounds": lambda s: s.bounds("q", top=2, by="g"),
    "item with blanks": lambda s: s.mean("seen", by="g"),
    "pairwise": lambda s: s.mean("x", by="g").pairwise(),
    "pairwise bh": lambda s: s.mean("x", by="g").pairwise("bh"),
    "contrast": lambda s: s.mean("q", by="g").contrast({"a": "`3` - `1`", "b": "`2` - `1`"}),
    "ratio of rows": lambda s: s.mean("q", by="g").contrast({"a": "`3` / `1`", "b": "`2` / `1`"}),
    "average of rows": lambda s: s.mean("q", by="g").contrast({"a": "(`1` + `2` + `3`) / 3", "b": "(`1` + `2`) / 2"}),
    "coefficients": lambda s: s.linear("q ~ C(g)"),
    "weight effects": lambda s: s.weight_effects("q", by="g"),
}


def files(folder: Path, exhibit: Any, formats: Any, languages: Any = ("vi", "en")) -> dict[str, bytes]:
    """Everything that one export writes."""
    written = sv.export(exhibit, "e", formats=formats, folder=folder, languages=languages)
    return {name: path.read_bytes() for name, path in written.items()}


@pytest.mark.parametrize("name", ESTIMATED)
@pytest.mark.sampled
def test_no_word_or_number_of_a_table_depends_on_what_it_does_not_show(name: str) -> None:
    first: tuple[Any, ...] = ()
    usual, *others = HIDDEN
    for kind in [usual, *a_quarter(others, list(ESTIMATED).index(name))]:
        hidden = HIDDEN[kind]
        if max(hidden) > 5 and name in ("distribution", "proportion", "proportion of a domain", "bounds", "net"):
            continue  # the codebook refuses it
        if name == "coefficients" and len(hidden) != 12:
            continue  # how many people the model has is told
        x = sv.tables.table(ESTIMATED[name](hiding(kind)))
        # what every format is made of, letter by letter; the cells are the CSV's
        made = (
            x.hash,
            x.frame().to_csv(),
            *((v.title, v.alt, v.notes, grid_of(v)) for v in map(x.in_language, ("vi", "en"))),
        )
        first = first or made
        assert made == first, kind


@pytest.mark.parametrize("verb", but_one_slow(["table", "intervals", "likert"]))
def test_no_byte_of_a_file_depends_on_what_it_does_not_show(verb: str, tmp_path: Path) -> None:
    first: dict[str, bytes] = {}
    for i, kind in enumerate(["some of each", "one fewer, in one cluster"]):
        e = ESTIMATED["distribution" if verb == "likert" else "mean of groups in a domain"](hiding(kind))
        exhibit = sv.tables.table(e) if verb == "table" else getattr(sv.figures, verb)(e, sort=True)
        # every format in one language; the words of the other are all in its HTML
        made = files(tmp_path / str(i), exhibit, FORMATS[exhibit.kind], ["vi"])
        made |= files(tmp_path / str(i) / "en", exhibit, ["csv", "html"], ["en"])
        first = first or made
        assert [k for k in made if made[k] != first[k]] == [], kind


@pytest.mark.parametrize("where", [None, "g == 3"])
def test_an_answer_that_only_hidden_people_gave_is_no_answer(where: str | None, tmp_path: Path) -> None:
    made = [
        files(
            tmp_path / kind,
            sv.tables.table(sample(HIDDEN[kind], codebook=False).distribution("q", "g", where)),
            ["csv"],
        )
        for kind in ("some of each", "an answer that nobody else gave", "all at the end")
    ]
    assert made[0] == made[1] == made[2]


@pytest.mark.slow
def test_no_sentence_depends_on_what_it_does_not_tell() -> None:
    told = []
    for kind in HIDDEN:
        s = hiding(kind)
        means = s.mean("x", by="g")
        pairs = means.pairwise()
        told.append(
            [
                *(describe(means, i) for i in range(4)),
                ranking(means),
                describe(s.mean("q", where="g == 3")),
                *(compare(pairs, i) for i in range(len(pairs))),
            ]
        )
    assert all(t == told[0] for t in told)
    assert told[0][2].numbers == {} and "fewer than 30" in told[0][2].en
    assert told[0][5].numbers == {}


def test_a_hidden_comparison_still_counts_among_those_made() -> None:
    """Holm with the p of five hidden comparisons taken as 1: that of the one shown is multiplied by 6.

    Ward 3 is too small, ward 4 goes with it: three comparisons with ward 3, and those of 4 with 1 and 2.
    """
    e = sample(HIDDEN["some of each"]).mean("x", by="g").pairwise()
    shown = published(e).table.dropna(subset=["p_value"])
    assert len(shown) == 1
    smallest = shown["p_value"].idxmin()
    assert shown.loc[smallest, "p_adjusted"] == pytest.approx(min(1, 6 * shown.loc[smallest, "p_value"]))
    assert (shown["p_adjusted"] >= e.table.loc[shown.index, "p_adjusted"] - 1e-15).all()


def test_an_exhibit_holds_nothing_that_it_does_not_show() -> None:
    e = sample(HIDDEN["some of each"]).mean("q", by="g")
    held = sv.tables.table(e).estimates
    assert held.table.loc[2, ["estimate", "std_error", "conf_low", "df", "n", "n_eff", "deff"]].isna().all()
    assert np.isnan(held.covariance[2:]).all() and np.isfinite(held.covariance[:2, :2]).all()  # ward 4 goes with ward 3
    assert np.isnan(held.population[2])
    assert e.table.loc[2, "n"] == 12  # who analyses still sees it
    assert sv.tables.table(e, suppress_below=0).estimates is e


def test_small_numbers_of_people_are_not_told_in_notes() -> None:
    s = sample(HIDDEN["some of each"])
    data = s.data.copy()
    data.loc[data.index[-2:], "sex"] = np.nan
    data.loc[data.index[:-2], "sex"] = 1.0
    small = sv.Sample(sv.Responses(data, BOOK), weights="w", psu="psu").mean("q", by="sex", where="g == 3")
    assert small.notes[0].startswith("2 rows")
    exhibit = sv.tables.table(small, lang="vi")
    assert "Dưới 30 dòng thiếu sex và không thuộc nhóm nào." in exhibit.notes
    assert any("Fewer than 30 rows" in n for n in exhibit.in_language("en").notes)


def test_coefficients_stand_on_the_smaller_of_the_groups_they_compare() -> None:
    """By hand: 40 in the reference, 12 and 50 in two groups, a number for everybody."""
    g = np.repeat([0, 1, 2], [40, 12, 50])
    x = pd.DataFrame({"Intercept": 1.0, "C(g)[T.1]": g == 1, "C(g)[T.2]": g == 2}).astype(float)
    bread = np.linalg.inv(x.T @ x)
    assert behind_coefficients(x, bread).tolist() == [40, 12, 40]
    x["age"] = np.arange(102.0)
    assert behind_coefficients(x, np.linalg.inv(x.T @ x)).tolist() == [40, 12, 40, 102]
    small = x.assign(**{"C(g)[T.1]": (g == 0).astype(float)}).rename(columns={"C(g)[T.1]": "C(g)[T.0]"})
    assert behind_coefficients(small, np.linalg.inv(small.T @ small)).tolist() == [12, 12, 12, 102]


def test_a_ratio_of_nothing_to_a_hidden_row_is_hidden() -> None:
    """The gradient of 0 / b on b is 0, but its standard error would tell b."""
    s = sample(HIDDEN["some of each"])
    data = s.data.assign(zero=np.where(s.data["g"] == 1, 0.0, s.data["x"]))
    e = sv.Sample(sv.Responses(data, BOOK), weights="w", psu="psu").mean("zero", by="g").contrast({"r": "`1` / `3`"})
    assert published(e).table["estimate"].isna().all()


def test_an_effect_on_few_people_is_not_told() -> None:
    rng = np.random.default_rng(2)

    def told(n: int) -> Any:
        parts = [(u, t) for u in range(4) for t in (1, 2) for _ in range(n if u == 0 else 40)]
        data = pd.DataFrame(parts, columns=["u", "t"]).assign(q=rng.normal(size=len(parts)))
        s = sv.Sample(sv.Responses(data.assign(w=1.0, d=(data["u"] == 0) * 1.0)), weights="w")
        return permutation(s.effect("q", treated="d", period="t", unit="u"))

    assert told(12).numbers == {} and "fewer than 30" in told(12).en and "công bố" in told(12).vi
    assert told(35).numbers["units"] == 4


def test_a_note_on_numbers_without_error_is_about_a_number_shown() -> None:
    """Everybody of the hidden ward gave one answer: the note on it would tell so; ward 2's stands beside it."""
    hidden, shown = sample([5] * 12), sample([5, 4, *[5] * 10])
    alike = shown.data.assign(q=np.where(shown.data["g"] == 2, 3.0, shown.data["q"]))
    shown = sv.Sample(sv.Responses(alike, BOOK), weights="w", psu="psu")
    note = "everybody gave the same answer: no interval"
    for s, stands in ((hidden, False), (shown, True)):
        e = s.mean("q", by="g")
        assert note in e.notes
        assert (note in published(e).notes) is stands
        pairs = e.contrast({"a": "`2` - `1`"})  # nothing of it is hidden, and it has the notes of what it combines
        assert (note in published(pairs).notes) is stands


def test_differences_of_answers_keep_those_that_shown_groups_gave() -> None:
    """By hand: half of a says 1 and half 2, half of b says 2 and half 3; what the ten of c say is not shown.

    Nor what the 34 of d say, the smallest group shown otherwise: with the total, c would be what is left.
    """

    def compared(only: int) -> list[sv.Estimates]:
        answers = {"a": [1, 2] * 20, "b": [2, 3] * 20, "c": [3, only] * 5, "d": [2, 3] * 17}
        rows = pd.DataFrame([(group, answer) for group, said in answers.items() for answer in said], columns=["g", "q"])
        s = sv.Sample(rows, weights=None)
        return [s.compare("q", by="g", statistic="distribution"), s.distribution("q", by="g").pairwise()]

    for e, other in zip(compared(4), compared(9), strict=True):
        exhibit = sv.tables.table(e, lang="en")
        shown = exhibit.estimates.table
        assert [*zip(shown["answer"], shown["contrast"], strict=True)] == [
            (answer, contrast)
            for answer in (1, 2, 3)
            for contrast in ("b − a", "c − a", "d − a", "c − b", "d − b", "d − c")
        ]
        assert shown.loc[shown["contrast"] == "b − a", "estimate"].tolist() == pytest.approx([-0.5, 0, 0.5])
        assert shown.loc[shown["contrast"] != "b − a", "estimate"].isna().all()
        assert exhibit.hash == sv.tables.table(other, lang="en").hash
        assert [line.group for line in grid_of(exhibit).lines] == [
            g for g in ("b − a", "c − a", "d − a", "c − b", "d − b", "d − c") for _ in range(3)
        ]
        assert "50.0 percentage points" in sv.narrative.compare(e, {"contrast": "b − a", "answer": 1}).en

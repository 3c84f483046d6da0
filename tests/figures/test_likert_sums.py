"""Sums of a Likert bar with their intervals; rows on too few answers in one line; items of one name told apart."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

import survey as sv
from survey import Codebook, Responses, Variable
from survey.figures._bars import bars_of

ANSWERS = ("rất kém", "kém", "bình thường", "tốt", "rất tốt")


def sample(short: str = "Thái độ phục vụ") -> sv.Sample:
    rng = np.random.default_rng(11)
    n = 600
    cluster = np.repeat(np.arange(60), 10)
    base = np.clip(np.round(3 + rng.normal(0, 1, n) + rng.normal(0, 0.4, 60)[cluster]), 1, 5)
    frame = pd.DataFrame({"q1": base, "q2": np.clip(base + rng.integers(-1, 2, n), 1, 5), "c": cluster})
    frame["w"], frame["area"] = rng.uniform(0.5, 2, n), 1 + cluster % 2
    labels = {k: {"vi": text, "en": text} for k, text in enumerate(ANSWERS, 1)}
    book = [Variable(q, "ordinal", short={"vi": short, "en": short}, labels=labels, direction=1) for q in ("q1", "q2")]
    return sv.Sample(Responses(frame, Codebook({v.name: v for v in book})), weights="w", psu="c")


def test_intervals_of_sums_are_those_of_the_shares_of_both_answers() -> None:
    """Logit intervals of two answers together, as of `proportion`, which agrees with R's svyciprop."""
    s = sample()
    figure = sv.figures.likert(s.distribution("q1", by="area"), lang="vi", intervals=True)
    for side, which in (("high", {"top": 2}), ("low", {"bottom": 2})):
        wanted = s.proportion("q1", by="area", interval="logit", **which).table
        found = np.array([getattr(bar, f"{side}_interval") for bar in figure.once(bars_of).rows])
        np.testing.assert_allclose(found, 100 * wanted[["conf_low", "conf_high"]].to_numpy(), rtol=1e-3)
        np.testing.assert_allclose(
            [getattr(bar, side) for bar in figure.once(bars_of).rows], 100 * wanted["estimate"], rtol=1e-12
        )
    said = [t.get_text() for axes in figure.figure().axes for t in axes.texts]
    high = wanted.iloc[0]
    assert f"{100 * high['estimate']:.0f} ({100 * high['conf_low']:.0f}–{100 * high['conf_high']:.0f})" in said
    assert any("khoảng tin cậy 95%" in note for note in figure.notes)
    plain = sv.figures.likert(s.distribution("q1", by="area"), lang="vi")
    assert plain.hash != figure.hash and not any("khoảng tin cậy" in note for note in plain.notes)


def test_several_rows_on_too_few_answers_take_one_line(cases: Any) -> None:
    e = cases.hard_answers()
    table = e.table
    table.loc[table["ward"].isin(["P02", "P06", "P10"]), "n"] = 20
    figure = sv.figures.likert(cases.made(table, "distribution", ("ward",)), lang="en")
    assert len(figure.once(bars_of).rows) == 6
    said = [t.get_text() for t in figure.figure().texts]
    line = next(t for t in said if t.startswith("Fewer than 30 answers, not shown: "))
    assert all(name in line for name in ("An Phú ward", "Bình Minh ward", "Lạc Viên ward", "Vĩnh Trường ward"))
    assert "An Phú ward" not in said and "Vĩnh Trường ward" in figure.alt
    few = sv.figures.likert(cases.hard_answers(), lang="en")  # one is small, one goes with it
    line = next(t for t in (x.get_text() for x in few.figure().texts) if t.startswith("Fewer than 30 answers"))
    assert line.startswith("Fewer than 30 answers, not shown: Bình Minh ward. ") and len(few.once(bars_of).rows) == 8


@pytest.mark.parametrize("make", [sv.figures.likert, sv.tables.table])
def test_items_of_one_name_are_told_apart(make: Any, tmp_path: Path) -> None:
    e = sample().distribution(["q1", "q2"])
    exhibit = make(e, lang="vi")
    assert set(exhibit.rows()["item"]) == {"Thái độ phục vụ (q1)", "Thái độ phục vụ (q2)"}
    other = make(e, lang="vi", labels={"q2": "Khác"})
    assert set(other.rows()["item"]) == {"Thái độ phục vụ", "Khác"}


@pytest.mark.parametrize("width", ["full", "half"])
def test_no_word_of_a_label_is_broken(cases: Any, width: str) -> None:
    """ "Provinc-ial pilot": a word wider than its column gets a wider column, then smaller letters."""
    name = "Uỷban-nhândânphườngthíđiểm củatỉnh Provincialpilot"
    book = cases.book.update(Variable("ward", "nominal", labels={"P01": {"vi": name, "en": name}}))
    e = cases.answers(["OV01"], ward=["P01", "P02"])
    figure = sv.figures.likert(cases.made(e.table, "distribution", ("ward",), codebook=book), lang="vi", width=width)
    said = " ".join(t.get_text() for t in figure.figure("bare").texts)
    assert all(re.search(rf"(^|\s){re.escape(word)}(\s|$)", said) for word in name.split(" ")), said


def test_a_shared_heading_of_a_word_table_keeps_its_words(cases: Any) -> None:
    from survey.tables._docx_widths import layout_of, line_width, spans
    from survey.tables._grid import grid_of

    tiers = {i: {"vi": f"Provincialadministration {i}", "en": f"Provincialadministration {i}"} for i in (1, 2)}
    book = cases.book.update(Variable("tier", "ordinal", labels=tiers))
    rows = cases.rows("job", np.linspace(0.1, 0.6, 4), n=400, ward=["P01", "P01", "P02", "P02"], tier=[1, 2, 1, 2])
    grid = sv.tables.table(cases.made(rows, "proportion", ("ward", "tier"), codebook=book), lang="en").once(grid_of)
    for page in (75.0, 90.0, 160.0):
        layout = layout_of(grid, page)
        if layout.size == 7.0:  # nothing smaller is left to try
            continue
        for first, last in spans(grid):
            word = max(line_width(w, layout.size, bold=True) for w in grid.columns[first].spanner.split(" "))
            assert word <= sum(layout.widths[first + 1 : last + 2])

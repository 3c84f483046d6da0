"""Small multiples: panels can be compared, because axes, shades and the legend are the same in all."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest

import survey as sv
from exhibit_cases import CODES, Cases
from survey.errors import ExportError
from survey.figures._panels import panels_of

pytestmark = pytest.mark.sampled

F = sv.figures


def drawn(m: sv.Exhibit) -> list[str]:
    return [t.get_text() for t in m.figure().findobj() if hasattr(t, "get_text") and t.get_text()]


@pytest.mark.parametrize(
    ("verb", "by", "options"),
    [
        (F.intervals, "wave", {"sort": True}),
        (F.bars, "wave", {}),
        (F.waves, "ward", {"columns": 3}),
        (F.map, "wave", {"regions": sv.simulate.city_map()}),
        (F.heat, "ward", {"columns": 2}),
    ],
)
def test_each_figure_on_one_page(cases: Cases, crowding: Any, verb: Any, by: str, options: dict[str, Any]) -> None:
    e = cases.wards()
    if verb is F.heat:
        table = pd.concat([cases.wards().table.assign(item=i) for i in ("OV01", "TR08")], ignore_index=True)
        e = cases.made(table[table["ward"].isin(CODES[:4])], "proportion", ("ward", "wave"), answers=(4, 5))
    m = F.panels(e, by=by, figure=verb, lang="en", **options)
    assert crowding(m.figure()) == []
    first, last = e.codebook.label(by, e.table[by].iloc[0], "en"), e.codebook.label("ward", CODES[3], "en")
    assert first in drawn(m) and (by == "wave" or last in drawn(m))
    assert m.hash == F.panels(e, by=by, figure=verb, lang="vi", **options).hash


def test_axes_are_the_same_in_all_panels(cases: Cases) -> None:
    limits = {axes.get_xlim() for axes in F.panels(cases.wards(), by="wave").figure().axes}
    assert len(limits) == 1
    low, high = limits.pop()
    # by hand: from 50 - 4 to 69 + 4, a twentieth on both sides
    assert (low, high) == pytest.approx((46 - 0.05 * 26, 73 + 0.05 * 26), abs=0.06)
    alone = F.intervals(cases.wards()).figure().axes[0].get_xlim()
    assert alone == pytest.approx((44.65, 74.35))  # and nothing stays behind for the next figure


@pytest.mark.parametrize("verb", [F.lines, F.waves])
def test_lines_over_waves_share_their_axis(cases: Cases, verb: Any) -> None:
    table = cases.wards().table
    table = pd.concat([table, table[table["wave"] == 2].assign(wave=3)])
    e = cases.made(table[table["ward"].isin(CODES[:4])].reset_index(drop=True), "proportion", ("ward", "wave"))
    alone = F.panels(e, by="ward", figure=verb, most=1).figure().axes[0].get_ylim()
    [together] = {axes.get_ylim() for axes in F.panels(e, by="ward", figure=verb).figure().axes}
    # of the four, the first is lowest: 46 to 55 alone, up to 61 with the others
    assert together[0] < 46 and alone[1] < 61 < together[1]


def test_likert_bars_share_their_middle_and_one_legend(cases: Cases) -> None:
    m = F.panels(cases.answers(["OV01"], ward=CODES[:4]), by="ward", figure=F.likert, lang="en")
    assert len({axes.get_xlim() for axes in m.figure().axes}) == 1
    assert drawn(m).count("very satisfied") == 1


def test_shades_of_all_maps_are_those_of_one_legend(cases: Cases) -> None:
    m = F.panels(cases.hard(), by="wave", figure=F.map, regions=sv.simulate.city_map(), classes=2, lang="en")
    faces = {
        tuple(np.round(c.get_facecolor()[0], 4))
        for a in m.figure().axes
        for c in a.collections
        if a and len(c.get_facecolor())
    }
    assert len(faces) == 3  # two shades, and white under the hatches
    # what only the second map needs is in the legend too, once
    reasons = (
        "no estimate",
        "fewer than 30 answers, not shown",
        "withheld, so that a smaller group cannot be computed",
    )
    assert [drawn(m).count(reason) for reason in reasons] == [1, 1, 1]


def test_nothing_of_a_hidden_row_is_in_a_panel(cases: Cases) -> None:
    m = F.panels(cases.hard(), by="ward", figure=F.intervals, columns=3, lang="en", most=12)
    assert "12.3" not in " ".join([*drawn(m), m.alt, *m.notes, m.frame().to_csv()])
    assert "n < 30" in " ".join(drawn(m)).replace("\N{NO-BREAK SPACE}", " ")


def test_more_panels_go_on_to_further_pages(cases: Cases) -> None:
    pages = [F.panels(cases.wards(), by="ward", most=4, page=p, lang="en") for p in (1, 2, 3)]
    assert [len(p.once(panels_of)) for p in pages] == [4, 4, 2]
    assert "Page 3 of 3." in pages[2].notes
    assert len({p.hash for p in pages}) == 3
    with pytest.raises(ExportError, match="no such page"):
        F.panels(cases.wards(), by="ward", most=4, page=4)


def test_changes_and_items(cases: Cases, crowding: Any) -> None:
    m = F.panels(cases.differences(), by="contrast", columns=4, most=12, lang="en")
    assert len({axes.get_xlim() for axes in m.figure().axes}) == 1
    assert len(F.panels(cases.means(), by="item", lang="en", most=12).once(panels_of)) == 10


def test_one_legend_cannot_mean_two_things(cases: Cases) -> None:
    table = cases.wards().table
    keep = ~((table["ward"] < "P06") & (table["wave"] == 2)) | (table["ward"] == "P01")
    table = table[keep].assign(job=np.where(table[keep]["ward"] < "P04", 1, 2))
    table = table[~((table["job"] == 1) & (table["ward"] == "P02"))]
    e = cases.made(table.reset_index(drop=True), "proportion", ("job", "wave", "ward"), answers=(4, 5))
    e = cases.made(e.table[e.table["ward"].isin(["P01", "P03", "P07", "P08"])], "proportion", e.by, answers=(4, 5))
    with pytest.raises(ExportError, match="different series"):
        F.panels(e, by="job", figure=F.intervals, series="ward")


def test_wrong_arguments_are_those_of_the_figure(cases: Cases) -> None:
    with pytest.raises(ExportError, match="unknown argument"):
        F.panels(cases.wards(), by="wave", regions="x")
    with pytest.raises(ExportError, match="column for panels") as found:
        F.panels(cases.wards(), by="wavee")
    assert "did you mean wave" in str(found.value)
    with pytest.raises(ExportError, match="Likert bars need"):
        F.panels(cases.wards(), by="wave", figure=F.likert)
    with pytest.raises(ExportError, match="columns="):
        F.panels(cases.wards(), by="wave", columns=9)

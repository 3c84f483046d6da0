"""Every planted problem is in the delivered files, as often as announced and nowhere else."""

from __future__ import annotations

import unicodedata
from itertools import pairwise
from pathlib import Path

import pandas as pd
import pytest

import survey as sv
from survey.simulate import PLANTED, World
from survey.simulate.items import ITEMS

FIVE = (1, 2, 3, 4, 5)


def _delivered(world: World) -> pd.DataFrame:
    return pd.concat(world.files.values(), ignore_index=True)


def _total(problem: str) -> int:
    return sum(getattr(counts, problem) for counts in PLANTED.values())


@pytest.mark.parametrize(
    "problem", ["copies", "speeders", "straight_liners", "out_of_range", "invented", "official_present"]
)
@pytest.mark.slow
def test_as_many_as_announced(world: World, problem: str) -> None:
    assert len(set(world.planted[problem])) == len(world.planted[problem]) == _total(problem) > 0


def test_no_interview_has_two_problems(world: World) -> None:
    ids = [i for problem, found in world.planted.items() if problem != "mixed_unicode" for i in found]
    assert len(ids) == len(set(ids))


def test_copies_are_exact_and_the_only_ones(world: World) -> None:
    rows = _delivered(world)
    assert set(rows.loc[rows.duplicated(), "resp_id"]) == set(world.planted["copies"])
    assert set(rows.loc[rows.duplicated("resp_id"), "resp_id"]) == set(world.planted["copies"])


def test_speeders_are_the_only_fast_ones(world: World) -> None:
    rows = _delivered(world)
    assert set(rows.loc[rows["duration_s"] < 120, "resp_id"]) == set(world.planted["speeders"])
    assert not rows["duration_s"].between(120, 300).any()
    assert ((rows["int_end"] - rows["int_start"]).dt.total_seconds() == rows["duration_s"]).all()


def test_straight_liners_contradict_the_reversed_items(world: World) -> None:
    rows = _delivered(world).drop_duplicates().set_index("resp_id").loc[list(world.planted["straight_liners"])]
    grid = rows[[f"FR{i:02d}" for i in range(1, 10)]]
    assert (grid.nunique(axis=1) == 1).all() and set(grid["FR01"]) <= {2, 4, 5}


def test_each_impossible_code_stands_alone_in_its_interview(world: World) -> None:
    rows = _delivered(world).drop_duplicates().set_index("resp_id")
    impossible = pd.Series(0, index=rows.index)
    for name in ITEMS:
        if codes := world.codebook[name].codes:
            impossible += ~(rows[name].isna() | rows[name].isin([*codes, -96, -97, -98, -99]))
    assert set(impossible[impossible > 0].index) == set(world.planted["out_of_range"])
    assert (impossible[impossible > 0] == 1).all()


def test_check_finds_copies_and_impossible_codes(raw: Path, world: World) -> None:
    files = [raw / f"residents_{year}.sav" for year in (2023, 2024)]
    report = sv.read(files, codebook=raw / "codebook.toml").check()
    by_rule: dict[str, int] = {}
    for broken in report.broken:
        by_rule[broken.rule] = by_rule.get(broken.rule, 0) + len(broken.index)
    # 24 impossible codes, 16 copies (an id that stands twice breaks the rule in two rows), and nothing else
    assert by_rule == {"scale": 24, "unique": 32, "copies": 16}


def test_invented_interviews_are_one_interviewers_and_nearly_alike(world: World) -> None:
    rows = _delivered(world).drop_duplicates().set_index("resp_id")
    grid = [n for n in ITEMS if world.codebook[n].codes == FIVE]
    invented = rows.loc[list(world.planted["invented"])]
    assert invented["interviewer_id"].nunique() == 1 and (invented["wave"] == 2).all()
    assert (invented["pilot_tier"] == 0).all()
    alike = [
        (a[grid].eq(b[grid]) | (a[grid].isna() & b[grid].isna())).mean()
        for (_, a), (_, b) in pairwise(invented.iterrows())
    ]
    assert min(alike) > 0.7
    theirs = rows["interviewer_id"].eq(invented["interviewer_id"].iloc[0]) & rows["wave"].eq(2)
    honest = rows[theirs & rows["resp_type"].eq(1) & rows["contact12"].eq(1)].drop(invented.index)
    apart = [a[grid].eq(b[grid]).mean() for (_, a), (_, b) in pairwise(honest.iterrows())]
    assert sum(apart) / len(apart) < 0.6


def test_an_official_sat_in_with_two_interviewers_and_answers_were_kinder(world: World) -> None:
    rows = _delivered(world).drop_duplicates().set_index("resp_id")
    watched = rows[rows["official_present"] == 1]
    assert set(watched.index) == set(world.planted["official_present"])
    assert watched.groupby("wave")["interviewer_id"].nunique().to_dict() == {1: 1, 2: 1}
    assert watched["interviewer_id"].nunique() == 2 and (watched["pilot_tier"] == 0).all()
    private = rows[(rows["official_present"] == 0) & (rows["resp_type"] == 1) & (rows["pilot_tier"] == 0)]
    kinder = watched["OV01"].where(watched["OV01"] > 0).mean() - private["OV01"].where(private["OV01"] > 0).mean()
    assert 0.4 < kinder < 1.4


def test_text_is_in_mixed_unicode_forms_in_memory_and_composed_after_reading(raw: Path, world: World) -> None:
    rows = _delivered(world).drop_duplicates()
    comments = rows.set_index("resp_id")["open_comment"]
    decomposed = comments[[not unicodedata.is_normalized("NFC", c) for c in comments]]
    assert set(decomposed.index) == set(world.planted["mixed_unicode"]) and len(decomposed) > 100
    given = comments[comments != ""]
    assert (given != given.str.strip()).sum() > 50 and given.str.contains("\u00a0").sum() > 20
    assert {"hoà nhã", "hòa nhã"} <= {
        w for c in given for w in ("hoà nhã", "hòa nhã") if w in unicodedata.normalize("NFC", c)
    }
    read = sv.read(raw / "residents_2024.sav", codebook=raw / "codebook.toml").data["open_comment"].dropna()
    assert all(unicodedata.is_normalized("NFC", c) for c in read)


def test_one_interviewer_holds_one_interview_at_a_time(world: World) -> None:
    """In the first version 14 % of the interviews of an interviewer overlapped."""
    rows = _delivered(world).drop_duplicates().sort_values(["interviewer_id", "int_start"])
    before = rows.groupby("interviewer_id")["int_end"].shift()
    assert (rows["int_start"] >= before)[before.notna()].all()
    hours = rows["int_start"].dt.hour
    assert hours.between(6, 19).all() and (hours.between(7, 18)).mean() > 0.97


def test_interviewers_come_from_bodies_that_interview(world: World) -> None:
    """As in SIPAS: the Fatherland Front (4), the Veterans (5) and the Post (6), beside researchers (1)."""
    assert set(_delivered(world)["interviewer_org"]) == {1, 4, 5, 6}


def test_procedures_differ_as_they_do(world: World) -> None:
    rows = _delivered(world).drop_duplicates()
    rows = rows[(rows["resp_type"] == 1) & ~rows["resp_id"].isin(world.planted["speeders"])]
    minutes = rows[rows["EF01"] >= 0].groupby("proc_type")["EF01"].median()
    trips = rows[rows["EF02"] >= 1].groupby("proc_type")["EF02"].mean()
    assert minutes[3] > minutes[1] and trips[3] > trips[2] > trips[1] and trips[1] < 1.5 < 3 < trips[3]
    at_once = (rows["EF03"] == 5).groupby(rows["proc_type"]).mean()
    assert at_once[1] > 0.6 and at_once[3] < 0.02
    # household businesses' papers moved to wards on 1 July 2025 only
    assert 5 not in set(_delivered(world)["proc_type"])


def test_answers_about_one_procedure_agree(world: World) -> None:
    spoiled = {i for what in ("speeders", "out_of_range", "straight_liners", "invented") for i in world.planted[what]}
    rows = _delivered(world).drop_duplicates()
    rows = rows[~rows["resp_id"].isin(spoiled)]
    given = {"EF02": rows["EF02"] > 0, "EF07": rows["EF07"] >= 0, "TR03": rows["TR03"] > 0}
    assert not (given["EF07"] & (rows["EF03"] == 4)).any() and not (given["EF02"] & (rows["EF03"] == 4)).any()
    assert not (given["TR03"] & (rows["EF03"] == 5)).any()
    assert (rows.loc[given["EF02"] & (rows["EF03"] == 5), "EF02"] == 1).all()
    in_person = rows.loc[(rows["contact_channel"] == 1), "visits12"]
    assert (in_person >= 1).all()


def test_missing_answers_come_in_every_kind_and_at_likely_rates(world: World) -> None:
    rows = _delivered(world).drop_duplicates()
    items = rows.loc[rows["resp_type"] == 1, list(ITEMS)]
    assert all((items == code).any(axis=None) for code in (-96, -97, -98, -99))
    asked = items.notna() & (items != -96)
    dont_know = ((items == -98) & asked).sum() / asked.sum()
    assert dont_know["TR06"] == dont_know.max() and 0.15 < dont_know["TR06"] < 0.26
    assert (dont_know.between(0.05, 0.26)).sum() >= 8
    # rare by design: mistakes that call for an apology, files returned, complaints
    for name in ("FR05", "TR04", "EF09"):
        assert 0.03 < (items[name] > 0).mean() < 0.35


def test_nobody_is_asked_outside_the_base(world: World) -> None:
    rows = _delivered(world)
    for name in ITEMS:
        if base := world.codebook[name].base:
            assert rows.loc[~rows.eval(base), name].isna().all(), name
            assert rows.loc[rows.eval(base), name].notna().all(), name
        else:
            assert rows[name].notna().all(), name

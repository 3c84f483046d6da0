"""Drawing the samples, and who answers: groups with probability proportional to size, households, one adult."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pandas as pd

from survey.simulate.population import City, age_group
from survey.simulate.settings import (
    FIRMS_DRAWN,
    GROUPS,
    GROUPS_DRAWN,
    HOUSEHOLDS_DRAWN,
    NEW_CODE,
    TIERS,
    TREAT_START,
    WARDS,
    YEARS,
    stream,
)

__all__ = ["draw_businesses", "draw_residents", "frame_table", "interview", "systematic_pps"]

# Chance of an interview = age x sex: multiplicative, so that raking to age and sex can undo it.
_BY_AGE, _BY_SEX = (0.60, 0.73, 0.85, 0.92), (0.90, 1.04)
_REFUSAL, _NON_CONTACT = 0.45, 0.47  # of those who do not answer; the rest stay unknown
_GROUPS_EACH, _WARDS_EACH = 5, 2
_FIELD_FROM, _FIELD_DAYS = {1: "2023-08-03", 2: "2024-06-03"}, {1: 26, 2: 25}
_ORGANISATIONS = (1, 4, 1, 5, 1, 6, 4, 1)  # as in SIPAS: the Front, the Veterans and the Post, beside researchers
_DAY_FROM, _DAY_TO, _PAUSE = 7 * 3600 + 1800, 19 * 3600, (300, 1500)  # seconds; between two interviews


def systematic_pps(sizes: np.ndarray, n: int, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """Draw units with probability proportional to size, without replacement: systematic, in random order.

    Parameters
    ----------
    sizes : array (units,)
        None larger than the n-th part of their sum.
    n : int
    rng : Generator

    Returns
    -------
    chosen : array (n,)
        Positions, sorted.
    probability : array (units,)
        Each unit's probability of being drawn, n * size / sum of sizes.

    References
    ----------
    Madow (1949), On the theory of systematic sampling II; Sarndal, Swensson & Wretman (1992), section 3.6.
    """
    order = rng.permutation(sizes.size)
    ends = np.cumsum(sizes[order])
    step = ends[-1] / n
    ticks = (rng.random() + np.arange(n)) * step
    return np.sort(order[np.searchsorted(ends, ticks, side="right")]), n * sizes / sizes.sum()


def draw_residents(city: City, seed: int) -> pd.DataFrame:
    """The residents' sample of both waves, answered or not.

    Parameters
    ----------
    city : City
        With the answers in its census.
    seed : int

    Returns
    -------
    DataFrame
        A census row for each adult drawn (empty for a vacant dwelling) with stratum, psu, probability, weight,
        disposition, resp_id.
    """
    rng = stream(seed, "residents")
    entries = {group: part for group, part in city.households.groupby("group")}
    adults = city.census.loc[city.census["resp_type"] == 1]
    drawn = []
    for wave in YEARS:
        place = adults.index[adults["wave"] == wave].to_numpy()
        home = adults.loc[place, "household"].to_numpy()
        for ward in range(len(WARDS)):
            groups = np.arange(ward * GROUPS, (ward + 1) * GROUPS)
            sizes = np.array([len(entries[g]) for g in groups])
            chosen, probability = systematic_pps(sizes, GROUPS_DRAWN, rng)
            for g in chosen:
                listed = entries[groups[g]]["household"].to_numpy()
                for household in np.sort(rng.choice(listed, HOUSEHOLDS_DRAWN, replace=False)):
                    first, last = np.searchsorted(home, [household, household + 1])
                    row = place[rng.integers(first, last)] if last > first else -1
                    chance = probability[g] * HOUSEHOLDS_DRAWN / listed.size / max(last - first, 1)
                    drawn.append((row, wave, ward, groups[g], chance))
    columns = ["row", "wave", "ward", "group", "sel_prob"]
    sample = pd.DataFrame(drawn, columns=columns)
    known = city.census.drop(columns=columns[1:4], errors="ignore").reindex(sample["row"]).reset_index(drop=True)
    sample = pd.concat([sample, known], axis=1)
    return _identified(_responding(sample, rng), "R")


def draw_businesses(city: City, seed: int) -> pd.DataFrame:
    """The businesses' sample of both waves: simple random in each ward, everyone drawn answers.

    Parameters
    ----------
    city : City
    seed : int

    Returns
    -------
    DataFrame
        Like `draw_residents`, with list_size.
    """
    rng = stream(seed, "businesses")
    firms = city.census[city.census["resp_type"] == 2]
    parts = []
    for _, listed in firms.groupby(["wave", "ward"]):
        part = listed.loc[np.sort(rng.choice(listed.index, FIRMS_DRAWN, replace=False))]
        parts.append(part.assign(list_size=len(listed), sel_prob=FIRMS_DRAWN / len(listed)))
    sample = pd.concat(parts, ignore_index=True)
    sample["disposition"] = np.where(sample["partial"], 1.2, 1.1)
    return _identified(sample, "B")


def _responding(sample: pd.DataFrame, rng: np.random.Generator) -> pd.DataFrame:
    vacant = sample["row"].to_numpy() < 0
    sex = np.where(vacant, 1, sample["sex"]).astype(int)
    band = age_group(np.where(vacant, 1980, sample["birth_year"]), sample["wave"].to_numpy())
    answers = rng.random(len(sample)) < np.array(_BY_AGE)[band - 1] * np.array(_BY_SEX)[sex - 1]
    u = rng.random(len(sample))
    reason = np.select([u < _REFUSAL, u < _REFUSAL + _NON_CONTACT], [2.1, 2.2], 3.1)
    interviewed = np.where(sample["partial"].eq(True), 1.2, 1.1)
    sample["disposition"] = np.where(vacant, 4.6, np.where(answers, interviewed, reason))
    return sample.assign(frame_age_group=np.where(vacant, np.nan, band), frame_sex=np.where(vacant, np.nan, sex))


def _identified(sample: pd.DataFrame, letter: str) -> pd.DataFrame:
    """Numbers for people, strata and clusters that stay unique when waves and kinds are stacked."""
    year = sample["wave"].map(YEARS) % 100
    serial = sample.groupby("wave").cumcount() + 1
    codes = sample["ward"].map(dict(enumerate(WARDS)))
    stratum = codes + "-" + sample["wave"].astype(str)
    group = (sample["group"] % GROUPS + 1).map("{:02d}".format)
    numbers = [f"{letter}{y:02d}-{s:04d}" for y, s in zip(year, serial, strict=True)]
    return sample.assign(
        resp_id=numbers,
        ward_legacy_code=codes,
        tdp_legacy=codes + "-" + group,
        ward_2025_code=codes.map(NEW_CODE),
        pilot_tier=codes.map(TIERS),
        stratum=stratum if letter == "R" else stratum + "-B",
        psu=stratum + "-" + group if letter == "R" else numbers,
        w_design=1 / sample["sel_prob"],
    )


def interview(sample: pd.DataFrame, city: City, seed: int) -> pd.DataFrame:
    """The interviews of those who answer: interviewer, day, length, and the columns that are the same for all.

    Parameters
    ----------
    sample : DataFrame
        Residents or businesses, one kind at a time.
    city : City
    seed : int

    Returns
    -------
    DataFrame
        One row an interview.
    """
    residents = sample["resp_id"].str.startswith("R").all()
    rng = stream(seed, "interview-R" if residents else "interview-B")
    # one interviewer's work: five groups anywhere in the city, or the businesses of two wards
    place, pieces, first, days = ("psu", _GROUPS_EACH, 1, 3) if residents else ("stratum", _WARDS_EACH, 31, 6)
    work = sample[[place, "wave"]].drop_duplicates().set_index(place)
    shuffled = pd.Series(rng.permutation(len(work)), index=work.index)
    worker = (shuffled.groupby(work["wave"]).rank().astype(int) - 1) // pieces + first
    work_day = pd.Series(rng.integers(0, 100, len(work)), index=work.index)

    done = sample[sample["disposition"] < 2].reset_index(drop=True)
    n, at = len(done), done[place]
    who = at.map(worker).to_numpy().astype(int)
    day = (at.map(work_day).to_numpy() + rng.integers(0, days, n)) % done["wave"].map(_FIELD_DAYS).to_numpy()
    usual = np.where(done["contact12"] == 1, 1500, 840) * np.where(done["partial"].eq(True), 0.7, 1.0)
    length = np.clip(np.rint(rng.lognormal(np.log(usual), 0.24)), 330, 5400)
    second = _one_after_the_other(who, done["wave"].to_numpy(), day, length, rng)
    begin = pd.to_datetime(done["wave"].map(_FIELD_FROM)) + pd.to_timedelta(day, "D") + pd.to_timedelta(second, "s")
    people = city.census[city.census["resp_type"] == (1 if residents else 2)]
    people = people.groupby(["ward_legacy_code", "wave"]).size()
    return done.assign(
        resp_type=1 if residents else 2,
        code_vintage=1,
        treat_start=pd.to_datetime(done["pilot_tier"].map({1: TREAT_START, 2: TREAT_START})),
        frame=1 if residents else 5,
        pop_size=people.loc[list(zip(done["ward_legacy_code"], done["wave"], strict=True))].to_numpy(),
        mode=1,
        interviewer_id=[f"I{i:02d}" for i in who],
        interviewer_org=np.array(_ORGANISATIONS)[who % len(_ORGANISATIONS)],
        official_present=0,
        consent=1,
        int_start=begin,
        duration_s=length,
    )


def _one_after_the_other(
    who: np.ndarray, wave: np.ndarray, day: np.ndarray, length: np.ndarray, rng: np.random.Generator
) -> np.ndarray:
    """Second of the day at which each interview begins; an interviewer ends one before the next begins."""
    wanted = rng.integers(_DAY_FROM, _DAY_TO, len(who))
    pause = rng.integers(*_PAUSE, len(who))
    begin = wanted.copy()
    order = np.lexsort((wanted, day, wave, who))
    for before, now in pairwise(order):
        if (who[before], wave[before], day[before]) == (who[now], wave[now], day[now]):
            begin[now] = max(wanted[now], begin[before] + int(length[before]) + pause[now])
    # a full day is moved forward as a whole
    late = pd.Series(begin + length - (_DAY_TO + 3600)).groupby([who, wave, day]).transform("max").to_numpy()
    second: np.ndarray = begin - np.maximum(late, 0).astype(int)
    return second


def frame_table(city: City, drawn: pd.DataFrame, source: str) -> pd.DataFrame:
    """The list of residential groups that the residents were drawn from, and which were drawn when."""
    lists = city.households.groupby("group").size()
    ward = lists.index.to_numpy() // GROUPS
    codes = np.array(WARDS, dtype=object)[ward]
    names = [f"{c}-{g % GROUPS + 1:02d}" for c, g in zip(codes, lists.index, strict=True)]
    table = pd.DataFrame({"ward_legacy_code": codes, "tdp_legacy": names, "households_listed": lists.to_numpy()})
    table["pilot_tier"] = table["ward_legacy_code"].map(TIERS)
    table["ward_2025_code"] = table["ward_legacy_code"].map(NEW_CODE)
    totals = table.groupby("ward_legacy_code")["households_listed"].transform("sum")
    table["group_prob"] = GROUPS_DRAWN * table["households_listed"] / totals
    for wave, year in YEARS.items():
        chosen = drawn.loc[drawn["wave"] == wave, "tdp_legacy"]
        table[f"drawn_{year}"] = table["tdp_legacy"].isin(chosen).astype(int)
    return table.assign(source=source)

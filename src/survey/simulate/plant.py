"""Problems put into the data on purpose, few and known, for the cleaning to find."""

from __future__ import annotations

import csv
import io
import unicodedata
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

import numpy as np
import pandas as pd

from survey.codebook import Codebook
from survey.simulate.items import ITEMS
from survey.simulate.settings import MISSING_RANGE, packaged, stream
from survey.simulate.truth import scores

__all__ = ["PLANTED", "Counts", "merged", "plant"]

_COMMENTS = 0.24  # of all who answer
_SPACES = ("{}", "{}", "{}", " {}", "{} ", "\u00a0{}", "  {}")
_SPEED = (45, 116)
_IMPOSSIBLE = (6.0, 7.0, 9.0, 11.0, 55.0)
_STRAIGHT = (2.0, 4.0, 5.0)


@dataclass(frozen=True, slots=True)
class Counts:
    """How many interviews of one file have each problem."""

    copies: int = 0
    speeders: int = 0
    straight_liners: int = 0
    out_of_range: int = 0
    invented: int = 0
    official_present: int = 0


PLANTED: Mapping[tuple[str, int], Counts] = MappingProxyType(
    {
        ("residents", 1): Counts(copies=8, speeders=12, straight_liners=9, out_of_range=12, official_present=16),
        ("residents", 2): Counts(
            copies=8, speeders=12, straight_liners=9, out_of_range=12, invented=20, official_present=16
        ),
        ("businesses", 1): Counts(copies=2, speeders=2, out_of_range=3),
        ("businesses", 2): Counts(copies=2, speeders=2, out_of_range=3),
    }
)
"""By file (kind and wave)."""


def plant(
    interviews: pd.DataFrame, codebook: Codebook, seed: int, kind: str, wave: int
) -> tuple[pd.DataFrame, dict[str, tuple[str, ...]]]:
    """Spoil some interviews of one file.

    No interview has two problems, except that comments are spoiled regardless of the rest.

    Parameters
    ----------
    interviews : DataFrame
        As they were held.
    codebook : Codebook
    seed : int
    kind : str
        "residents" or "businesses".
    wave : int

    Returns
    -------
    DataFrame
        The file as delivered, copies and all.
    dict of str to tuple of str
        Problem to resp_ids.
    """
    rng = stream(seed, f"plant-{kind}-{wave}")
    rows, counts = interviews.copy(), PLANTED[kind, wave]
    rows["open_comment"] = _comments(len(rows), rng)
    found: dict[str, np.ndarray] = {}
    free = rows["disposition"].to_numpy() == 1.1
    inventor, host = _interviewers(rows, wave) if kind == "residents" else ("", "")

    def take(name: str, change: Callable[..., None], among: np.ndarray) -> None:
        count = getattr(counts, name)
        chosen = np.sort(rng.choice(np.flatnonzero(among & free), count, replace=False)) if count else np.array([], int)
        free[chosen] = False
        found[name] = chosen
        if count:
            change(rows, chosen, codebook, rng)

    contact = rows["contact12"].to_numpy() == 1
    outside = rows["pilot_tier"].to_numpy() == 0  # so that no trick looks like the pilot
    take("invented", _invent, outside & contact & rows["interviewer_id"].eq(inventor).to_numpy())
    take("official_present", _flatter, outside & rows["interviewer_id"].eq(host).to_numpy())
    take("speeders", _hurry, free)
    take("straight_liners", _tick_one_column, contact)
    take("out_of_range", _mistype, contact)
    rows["int_end"] = rows["int_start"] + pd.to_timedelta(rows["duration_s"], "s")

    copied = np.sort(rng.choice(np.flatnonzero(free), counts.copies, replace=False))
    found["copies"] = copied
    found["mixed_unicode"] = np.flatnonzero([not unicodedata.is_normalized("NFC", t) for t in rows["open_comment"]])
    ids = rows["resp_id"].to_numpy()
    order = np.concatenate([np.arange(len(rows)) + 0.0, rng.random(counts.copies) * len(rows)])
    rows = pd.concat([rows, rows.iloc[copied]], ignore_index=True).iloc[np.argsort(order, kind="stable")]
    return rows.reset_index(drop=True), {k: tuple(ids[v]) for k, v in found.items()}


def _interviewers(rows: pd.DataFrame, wave: int) -> tuple[str, str]:
    """Who invents interviews and who lets an official sit in: two who work much outside the pilot wards."""
    work = rows.loc[rows["pilot_tier"] == 0, "interviewer_id"].value_counts(sort=False).sort_index()
    busiest = list(work.sort_values(ascending=False, kind="stable").index)
    # odd numbers at the baseline, even ones at the follow-up: two different people let officials in
    return busiest[0], next(i for i in busiest[1:] if int(i[1:]) % 2 == wave % 2)


def _comments(n: int, rng: np.random.Generator) -> list[str]:
    pool = [row["text"] for row in csv.DictReader(io.StringIO(packaged("comments.csv").decode("utf-8")))]
    given = rng.random(n) < _COMMENTS
    text = [pool[i] if g else "" for i, g in zip(rng.integers(0, len(pool), n), given, strict=True)]
    decomposed = rng.random(n) < 0.3
    text = [unicodedata.normalize("NFD" if d else "NFC", t) for t, d in zip(text, decomposed, strict=True)]
    spaced = [_SPACES[i] for i in rng.integers(0, len(_SPACES), n)]
    return [s.format(t) if t else "" for s, t in zip(spaced, text, strict=True)]


def _scales(codebook: Codebook) -> list[str]:
    """Items on five points, in the order of the questionnaire."""
    return [name for name in ITEMS if codebook[name].codes == (1, 2, 3, 4, 5)]


def _invent(rows: pd.DataFrame, at: np.ndarray, codebook: Codebook, rng: np.random.Generator) -> None:
    """One likely interview, written out again and again with two or three answers changed by a step."""
    typical = ((scores(rows.loc[at], codebook) - scores(rows, codebook).mean()) ** 2).sum(axis=1, skipna=False)
    source = typical.fillna(np.inf).idxmin()  # whoever invents does it so that no one notices
    template = rows.loc[source, list(ITEMS)].astype(float)
    low, high = MISSING_RANGE
    grid = [n for n in _scales(codebook) if not low <= template[n] <= high and not np.isnan(template[n])]
    remark = rows.loc[source, "open_comment"]
    for row in at:
        answers = template.copy()
        changed = rng.choice(grid, int(rng.integers(2, 4)), replace=False)
        answers[changed] = np.clip(answers[changed] + rng.choice([-1, 1], len(changed)), 1, 5)
        rows.loc[row, list(ITEMS)] = answers
        routing = ["contact12", "contact_channel", "proc_type", "filed_complaint", "filed_online"]
        rows.loc[row, routing] = rows.loc[source, routing]
        rows.loc[row, "open_comment"] = remark
    rows.loc[at, "duration_s"] = rng.integers(600, 680, len(at)).astype(float)


def _flatter(rows: pd.DataFrame, at: np.ndarray, codebook: Codebook, rng: np.random.Generator) -> None:
    """With an official in earshot every answer is a step kinder."""
    rows.loc[at, "official_present"] = 1
    for name in [*_scales(codebook), "OV02"]:
        variable = codebook[name]
        if variable.direction == 0:
            continue
        values = rows.loc[at, name]
        valid = values >= min(variable.codes)
        kinder = (values + variable.direction).clip(min(variable.codes), max(variable.codes))
        rows.loc[at, name] = values.mask(valid, kinder)


def _hurry(rows: pd.DataFrame, at: np.ndarray, codebook: Codebook, rng: np.random.Generator) -> None:
    """Anything at all, in under two minutes."""
    rows.loc[at, "duration_s"] = rng.integers(*_SPEED, len(at)).astype(float)
    for name in ITEMS:
        if codes := codebook[name].codes:
            values, anything = rows.loc[at, name], rng.choice(np.array(codes, dtype=float), len(at))
            rows.loc[at, name] = values.mask(values >= min(codes), anything)


def _tick_one_column(rows: pd.DataFrame, at: np.ndarray, codebook: Codebook, rng: np.random.Generator) -> None:
    """The same code down the page: staff always gentle and always overbearing."""
    column = pd.Series(rng.choice(_STRAIGHT, len(at)), index=at)
    for name in _scales(codebook):
        values = rows.loc[at, name]
        rows.loc[at, name] = values.mask(values.notna(), column)


def _mistype(rows: pd.DataFrame, at: np.ndarray, codebook: Codebook, rng: np.random.Generator) -> None:
    """One impossible code in each interview."""
    for row in at:
        answered = [n for n in _scales(codebook) if rows.loc[row, n] >= 1]
        rows.loc[row, rng.choice(answered)] = rng.choice(_IMPOSSIBLE)


def merged(parts: Sequence[Mapping[str, tuple[str, ...]]]) -> dict[str, tuple[str, ...]]:
    """The resp_ids of each problem over several files."""
    names = dict.fromkeys(name for part in parts for name in part)
    return {name: tuple(i for part in parts for i in part.get(name, ())) for name in names}

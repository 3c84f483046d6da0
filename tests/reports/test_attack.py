"""The CSVs of the default study attacked by differencing: which hidden rows are combinations of rows shown.

The study as it is hides nothing; it is published here with higher limits. The attacker has the files, knows who is in
which ward, tier and wave and who answered which item, and looks for sets of people that add up to a hidden one.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

import default_study
import survey as sv
from held_text import held_text
from survey.exhibits.exhibit import Exhibit
from survey.reports.export import FORMATS

USERS = default_study.USERS
EVERYONE = {"satisfied", "knows", "reach", "satisfaction", "trust", "hindsight", "people"}
OF_USERS = {"wards", "tiers", "changes", "did", "one_change", "waiting", "median", "trips", "due", "by_ward"}


@pytest.fixture(scope="module")
def everything() -> tuple[pd.DataFrame, dict[str, Exhibit]]:
    """Answers of residents, and every exhibit of the study's answers."""
    study = sv.Study.open(default_study.RAW / "study.toml")
    samples = []
    for name in ("residents", "businesses"):
        clean = study.read(name).recode_missing(outside="blank").collapse_copies().reverse()
        if name == "residents":
            clean = clean.derive("age", "2023 + wave - 1 - birth_year").band(
                "age", [18, 30, 45, 60, float("inf")], into="age_group"
            )
        for score in default_study.SCORES:
            clean = clean.score(score, min_answered=2 / 3)
        samples.append(sv.Sample(clean, **study.design(name)))
    return samples[0].data.assign(one=1.0), default_study._of_answers(*samples)


@pytest.fixture(scope="module")
def shown(everything: Any) -> tuple[pd.DataFrame, dict[str, Exhibit]]:
    """Answers of residents, and every exhibit about them."""
    data, exhibits = everything
    return data, {
        k: x for k, x in exhibits.items() if k.startswith("items_") or k.removesuffix("_table") in EVERYONE | OF_USERS
    }


def where(name: str) -> str:
    """The part of the data that an exhibit is about, as its notebook says."""
    if name.removesuffix("_table") in EVERYONE or name.endswith("_means"):
        return "wave > 0"
    return "wave == 2" if name.startswith("items_") else f"{USERS} and wave == 2" if name == "by_ward" else USERS


def cells(data: pd.DataFrame, exhibits: dict[str, Exhibit]) -> list[tuple[list[Any], list[Any]]]:
    """From the files alone: the people of the rows shown, and of those hidden as too few.

    Apart for items that others answered: the answers to one say nothing of those to another.
    """
    told: dict[bytes, tuple[dict[bytes, Any], dict[bytes, Any]]] = {}
    for name, exhibit in exhibits.items():
        frame = exhibit.frame()
        if "n" not in frame or "item" not in frame:
            continue
        inside = data.eval(where(name)).to_numpy(bool)
        by = [c for c in exhibit.estimates.by if c in frame]
        for row in frame.to_dict("records"):
            answered = data[row["item"]].notna().to_numpy()
            own = inside & answered
            for column in by:
                own &= (data[column] == row[column]).to_numpy()
            shown, small = told.setdefault(answered.tobytes(), ({}, {}))
            if pd.notna(row["n"]):
                assert own.sum() == row["n"], (name, row)  # the attacker knows what each row is about
                shown[own.tobytes()] = own
            elif row["status"] == "suppressed" and row.get("status_detail", "small") == "small" and own.any():
                small[own.tobytes()] = own
    return [(list(shown.values()), list(small.values())) for shown, small in told.values()]


def computed(told: list[tuple[list[Any], list[Any]]]) -> int:
    """How many of the small sets follow from those known."""
    total = 0
    for known, small in told:
        if known and small:
            whole = np.unique(np.array([*known, *small], dtype=float), axis=1)
            base, asked = whole[: len(known)], whole[len(known) :]
            found = np.linalg.lstsq(base.T, asked.T, rcond=None)[0]
            total += int((np.abs(base.T @ found - asked.T).max(axis=0) < 1e-6).sum())
    return total


def regated(exhibits: dict[str, Exhibit], least: int) -> dict[str, Exhibit]:
    """The same exhibits with a higher limit."""
    return {
        k: replace(x, options={**x.options, "suppress_below": least, "flag_below": least}) for k, x in exhibits.items()
    }


@pytest.mark.slow
@pytest.mark.parametrize("least", [30, 80, 170])
def test_no_hidden_row_of_the_default_study_follows_from_its_files(shown: Any, least: int) -> None:
    data, exhibits = shown
    made = regated(exhibits, least)
    told = cells(data, made)
    assert any(small for _, small in told) is (least > 30)
    found = sv.audit(made)
    assert computed(told) == len(found)  # what the audit finds is what the attack finds
    after = dict(zip(made, sv.protect(*made.values()), strict=True))
    assert computed(cells(data, after)) == 0 and len(sv.audit(after)) == 0


@pytest.mark.slow
def test_the_attack_finds_what_the_gate_would_leave_without_complements(
    shown: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    data, exhibits = shown
    monkeypatch.setattr(
        "survey.words.disclosure.complements", lambda e, origin, hidden, least: np.zeros(len(hidden), bool)
    )
    assert computed(cells(data, regated(exhibits, 169))) > 0  # a limit of no other test: results keep what they publish


FORMS = (
    "wards",
    "wards_table",
    "changes",
    "slopes",
    "ranking",
    "benchmark",
    "scatter",
    "satisfaction",
    "effect_figure",
)
"""Of each form of the default study an exhibit that hides something where the limit is high."""


@pytest.mark.slow
@pytest.mark.parametrize("name", FORMS)
def test_no_file_of_the_default_study_holds_a_hidden_number(everything: Any, name: str, tmp_path: Path) -> None:
    """Hidden estimates, errors and ends of intervals, to five digits, as shares or percentages, in either language."""
    _, exhibits = everything
    e = exhibits[name].estimates
    n = np.sort((e.table if "n" in e.table else e.origin.table)["n"].unique())
    made = regated({name: exhibits[name]}, int(n[len(n) // 8]) + 1)[name]  # an eighth of the groups are small
    hidden, shown = hidden_numbers(exhibits[name], made)
    assert len(hidden) > 3 and len(shown) > 3
    files = sv.export(made, name, formats=FORMATS[made.kind], folder=tmp_path, languages=["vi", "en"])
    found = {path.name: held_text(path) for path in files.values()}
    assert [(file, number) for number in hidden for file, said in found.items() if number in said] == []
    told = sum(number in found[f"{name}.en.csv"] for number in shown)
    assert told > len(shown) / 4  # the search finds what is there; a figure may be of one item of three


def hidden_numbers(whole: Exhibit, made: Exhibit) -> tuple[set[str], set[str]]:
    """Numbers of rows that are hidden, and estimates of those that are not, as they would be written."""
    pairs = [(whole.estimates, made.estimates)]
    if made.form.name in ("effect", "ranking"):  # their files have the units too, those of differences have not
        pairs.append((whole.estimates.origin, made.estimates.origin))
    hidden: set[str] = set()
    shown: set[str] = set()
    for before, after in pairs:
        gone = after.table["estimate"].isna().to_numpy() & before.table["estimate"].notna().to_numpy()
        for column in ("estimate", "std_error", "conf_low", "conf_high"):
            if column in before.table:
                hidden |= {text for x in before.table[column][gone] for text in written(x)}
        shown |= {text for x in after.table["estimate"].dropna() for text in written(x)[:1]}
    others = {
        text for _, e in pairs for c in e.table.select_dtypes("number") for x in e.table[c] for text in written(x)
    }
    return hidden - others, shown


def written(x: float) -> list[str]:
    """Five digits of a number and of a hundred times it, with a point or a comma; [] of round ones."""
    found: list[str] = []
    for value in (abs(x), 100 * abs(x)):
        if not np.isfinite(value) or value == 0:
            continue
        decimals = int(max(1, 4 - np.floor(np.log10(value))))
        text = f"{np.floor(value * 10**decimals) / 10**decimals:.{decimals}f}"
        if not text.endswith(("00", "99")):  # so that a wider number may begin with it
            found += [text, text.replace(".", ",")]
    return found

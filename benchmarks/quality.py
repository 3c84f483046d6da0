"""Does `responses.quality()` find what was planted, and whom does it accuse wrongly? Beside the 85 % rule.

    python -m benchmarks.quality                  # eight simulated studies, a table on the screen
    python -m benchmarks.quality --out docs/quality.json --write docs/quality.md

Each seed makes a city, draws its samples and plants its problems. The clean study of a seed is the same with every
interview left out that has a planted problem.
"""

from __future__ import annotations

import argparse
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd
from tqdm import tqdm

import survey as sv
from benchmarks._page import markdown_table, published
from survey.quality._table import Table, item_names
from survey.simulate import DEFAULT_SEED, World, build

PEOPLE = 1000
SEEDS = (DEFAULT_SEED, 1, 2, 3, 4, 5, 6, 7)
PLANTED = {
    "invented": "invented interviews",
    "straight_liners": "one code down the page, reversed items too",
    "speeders": "done in under two minutes",
    "official_present": "an official in earshot",
}
RULES = {
    "near_duplicate": ("invented", "`near_duplicate`"),
    "85 %": ("invented", "85 % rule: identical on 85 % of 10 or more questions answered in both"),
    "85 % blanks": ("invented", "85 % rule as often run: cells, empty ones too"),
    "straight_line": ("straight_liners", "`straight_line`"),
    "one code": ("straight_liners", "longest run of one code: 8 or more"),
    "fast": ("speeders", "`fast`"),
    "120 s": ("speeders", "less than 120 seconds"),
    "official": ("official_present", "`official`"),
}
TEAMS = (
    "near_duplicate",
    "short",
    "fast",
    "straight_line",
    "nonresponse",
    "heaping",
    "official",
    "overlap",
    "odd_hour",
    "too_many",
)


def study(world: World, clean: bool = False) -> sv.Responses:
    """The residents' interviews of both waves, forms sent twice once."""
    rows = pd.concat([world.files["residents", wave] for wave in (1, 2)], ignore_index=True).drop_duplicates()
    if clean:
        rows = rows[~rows["resp_id"].isin(problems(world))]
    return sv.Responses(rows.reset_index(drop=True), world.codebook)


def problems(world: World) -> set[str]:
    """Everybody with a planted problem; comments in mixed Unicode are none of the interview's."""
    return {i for name, ids in world.planted.items() if name != "mixed_unicode" for i in ids}


def match_rule(responses: sv.Responses, blanks: bool, share: float = 0.85) -> np.ndarray:
    """Kuriakose and Robbins' rule: identical with anybody of the wave on 85 % of the answers.

    Over at least ten questions answered in both; or over all cells, where two empty ones are identical.
    """
    table = Table.make(responses, item_names(responses, None), "interviewer_id", ("wave",))
    out = np.zeros(len(table), dtype=bool)
    for cell in np.unique(table.cell):
        at = np.flatnonzero(table.cell == cell)
        given = table.answers[at]
        same, both = np.zeros((len(at),) * 2), np.zeros((len(at),) * 2)
        for answers in given.T:
            known = (answers >= 0) | blanks
            pair = known[:, None] & known[None, :]
            same += pair & (answers[:, None] == answers[None, :])
            both += pair
        alike = np.where(both >= 10, same / np.maximum(both, 1), 0)
        np.fill_diagonal(alike, 0)
        out[at] = (alike >= share).any(axis=1)
    return out


def contented(shift: float, seed: int) -> sv.Responses:
    """Honest people on 24 items of five points: one opinion each, the more alike the more content they are."""
    rng = np.random.default_rng(seed)
    latent = shift + rng.normal(0, 1, PEOPLE)[:, None] + rng.normal(0, 1, (PEOPLE, 24))
    answers = 1.0 + np.digitize(latent, [-1.5, -0.5, 0.5, 1.5])
    frame = pd.DataFrame(answers, columns=[f"Q{k:02d}" for k in range(1, 25)])
    frame["interviewer_id"], frame["wave"] = rng.integers(0, 20, PEOPLE), 1
    items, five = [f"Q{k:02d}" for k in range(1, 25)], {i: {"en": str(i)} for i in range(1, 6)}
    return sv.Responses(frame, sv.Codebook({n: sv.Variable(n, "ordinal", labels=five) for n in items}))


def grids(seeds: Sequence[int]) -> list[dict[str, float]]:
    """Honest people flagged on grids, by how content they are."""
    out = []
    for shift in (0.0, 1.0, 2.0):
        row = {"shift": shift, "top": 0.0, "rule": 0.0, "near": 0.0}
        for seed in seeds:
            people = contented(shift, seed)
            row["top"] += float((people.data.iloc[:, :24] >= 4).to_numpy().mean()) / len(seeds)
            row["rule"] += float(match_rule(people, False).mean()) / len(seeds)
            row["near"] += float(people.quality().rows("near_duplicate").mean()) / len(seeds)
        out.append(row)
    return out


def flags(responses: sv.Responses) -> tuple[Mapping[str, np.ndarray], pd.DataFrame]:
    """Who is flagged by each rule, and which interviewers are to be looked at."""
    q = responses.quality()
    found = {name: q.rows(name).to_numpy() for name in ("near_duplicate", "straight_line", "fast", "official")}
    found |= {"85 %": match_rule(responses, False), "85 % blanks": match_rule(responses, True)}
    found["one code"] = q.respondents["longest_run"].to_numpy() >= 8
    found["120 s"] = responses.data["duration_s"].to_numpy() < 120
    return found, q.alerts()


def measure(seeds: Sequence[int]) -> dict[str, Any]:
    """Counts over the seeds: planted, flagged, found, honest people flagged; on the clean studies, flagged of all."""
    rules = {name: dict.fromkeys(("planted", "flagged", "found", "honest", "clean"), 0) for name in RULES}
    teams = {name: {"guilty": 0, "found": 0, "others": 0, "clean": 0} for name in TEAMS}
    people = {"planted": 0, "honest": 0, "clean": 0, "interviewers": 0}
    for seed in tqdm(seeds, desc="quality", leave=False, disable=None):
        world = build(seed)
        spoiled, clean = study(world), study(world, clean=True)
        ids = spoiled.data["resp_id"]
        wrong = ids.isin(problems(world)).to_numpy()
        found, alerts = flags(spoiled)
        people["planted"] += len(spoiled)
        people["honest"] += int((~wrong).sum())
        for name, (problem, _) in RULES.items():
            true = ids.isin(world.planted[problem]).to_numpy()
            row = rules[name]
            row["planted"] += int(true.sum())
            row["flagged"] += int(found[name].sum())
            row["found"] += int((found[name] & true).sum())
            row["honest"] += int((found[name] & ~wrong).sum())
        hands = spoiled.data.set_index("resp_id")[["wave", "interviewer_id"]]
        for name, problem in (("near_duplicate", "invented"), ("official", "official_present")):
            guilty = set(map(tuple, hands.loc[hands.index.isin(world.planted[problem])].to_numpy().tolist()))
            told = set(map(tuple, alerts.loc[alerts["check"] == name, ["wave", "interviewer"]].to_numpy().tolist()))
            teams[name]["guilty"] += len(guilty)
            teams[name]["found"] += len(guilty & told)
            teams[name]["others"] += len(told - guilty)
        found, alerts = flags(clean)
        people["clean"] += len(clean)
        people["interviewers"] += len(clean.data[["wave", "interviewer_id"]].drop_duplicates())
        for name in RULES:
            rules[name]["clean"] += int(found[name].sum())
        for name in TEAMS:
            teams[name]["clean"] += int((alerts["check"] == name).sum())
    return {"seeds": list(seeds), "people": people, "rules": rules, "teams": teams, "grids": grids(seeds)}


def report(results: Mapping[str, Any]) -> str:
    """The tables in words."""
    people, rows = results["people"], []
    for name, (problem, words) in RULES.items():
        r = results["rules"][name]
        rows.append(
            [
                f"{words}",
                PLANTED[problem],
                f"{_percent(r['found'], r['planted'])}",
                _percent(r["found"], r["flagged"]),
                f"{r['honest']:,} of {people['honest']:,}",
                f"{r['clean']:,} of {people['clean']:,}",
            ]
        )
    header = ["rule", "to be found", "recall", "precision", "honest people flagged", "flagged in clean studies"]
    teams, t = [], results["teams"]
    for name in TEAMS:
        known = name in ("near_duplicate", "official")
        teams.append(
            [
                f"`{name}`",
                f"{t[name]['found']} of {t[name]['guilty']}" if known else "–",
                str(t[name]["others"]) if known else "–",
                f"{t[name]['clean']} of {people['interviewers']:,}",
            ]
        )
    head = ["check", "interviewers found", "others flagged", "flagged in clean studies"]
    return "\n\n".join(
        [
            f"Simulated data: {len(results['seeds'])} studies (seeds {', '.join(map(str, results['seeds']))}), "
            f"{people['planted']:,} interviews, {people['honest']:,} of them without a planted problem.",
            markdown_table(header, rows),
            "Precision counts an interview with another planted problem as a false flag: two who tick the same column "
            "for one interviewer are near-duplicates of each other, though not invented.",
            f"Interviewers in a wave, {people['interviewers']:,} in all, at the defaults (alpha 0.01 after Holm):",
            markdown_table(head, teams),
            f"A satisfaction grid of 24 items, one opinion a person, {PEOPLE:,} honest people and 20 interviewers, "
            f"{len(results['seeds'])} draws: honest people flagged.",
            markdown_table(
                ["answers of 4 or 5", "85 % rule", "`near_duplicate`"],
                [[f"{100 * g[k]:.1f} %" for k in ("top", "rule", "near")] for g in results["grids"]],
            ),
        ]
    )


def _percent(part: int, whole: int) -> str:
    return f"{100 * part / whole:.1f} %" if whole else "–"


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.quality", description=__doc__.splitlines()[0])
    parser.add_argument("--seeds", type=int, nargs="+", default=list(SEEDS))
    return published(parser, arguments, lambda given: measure(given.seeds), report, "quality")


if __name__ == "__main__":
    raise SystemExit(main())

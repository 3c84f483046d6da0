"""How fast proportional odds are beside R's svyolr, and whether the test of parallel lines errs as often as it says.

    python -m benchmarks.ordinal                 # tables on the screen, a quarter of an hour
    python -m benchmarks.ordinal --quick         # a few samples, no R
    python -m benchmarks.ordinal --out docs/benchmarks-ordinal.json --plot docs/benchmarks-ordinal.svg \
        --write docs/models-ordinal.md

Samples of clusters are drawn in which the lines are parallel, or part at a known rate: answers come from a logistic
variable that people of a cluster share a part of (a Gaussian copula), so that the model holds exactly for everybody
whatever the intracluster correlation. Four tests are made of each: the one of the package, and three that invert the
covariance of the design.
"""

from __future__ import annotations

import argparse
import subprocess
import tempfile
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
from tqdm import tqdm

import survey as sv
from benchmarks._data import respondents
from benchmarks._measure import interleaved, machine
from benchmarks._page import figure, markdown_table, on_what, published, seconds
from survey.base.tails import f_tail, wald
from survey.models.ordinal_fitting import fit_ordinal
from survey.models.parallel_lines import departures

SEED, FULL, REACH = 20240618, 100_000, 20
SCALES = {3: (0.3, 0.4, 0.3), 5: (0.06, 0.14, 0.3, 0.35, 0.15), 11: (2, 2, 4, 6, 8, 14, 16, 18, 14, 10, 6)}
SLOPES = (0.3, 0.2, 0.4, 0.2, -0.1, 0.3, 0.1)
METHODS = ("rao_scott", "score_wald", "brant", "brant_plain")
NAMES = {
    "rao_scott": "score, Rao-Scott (ours)",
    "score_wald": "score, Wald, adjusted F",
    "brant": "logits at cuts, Wald, adjusted F",
    "brant_plain": "logits at cuts, Wald, F",
}


@dataclass(frozen=True)
class Setting:
    """Clusters in two strata, half of them with the pilot, and two waves; `parting` is from lowest to highest cut."""

    clusters: int
    people: int
    answers: int
    terms: int
    correlation: float
    parting: float = 0.0


SIZES = (
    Setting(40, 15, 5, 3, 0.1),
    Setting(40, 15, 5, 3, 0.0),
    Setting(40, 15, 3, 3, 0.1),
    Setting(40, 15, 11, 3, 0.1),
    Setting(40, 15, 5, 7, 0.1),
    Setting(20, 15, 5, 3, 0.1),
    Setting(12, 25, 5, 3, 0.1),
    Setting(100, 15, 5, 7, 0.2),
)
POWERS = tuple(Setting(clusters, 15, 5, 3, 0.1, by) for clusters in (40, 100) for by in (0.5, 1.0, 1.5))


def drawn(rng: np.random.Generator, s: Setting) -> tuple[np.ndarray, ...]:
    """Clusters, strata of clusters, terms, answers from 0, weights."""
    from scipy.special import logit, ndtr

    cluster, n = np.repeat(np.arange(s.clusters), s.people), s.clusters * s.people
    common, own = rng.normal(size=s.clusters), rng.normal(size=n)
    level = logit(ndtr(np.sqrt(s.correlation) * common[cluster] + np.sqrt(1 - s.correlation) * own))
    pilot, wave = cluster % 2 == 0, np.arange(n) % 2
    age = rng.integers(0, 4, n)
    terms = [pilot, wave, pilot * wave, age == 1, age == 2, age == 3, rng.integers(0, 2, n)][: s.terms]
    x = np.column_stack(terms).astype(float)
    scale = np.array(SCALES[s.answers], dtype=float)
    thresholds = logit(np.cumsum(scale / scale.sum())[:-1])
    parting = np.outer(x[:, 2], np.linspace(-s.parting / 2, s.parting / 2, s.answers - 1))
    at_cuts = thresholds - (x @ np.array(SLOPES[: s.terms]))[:, None] - parting
    answer = (level[:, None] > at_cuts).sum(axis=1)
    answer = np.unique(answer, return_inverse=True)[1]
    return cluster, np.arange(s.clusters) // (s.clusters // 2), x, answer, rng.lognormal(0, 0.4, n)


def covariance(rows: np.ndarray, cluster: np.ndarray, strata: np.ndarray) -> np.ndarray:
    """Of totals of weighted influence values (people, k) by clusters in strata, as everywhere."""
    z = np.zeros((len(strata), rows.shape[1]))
    np.add.at(z, cluster, rows)
    out = np.zeros((rows.shape[1], rows.shape[1]))
    for stratum in np.unique(strata):
        part = z[strata == stratum]
        away = part - part.mean(axis=0)
        out += len(part) / (len(part) - 1) * away.T @ away
    return out


def p_values(rng: np.random.Generator, s: Setting) -> dict[str, float]:
    """Of one sample, all terms together; `term` is the interaction alone. NaN where a test cannot be made."""
    cluster, strata, x, answer, w = drawn(rng, s)
    cells, place = np.unique(np.column_stack([x, answer]), axis=0, return_inverse=True)
    place = place.reshape(-1)
    patterns, given = cells[:, :-1], cells[:, -1].astype(int)
    weights = np.bincount(place, w)
    fit = fit_ordinal(patterns, given, weights)
    found = departures(fit, patterns, given, weights)
    ddf, k, terms = len(strata) - 2, x.shape[1], range(x.shape[1])
    joint = covariance(found.rows[place] * w[:, None], cluster, strata)
    out = {"rao_scott": found.test(joint, terms, ddf).p_value, "term": found.test(joint, [2], ddf).p_value}
    out["score_wald"] = adjusted(wald(found.total, joint), len(found.total), ddf)
    fits = logits(patterns, given, weights, found.cuts) if s.parting == 0 else []
    if not fits:
        return out | {"brant": float("nan"), "brant_plain": float("nan")}
    influence = np.hstack([(one.scores @ one.bread)[:, 1:] for one in fits])
    contrasts = np.hstack([np.kron(-np.ones((found.cuts - 1, 1)), np.eye(k)), np.eye((found.cuts - 1) * k)])
    joint = contrasts @ covariance(influence[place] * w[:, None], cluster, strata) @ contrasts.T
    f = wald(contrasts @ np.concatenate([one.slopes for one in fits]), joint)
    return out | {"brant": adjusted(f, len(contrasts), ddf), "brant_plain": f_tail(f, len(contrasts), ddf)}


def logits(patterns: np.ndarray, given: np.ndarray, weights: np.ndarray, cuts: int) -> list[Any]:
    """Logistic regressions at all cuts, the outer ones first; none where one of them has no finite estimate."""
    fits = {}
    for cut in sorted(range(cuts), key=lambda c: min(c, cuts - 1 - c)):
        fits[cut] = fit_ordinal(patterns, (given > cut).astype(int), weights)
        if not fits[cut].converged:
            return []
    return [fits[cut] for cut in range(cuts)]


def adjusted(f: float, k: int, ddf: float) -> float:
    return f_tail(f * (ddf - k + 1) / ddf, k, ddf - k + 1) if ddf >= k else float("nan")


def rejections(s: Setting, samples: int, at: int) -> dict[str, Any]:
    """How often p is below 5 %, among samples in which the test could be made; and how often it could not."""
    rng = np.random.default_rng([SEED, at])
    label = f"{s.clusters} clusters, {s.answers} answers, {s.terms} terms"
    found = [p_values(rng, s) for _ in tqdm(range(samples), desc=label, leave=False, disable=None)]
    out: dict[str, Any] = {"setting": asdict(s)}
    for name in (*METHODS, "term"):
        p = np.array([one[name] for one in found])
        made = ~np.isnan(p)
        out[name] = [float((p[made] < 0.05).mean()) if made.any() else None, float(1 - made.mean())]
    return out


def speed(rows: int, repeats: int, r_repeats: int) -> dict[str, Any]:
    """Ours with and without the test of parallel lines, and svyolr, on the same people."""
    frame = respondents(rows)

    def ours() -> Any:
        return sv.Sample(frame, weights="w", strata="stratum", psu="psu").ordinal("q01 ~ pilot * wave")

    ours()
    times, results = interleaved({"ours": ours}, repeats)
    out: dict[str, Any] = {"rows": rows, "ours": times["ours"]}
    answer = r_answer(frame, r_repeats) if r_repeats else None
    if answer is not None:
        table = results["ours"].table
        for column in ("estimate", "std_error"):
            gap = np.abs(table[column] - np.array(answer[column])) / table["std_error"]
            out[column] = float(gap.max())
        runs = sorted(answer["seconds"])
        out["r"] = {"best": runs[0], "median": runs[len(runs) // 2], "runs": len(runs)}
        out["versions"] = {"R": answer["r"], "R survey": answer["survey"]}
    return out


def r_answer(frame: Any, repeats: int) -> dict[str, Any] | None:
    import json

    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "people.bin"
        columns = ["q01", "w", "stratum", "psu", "pilot", "wave"]
        path.write_bytes(b"".join(frame[c].to_numpy(float).tobytes() for c in columns))
        command = ["Rscript", str(Path(__file__).with_name("ordinal.R")), str(path), str(len(frame)), str(repeats)]
        try:
            said = subprocess.run(command, capture_output=True, text=True, check=True).stdout
        except (FileNotFoundError, subprocess.CalledProcessError):
            return None
    return dict(json.loads(said))


def measure(given: argparse.Namespace) -> dict[str, Any]:
    if given.quick:
        given.rows, given.repeats, given.r_repeats, given.samples = 20_000, 1, 0, 4
    timing = speed(given.rows, given.repeats, given.r_repeats) if given.rows else None
    cells = [rejections(s, given.samples, i) for i, s in enumerate((*SIZES, *POWERS))]
    packages = ("survey", "numpy", "scipy", "pandas")
    return {"samples": given.samples, "speed": timing, "cells": cells, "machine": machine(packages)}


def report(results: dict[str, Any]) -> str:
    """Size, power and speed as text."""
    samples, cells = results["samples"], results["cells"]
    error = 100 * 1.96 * np.sqrt(0.05 * 0.95 / samples)

    def row(cell: dict[str, Any], power: bool) -> list[str]:
        s = cell["setting"]
        first = [s["clusters"], s["answers"], s["terms"], f"{s['correlation']:g}"]
        if power:
            first = [s["clusters"], f"{s['parting']:g}"]
        names = METHODS[:2] if power else METHODS
        rates = [percent(cell[name][0]) for name in (names[0], "term", *names[1:])]
        return [*map(str, first), *rates, *([] if power else [percent(cell["brant"][1])])]

    held, parted = ([c for c in cells if (c["setting"]["parting"] > 0) is power] for power in (False, True))
    heads = ["clusters", "answers", "terms", "correlation", NAMES["rao_scott"], "the same, one term"]
    said = [
        f"Size: {samples:,} simulated samples a row in which lines are parallel, two strata, clusters of 15 people (25 "
        f"where there are 12), half of them with the pilot, unequal weights. How often p is below 5%, with a Monte "
        f"Carlo error of {error:.1f} points; of samples in which a test could be made.",
        markdown_table([*heads, *(NAMES[m] for m in METHODS[1:]), "no logit at a cut"], [row(c, False) for c in held]),
        "Power at five answers, three terms and a correlation of 0.1, where the slope of the interaction parts by so "
        "much from the lowest cut to the highest.",
        markdown_table(
            ["clusters", "parting", NAMES["rao_scott"], "the same, one term", NAMES["score_wald"]],
            [row(c, True) for c in parted],
        ),
    ]
    timing = results["speed"]
    if timing:
        mine, r = timing["ours"], timing.get("r")
        rows = [
            ["ours, with the test of parallel lines", seconds(mine["best"]), seconds(mine["median"]), mine["runs"], ""]
        ]
        if r:
            ratio = f"{r['median'] / mine['median']:.0f} x"
            rows.append(["R's svyolr", seconds(r["best"]), seconds(r["median"]), r["runs"], ratio])
        said += [
            f"Time: five answers by pilot and wave, {timing['rows']:,} simulated respondents in 2,000 clusters, from "
            "the data frame to the coefficients.",
            markdown_table(["", "best", "median", "runs", "ratio of medians"], rows),
        ]
        if r:
            met = "met" if r["median"] / mine["median"] >= REACH else "not met"
            said.append(
                f"To reach: at least {REACH} x svyolr; {met}. Estimates differ from svyolr's by at most "
                f"{timing['estimate']:.0e} standard errors and standard errors by {timing['std_error']:.0e} of "
                "themselves, which its tolerance and its numerical Hessian explain."
            )
    versions = results["machine"]["versions"] | ((timing or {}).get("versions") or {})
    return "\n\n".join([*said, f"On {on_what(results['machine'] | {'versions': versions})}"])


def percent(share: float | None) -> str:
    return "–" if share is None else f"{100 * share:.1f}%"


ALT = (
    "How often four tests of parallel lines reject lines that are parallel, at a nominal 5 %, in eight settings; "
    "band: 5 % within the Monte Carlo error."
)


def draw(results: dict[str, Any], path: Path) -> None:
    """One row a setting, one mark a test, on a scale of percent."""
    from matplotlib.figure import Figure

    cells = [c for c in results["cells"] if not c["setting"]["parting"]]
    drawing = Figure(figsize=(8, 4.2), layout="constrained")
    axes = drawing.subplots()
    styles = {
        "rao_scott": ("o", "black"),
        "score_wald": ("D", "white"),
        "brant": ("s", "0.75"),
        "brant_plain": ("^", "0.45"),
    }
    error = 1.96 * np.sqrt(0.05 * 0.95 / results["samples"])
    axes.axvspan(100 * (0.05 - error), 100 * (0.05 + error), color="0.9", lw=0, zorder=0)
    axes.axvline(5, color="0.6", lw=0.8, zorder=0)
    for method, (mark, face) in styles.items():
        at = [(100 * c[method][0], i) for i, c in enumerate(cells) if c[method][0] is not None]
        axes.plot(
            *zip(*at, strict=True),
            mark,
            mfc=face,
            mec="black",
            ms=6,
            ls="",
            label=NAMES[method],
            zorder=4 if method == METHODS[0] else 3,
        )
    labels = [
        f"{s['clusters']} clusters, {s['answers']} answers, {s['terms']} terms, correlation {s['correlation']:g}"
        for s in (c["setting"] for c in cells)
    ]
    axes.set_yticks(range(len(cells)), labels)
    axes.invert_yaxis()
    axes.set_xscale("log")
    axes.set_xticks([1, 2, 5, 10, 20, 50, 100], ["1", "2", "5", "10", "20", "50", "100"])
    axes.minorticks_off()
    axes.set_xlabel("rejected, % of samples")
    axes.spines[["top", "right"]].set_visible(False)
    drawing.legend(loc="outside upper center", ncols=2, frameon=False, fontsize=8)
    figure(path, drawing)


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.ordinal", description=__doc__.splitlines()[0])
    parser.add_argument("--quick", action="store_true", help="few samples, no R")
    parser.add_argument("--rows", type=int, default=FULL, help="0: leave the time out")
    parser.add_argument("--repeats", type=int, default=5)
    parser.add_argument("--r-repeats", type=int, default=1, help="runs of R (0 leaves it out)")
    parser.add_argument("--samples", type=int, default=1_000, help="of each setting")
    return published(parser, arguments, measure, report, "ordinal", draw, ALT)


if __name__ == "__main__":
    raise SystemExit(main())

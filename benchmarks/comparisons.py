"""Comparisons of groups: what they cost beside the estimate alone, and whether corrections and intervals hold.

    python -m benchmarks.comparisons               # on the screen
    python -m benchmarks.comparisons --out docs/benchmarks-comparisons.json --write docs/benchmarks.md

Cost: 20 items over 40 wards, all 780 pairs of each with max-t bands and effect sizes, at a million rows; and R's
multcomp on the means of one item and their covariance, which it is given ready. Errors: samples of clusters are drawn
again and again, of groups that do not differ (family-wise error over four correlated items) and of groups whose effect
sizes are known (coverage of their intervals).
"""

from __future__ import annotations

import argparse
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
import pandas as pd
from tqdm import tqdm

import survey as sv
from benchmarks._measure import interleaved, machine
from benchmarks._page import markdown_table, on_what, published, seconds
from survey.compare.effect_sizes import EFFECTS as SIZES
from survey.compare.effect_sizes import chance, effect_sizes, limits
from survey.compare.moments import moments_of, seen_as
from survey.core.adjusting import ADJUSTMENTS, adjust_pvalues
from survey.estimation.estimators import MEAN_OF_MOMENTS, MOMENTS, SIZED_SHARES
from survey.estimation.items import grouping_of
from survey.estimation.means import distributions_of, means_of, shares_of
from survey.estimation.results import variance_of

ITEMS, WARDS, CLUSTERS = 20, 40, 2_000
GROUPS, OUTCOMES, ICC, SEED = 4, 4, 0.05, 20260401
CUTS = np.array([-1.2, -0.5, 0.3, 1.1])
"""Where a normal number turns from one of five answers into the next."""
SHIFT = 0.4
"""How much higher the second group's numbers are, in standard deviations."""
EFFECTS = ("hedges_g", "cliff_delta", "cramer_v", "risk_ratio")
LEAST, MOST = 0.935, 0.965
PATIENCE = 60
"""Seconds that R may take for one item."""


def large_sample(rows: int) -> sv.Sample:
    """A million people in 2,000 clusters, 20 strata and 40 wards, who answered 20 items on five-point scales."""
    rng = np.random.default_rng(SEED)
    psu = rng.integers(0, CLUSTERS, rows)
    data = {"psu": psu, "ward": psu % WARDS, "stratum": psu % 20, "w": rng.uniform(0.5, 2, rows)}
    data |= {f"q{i}": rng.integers(1, 6, rows).astype(float) for i in range(ITEMS)}
    return sv.Sample(pd.DataFrame(data), weights="w", psu="psu", strata="stratum")


def cost(rows: int, repeats: int) -> dict[str, Any]:
    """Best times of the estimate alone and of comparisons of it, one after the other in turn."""
    sample, items = large_sample(rows), [f"q{i}" for i in range(ITEMS)]
    works = {
        "means alone": lambda: sample.mean(items, by="ward"),
        "compare, max-t, effect sizes": lambda: sample.compare(items, "ward", adjust="max-t"),
        "compare, max-t": lambda: sample.compare(items, "ward", adjust="max-t", effect=None),
        "compare, Holm": lambda: sample.compare(items, "ward", effect=None),
        "compare with everyone else, max-t": lambda: sample.compare(items, "ward", "rest", adjust="max-t"),
    }
    times, _ = interleaved(works, repeats)
    best = {name: float(found["best"]) for name, found in times.items()}
    return {"rows": rows, "best": best, "multcomp": multcomp(sample)}


def multcomp(sample: sv.Sample) -> dict[str, float | None] | None:
    """R's time and critical value for the pairs of one item, and ours; None where R is not there."""
    means = sample.mean("q0", by="ward")
    ours = sample.compare("q0", "ward", adjust="max-t", effect=None).table
    df = float(ours["df"].iloc[0])
    with TemporaryDirectory() as folder:
        paths = [Path(folder) / name for name in ("means.csv", "covariance.csv")]
        np.savetxt(paths[0], means.table["estimate"])
        np.savetxt(paths[1], means.covariance, delimiter=",")
        script = Path(__file__).with_name("comparisons.R")
        command = ["Rscript", str(script), *map(str, paths), str(df)]
        try:
            said = subprocess.run(command, capture_output=True, text=True, timeout=PATIENCE, check=True).stdout
        except subprocess.TimeoutExpired:
            return {"seconds": None}
        except (FileNotFoundError, subprocess.SubprocessError):
            return None
    taken, critical = (float(x) for x in said.split())
    own = float((ours["conf_high"].iloc[0] - ours["estimate"].iloc[0]) / ours["std_error"].iloc[0])
    return {"seconds": taken, "critical": critical, "ours": own}


def clustered(rng: np.random.Generator, groups: int, clusters: int, people: int, outcomes: int) -> pd.DataFrame:
    """Groups of clusters whose people are alike (ICC), with outcomes correlated at 0.6 and unequal weights."""
    size = groups * clusters * people
    psu = np.repeat(np.arange(groups * clusters), people)
    common = np.sqrt(0.6)

    def one(width: int) -> np.ndarray:
        between, within = rng.normal(size=(groups * clusters, width)), rng.normal(size=(size, width))
        return np.asarray(np.sqrt(ICC) * between[psu] + np.sqrt(1 - ICC) * within)

    values = common * one(1) + np.sqrt(1 - 0.6) * one(outcomes)
    data = pd.DataFrame({f"y{k}": values[:, k] for k in range(outcomes)})
    return data.assign(psu=psu, g=psu // clusters, w=rng.lognormal(0, 0.4, size))


def family_wise(samples: int) -> dict[str, float]:
    """Share of samples in which anything is found among 24 comparisons of groups that do not differ."""
    rng, wrong = np.random.default_rng([SEED, 1]), dict.fromkeys(ADJUSTMENTS, 0)
    names = [f"y{k}" for k in range(OUTCOMES)]
    for _ in tqdm(range(samples), desc="family-wise error", leave=False, disable=None):
        s = sv.Sample(clustered(rng, GROUPS, 20, 10, OUTCOMES), weights="w", psu="psu")
        t = s.compare(names, "g", adjust="max-t", family="all", effect=None).table
        p = t["p_value"].to_numpy()
        for method in ADJUSTMENTS:
            adjusted = t["p_adjusted"].to_numpy() if method == "max-t" else adjust_pvalues(p, method)
            wrong[method] += bool((adjusted < 0.05).any())
    return {method: count / samples for method, count in wrong.items()}


def truths() -> dict[str, float]:
    """Effect sizes of the population: numbers are normal with variance 1, whatever the clusters."""
    from scipy.special import ndtr

    ends = np.r_[-np.inf, CUTS, np.inf]
    p, q = (np.diff(ndtr(ends - shift)) for shift in (0.0, SHIFT))
    code = np.arange(1.0, 6)
    means = [p @ code, q @ code]
    pooled = np.mean([p @ code**2 - means[0] ** 2, q @ code**2 - means[1] ** 2])
    below = np.cumsum(p) - p
    whole = (p + q) / 2
    return {
        "hedges_g": float((means[1] - means[0]) / np.sqrt(pooled)),
        "cliff_delta": float(q @ (below - (1 - np.cumsum(p)))),
        "cramer_v": float(np.sqrt(0.25 * ((p - q) ** 2 / whole).sum())),
        "risk_ratio": float(q[3:].sum() / p[3:].sum()),
    }


def coverage(samples: int, clusters: int) -> dict[str, float]:
    """Share of samples whose intervals hold the effect sizes of the population.

    Fifty samples at a time are the strata of one: each is a design of its own, and they are counted together.
    """
    rng, truth = np.random.default_rng([SEED, clusters]), truths()
    held, at_once = dict.fromkeys(EFFECTS, 0), 50
    first = 2 * np.arange(at_once)
    df = np.full(at_once, 2.0 * clusters - 2)  # clusters - 1 stratum + 1 - 2 groups
    rounds = range(max(1, samples // at_once))
    for _ in tqdm(rounds, desc=f"coverage, {clusters} clusters", leave=False, disable=None):
        data = clustered(rng, 2 * at_once, clusters, 10, 1)
        data["q"] = 1.0 + np.searchsorted(CUTS, data["y0"].to_numpy() + SHIFT * (data["g"] % 2))
        s = sv.Sample(data.assign(sample=data["g"] // 2), weights="w", psu="psu", strata="sample")
        grouping = grouping_of(s, "g", None)
        asked = {"levels": None, "top": 2, "bottom": None, "net": None}
        means = means_of(s, "q", grouping, 0.95, estimator=MEAN_OF_MOMENTS)[1]
        tops = shares_of(s, "q", asked, grouping, "clustered", 0.95, estimator=MEAN_OF_MOMENTS)[1]
        answers = distributions_of(s, "q", grouping, "clustered", 0.95)[1]
        for pieces, estimator, names in (
            (means, MOMENTS, ("hedges_g",)),
            (tops, MOMENTS, ("risk_ratio",)),
            (answers, SIZED_SHARES, ("cliff_delta", "cramer_v")),
        ):
            seen = seen_as(pieces, estimator)
            joint = variance_of(s, seen, None)
            one = moments_of(seen, pieces, joint, estimator is SIZED_SHARES)[0]
            for name in names:
                value, error = effect_sizes(SIZES[name], one, first, first + 1)
                noise = chance(one, first, first + 1) if name == "cramer_v" else None
                low, high = limits(SIZES[name], value, error, df, 0.95, noise)
                held[name] += int(((low <= truth[name]) & (truth[name] <= high)).sum())
    return {name: count / (at_once * len(rounds)) for name, count in held.items()}


def measure(given: argparse.Namespace) -> dict[str, Any]:
    return {
        "cost": cost(given.rows, given.repeats) if given.rows else None,
        "samples": given.samples,
        "family_wise": family_wise(given.samples),
        "intervals": given.intervals,
        "coverage": {str(k): coverage(given.intervals, k) for k in (15, 40)},
        "truth": truths(),
        "machine": machine(("survey", "numpy", "scipy", "pandas")),
    }


def report(results: dict[str, Any]) -> str:
    """What comparisons cost, and how often they are wrong."""
    parts = []
    spent = results["cost"]
    if spent:
        best = spent["best"]
        alone = best["means alone"]
        rows = [[name, seconds(t), f"{t / alone:.1f}"] for name, t in best.items()]
        parts.append(
            f"{ITEMS} items over {WARDS} wards, 780 pairs an item, at {spent['rows']:,} rows; allowed for max-t bands: "
            f"1.5 x the means alone + 0.5 s = {seconds(1.5 * alone + 0.5)}."
        )
        parts.append(markdown_table(["work", "best time", "x means"], rows))
        r = spent["multcomp"]
        if r and r["seconds"] is None:
            parts.append(
                f"R's multcomp was stopped after {PATIENCE} s, before it had the critical value of one item's pairs "
                "from their covariance."
            )
        elif r:
            parts.append(
                f"R's multcomp takes {seconds(r['seconds'])} for the critical value of one item's pairs, given their "
                f"covariance ({r['critical']:.3f}; ours {r['ours']:.3f})."
            )
    error = 1.96 * np.sqrt(0.05 * 0.95 / results["samples"])
    parts.append(
        f"{results['samples']:,} simulated samples of 80 clusters of 10 people in {GROUPS} groups that do not differ, "
        f"{OUTCOMES} items correlated at 0.6, intracluster correlation {ICC}: how often any of the 24 comparisons is "
        f"found (5% is aimed at, with a Monte Carlo error of {100 * error:.1f} points). Benjamini-Hochberg holds the "
        "false discovery rate, which is the same where nothing differs."
    )
    rows = [[method, f"{100 * share:.1f}%"] for method, share in results["family_wise"].items()]
    parts.append(markdown_table(["correction", "family-wise error"], rows))
    parts.append(
        f"Coverage of 95% intervals of effect sizes over {results['intervals']:,} samples: two groups that differ by "
        f"{SHIFT} standard deviations on a five-point scale, unequal weights; "
        f"{100 * LEAST:g}-{100 * MOST:g}% is aimed at."
    )
    heads = ["effect size", "true value", *(f"{k} clusters a group" for k in results["coverage"])]
    rows = [
        [name, f"{results['truth'][name]:.3f}", *(f"{100 * c[name]:.1f}%" for c in results["coverage"].values())]
        for name in EFFECTS
    ]
    parts += [markdown_table(heads, rows), f"On {on_what(results['machine'])}"]
    return "\n\n".join(parts)


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.comparisons", description=__doc__.splitlines()[0])
    parser.add_argument("--rows", type=int, default=1_000_000, help="0: leave the cost out")
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--samples", type=int, default=1_000, help="of the family-wise error")
    parser.add_argument("--intervals", type=int, default=4_000, help="samples of the coverage of effect sizes")
    return published(parser, arguments, measure, report, "comparisons")


if __name__ == "__main__":
    sys.exit(main())

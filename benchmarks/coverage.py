"""Do 95 % intervals hold the truth 95 times in 100? Samples drawn again and again from a population that is known.

    python -m benchmarks.coverage                 # 2,000 samples, a table on the screen
    python -m benchmarks.coverage --out results.json --plot figure.svg --write docs/benchmarks.md

The population is simulated: 12 strata of 250 clusters of 20 to 100 people; an ordinal item and a yes/no that both
differ between clusters, strata and ages. Eight clusters a stratum are drawn with probability proportional to an
outdated size, 15 people in each, so that weights are unequal; domains are ages, which cut across clusters, by area,
which are strata.
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from functools import cache
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from tqdm import tqdm

import survey as sv
from benchmarks._measure import machine
from benchmarks._page import figure, markdown_table, on_what, published

STRATA, CLUSTERS, DRAWN, PEOPLE = 12, 250, 8, 15
AGES = ("18-34", "35-54", "55+")
LOW, HIGH = 93.5, 96.5
SEED = 20240618
STATISTICS = {
    "mean": "mean of a five-point item",
    "top2": "share of its top two answers",
    "yes": "share of a yes",
}


@dataclass(frozen=True)
class Population:
    """Everybody, sorted by cluster; and for each cluster where it starts, how many live there and its outdated size."""

    people: pd.DataFrame
    start: np.ndarray
    size: np.ndarray
    listed: np.ndarray

    @classmethod
    def simulate(cls, seed: int = SEED) -> Population:
        rng = np.random.default_rng(seed)
        clusters = STRATA * CLUSTERS
        size = rng.integers(20, 101, clusters)
        listed = np.maximum(np.rint(size * rng.uniform(0.6, 1.5, clusters)), 1)
        cluster = np.repeat(np.arange(clusters), size)
        stratum = cluster // CLUSTERS
        n = len(cluster)
        age = rng.choice(len(AGES), n, p=[0.35, 0.4, 0.25])
        feeling = (
            0.06 * (stratum - STRATA / 2)
            + 0.15 * (age - 1)
            + rng.normal(0, 0.35, clusters)[cluster]
            + rng.normal(0, 1, n)
        )
        answer = 1 + np.searchsorted([-1.4, -0.6, 0.3, 1.3], feeling)
        odds = -1.8 + 0.3 * (age - 1) + 0.5 * (stratum >= STRATA // 2) + rng.normal(0, 0.4, clusters)[cluster]
        people = pd.DataFrame(
            {
                "stratum": stratum,
                "cluster": cluster,
                "area": np.where(stratum < STRATA // 2, "town", "country"),
                "age": np.array(AGES)[age],
                "answer": answer.astype(float),
                "yes": (rng.random(n) < 1 / (1 + np.exp(-odds))).astype(float),
            }
        )
        return cls(people, np.r_[0, np.cumsum(size)[:-1]], size, listed)

    def sample(self, rng: np.random.Generator) -> pd.DataFrame:
        """Clusters by systematic selection proportional to the listed size in random order; people at random."""
        rows, weights = [], []
        for h in range(STRATA):
            order = h * CLUSTERS + rng.permutation(CLUSTERS)
            reach = np.cumsum(self.listed[order]) / self.listed[order].sum() * DRAWN
            chosen = order[np.searchsorted(reach, rng.random() + np.arange(DRAWN))]
            first = DRAWN * self.listed[chosen] / self.listed[order].sum()
            for cluster, probability in zip(chosen, first, strict=True):
                rows.append(self.start[cluster] + rng.permutation(self.size[cluster])[:PEOPLE])
                weights.append(np.full(PEOPLE, self.size[cluster] / PEOPLE / probability))
        return self.people.iloc[np.concatenate(rows)].assign(w=np.concatenate(weights)).reset_index(drop=True)

    def truth(self) -> pd.DataFrame:
        """The three statistics of all and of each domain."""
        people = self.people.assign(mean=self.people["answer"], top2=self.people["answer"] >= 4)
        names = list(STATISTICS)
        domains = people.groupby(["area", "age"])[names].mean()
        domains.index = [f"{area}, {age}" for area, age in domains.index]
        return pd.concat([people[names].astype(float).mean().to_frame("all").T, domains])


def intervals(sample: sv.Sample) -> np.ndarray:
    """Low and high ends (domains, statistics, 2), all first, in the order of `Population.truth`."""
    ends = []
    for by in (None, ["area", "age"]):
        tables = [
            sample.mean("answer", by=by).table,
            sample.proportion("answer", levels=[4, 5], by=by, interval="logit").table,
            sample.proportion("yes", levels=[1], by=by, interval="logit").table,
        ]
        ends.append(np.stack([table[["conf_low", "conf_high"]].to_numpy() for table in tables], axis=1))
    return np.concatenate(ends)


@cache
def _population() -> Population:
    """One population a process, not one a sample."""
    return Population.simulate()


def _hits(seeds: Sequence[np.random.SeedSequence]) -> np.ndarray:
    """How often each interval held the truth in these samples: (domains, statistics)."""
    population = _population()
    truth = population.truth().to_numpy()
    hits = np.zeros(truth.shape, dtype=int)
    for seed in seeds:
        drawn = population.sample(np.random.default_rng(seed))
        ends = intervals(sv.Sample(drawn, weights="w", strata="stratum", psu="cluster"))
        hits += (ends[..., 0] <= truth) & (truth <= ends[..., 1])
    return hits


def measure(samples: int, processes: int) -> dict[str, Any]:
    """Coverage of every interval. The result does not depend on the number of processes."""
    seeds = np.random.SeedSequence(SEED).spawn(samples)
    tasks = [seeds[i : i + 25] for i in range(0, samples, 25)]
    truth = _population().truth()
    hits = np.zeros(truth.shape, dtype=int)
    with (
        ProcessPoolExecutor(processes, get_context("spawn")) as pool,
        tqdm(total=samples, desc="coverage", leave=False, disable=None) as bar,
    ):
        for seeds_of_task, found in zip(tasks, pool.map(_hits, tasks), strict=True):
            hits += found
            bar.update(len(seeds_of_task))
    return {
        "samples": samples,
        "domains": list(truth.index),
        "truth": truth.to_numpy().tolist(),
        "hits": hits.tolist(),
        "people": STRATA * DRAWN * PEOPLE,
        "machine": machine(("numpy", "pandas")),
    }


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.coverage", description=__doc__.splitlines()[0])
    parser.add_argument("--samples", type=int, default=2000)
    parser.add_argument("--processes", type=int, default=2)

    def measured(given: argparse.Namespace) -> dict[str, Any]:
        return measure(given.samples, given.processes)

    return published(parser, arguments, measured, report, "coverage", draw, ALT)


def coverage(results: dict[str, Any]) -> tuple[np.ndarray, np.ndarray]:
    """Coverage and its Monte Carlo standard error in per cent: (domains, statistics)."""
    share = np.array(results["hits"]) / results["samples"]
    return 100 * share, 100 * np.sqrt(share * (1 - share) / results["samples"])


def report(results: dict[str, Any]) -> str:
    """The table, and whether all is within bounds."""
    share, error = coverage(results)
    truth = np.array(results["truth"])
    rows = []
    for i, domain in enumerate(results["domains"]):
        cells = [f"{share[i, j]:.1f} ± {error[i, j]:.1f}" for j in range(len(STATISTICS))]
        values = [f"{truth[i, 0]:.2f}", *(f"{100 * v:.1f} %" for v in truth[i, 1:])]
        rows.append([domain, *(cell for pair in zip(values, cells, strict=True) for cell in pair)])
    header = ["domain", *(cell for name in STATISTICS.values() for cell in (name, "covered"))]
    out = int(((share < LOW) | (share > HIGH)).sum())
    verdict = "all are within" if out == 0 else f"{out} of {share.size} are outside"
    return "\n\n".join(
        [
            f"{results['samples']:,} samples of {results['people']:,} people from a simulated population. Share of the "
            f"95 % intervals with the truth inside, in per cent ± Monte Carlo standard error; "
            f"{verdict} {LOW} to {HIGH}.",
            markdown_table(header, rows),
            on_what(results["machine"]),
        ]
    )


ALT = f"Coverage of 95 % intervals by domain for a mean and two shares; Monte Carlo intervals, band {LOW} to {HIGH}."


def draw(results: dict[str, Any], path: Path) -> None:
    """One row a domain, one mark a statistic, told apart by shape."""
    from matplotlib.figure import Figure

    share, error = coverage(results)
    drawing = Figure(figsize=(7, 3.6), layout="constrained")
    axes = drawing.subplots()
    axes.axvspan(LOW, HIGH, color="0.92", zorder=0)
    axes.axvline(95, color="0.6", lw=0.8, zorder=1)
    places = np.arange(len(results["domains"]))[::-1]
    marks = (("o", "black"), ("s", "white"), ("^", "0.6"))
    for j, (title, (mark, face)) in enumerate(zip(STATISTICS.values(), marks, strict=True)):
        y = places + 0.22 * (1 - j)
        axes.errorbar(
            share[:, j],
            y,
            xerr=1.96 * error[:, j],
            fmt=mark,
            mfc=face,
            mec="black",
            ecolor="0.4",
            ms=5,
            lw=1,
            label=title,
        )
    axes.set_yticks(places, results["domains"], fontsize=8)
    axes.set_xlabel("95 % intervals that hold the true value, per cent (simulated population)", fontsize=8)
    axes.set_xlim(min(92, share.min() - 1), max(98, share.max() + 1))
    axes.tick_params(labelsize=8)
    axes.spines[["top", "right"]].set_visible(False)
    drawing.legend(loc="outside upper left", ncols=3, frameon=False, fontsize=8)
    figure(path, drawing)


if __name__ == "__main__":
    raise SystemExit(main())

"""Do intervals of drivers hold the truth, and how often are items flagged that work alike in both groups?

    python -m benchmarks.scales                   # 1,000 samples, a table on the screen
    python -m benchmarks.scales --out results.json --write docs/drivers.md
    python -m benchmarks.scales --part dif --read results.json --write docs/scales.md

The population is simulated: 12 strata of 250 clusters of 20 to 100 people with six related five-point items and an
outcome that depends on them, the last not at all. Eight clusters a stratum are drawn with probability proportional to
an outdated size, 15 people in each; 500 bootstrap replicates each. For items in groups, six items follow a graded
response model in which one group is half a standard deviation higher on average, and all items work alike in both.
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from functools import cache
from multiprocessing import get_context
from typing import Any

import numpy as np
import pandas as pd
from tqdm import tqdm

import survey as sv
from benchmarks._measure import machine
from benchmarks._page import markdown_table, on_what, published

STRATA, CLUSTERS, DRAWN, PEOPLE = 12, 250, 8, 15
ITEMS = [f"x{i}" for i in range(1, 7)]
WEIGHT = np.array([0.5, 0.35, 0.25, 0.15, 0.05, 0.0])
"""Of each item in the outcome, in points for one point."""
LOW, HIGH = 93.5, 96.5
SEED = 20261130
"""Of the population and of the samples; what was chosen was chosen on others (20240618, 777)."""


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
        stratum, n = cluster // CLUSTERS, size.sum()
        common = rng.normal(0, 0.7, n) + rng.normal(0, 0.3, clusters)[cluster]
        own = rng.normal(0, 0.8, (n, 6)) + rng.normal(0, 0.25, (clusters, 6))[cluster]
        x = np.clip(np.rint(3.4 + common[:, None] + own + rng.normal(0, 0.2, (STRATA, 6))[stratum]), 1, 5)
        feeling = 3.3 + 0.6 * (x - 3.4) @ WEIGHT + rng.normal(0, 0.8, n) + rng.normal(0, 0.2, clusters)[cluster]
        people = pd.DataFrame(x, columns=ITEMS).assign(
            y=np.clip(np.rint(feeling), 1, 5), stratum=stratum, cluster=cluster
        )
        group = rng.random(n) < 0.3
        trait = 0.5 * group + 0.9 * rng.normal(size=n) + rng.normal(0, 0.4, clusters)[cluster]
        for i, slope in enumerate((1.2, 1.5, 1.8, 2.1, 1.4, 1.6)):
            cuts = np.array([-2.2, -1.0, 0.1, 1.2]) + 0.3 * (i - 2.5)
            people[f"i{i + 1}"] = 1.0 + (slope * trait[:, None] + rng.logistic(size=(n, 1)) > slope * cuts).sum(axis=1)
        return cls(people.assign(group=group.astype(int)), np.r_[0, np.cumsum(size)[:-1]], size, listed)

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


@cache
def _population() -> Population:
    """One population a process, not one a sample."""
    return Population.simulate()


@cache
def truth() -> np.ndarray:
    """Effects on the mean and on the top two answers, and shares of R2, of everybody: (3, items)."""
    people = _population().people
    everyone = sv.Sample(people, weights=None, strata="stratum")
    mean = everyone.drivers("y", ITEMS, within="stratum", replicates=2).table
    top = everyone.drivers("y", ITEMS, within="stratum", top=2, replicates=2).table
    return np.stack([mean["estimate"], top["estimate"], mean["share"]])


def _one(seed: np.random.SeedSequence, goal: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Whether the intervals of a sample hold the truth (3, items), and p-values of the items in groups (3, items)."""
    drawn = _population().sample(np.random.default_rng(seed))
    sample = sv.Sample(drawn, weights="w", strata="stratum", psu="cluster")
    mean = sample.drivers("y", ITEMS, within="stratum").table
    top = sample.drivers("y", ITEMS, within="stratum", top=2).table
    ends = [(mean, "conf_low", "conf_high"), (top, "conf_low", "conf_high"), (mean, "share_low", "share_high")]
    hits = np.stack([(t[a] <= goal[i]) & (goal[i] <= t[b]) for i, (t, a, b) in enumerate(ends)])
    items = sample.dif([f"i{i}" for i in range(1, 7)], by="group", purify=False).table
    flagged = (items["p_adjusted"] < 0.05) & (items["estimate"] >= 0.035)
    return hits, np.stack([items["p_uniform"] < 0.05, items["p_nonuniform"] < 0.05, flagged])


def _hits(task: tuple[Sequence[np.random.SeedSequence], np.ndarray]) -> tuple[np.ndarray, np.ndarray]:
    seeds, goal = task
    found = [_one(seed, goal) for seed in seeds]
    return sum(f[0].astype(int) for f in found), sum(f[1].astype(int) for f in found)  # type: ignore[return-value]


def measure(samples: int, processes: int) -> dict[str, Any]:
    """Coverage of every interval and size of every test. The result does not depend on the number of processes."""
    goal = truth()
    seeds = np.random.SeedSequence(SEED).spawn(samples)
    tasks = [(seeds[i : i + 10], goal) for i in range(0, samples, 10)]
    hits, called = np.zeros((3, 6), int), np.zeros((3, 6), int)
    with (
        ProcessPoolExecutor(processes, get_context("spawn")) as pool,
        tqdm(total=samples, desc="scales", leave=False, disable=None) as bar,
    ):
        for found, flags in pool.map(_hits, tasks):
            hits, called = hits + found, called + flags
            bar.update(10)
    return {
        "samples": samples,
        "truth": goal.tolist(),
        "hits": hits.tolist(),
        "called": called.tolist(),
        "people": STRATA * DRAWN * PEOPLE,
        "machine": machine(("numpy", "pandas")),
    }


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.scales", description=__doc__.splitlines()[0])
    parser.add_argument("--samples", type=int, default=1000)
    parser.add_argument("--processes", type=int, default=2)
    parser.add_argument("--part", choices=("drivers", "dif"), default="drivers", help="which table is reported")
    part = parser.parse_known_args(arguments)[0].part

    def measured(given: argparse.Namespace) -> dict[str, Any]:
        return measure(given.samples, given.processes)

    return published(parser, arguments, measured, report if part == "drivers" else report_of_tests, part)


def report(results: dict[str, Any]) -> str:
    """Coverage by predictor."""
    n = results["samples"]
    share = np.array(results["hits"]) / n
    goal = np.array(results["truth"])
    rows = [
        [
            name,
            *(
                cell
                for i, (factor, digits) in enumerate(((1, 3), (100, 1), (100, 1)))
                for cell in (f"{factor * goal[i, j]:.{digits}f}", f"{100 * share[i, j]:.1f}")
            ),
        ]
        for j, name in enumerate(ITEMS)
    ]
    error = 100 * np.sqrt(0.95 * 0.05 / n)
    outside = int(((100 * share < LOW) | (100 * share > HIGH)).sum())
    verdict = "all are within" if outside == 0 else f"{outside} of {share.size} are outside"
    head = ["item", "effect, points", "covered", "effect on top two, pp", "covered", "share of R2, %", "covered"]
    return "\n\n".join(
        [
            f"{n:,} samples of {results['people']:,} people from a simulated population. Share of the 95 % intervals "
            f"with the truth inside, in per cent (Monte Carlo standard error {error:.1f}); {verdict} {LOW} to {HIGH}.",
            markdown_table(head, rows),
            on_what(results["machine"]),
        ]
    )


def report_of_tests(results: dict[str, Any]) -> str:
    """How often items are called different that are not."""
    n = results["samples"]
    called = np.array(results["called"]) / n
    tests = [[f"i{j + 1}", *(f"{100 * called[i, j]:.1f}" for i in range(3))] for j in range(6)]
    return "\n\n".join(
        [
            f"{n:,} samples of {results['people']:,} people. Items that work alike in both groups, whose means differ "
            "by half a standard deviation: how often they are called different, in per cent (Monte Carlo standard "
            f"error {100 * np.sqrt(0.05 * 0.95 / n):.1f}); flagged is p below 0.05 by Holm's method and a change of R2 "
            "of 0.035.",
            markdown_table(["item", "uniform, p < 0.05", "not uniform, p < 0.05", "flagged"], tests),
            on_what(results["machine"]),
        ]
    )


if __name__ == "__main__":
    raise SystemExit(main())

"""How often do tests of an effect on 2 of 10 wards find something where there is nothing? Simulated at 5 %.

    python -m benchmarks.effect                 # 2,000 simulated cities a setting, a table on the screen
    python -m benchmarks.effect --out results.json --plot figure.svg --write docs/effect.md

Each city has ten wards of 60 people a wave in two waves, of which two wards have a programme that does nothing. Scores
vary between people (standard deviation 20), between wards, and from wave to wave within a ward by as much as the
setting says. Every city is tested by `sample.effect` and by what is often used instead: least squares on people with
ordinary and with cluster-robust errors (CR1, t with 9 degrees of freedom), and the wild cluster bootstrap.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path
from time import perf_counter
from typing import Any

import numpy as np
import pandas as pd
from scipy.stats import t as t_distribution
from tqdm import tqdm

import survey as sv
from benchmarks._measure import machine
from benchmarks._page import figure, markdown_table, on_what, published
from survey.compare.effect_rows import effect_rows
from survey.compare.permutation_power import smallest_within

WARDS, TREATED, PEOPLE = 10, 2, 60
SPREADS = (0.0, 2.0, 4.0)
"""Standard deviation of a ward and wave, in points."""
SEED = 20240618
ALPHA = 0.05
TESTS = {
    "ordinary": "least squares on people, ordinary errors",
    "cluster": "least squares on people, cluster-robust errors (CR1)",
    "wild": "wild cluster bootstrap under no effect, Webb weights",
    "wild_free": "wild cluster bootstrap without that condition",
    "effect": "sample.effect: permutation of wards",
}
ALT = (
    "Share of simulated cities in which each test finds an effect that is not there, by how far wards move; line at 5."
)


def city(rng: np.random.Generator, spread: float, wards: int = WARDS, items: int = 1) -> pd.DataFrame:
    """People of a city in which the programme does nothing."""
    ward, wave = np.repeat(np.arange(wards), 2 * PEOPLE), np.tile(np.repeat([0, 1], PEOPLE), wards)
    frame = pd.DataFrame({"ward": ward, "wave": wave, "pilot": (ward < TREATED).astype(int), "w": 1.0})
    for k in range(items):
        level = rng.normal(60, 5, wards)[ward] + rng.normal(0, spread, (wards, 2))[ward, wave]
        frame[f"y{k}"] = level + rng.normal(0, 20, len(frame))
    return frame


def on_people(frame: pd.DataFrame) -> tuple[float, float]:
    """p of the difference in differences by least squares: ordinary, and cluster-robust by ward."""
    pilot, wave, y = (frame[c].to_numpy(float) for c in ("pilot", "wave", "y0"))
    x = np.column_stack([np.ones(len(y)), pilot, wave, pilot * wave])
    bread = np.linalg.inv(x.T @ x)
    b = bread @ x.T @ y
    left = y - x @ b
    n, k = x.shape
    ordinary = bread[3, 3] * (left @ left) / (n - k)
    scores = np.zeros((WARDS, k))
    np.add.at(scores, frame["ward"].to_numpy(), x * left[:, None])
    robust = bread @ (scores.T @ scores) @ bread * WARDS / (WARDS - 1) * (n - 1) / (n - k)
    return tuple(
        float(2 * t_distribution.sf(abs(b[3]) / np.sqrt(v), df))
        for v, df in ((ordinary, n - k), (robust[3, 3], WARDS - 1))
    )  # type: ignore[return-value]


def _found(task: tuple[float, Sequence[np.random.SeedSequence]]) -> np.ndarray:
    """Which tests find something in these cities: (tests,)."""
    spread, seeds = task
    found = np.zeros(len(TESTS), dtype=int)
    for seed in seeds:
        frame = city(np.random.default_rng(seed), spread)
        e = sv.Sample(frame, weights="w").effect("y0", "pilot", "wave", "ward")
        wild = [e.wild_bootstrap(999, null=null).table["p_value"].item() for null in (True, False)]
        p = [*on_people(frame), *wild, e.table["p_value"].item()]
        found += np.array(p) <= ALPHA + 1e-12
    return found


def speed() -> dict[str, float]:
    """Seconds for the means of 20 items in 40 wards, and for what the effect on two of them, with 780 ways, adds."""
    frame = city(np.random.default_rng(SEED), 2.0, 40, 20)
    sample, items = sv.Sample(frame, weights="w"), [f"y{k}" for k in range(20)]
    e = sample.effect(items, "pilot", "wave", "ward")
    if e.origin is None or e.treatment is None:  # never of `effect`
        return {}
    means, treatment = e.origin, e.treatment

    def judged() -> None:
        smallest_within.cache_clear()
        effect_rows(means, items, treatment, 0.95, None)

    works: dict[str, Callable[[], Any]] = {
        "means": lambda: sample.mean(items, by=["ward", "wave"]).covariance,
        "effect": judged,
    }
    seconds: dict[str, list[float]] = {name: [] for name in works}
    for _ in range(5):  # in turn, so that what else the machine does falls on both
        for name, work in works.items():
            start = perf_counter()
            work()
            seconds[name].append(perf_counter() - start)
    return {name: min(own) for name, own in seconds.items()}


def measure(cities: int, processes: int) -> dict[str, Any]:
    """Rejections of each test in each setting. The result does not depend on the number of processes."""
    rejected = {}
    for k, spread in enumerate(SPREADS):
        seeds = np.random.SeedSequence([SEED, k]).spawn(cities)
        tasks = [(spread, seeds[i : i + 25]) for i in range(0, cities, 25)]
        with (
            ProcessPoolExecutor(processes, get_context("spawn")) as pool,
            tqdm(total=cities, desc=f"spread {spread}", leave=False, disable=None) as bar,
        ):
            found = np.zeros(len(TESTS), dtype=int)
            for task, part in zip(tasks, pool.map(_found, tasks), strict=True):
                found += part
                bar.update(len(task[1]))
        rejected[str(spread)] = found.tolist()
    return {"cities": cities, "rejected": rejected, "seconds": speed(), "machine": machine(("numpy", "pandas"))}


def shares(results: dict[str, Any]) -> np.ndarray:
    """Rejections in per cent: (settings, tests)."""
    return 100 * np.array([results["rejected"][str(s)] for s in SPREADS]) / results["cities"]


def report(results: dict[str, Any]) -> str:
    """The table, and the time."""
    share = shares(results)
    heads = ["test", *(f"wards move by {s:g} points" for s in SPREADS)]
    rows = [[name, *(f"{x:.1f}" for x in share[:, j])] for j, name in enumerate(TESTS.values())]
    least = np.sqrt(0.05 * 0.95 / results["cities"]) * 100
    seconds = results["seconds"]
    return "\n\n".join(
        [
            f"{results['cities']:,} simulated cities a column, in which a programme in {TREATED} of {WARDS} wards does "
            f"nothing: share (%) in which the test finds an effect at a nominal 5% (Monte Carlo standard error "
            f"{least:.1f}). 45 ways to choose two of ten wards make the permutation test one of 2/45 = 4.4%.",
            markdown_table(heads, rows),
            f"For an effect on 20 items in 40 wards, two of them treated, the means of the wards take "
            f"{seconds['means']:.2f} s; 780 permutations and the rest add {seconds['effect']:.2f} s.",
            on_what(results["machine"]),
        ]
    )


def draw(results: dict[str, Any], path: Path) -> None:
    """One row a test, one mark a setting."""
    from matplotlib.figure import Figure

    share = shares(results)
    error = 1.96 * np.sqrt(share * (100 - share) / results["cities"])
    drawing = Figure(figsize=(7, 3.0), layout="constrained")
    axes = drawing.subplots()
    axes.axvline(5, color="0.6", lw=0.8, zorder=1)
    places = np.arange(len(TESTS))[::-1]
    marks = (("o", "white"), ("s", "0.6"), ("^", "black"))
    for k, (spread, (mark, face)) in enumerate(zip(SPREADS, marks, strict=True)):
        axes.errorbar(
            share[k],
            places + 0.2 * (1 - k),
            xerr=error[k],
            fmt=mark,
            mfc=face,
            mec="black",
            ecolor="0.4",
            ms=5,
            lw=1,
            label=f"wards move by {spread:g} points",
        )
    axes.set_yticks(places, list(TESTS.values()), fontsize=8)
    axes.set_xlabel("effects found that are not there, per cent of simulated cities", fontsize=8)
    axes.set_xlim(-0.5, max(40, share.max() + 5))
    axes.tick_params(labelsize=8)
    axes.spines[["top", "right"]].set_visible(False)
    drawing.legend(loc="outside upper left", ncols=3, frameon=False, fontsize=8)
    figure(path, drawing)


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.effect", description=__doc__.splitlines()[0])
    parser.add_argument("--cities", type=int, default=2000)
    parser.add_argument("--processes", type=int, default=2)

    def measured(given: argparse.Namespace) -> dict[str, Any]:
        return measure(given.cities, given.processes)

    return published(parser, arguments, measured, report, "effect", draw, ALT)


if __name__ == "__main__":
    raise SystemExit(main())

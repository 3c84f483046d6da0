"""Do 95 % intervals of shares hold the truth where clusters are few, alike inside, and the answer is rare?

    python -m benchmarks.intervals                 # 20,000 samples a cell, a table on the screen
    python -m benchmarks.intervals --out results.json --plot figure.svg --write docs/intervals.md

Samples of 8, 15 or 30 clusters of 15 people are drawn again and again; the clusters' shares follow a beta distribution,
so that answers within a cluster have the intracluster correlation asked for. Every named interval is R's (tests hold
that to 1e-8); the widths are compared with Korn & Graubard's. Clusters of hundreds and thousands, as a log of a service
has them, are drawn beside.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from itertools import product
from pathlib import Path
from typing import Any

import numpy as np
from tqdm import tqdm

from benchmarks._measure import machine
from benchmarks._page import figure, markdown_table, on_what, published
from survey.core.support import Clustering
from survey.estimation.clustered import carried, clustered_interval, empty_cluster_size
from survey.estimation.intervals import share_interval

CLUSTERS, PEOPLE, CORRELATIONS = (8, 15, 30), 15, (0.0, 0.1, 0.3)
SHARES = (0.01, 0.03, 0.1, 0.5)
"""The shares that the constants of the interval were chosen for; and those between them, where nothing was chosen."""
BETWEEN = (0.005, 0.015, 0.02, 0.05, 0.07, 0.2, 0.3)
LARGE, OF_LARGE, CORRELATIONS_OF_LARGE = (50, 200, 1_000, 10_000), (8, 30, 200), (0.0, 0.001, 0.01, 0.1, 0.3)
SHARES_OF_LARGE = (0.01, 0.1, 0.5)
METHODS = ("clustered", "beta", "logit", "wilson", "asin", "plain")
NAMES = {"clustered": "clustered (default)", "beta": "Korn-Graubard"}
LEAST, WIDEST, SEED = 0.93, 1.3, 20240618


def draw_counts(
    rng: np.random.Generator, clusters: int, correlation: float, share: float, samples: int, people: int = PEOPLE
) -> np.ndarray:
    """How many of each cluster gave the answer: (samples, clusters), sorted, as their order says nothing."""
    shape = (samples, clusters)
    if correlation == 0:
        return np.sort(rng.binomial(people, share, shape))
    spread = (1 - correlation) / correlation
    return np.sort(rng.binomial(people, rng.beta(share * spread, (1 - share) * spread, shape)))


def limits(counts: np.ndarray, method: str, people: int = PEOPLE) -> tuple[np.ndarray, np.ndarray]:
    """Intervals (samples,) by the formulas of the package, with every weight one: as `sample.proportion` gives them."""
    samples, clusters = counts.shape
    n = np.full(samples, float(clusters * people))
    share = counts.sum(axis=1) / n
    std_error = np.sqrt(((counts / people - share[:, None]) ** 2).sum(axis=1) / (clusters * (clusters - 1)))
    df = np.full(samples, clusters - 1.0)
    if method != "clustered":
        return share_interval(share, std_error, df, n, n, 0.95, method)[:2]
    rarer = np.where(share[:, None] > 0.5, people - counts, counts).astype(float)
    empty = clusters * empty_cluster_size(np.array(float(people)))
    same = np.full(samples, 1.0)
    known = Clustering(n, clusters * same, carried(rarer.T), people * same, empty * same)
    return clustered_interval(share, std_error, df, n, 0.95, known)


def measure(samples: int) -> dict[str, Any]:
    """Coverage and mean width of every interval in every cell."""
    cells = [(PEOPLE, *cell) for cell in product(CLUSTERS, CORRELATIONS, sorted(SHARES + BETWEEN))]
    large = list(product(LARGE, OF_LARGE, CORRELATIONS_OF_LARGE, SHARES_OF_LARGE))
    few = max(samples // 4, 20)
    found = [_cell(samples, METHODS, *cell) for cell in tqdm(cells, desc="intervals", leave=False, disable=None)]
    more = [_cell(few, METHODS[:3], *cell) for cell in tqdm(large, desc="large clusters", leave=False, disable=None)]
    return {"samples": samples, "cells": found, "few": few, "large": more, "machine": machine(("numpy", "scipy"))}


def _cell(
    samples: int, methods: Sequence[str], people: int, clusters: int, correlation: float, share: float
) -> dict[str, Any]:
    seed = [SEED, clusters, round(1000 * correlation), round(1000 * share), *([] if people == PEOPLE else [people])]
    counts = draw_counts(np.random.default_rng(seed), clusters, correlation, share, samples, people)
    counts, times = np.unique(counts, axis=0, return_counts=True)
    row: dict[str, Any] = {"people": people, "clusters": clusters, "correlation": correlation, "share": share}
    for method in methods:
        low, high = limits(counts, method, people)
        held, drawn = (low <= share) & (share <= high), ~np.isnan(low)  # none where all clusters are alike
        width = np.where(drawn, high - low, 0.0) @ times / (drawn @ times)
        row[method] = [float(held @ times / samples), float(width)]
    return row


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.intervals", description=__doc__.splitlines()[0])
    parser.add_argument("--samples", type=int, default=20_000)
    return published(parser, arguments, lambda given: measure(given.samples), report, "intervals", draw, ALT)


def ratio(cell: dict[str, Any], method: str) -> float:
    """Mean width against Korn & Graubard's."""
    return float(cell[method][1] / cell["beta"][1])


def report(results: dict[str, Any]) -> str:
    """Worst and mean of every interval, and the cells in full for two of them."""
    chosen = [c for c in results["cells"] if c["share"] in SHARES]
    between = [c for c in results["cells"] if c["share"] not in SHARES]
    summary = [
        [
            NAMES.get(m, m),
            f"{min(c[m][0] for c in chosen):.3f}",
            f"{sum(c[m][0] < LEAST for c in chosen)}",
            f"{min(c[m][0] for c in between):.3f}",
            f"{sum(c[m][0] < LEAST for c in between)}",
            f"{np.mean([ratio(c, m) for c in chosen]):.2f}",
            f"{max(ratio(c, m) for c in chosen):.2f}",
        ]
        for m in METHODS
    ]
    header = [
        "interval",
        "lowest coverage",
        f"cells below {LEAST}",
        "lowest, other shares",
        f"below {LEAST}, other shares",
        "mean width / KG",
        "widest / KG",
    ]
    rows = [
        [
            f"{c['clusters']}",
            f"{c['correlation']:g}",
            f"{100 * c['share']:g} %",
            *(f"{c[m][0]:.3f}" for m in METHODS[:3]),
            f"{ratio(c, 'clustered'):.2f}",
        ]
        for c in results["cells"]
    ]
    names = [NAMES.get(m, m) for m in METHODS[:3]]
    return "\n\n".join(
        [
            f"{results['samples']:,} simulated samples a cell: {len(chosen)} cells of the shares "
            f"{', '.join(f'{100 * p:g}' for p in SHARES)} %, for which the constants were chosen, and {len(between)} "
            "of other shares. Widths are means against Korn & Graubard's (KG).",
            markdown_table(header, summary),
            "Coverage cell by cell, and the width of the default against Korn & Graubard's:",
            markdown_table(["clusters", "correlation", "share", *names, "width / KG"], rows),
            f"Clusters of hundreds and thousands, {results['few']:,} samples a cell: of each size and number of "
            f"clusters the lowest coverage over shares of {', '.join(f'{100 * p:g}' for p in SHARES_OF_LARGE)} %, and "
            "the widest mean width.",
            markdown_table(["people of a cluster", "clusters", "correlation", *names, "widest / KG"], _large(results)),
            on_what(results["machine"]),
        ]
    )


def _large(results: dict[str, Any]) -> list[list[str]]:
    """Rows of large clusters: the worst of the shares."""
    rows = []
    for people, clusters, correlation in product(LARGE, OF_LARGE, CORRELATIONS_OF_LARGE):
        key = (people, clusters, correlation)
        own = [c for c in results["large"] if (c["people"], c["clusters"], c["correlation"]) == key]
        worst = [f"{min(c[m][0] for c in own):.3f}" for m in METHODS[:3]]
        rows.append(
            [f"{people:,}", f"{clusters}", f"{correlation:g}", *worst, f"{max(ratio(c, 'clustered') for c in own):.2f}"]
        )
    return rows


ALT = "Coverage of 95 % intervals of shares against the share, by clusters and correlation: clustered, KG and logit."


def draw(results: dict[str, Any], path: Path) -> None:
    """One panel for each number of clusters and correlation; coverage against the share, three intervals."""
    from matplotlib.figure import Figure

    drawing = Figure(figsize=(8, 6.6), layout="constrained")
    grid = drawing.subplots(len(CORRELATIONS), len(CLUSTERS), sharex=True, sharey=True)
    styles = {
        "clustered": ("o", "black", "black", "-"),
        "beta": ("s", "white", "0.45", "--"),
        "logit": ("^", "0.75", "0.6", ":"),
    }
    for axes, (correlation, clusters) in zip(grid.flat, product(CORRELATIONS, CLUSTERS), strict=True):
        cells = [c for c in results["cells"] if (c["clusters"], c["correlation"]) == (clusters, correlation)]
        axes.axhline(95, color="0.8", lw=0.8, zorder=0)
        axes.axhline(100 * LEAST, color="0.5", lw=0.8, ls=(0, (1, 2)), zorder=0)
        for method, (mark, face, edge, line) in styles.items():
            axes.plot(
                [100 * c["share"] for c in cells],
                [100 * c[method][0] for c in cells],
                line,
                marker=mark,
                mfc=face,
                mec=edge,
                color=edge,
                ms=4,
                lw=1,
                label=NAMES.get(method, method),
            )
        axes.set_xscale("log")
        axes.set_xticks([0.5, 1, 3, 10, 50], ["0.5", "1", "3", "10", "50"])
        axes.minorticks_off()
        axes.set_title(f"{clusters} clusters, correlation {correlation:g}", fontsize=8)
        axes.tick_params(labelsize=8)
        axes.spines[["top", "right"]].set_visible(False)
    drawing.supxlabel("true share, % (log scale)", fontsize=8)
    drawing.supylabel("95 % intervals that hold the true share, % (simulated samples)", fontsize=8)
    handles, labels = grid.flat[0].get_legend_handles_labels()
    drawing.legend(handles, labels, loc="outside upper left", ncols=3, frameon=False, fontsize=8)
    figure(path, drawing)


if __name__ == "__main__":
    sys.exit(main())

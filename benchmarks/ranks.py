"""Do 95 % intervals of ranks hold the true ranks, where wards differ clearly, hardly or not at all?

    python -m benchmarks.ranks                 # 300 samples a cell, a table on the screen
    python -m benchmarks.ranks --out results.json --write docs/comparing.md

Wards of 12 clusters, drawn again and again around true means; distances are in standard errors of one ward's mean. A
ward that is tied with others has several true ranks, and an interval holds them only if it holds all. The simultaneous
intervals are judged by how often they hold all wards at once, the others by how often they hold one.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd
from tqdm import tqdm

import survey as sv
from benchmarks._measure import machine
from benchmarks._page import markdown_table, on_what, published
from survey.core.ranks import METHODS

CLUSTERS, SEED = 12, 20240618
TRUTHS = {
    "10 wards, all alike": np.zeros(10),
    "10 wards, half a standard error apart": 0.5 * np.arange(10),
    "10 wards, 1.5 standard errors apart": 1.5 * np.arange(10),
    "10 wards, 6 standard errors apart": 6.0 * np.arange(10),
    "10 wards in two alike groups, 8 apart": np.repeat([0.0, 8.0], 5),
    "40 wards, normally distributed with 2 standard errors": 2.0 * np.sqrt(2) * np.linspace(-1.4, 1.4, 40),
}
"""True means by the name of the cell, in standard errors of a ward's mean."""


def true_ranks(means: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Best and worst rank of each ward; they differ where wards are tied."""
    better = (means > means[:, None]).sum(axis=1)
    tied = (means == means[:, None]).sum(axis=1)
    return better + 1, better + tied


def measure(samples: int) -> dict[str, Any]:
    """How often intervals hold the true ranks, and how wide they are on average."""
    cells = []
    for name, means in tqdm(TRUTHS.items(), desc="ranks", leave=False, disable=None):
        rng = np.random.default_rng([SEED, len(means), len(cells)])
        wards = np.repeat(np.arange(len(means)), CLUSTERS)
        low, high = true_ranks(means)
        draws = samples if len(means) <= 10 else samples // 3
        found = {method: np.zeros((draws, 3)) for method in METHODS}
        for k in range(draws):
            y = means[wards] + rng.normal(0, np.sqrt(CLUSTERS), len(wards))
            rows = pd.DataFrame({"ward": wards, "cluster": np.arange(len(wards)), "y": y})
            e = sv.Sample(rows, weights=None, strata="ward", psu="cluster").mean("y", by="ward")
            for method in METHODS:
                table = e.ranks(method=method, draws=1000, seed=k + 1).table
                held = ((table["conf_low"] <= low) & (high <= table["conf_high"])).to_numpy()
                width = float((table["conf_high"] - table["conf_low"]).mean())
                found[method][k] = held.all(), held.mean(), width
        cells.append({"cell": name, "samples": draws, **{m: v.mean(axis=0).tolist() for m, v in found.items()}})
    return {"cells": cells, "machine": machine(("numpy", "scipy"))}


def report(results: dict[str, Any]) -> str:
    """A row a cell."""
    rows = [
        [
            c["cell"],
            f"{100 * c['simultaneous'][0]:.1f}",
            f"{100 * c['marginal'][1]:.1f}",
            f"{100 * c['bootstrap'][1]:.1f}",
            *(f"{c[m][2]:.1f}" for m in METHODS),
        ]
        for c in results["cells"]
    ]
    header = ["true means", "simultaneous, all wards", "marginal, one ward", "bootstrap, one ward"]
    header += ["width, simultaneous", "width, marginal", "width, bootstrap"]
    samples = sorted({c["samples"] for c in results["cells"]}, reverse=True)
    return "\n\n".join(
        [
            f"{' or '.join(f'{n:,}' for n in samples)} simulated samples a cell (the smaller number for 40 wards): "
            "% of 95 % intervals that hold the true ranks, and their mean width in ranks.",
            markdown_table(header, rows),
            on_what(results["machine"]),
        ]
    )


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.ranks", description=__doc__.splitlines()[0])
    parser.add_argument("--samples", type=int, default=300)
    return published(parser, arguments, lambda given: measure(given.samples), report, "ranks")


if __name__ == "__main__":
    sys.exit(main())

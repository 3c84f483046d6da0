"""Does a planned survey find what `sv.power` says it finds? Surveys drawn again and again, each tested as it would be.

    python -m benchmarks.power                    # 1,500 surveys of each design, a table on the screen
    python -m benchmarks.power --out results.json --write docs/planning.md

Every survey is simulated with a known effect, estimated with its design (`Sample.mean` and a contrast, or
`Sample.effect` with its permutation test), and counted where p is at most 0.05.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from tqdm import tqdm

import survey as sv
from benchmarks._measure import machine
from benchmarks._page import markdown_table, on_what, published

SEED = 20260701
AT_ONCE = 100
"""Surveys with the same people's design that are estimated together, each as an item of its own."""
PValues = Callable[[np.random.Generator], np.ndarray]


@dataclass(frozen=True)
class Design:
    """A planned survey: its name, what `sv.power` is told of it, and the p-values of `AT_ONCE` surveys."""

    name: str
    planned: Mapping[str, Any]
    p_values: PValues


def _numbers(rng: np.random.Generator, clusters: int, size: int, icc: float, mean: float) -> np.ndarray:
    """Answers (people, surveys) with variance 1 in clusters, of which `icc` lies between them."""
    between = np.repeat(rng.normal(0, np.sqrt(icc), (clusters, AT_ONCE)), size, axis=0)
    return mean + between + rng.normal(0, np.sqrt(1 - icc), (clusters * size, AT_ONCE))


def _shares(rng: np.random.Generator, clusters: int, size: int, icc: float, share: float) -> np.ndarray:
    """A yes or no in clusters whose own shares have a beta distribution with that intraclass correlation."""
    of_all = (1 - icc) / icc
    own = rng.beta(share * of_all, (1 - share) * of_all, (clusters, AT_ONCE))
    return (rng.random((clusters * size, AT_ONCE)) < np.repeat(own, size, axis=0)).astype(float)


def _tested(parts: Sequence[np.ndarray], size: int, combined: Sequence[float], weights: Any = 1.0) -> np.ndarray:
    """P-values of a combination of the means of groups of clusters, of each survey."""
    names = [f"y{i}" for i in range(AT_ONCE)]
    frame = pd.DataFrame(np.concatenate(parts), columns=names)
    group = np.repeat(np.arange(len(parts)), [len(part) for part in parts])
    frame = frame.assign(g=group, c=np.arange(len(frame)) // size, w=weights)
    sample = sv.Sample(frame, weights="w", strata="g", psu=None if size == 1 else "c")
    contrasts = np.kron(np.eye(AT_ONCE), np.array(combined))
    return sample.mean(names, by="g").contrast(contrasts).table["p_value"].to_numpy()


def _people(rng: np.random.Generator) -> np.ndarray:
    return _tested([_numbers(rng, 60, 1, 0.0, mean) for mean in (0.0, 0.5)], 1, [-1, 1])


def _in_clusters(rng: np.random.Generator) -> np.ndarray:
    return _tested([_numbers(rng, 10, 15, 0.05, mean) for mean in (0.0, 0.4)], 15, [-1, 1])


def _share_in_clusters(rng: np.random.Generator) -> np.ndarray:
    return _tested([_shares(rng, 30, 15, 0.05, share) for share in (0.6, 0.71)], 15, [-1, 1])


def _weighted(rng: np.random.Generator) -> np.ndarray:
    shape = 1 / 0.5**2  # a gamma distribution with a coefficient of variation of 0.5
    parts = [_numbers(rng, 150, 1, 0.0, mean) for mean in (0.0, 0.35)]
    return _tested(parts, 1, [-1, 1], rng.gamma(shape, 1 / shape, 300))


def _did(rng: np.random.Generator) -> np.ndarray:
    """Two groups in two waves, other clusters in each: the others before and after, the pilot before and after."""
    parts = [_numbers(rng, 12, 15, 0.05, mean) for mean in (0.0, 0.0, 0.0, 0.5)]
    return _tested(parts, 15, [1, -1, -1, 1])


def _wards(units: int, treated: int, effect: float, n: int = 12, sd: float = 0.3) -> PValues:
    """Wards in two waves, some treated, judged by permutation."""
    ward, wave = np.repeat(np.arange(units), 2 * n), np.tile(np.repeat([0, 1], n), units)
    pilot = (ward < treated).astype(int)

    def p_values(rng: np.random.Generator) -> np.ndarray:
        shock = rng.normal(0, sd, (units, 2, AT_ONCE))[ward, wave]
        y = shock + effect * (pilot * wave)[:, None] + rng.normal(0, 1, (len(ward), AT_ONCE))
        found = []
        for part in np.split(y, AT_ONCE // 10, axis=1):  # `effect` looks rows up by item: ten at a time are quickest
            names = [f"y{i}" for i in range(10)]
            frame = pd.DataFrame(part, columns=names).assign(ward=ward, wave=wave, pilot=pilot, w=1.0)
            made = sv.Sample(frame, weights="w").effect(names, treated="pilot", period="wave", unit="ward")
            found.append(made.table["p_value"].to_numpy())
        return np.concatenate(found)

    return p_values


DESIGNS = (
    Design("difference of means, 60 people a group", {"of": "difference", "sd": 1, "n": 60, "effect": 0.5}, _people),
    Design(
        "difference of means, 10 clusters of 15 a group, icc 0.05",
        {"of": "difference", "sd": 1, "n": 150, "effect": 0.4, "cluster_size": 15, "icc": 0.05},
        _in_clusters,
    ),
    Design(
        "difference of shares, 30 clusters of 15 a group, icc 0.05",
        {"of": "difference", "share": 0.6, "n": 450, "effect": 0.11, "cluster_size": 15, "icc": 0.05},
        _share_in_clusters,
    ),
    Design(
        "difference of means, weights with cv 0.5",
        {"of": "difference", "sd": 1, "n": 150, "effect": 0.35, "weights_cv": 0.5},
        _weighted,
    ),
    Design(
        "difference in differences, 12 clusters of 15 a group and wave",
        {"of": "did", "sd": 1, "n": 180, "effect": 0.5, "cluster_size": 15, "icc": 0.05},
        _did,
    ),
    *(
        Design(
            f"difference in differences, {treated} of {units} wards, permutation, effect {effect}",
            {"of": "did", "sd": 1, "n": 12, "effect": effect, "units": units, "treated": treated, "unit_sd": 0.3},
            _wards(units, treated, effect),
        )
        for units, treated, effect in ((10, 2, 1.5), (10, 2, 0.0), (9, 2, 1.5), (10, 5, 1.2))
    ),
)


def measure(samples: int) -> dict[str, Any]:
    """Power as computed and the surveys that found the effect, of each design."""
    found = []
    for design, seed in zip(DESIGNS, np.random.SeedSequence(SEED).spawn(len(DESIGNS)), strict=True):
        rng = np.random.default_rng(seed)
        bar = tqdm(range(samples // AT_ONCE), desc=design.name, leave=False, disable=None)
        hits = sum(int((design.p_values(rng) <= 0.05).sum()) for _ in bar)
        computed = float(sv.power(**design.planned).table["power"][0])
        found.append({"design": design.name, "computed": computed, "hits": hits})
    return {"samples": samples // AT_ONCE * AT_ONCE, "designs": found, "machine": machine(("numpy", "pandas", "scipy"))}


def report(results: dict[str, Any]) -> str:
    """The table, and how far the two lie apart."""
    rows, worst = [], 0.0
    for one in results["designs"]:
        share = one["hits"] / results["samples"]
        error = np.sqrt(share * (1 - share) / results["samples"])
        worst = max(worst, abs(share - one["computed"]))
        simulated = f"{100 * share:.1f} ± {100 * error:.1f}"
        rows.append([one["design"], f"{100 * one['computed']:.1f}", simulated])
    return "\n\n".join(
        [
            f"{results['samples']:,} simulated surveys of each design. Power in per cent, as computed and as simulated "
            f"± Monte Carlo standard error; the two lie at most {100 * worst:.1f} percentage points apart.",
            markdown_table(["design", "computed", "simulated"], rows),
            on_what(results["machine"]),
        ]
    )


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.power", description=__doc__.splitlines()[0])
    parser.add_argument("--samples", type=int, default=1500)
    return published(parser, arguments, lambda given: measure(given.samples), report, "power")


if __name__ == "__main__":
    raise SystemExit(main())

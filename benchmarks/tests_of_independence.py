"""How fast tests of independence are: 20 items by pilot, in one run beside `svy` and, where installed, R's `survey`.

    python -m benchmarks.tests_of_independence             # a table on the screen, some minutes
    python -m benchmarks.tests_of_independence --quick     # a small one, some seconds
    python -m benchmarks.tests_of_independence --out docs/benchmarks-tests.json --write docs/benchmarks.md

Every package starts from its own kind of data frame in memory and ends with the tests; coding the design and the
answers is part of the work. Results are compared before anything is timed, and again on what was timed: with so many
people that every cluster has answers, as svy counts clusters without any among its degrees of freedom.
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from functools import partial
from typing import Any

import numpy as np

import survey as sv
from benchmarks import _works
from benchmarks._data import ITEMS, respondents
from benchmarks._measure import interleaved, machine, timed
from benchmarks._page import markdown_table, on_what, published, seconds

AGREE, SMALL = 1e-8, 60_000
FULL, REACH = 1_000_000, 20


def main(arguments: Sequence[str] | None = None) -> int:
    return published(_options(), arguments, measure, report, "tests")


def _options() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.tests_of_independence", description=__doc__.splitlines()[0]
    )
    parser.add_argument("--quick", action="store_true", help="few respondents, no R")
    parser.add_argument("--rows", type=int, default=FULL, help=f"respondents (default {FULL:,})")
    parser.add_argument("--repeats", type=int, default=5, help="runs of ours (default 5)")
    parser.add_argument("--svy-repeats", type=int, default=1, help="runs of svy (default 1; 0 leaves it out)")
    parser.add_argument("--r-repeats", type=int, default=1, help="runs of R (default 1; 0 leaves it out)")
    return parser


def ours(frame: Any) -> sv.Estimates:
    sample = sv.Sample(frame, weights="w", strata="stratum", psu="psu")
    return sample.independence(ITEMS, "pilot")


def svy_tests(frame: Any) -> dict[str, list[float]]:
    import svy

    sample = svy.Sample(data=frame, design=svy.Design(stratum="stratum", psu="psu", wgt="w"))
    found = [sample.categorical.tabulate(item, "pilot", drop_nulls=True).stats.f for item in ITEMS]
    return {"statistic": [f.value for f in found], "p_value": [f.p_value for f in found]}


def measure(given: argparse.Namespace) -> dict[str, Any]:
    """Run everything; what is not installed is left out, and the report shows a gap."""
    if given.quick:
        given.rows, given.repeats, given.svy_repeats, given.r_repeats = SMALL, 1, min(given.svy_repeats, 1), 0
    frame = respondents(given.rows)
    small = frame.head(SMALL)
    works: dict[str, Any] = {}
    with_svy = given.svy_repeats and _installed("svy")
    warm = ours(small)
    if with_svy:
        polars = _works.polars_frame(frame)
        works["difference"] = _check("svy", warm, svy_tests(polars.head(SMALL)))
        both, outcomes = interleaved({"ours": partial(ours, frame), "svy": partial(svy_tests, polars)}, 1)
        works["svy"] = both["svy"]
        works["difference"] = max(works["difference"], _check("svy", outcomes["ours"], outcomes["svy"]))
        if given.svy_repeats > 1:
            works["svy"], _ = timed(partial(svy_tests, polars), given.svy_repeats)
    works["ours"], result = timed(partial(ours, frame), given.repeats)
    answer = _works.run_r(frame, given.r_repeats, "tests_of_independence.R", ("pilot",)) if given.r_repeats else None
    if answer is not None:
        _check("R", result, answer)
        runs = sorted(answer["seconds"])
        works["r"] = {"best": runs[0], "median": runs[len(runs) // 2], "runs": len(runs)}
        works["versions"] = {"R": answer["r"], "R survey": answer["survey"]}
    return {"rows": given.rows, "works": works, "machine": machine(("numpy", "pandas", "scipy", "svy", "polars"))}


def _installed(package: str) -> bool:
    from importlib.util import find_spec

    return find_spec(package) is not None


def _check(package: str, mine: sv.Estimates, theirs: dict[str, Any]) -> float:
    gaps = [np.abs(mine.table[c].to_numpy() / np.asarray(theirs[c]) - 1).max() for c in ("statistic", "p_value")]
    worst = float(max(gaps))
    if not worst <= AGREE:
        raise SystemExit(f"Results differ from those of {package} by {worst:.1e}, more than {AGREE:.0e}; not timed.")
    return worst


def report(results: dict[str, Any]) -> str:
    """All results as text: what goes to the screen and onto the page."""
    works = results["works"]
    mine, names = works["ours"], {"ours": "ours", "svy": "svy", "r": "R"}
    rows = []
    for name in (n for n in names if works.get(n)):
        timing = works[name]
        ratio = f"{timing['median'] / mine['median']:.1f} x" if name != "ours" else ""
        rows.append((names[name], seconds(timing["best"]), seconds(timing["median"]), timing["runs"], ratio))
    said = [
        f"Rao-Scott tests (second order, F) of 20 items by pilot, {results['rows']:,} simulated respondents.",
        markdown_table(["package", "best", "median", "runs", "ratio of medians"], rows),
    ]
    if results["rows"] >= FULL and works.get("svy"):
        ratio = works["svy"]["median"] / mine["median"]
        said.append(f"To reach: at least {REACH} x svy; {'met' if ratio >= REACH else 'not met'}.")
    if works.get("difference") is not None:
        said.append(f"Statistics and p-values differ from svy's by at most {works['difference']:.0e} relative.")
    versions = results["machine"]["versions"] | works.get("versions", {})
    return "\n\n".join([*said, on_what(results["machine"] | {"versions": versions})])


if __name__ == "__main__":
    raise SystemExit(main())

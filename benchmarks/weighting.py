"""How fast and how small raking is, in one run beside `svy`, `weightipy`, `ipfn` and R's `survey`.

    python -m benchmarks.weighting                         # a table on the screen, some minutes
    python -m benchmarks.weighting --quick                 # a small one, some seconds
    python -m benchmarks.weighting --out results.json --plot figure.svg --write docs/benchmarks.md
    python -m benchmarks.weighting --read results.json --write docs/benchmarks.md      # the page again, nothing run

Every package starts from its own kind of data frame in memory and ends with the weights in memory; coding the
categories is part of the work. How far the margins are met is measured here, on each one's weights: who stops early is
given tighter settings. Weights are compared before anything is timed, and again on what was timed. What is not
installed is left out.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from tqdm import tqdm

from benchmarks import _raking
from benchmarks._data import frame_bytes
from benchmarks._measure import in_fresh_process, machine, timed
from benchmarks._page import figure, markdown_table, on_what, published, seconds
from benchmarks._raking import MARGINS, ROADS, Road, RoadInR, Targets, Weights

MEET, AGREE = 1e-8, 1e-6
FULL, SMALL = 1_000_000, 20_000
REACH, REACH_REPLICATES, REACH_MEMORY = 10, 20, 0.25
TITLES = {name: road.title for name, road in ROADS.items()} | {
    "clustered": "ours, with strata and clusters",
    "replicates": "ours, replicates raked as well",
}
WEIGHED = ("ours", "clustered", "replicates", "svy", "weightipy", "ipfn", "ipfn_pandas", "ipfn_numpy")


def main(arguments: Sequence[str] | None = None) -> int:
    def measured(given: argparse.Namespace) -> dict[str, Any]:
        return measure(_quick(given) if given.quick else given)

    return published(_options(), arguments, measured, report, "weighting", draw, ALT)


def _options() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.weighting", description=__doc__.splitlines()[0])
    parser.add_argument("--quick", action="store_true", help="a few thousand respondents, one run each, no R")
    parser.add_argument("--rows", type=int, default=1_000_000, help="respondents (default 1,000,000)")
    parser.add_argument("--repeats", type=int, default=9, help="runs of ours (default 9)")
    parser.add_argument("--other-repeats", type=int, default=3, help="runs of the others (default 3)")
    parser.add_argument("--r-repeats", type=int, default=1, help="runs of R (default 1; 0 leaves it out)")
    parser.add_argument("--replicates", type=int, default=500, help="bootstrap replicates (default 500)")
    return parser


def _quick(given: argparse.Namespace) -> argparse.Namespace:
    given.rows, given.repeats, given.other_repeats, given.r_repeats, given.replicates = 4_000, 1, 1, 0, 20
    return given


def measure(given: argparse.Namespace) -> dict[str, Any]:
    """Run everything; what is not installed is left out, and the report lacks its line."""
    roads = {name: road for name, road in ROADS.items() if road.installed and _repeats(given, name)}
    weighed = ["ours"] if given.quick else [name for name in WEIGHED if name in roads or name not in ROADS]
    steps = tqdm(total=2 * len(roads) + 1 + len(weighed), desc="weighting", leave=False, disable=None)

    def step(title: str) -> None:
        steps.set_postfix_str(title)
        steps.update()

    results = _time(given, roads, step)
    memory = {}
    for name in weighed:
        step(f"memory: {TITLES[name]}")
        setting = results["roads"].get(name, results["roads"]["ours"])["setting"]
        memory[name] = in_fresh_process(_raking.memory, name, given.rows, setting, given.replicates)
    steps.close()
    packages = ("numpy", "pandas", "svy", "polars", "weightipy", "ipfn")
    return results | {"memory": memory, "machine": machine(packages)}


def _repeats(given: argparse.Namespace, name: str) -> int:
    return given.repeats if name == "ours" else given.r_repeats if name.startswith("r_") else given.other_repeats


def _time(given: argparse.Namespace, roads: dict[str, Road | RoadInR], step: Callable[[str], None]) -> dict[str, Any]:
    """Times of every package on one data frame, after a look at whether they agree on a small one."""
    small = _raking.people(min(SMALL, given.rows))
    loosest = {}
    for name, road in roads.items():
        step(f"{road.title}: do results agree?")
        loosest[name] = rake(road, small, road.settings, 1)["setting"]
    frame = _raking.people(given.rows)
    found = {}
    for name, road in roads.items():
        step(road.title)
        found[name] = rake(road, frame, road.settings[road.settings.index(loosest[name]) :], _repeats(given, name))
    step(f"{given.replicates} replicates")
    return {
        "rows": given.rows,
        "bytes": frame_bytes(frame),
        "tilt": _raking.tilt(frame),
        "roads": found,
        "replicates": _replicates(frame, given.replicates, min(given.repeats, 3)),
    }


def rake(road: Road | RoadInR, frame: pd.DataFrame, settings: Sequence[float], repeats: int) -> dict[str, Any]:
    """Times with the first of the settings that meets the margins (or the last one), and how near the weights are."""
    known, targets = _raking.known_weights(frame)
    for setting in settings:
        timing, weights = road.run(frame, targets, setting, repeats)
        gap = _raking.worst_gap(frame, targets, weights)
        if gap <= MEET:
            break
    difference = float(np.abs(weights / known - 1).max())
    # who comes no nearer to the margins can come no nearer to the weights
    if not difference <= max(AGREE, 10 * gap if gap > MEET else 0.0):
        raise SystemExit(
            f"{road.title}: weights differ from the right ones by {difference:.1e}, more than {AGREE:.0e}."
        )
    return timing | {"setting": setting, "gap": gap, "difference": difference}


def _replicates(frame: pd.DataFrame, count: int, repeats: int) -> dict[str, Any]:
    """Raking with bootstrap replicates, which are raked too, beside raking alone; in either order of the verbs."""
    _, targets = _raking.known_weights(frame)
    sample = _raking.clustered(frame)
    with_replicates, raked = sample.replicates("bootstrap", n=count, seed=1), sample.rake(targets)
    one, _ = timed(lambda: sample.rake(targets), repeats)
    made, _ = timed(lambda: sample.replicates("bootstrap", n=count, seed=1), repeats)
    rake, first = timed(lambda: with_replicates.rake(targets), repeats)
    replicate, second = timed(lambda: raked.replicates("bootstrap", n=count, seed=1), repeats)
    gaps = [_worst_of_replicates(frame, targets, result) for result in (first, second)]
    return {"count": count, "one": one, "made": made, "rake": rake, "replicate": replicate, "gap": max(gaps)}


def _worst_of_replicates(frame: pd.DataFrame, targets: Targets, raked: Any) -> float:
    """Worst gap of all replicates, taken from the weights that each of them has."""
    gaps = []

    def note(weights: Weights) -> float:
        gaps.append(_raking.worst_gap(frame, targets, weights))
        return float(weights.sum())

    raked.replicate(note, progress=False)
    return max(gaps)


def rivals(results: dict[str, Any]) -> list[str]:
    """Packages that go all the way from the data frame to weights that meet the margins, fastest first."""
    roads = results["roads"]
    whole = [n for n in roads if n != "ours" and ROADS[n].whole and roads[n]["gap"] <= MEET]
    return sorted(whole, key=lambda name: roads[name]["best"])


def targets(results: dict[str, Any]) -> list[tuple[str, str, str, bool]]:
    """What was to be reached and what was: (work, target, measured, met). Ratios are of best times."""
    roads, out = results["roads"], []
    if beaten := rivals(results):
        ratio = roads[beaten[0]]["best"] / roads["ours"]["best"]
        what = f"at least {REACH} x the fastest of the others ({TITLES[beaten[0]]})"
        out.append(("raking", what, f"{ratio:.1f} x", ratio >= REACH and roads["ours"]["gap"] <= MEET))
    found = results["replicates"]
    # making the replicates is no raking of them
    slower = max(found["rake"]["best"], found["replicate"]["best"] - found["made"]["best"])
    ratio = slower / found["one"]["best"]
    met = ratio <= REACH_REPLICATES and found["gap"] <= MEET
    out.append((_replicated(found), f"at most {REACH_REPLICATES} x one raking", f"{ratio:.1f} x", met))
    for name, title in (("ours", "raking"), ("clustered", "raking, with strata and clusters")):
        if peak := results["memory"].get(name):
            ratio = peak["peak"] / peak["frame"]
            most = f"memory at most {REACH_MEMORY} x the data frame"
            out.append((title, most, f"{ratio:.2f} x", ratio <= REACH_MEMORY))
    return out


def _replicated(found: dict[str, Any]) -> str:
    return f"{found['count']:,} replicates raked as well"


def report(results: dict[str, Any]) -> str:
    """All results as text: what goes to the screen and onto the page."""
    roads, versions = results["roads"], {}
    for road in roads.values():
        versions |= road.get("versions", {})
    sizes = ", ".join(str(size) for size in MARGINS.values())
    kinds = {"ours": "ours", "svy": "the others", "r_rake": "R"}
    runs = ", ".join(f"{kind} {roads[name]['runs']}" for name, kind in kinds.items() if name in roads)
    parts = [
        f"{results['rows']:,} simulated respondents in a data frame of {results['bytes'] / 1e6:,.0f} MB, raked to four "
        f"margins of {sizes} categories, whose shares are to change by up to {100 * results['tilt']:.0f} %. Best time, "
        f"with the median of all runs ({runs}) in brackets. The worst gap is that of a margin, relative to its target; "
        "the distance is the largest of a weight from the right one, relative to it.",
        _roads_table(results),
        _targets_table(results),
        _replicates_table(results["replicates"]),
        _memory_table(results),
        on_what(results["machine"] | {"versions": results["machine"]["versions"] | versions}),
    ]
    return "\n\n".join(parts)


def _roads_table(results: dict[str, Any]) -> str:
    roads, rows = results["roads"], []
    for name, road in roads.items():
        ratio = "" if name == "ours" else _times(road["best"] / roads["ours"]["best"])
        gap = f"{road['gap']:.0e}" + ("" if road["gap"] <= MEET else " (not reached)")
        rows.append(
            [
                TITLES[name],
                _best_and_median(road),
                ratio,
                f"`{ROADS[name].asks.format(road['setting'])}`",
                gap,
                f"{road['difference']:.0e}",
            ]
        )
    return markdown_table(["package", "time", "ratio", "asked for", "worst gap", "distance"], rows)


def _times(ratio: float) -> str:
    return f"{ratio:,.0f} x" if ratio >= 99.5 else f"{ratio:.1f} x"


def _best_and_median(timing: dict[str, Any]) -> str:
    return seconds(timing["best"]) + (f" ({seconds(timing['median'])})" if timing["runs"] > 1 else "")


def _targets_table(results: dict[str, Any]) -> str:
    if results["rows"] < FULL:
        return f"What is to be reached is set for {FULL:,} respondents, so nothing is judged here."
    rows = [(what, reach, got, "met" if met else "not met") for what, reach, got, met in targets(results)]
    return markdown_table(["work", "to reach", "measured", ""], rows)


def _replicates_table(found: dict[str, Any]) -> str:
    count = f"{found['count']:,}"
    titles = {
        "one": "`rake` alone",
        "made": f"`replicates` alone: {count} replicates are made",
        "rake": f"`rake` after `replicates`: {count} are raked as well",
        "replicate": f"`replicates` after `rake`: {count} are made and raked",
    }
    rows = [
        (title, _best_and_median(found[name]), f"{found[name]['best'] / found['one']['best']:.1f} x")
        for name, title in titles.items()
    ]
    return (
        f"Bootstrap replicates with strata and clusters, each raked to the same margins (worst gap of all of them "
        f"{found['gap']:.0e}):\n\n" + markdown_table(["verb", "time", "of one raking"], rows)
    )


def _memory_table(results: dict[str, Any]) -> str:
    rows = [
        (
            TITLES[name],
            f"{peak['peak'] / 1e6:,.0f} MB",
            f"{peak['peak'] / peak['frame']:.2f} x",
        )
        for name, peak in results["memory"].items()
        if peak
    ]
    if not rows:
        return "Peak memory is measured on Linux only."
    return "Peak memory above the data frame, in a fresh process (resident set, reset before the work):\n\n" + (
        markdown_table(["raking by", "peak", "of the frame"], rows)
    )


ALT = (
    "Two panels. Left: best time of raking by package, on a logarithmic axis. Right: peak memory above the data frame, "
    "as a share of the data frame, with a line at what is to be reached."
)


def draw(results: dict[str, Any], path: Path) -> None:
    """Both panels of the page's figure; ours is told apart by a filled mark, not by colour."""
    from matplotlib.figure import Figure

    drawing = Figure(figsize=(10, 3.4), layout="constrained")
    left, right = drawing.subplots(1, 2, width_ratios=(1, 1))
    roads = results["roads"]
    ours = roads["ours"]["best"]
    _draw_dots(
        left,
        {TITLES[name]: road["best"] for name, road in roads.items()},
        lambda title, value: seconds(value) if title == "ours" else _times(value / ours),
    )
    shares = {TITLES[name]: peak["peak"] / peak["frame"] for name, peak in results["memory"].items() if peak}
    if shares:
        _draw_dots(right, shares, lambda _, value: f"{value:.2f}")
        right.axvline(REACH_MEMORY, color="0.6", lw=1, ls="--", zorder=0)
    left.set_xlabel("seconds (logarithmic)")
    right.set_xlabel("peak memory over the data frame's size (logarithmic)")
    left.set_title(f"Raking {results['rows']:,} simulated respondents, best run", loc="left", fontsize=9)
    right.set_title("Peak memory above the data frame", loc="left", fontsize=9)
    for axes in (left, right):
        axes.spines[["top", "right"]].set_visible(False)
        axes.tick_params(labelsize=8)
        axes.xaxis.label.set_size(8)
    figure(path, drawing)


def _draw_dots(axes: Any, values: dict[str, float], told: Callable[[str, float], str]) -> None:
    for y, (title, value) in enumerate(reversed(values.items())):
        axes.plot(value, y, "o", mfc="black" if title.startswith("ours") else "white", mec="black", ms=7)
        axes.annotate(told(title, value), (value, y), (0, 7), textcoords="offset points", ha="center", fontsize=8)
    axes.set(xscale="log", ylim=(-0.5, len(values) - 0.3))
    axes.set_yticks(range(len(values)), list(reversed(values)))
    axes.xaxis.set_major_formatter("{x:g}")
    axes.grid(axis="y", color="0.9", lw=0.8)
    axes.set_axisbelow(True)
    axes.margins(x=0.12)


if __name__ == "__main__":
    raise SystemExit(main())

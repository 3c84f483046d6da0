"""How fast and how small estimation is, in one run beside `svy` and, where it is installed, R's `survey`.

    python -m benchmarks.estimation                        # a table on the screen, some minutes
    python -m benchmarks.estimation --quick                # a small one, some seconds
    python -m benchmarks.estimation --out results.json --plot figure.svg --write docs/benchmarks.md
    python -m benchmarks.estimation --read results.json --write docs/benchmarks.md     # the page again, nothing run

Every package starts from its own kind of data frame in memory and ends with the finished table; coding the design and
the answers is part of the work. Results are compared before anything is timed, and again on what was timed.
"""

from __future__ import annotations

import argparse
import textwrap
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import Any

from tqdm import tqdm

from benchmarks import _works
from benchmarks._data import frame_bytes, respondents
from benchmarks._measure import in_fresh_process, interleaved, machine
from benchmarks._page import figure, markdown_table, on_what, published, seconds

AGREE = 1e-8
FULL = 1_000_000
TITLES = {
    "means": "20 item means with standard errors",
    "wards": "20 items by 40 wards, with covariances",
    "distributions": "20 distributions by 2 waves x 2 pilot states",
    "bootstrap": "1,000 bootstrap replicates of 20 items by 40 wards",
}
REACH = {"means": 10, "wards": 50, "distributions": 20}
REACH_R, REACH_BOOTSTRAP, REACH_MEMORY = 100, 5, 0.6


def main(arguments: Sequence[str] | None = None) -> int:
    def measured(given: argparse.Namespace) -> dict[str, Any]:
        return measure(_quick(given) if given.quick else given)

    return published(_options(), arguments, measured, report, "estimation", draw, ALT)


def _options() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.estimation", description=__doc__.splitlines()[0])
    parser.add_argument("--quick", action="store_true", help="a few thousand respondents, one run each, no R")
    parser.add_argument("--rows", type=int, default=1_000_000, help="respondents (default 1,000,000)")
    parser.add_argument("--repeats", type=int, default=5, help="runs of ours and of svy, in turn (default 5)")
    parser.add_argument("--no-svy", action="store_true", help="leave svy out")
    parser.add_argument("--r-repeats", type=int, default=1, help="runs of R (default 1; 0 leaves it out)")
    parser.add_argument("--sizes", type=int, nargs="*", default=[10_000, 100_000, 1_000_000, 10_000_000])
    return parser


def _quick(given: argparse.Namespace) -> argparse.Namespace:
    given.rows, given.repeats, given.r_repeats = 4_000, 1, 0
    given.sizes = [1_000, 4_000]
    return given


def measure(given: argparse.Namespace) -> dict[str, Any]:
    """Run everything; what is not installed is left out, and the report shows a gap."""
    svy = not given.no_svy and _installed("svy")
    weighed = ["means"] if given.quick else list(_works.OURS)
    total = (
        len(_works.OURS) + len(weighed) + (0 if given.quick else 1) * 3 * svy + len(given.sizes) + bool(given.r_repeats)
    )
    steps = tqdm(total=total, desc="estimation", leave=False, disable=None)

    def step(title: str) -> None:
        steps.set_postfix_str(title)
        steps.update()

    results = _time(given, svy, step)
    memory: dict[str, dict[str, Any]] = {}
    for work in weighed:
        step(f"memory: {TITLES[work]}")
        memory[work] = {"ours": in_fresh_process(_works.memory, work, given.rows, "ours")}
        if svy and work in _works.SVY and not given.quick:
            step(f"memory: {TITLES[work]}: svy")
            memory[work]["svy"] = in_fresh_process(_works.memory, work, given.rows, "svy")
    sizes = []
    for rows in given.sizes:
        step(f"{rows:,} respondents")
        sizes.append(in_fresh_process(_works.scaling, rows, 3 if rows > 100_000 else 7))
    steps.close()
    return results | {"memory": memory, "sizes": sizes, "machine": machine(("numpy", "pandas", "svy", "polars"))}


def _time(given: argparse.Namespace, svy: bool, step: Callable[[str], None]) -> dict[str, Any]:
    """Times of every piece of work on one data frame, after a look at whether the packages agree."""
    frame = respondents(given.rows)
    polars = _works.polars_frame(frame) if svy else None
    works: dict[str, dict[str, Any]] = {}
    for work, ours in _works.OURS.items():
        step(TITLES[work])
        theirs = _works.SVY.get(work) if svy else None
        warm = ours(frame.head(_works.WARM_UP))
        if theirs:
            _check(work, _works.difference(warm, theirs(polars.head(_works.WARM_UP))))
        packages = {"ours": partial(ours, frame)}
        if theirs:
            packages["svy"] = partial(theirs, polars)
        works[work], outcomes = interleaved(packages, given.repeats)
        result = outcomes["ours"]
        if theirs:
            works[work]["difference"] = _check(work, _works.difference(result, outcomes["svy"]))
        if work == "means" and given.r_repeats:
            step(f"{TITLES[work]}: R")
            works[work]["r"] = _r(frame, result, given.r_repeats)
    return {"rows": given.rows, "bytes": frame_bytes(frame), "works": works}


def _installed(package: str) -> bool:
    from importlib.util import find_spec

    return find_spec(package) is not None


def _check(work: str, difference: float) -> float:
    if not difference <= AGREE:
        raise SystemExit(f"{TITLES[work]}: results differ by {difference:.1e}, more than {AGREE:.0e}; not timed.")
    return difference


def _r(frame: Any, ours: Any, repeats: int) -> dict[str, Any] | None:
    answer = _works.run_r(frame, repeats)
    if answer is None:
        return None
    table = ours.table
    difference = max(
        abs(table["estimate"] / answer["estimate"] - 1).max(), abs(table["std_error"] / answer["std_error"] - 1).max()
    )
    _check("means", float(difference))
    times = sorted(answer["seconds"])
    return {
        "best": times[0],
        "median": times[len(times) // 2],
        "runs": len(times),
        "difference": float(difference),
        "versions": {"R": answer["r"], "R survey": answer["survey"]},
    }


def targets(results: dict[str, Any]) -> list[tuple[str, str, str, bool]]:
    """What was to be reached and what was: (work, target, measured, met). Ratios to svy and R are of medians."""
    works, out = results["works"], []
    for work, reach in REACH.items():
        if "svy" in works[work]:
            ratio = works[work]["svy"]["median"] / works[work]["ours"]["median"]
            out.append((TITLES[work], f"at least {reach} x svy", f"{ratio:.1f} x", ratio >= reach))
    if works["means"].get("r"):
        ratio = works["means"]["r"]["median"] / works["means"]["ours"]["median"]
        out.append((TITLES["means"], f"at least {REACH_R} x R", f"{ratio:.0f} x", ratio >= REACH_R))
    ratio = works["bootstrap"]["ours"]["best"] / works["wards"]["ours"]["best"]
    most = f"at most {REACH_BOOTSTRAP} x the linearised run"
    out.append((TITLES["bootstrap"], most, f"{ratio:.1f} x", ratio <= REACH_BOOTSTRAP))
    for work, found in results["memory"].items():
        if found["ours"]:
            ratio = found["ours"]["peak"] / found["ours"]["frame"]
            most = f"memory at most {REACH_MEMORY} x the data frame"
            out.append((TITLES[work], most, f"{ratio:.2f} x", ratio <= REACH_MEMORY))
    return out


def report(results: dict[str, Any]) -> str:
    """All results as text: what goes to the screen and onto the page."""
    works, versions = results["works"], {}
    times = []
    for work, found in works.items():
        row = [TITLES[work], _best_and_median(found["ours"])]
        for other in ("svy", "r"):
            timing = found.get(other)
            row += [_best_and_median(timing), f"{timing['median'] / found['ours']['median']:.1f} x" if timing else ""]
            versions |= (timing or {}).get("versions", {})
        times.append(row)
    header = ["work", "ours", "svy", "ratio", "R", "ratio"]
    sizes = [
        (
            f"{s['rows']:,}",
            seconds(s["seconds"]),
            f"{s['seconds'] / s['rows'] * 1e9:.0f} ns",
            seconds(s["numpy"]),
            f"{s['seconds'] / s['numpy']:.1f} x",
        )
        for s in results["sizes"]
    ]
    worst = max((found.get("difference", 0.0) for found in works.values()), default=0.0)
    runs = {name: works["means"][name]["runs"] for name in ("ours", "svy", "r") if works["means"].get(name)}
    names = {"ours": "ours", "svy": "svy", "r": "R"}
    told = ", ".join(f"{names[name]} {count}" for name, count in runs.items())
    parts = [
        f"{results['rows']:,} simulated respondents in a data frame of {results['bytes'] / 1e6:,.0f} MB. Best time, "
        f"with the median of all runs ({told}; ours and svy's in turn) in brackets; ratios are of medians. "
        f"Results differ from svy's by at most {worst:.0e} relative.",
        markdown_table(header, times),
        _targets_table(results),
        _memory_table(results),
        "Time of the 20 means by the number of respondents, beside one sum by numpy over the items' bytes:",
        markdown_table(["respondents", "ours", "a respondent", "one pass of numpy", "ratio"], sizes),
        on_what(results["machine"] | {"versions": results["machine"]["versions"] | versions}),
    ]
    return "\n\n".join(part for part in parts if part)


def _best_and_median(timing: dict[str, Any] | None) -> str:
    if not timing:
        return ""
    return seconds(timing["best"]) + (f" ({seconds(timing['median'])})" if timing["runs"] > 1 else "")


def _targets_table(results: dict[str, Any]) -> str:
    if results["rows"] < FULL:
        return f"What is to be reached is set for {FULL:,} respondents, so nothing is judged here."
    rows = [(what, reach, got, "met" if met else "not met") for what, reach, got, met in targets(results)]
    return markdown_table(["work", "to reach", "measured", ""], rows)


def _memory_table(results: dict[str, Any]) -> str:
    rows = []
    for work, found in results["memory"].items():
        row = [TITLES[work]]
        for package in ("ours", "svy"):
            peak = found.get(package)
            row += [f"{peak['peak'] / 1e6:,.0f} MB", f"{peak['peak'] / peak['frame']:.2f} x"] if peak else ["", ""]
        rows.append(row)
    if not any(found["ours"] for found in results["memory"].values()):
        return "Peak memory is measured on Linux only."
    return "Peak memory above the data frame, in a fresh process (resident set, reset before the work):\n\n" + (
        markdown_table(["work", "ours", "of the frame", "svy", "of the frame"], rows)
    )


ALT = (
    "Two panels. Left: best times of four pieces of work by our package, svy and R, on a logarithmic axis. Right: time "
    "of twenty means against the number of respondents, beside one pass of numpy over the same bytes."
)
MARKS = {"ours": ("o", "black", "survey"), "svy": ("s", "white", "svy"), "r": ("^", "0.6", "R survey")}


def draw(results: dict[str, Any], path: Path) -> None:
    """Both panels of the page's figure; told apart by marks, not by colour."""
    from matplotlib.figure import Figure

    drawing = Figure(figsize=(10, 3.8), layout="constrained")
    left, right = drawing.subplots(1, 2, width_ratios=(3, 2))
    _draw_works(left, results["works"])
    _draw_sizes(right, results["sizes"])
    left.set_title(f"{results['rows']:,} simulated respondents, best run", loc="left", fontsize=9)
    right.set_title("20 means, by the number of respondents", loc="left", fontsize=9)
    for axes in (left, right):
        axes.spines[["top", "right"]].set_visible(False)
        axes.tick_params(labelsize=8)
        axes.xaxis.label.set_size(8)
        axes.yaxis.label.set_size(8)
    figure(path, drawing)


def _draw_works(axes: Any, works: dict[str, Any]) -> None:
    for y, found in enumerate(reversed(works.values())):
        best = {name: found[name]["best"] for name in MARKS if found.get(name)}
        axes.plot([min(best.values()), max(best.values())], [y, y], color="0.75", lw=1, zorder=1)
        for name, value in best.items():
            mark, face, _ = MARKS[name]
            axes.plot(value, y, mark, mfc=face, mec="black", ms=7)
            text = seconds(value) if name == "ours" else f"{value / best['ours']:.0f} x"
            axes.annotate(text, (value, y), (0, 7), textcoords="offset points", ha="center", fontsize=8)
    for name in dict.fromkeys(name for found in works.values() for name in MARKS if found.get(name)):
        mark, face, label = MARKS[name]
        axes.plot([], [], mark, mfc=face, mec="black", ms=6, label=label)
    axes.legend(loc="lower right", frameon=False, fontsize=8)
    axes.set(xscale="log", ylim=(-0.5, len(works) - 0.4), xlabel="seconds (logarithmic)")
    axes.xaxis.set_major_formatter("{x:g}")
    axes.set_yticks(range(len(works)), [textwrap.fill(TITLES[work], 28) for work in reversed(works)])
    axes.margins(x=0.1)


def _draw_sizes(axes: Any, sizes: list[dict[str, float]]) -> None:
    rows = [size["rows"] for size in sizes]
    for key, mark, color, text in (("seconds", "o-", "black", "survey"), ("numpy", "d--", "0.45", "one sum by numpy")):
        values = [size[key] for size in sizes]
        axes.plot(rows, values, mark, color=color, ms=5, lw=1)
        place = ((-6, 6), "right") if key == "seconds" else ((6, -12), "left")
        middle = len(rows) // 2
        axes.annotate(
            text, (rows[middle], values[middle]), place[0], textcoords="offset points", ha=place[1], fontsize=8
        )
    axes.set(xscale="log", yscale="log", xlabel="respondents (logarithmic)", ylabel="seconds (logarithmic)")
    axes.set_xticks(rows, [f"{count:,}" for count in rows])
    axes.minorticks_off()
    axes.yaxis.set_major_formatter("{x:g}")


if __name__ == "__main__":
    raise SystemExit(main())

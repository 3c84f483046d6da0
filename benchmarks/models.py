"""How fast regressions are: 20 linear models and a logistic one, in one run beside `svy` and, where installed, R.

    python -m benchmarks.models                # a table on the screen, some minutes
    python -m benchmarks.models --quick        # a small one, some seconds
    python -m benchmarks.models --out docs/benchmarks-models.json --write docs/benchmarks.md

Every package starts from its own kind of data frame in memory and ends with the finished table; coding the design and
the answers is part of the work. Results are compared before anything is timed, and again on what was timed. The data
are simulated. R fits one linear model of the 20, and its time is multiplied.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

import numpy as np
import pandas as pd

import survey as sv
from benchmarks import _works
from benchmarks._data import ITEMS, respondents
from benchmarks._measure import interleaved, machine
from benchmarks._page import markdown_table, on_what, published, seconds

AGREE, AGREE_ITERATED, SMALL, FULL = 1e-8, 1e-6, 60_000, 1_000_000
TITLES = {
    "linear": "20 linear models: two factors and their interaction",
    "logistic": "a logistic model: two factors, their interaction, age groups",
}
REACH = {"linear": 10, "logistic": 20}


def main(arguments: Sequence[str] | None = None) -> int:
    return published(_options(), arguments, measure, report, "models")


def _options() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.models", description=__doc__.splitlines()[0])
    parser.add_argument("--quick", action="store_true", help="few respondents, no R")
    parser.add_argument("--rows", type=int, default=FULL, help=f"respondents (default {FULL:,})")
    parser.add_argument("--repeats", type=int, default=3, help="runs of ours and of svy, in turn (default 3)")
    parser.add_argument("--r-repeats", type=int, default=1, help="runs of R (default 1; 0 leaves it out)")
    return parser


def people(rows: int) -> pd.DataFrame:
    """The respondents of the other benchmarks, with age groups and an outcome that depends on them."""
    frame, rng = respondents(rows), np.random.default_rng(7)
    age = rng.integers(0, 4, rows)
    p = 1 / (1 + np.exp(0.4 - 0.2 * age - 0.3 * frame["pilot"].to_numpy(float)))
    return frame.assign(age=age, yes=(rng.uniform(size=rows) < p).astype(float))


def _sample(frame: Any) -> sv.Sample:
    return sv.Sample(frame, weights="w", strata="stratum", psu="psu")


OURS: dict[str, Callable[[Any], sv.Estimates]] = {
    "linear": lambda frame: _sample(frame).linear("C(pilot) * C(wave)", items=ITEMS),
    "logistic": lambda frame: _sample(frame).logistic("yes ~ C(pilot) * C(wave) + C(age)"),
}


def _svy(frame: Any, outcomes: Sequence[str], terms: Sequence[str], family: str) -> list[Any]:
    import svy

    sample = svy.Sample(data=frame, design=svy.Design(stratum="stratum", psu="psu", wgt="w"))
    pilot, wave = svy.Cat("pilot"), svy.Cat("wave")
    x = [pilot, wave, svy.Cross(pilot, wave), *(svy.Cat(name) for name in terms)]
    return [sample.glm.fit(y=outcome, x=x, family=family) for outcome in outcomes]


SVY: dict[str, Callable[[Any], list[Any]]] = {
    "linear": lambda frame: _svy(frame, ITEMS, (), "gaussian"),
    "logistic": lambda frame: _svy(frame, ["yes"], ("age",), "binomial"),
}


def measure(given: argparse.Namespace) -> dict[str, Any]:
    """Run everything; what is not installed is left out, and the report shows a gap."""
    if given.quick:
        given.rows, given.repeats, given.r_repeats = SMALL, 1, 0
    frame = people(given.rows)
    polars = _works.polars_frame(frame) if _installed("svy") else None
    works: dict[str, dict[str, Any]] = {}
    for work, ours in OURS.items():
        warm = ours(frame.head(SMALL))
        packages: dict[str, Callable[[], Any]] = {"ours": partial(ours, frame)}
        if polars is not None:
            _check(work, warm, SVY[work](polars.head(SMALL)))
            packages["svy"] = partial(SVY[work], polars)
        works[work], outcomes = interleaved(packages, given.repeats)
        if polars is not None:
            works[work]["difference"] = _check(work, outcomes["ours"], outcomes["svy"])
        works[work]["errors"] = outcomes["ours"].table["std_error"].tolist()
    answer = (
        _works.run_r(frame, given.r_repeats, "models.R", ("pilot", "wave", "age", "yes")) if given.r_repeats else None
    )
    versions = {}
    if answer is not None:
        versions = {"R": answer["r"], "R survey": answer["survey"]}
        for work, times in (("linear", len(ITEMS)), ("logistic", 1)):
            runs = sorted(times * t for t in answer[work])
            works[work]["r"] = {"best": runs[0], "median": runs[len(runs) // 2], "runs": len(runs)}
            theirs = sorted(answer[f"{work}_se"])
            mine = sorted(works[work]["errors"][: len(theirs)])
            _agree(work, "R", float(np.abs(np.array(mine) / np.array(theirs) - 1).max()))
    for found in works.values():
        del found["errors"]
    measured = machine(("numpy", "pandas", "scipy", "svy", "polars"))
    measured["versions"] |= versions
    return {"rows": given.rows, "works": works, "machine": measured}


def _installed(package: str) -> bool:
    from importlib.util import find_spec

    return find_spec(package) is not None


def _check(work: str, ours: sv.Estimates, theirs: list[Any]) -> float:
    """Largest relative difference of coefficients' standard errors from svy's, which names terms otherwise."""
    found = []
    for item, fit in zip(dict.fromkeys(ours.table["item"]), theirs, strict=True):
        mine = ours.table[ours.table["item"] == item]
        rows = fit.fitted.coefs if hasattr(fit, "fitted") else fit.coefs
        for column, name in (("estimate", "est"), ("std_error", "se")):
            other = np.sort([float(getattr(row, name)) for row in rows])
            found.append(float(np.abs(np.sort(mine[column].to_numpy()) - other).max() / np.abs(other).max()))
    return _agree(work, "svy", max(found))


def _agree(work: str, package: str, difference: float) -> float:
    most = AGREE if work == "linear" else AGREE_ITERATED
    if not difference <= most:
        raise SystemExit(f"{TITLES[work]}: results differ from {package}'s by {difference:.1e}; not timed.")
    return difference


def report(results: dict[str, Any]) -> str:
    """All results as text: what goes to the screen and onto the page."""
    names = {"ours": "ours", "svy": "svy", "r": "R"}
    rows, said = [], []
    for work, found in results["works"].items():
        mine = found["ours"]["median"]
        for name in (n for n in names if found.get(n)):
            timing = found[name]
            ratio = f"{timing['median'] / mine:.1f} x" if name != "ours" else ""
            rows.append((TITLES[work], names[name], seconds(timing["best"]), seconds(timing["median"]), ratio))
        if results["rows"] >= FULL and found.get("svy"):
            ratio = found["svy"]["median"] / mine
            met = "met" if ratio >= REACH[work] else "not met"
            said.append(f"{TITLES[work]}: at least {REACH[work]} x svy; {met}.")
        if found.get("difference") is not None:
            said.append(f"{TITLES[work]}: differs from svy by at most {found['difference']:.0e} relative.")
    head = f"Regressions of {results['rows']:,} simulated respondents in clusters and strata; ours and svy's in turn."
    header = ["work", "package", "best", "median", "ratio of medians"]
    return "\n\n".join([head, markdown_table(header, rows), " ".join(said), on_what(results["machine"])])


if __name__ == "__main__":
    raise SystemExit(main())

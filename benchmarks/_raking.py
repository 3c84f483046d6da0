"""Raking by each package: from its own kind of data frame in memory to the weights in memory."""

from __future__ import annotations

import contextlib
import io
import json
import shutil
import subprocess
import tempfile
import warnings
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

import survey as sv
from benchmarks._data import frame_bytes, respondents
from benchmarks._measure import peak_above, timed
from benchmarks._works import WARM_UP, polars_frame

__all__ = [
    "MARGINS",
    "ROADS",
    "Road",
    "RoadInR",
    "Targets",
    "Weights",
    "clustered",
    "known_weights",
    "memory",
    "people",
    "tilt",
    "worst_gap",
]

Weights = NDArray[np.float64]
Targets = dict[str, dict[int, float]]
Timing = dict[str, Any]

MARGINS = {"sex": 2, "age": 6, "education": 5, "ward": 40}
POPULATION = 2_400_000
LEAST, MOST = 0.75, 1.3
TIGHTER = (1e-8, 1e-9, 1e-10, 1e-11, 1e-12, 1e-13)


def people(rows: int, seed: int = 1) -> pd.DataFrame:
    """`respondents` with the variables of four margins, correlated a little.

    Some wards are older, the old went to school for less long, and more of them are women.
    """
    frame = respondents(rows, seed)
    rng = np.random.default_rng([seed, 2])
    old = rng.standard_normal(rows) + rng.normal(0, 0.3, MARGINS["ward"])[frame["ward"].to_numpy()]
    learned = rng.standard_normal(rows) - 0.3 * old
    frame["sex"] = 1 + (rng.random(rows) < 0.48 + 0.02 * old).astype(np.int64)
    frame["age"] = 1 + np.searchsorted([-1.1, -0.5, 0.1, 0.7, 1.4], old)
    frame["education"] = 1 + np.searchsorted([-1.2, -0.3, 0.6, 1.3], learned)
    return frame


def known_weights(frame: pd.DataFrame, seed: int = 1) -> tuple[Weights, Targets]:
    """The weights that raking must find, and the margins that they have.

    Raked weights are those from before times a factor of each category. So factors are drawn first, and the margins are
    what they give: targets that can be met, with an answer that no package worked out.
    """
    rng = np.random.default_rng([seed, 3])
    weights = frame["w"].to_numpy(copy=True)
    for name, size in MARGINS.items():
        weights *= rng.uniform(LEAST, MOST, size)[_code(frame, name)]
    weights *= POPULATION / weights.sum()
    targets = {}
    for name, size in MARGINS.items():
        totals = np.bincount(_code(frame, name), weights, size)
        targets[name] = {_first(name) + i: float(total) for i, total in enumerate(totals)}
    return weights, targets


def worst_gap(frame: pd.DataFrame, targets: Targets, weights: Weights) -> float:
    """Largest difference of a margin of the weights from its target, relative to it."""
    return max(
        float(np.abs(np.bincount(_code(frame, name), weights, len(totals)) / list(totals.values()) - 1).max())
        for name, totals in targets.items()
    )


def tilt(frame: pd.DataFrame) -> float:
    """Largest relative difference of a target's share of the population from the share before raking."""
    _, targets = known_weights(frame)
    weights = frame["w"].to_numpy()
    share = weights / weights.sum() * POPULATION
    before = {name: np.bincount(_code(frame, name), share, len(totals)) for name, totals in targets.items()}
    return max(float(np.abs(list(t.values()) / before[name] - 1).max()) for name, t in targets.items())


def _first(name: str) -> int:
    return 0 if name == "ward" else 1


def _code(frame: pd.DataFrame, name: str) -> NDArray[np.int64]:
    return frame[name].to_numpy() - _first(name)


@dataclass(frozen=True)
class Road:
    """A way from a data frame to raked weights.

    `weights` takes a frame, targets and one of the `settings`, which go from loose to tight: how near to the targets
    the package is asked to come, in its own terms, for which `asks` is the pattern.
    """

    title: str
    package: str
    weights: Callable[[Any, Targets, float], Weights]
    asks: str
    settings: Sequence[float] = TIGHTER
    frame: Callable[[pd.DataFrame], Any] = lambda frame: frame
    whole: bool = True
    """Whether the package goes all the way, without code of ours before and after it."""

    @property
    def installed(self) -> bool:
        """Whether the package is there."""
        return find_spec(self.package) is not None

    def run(self, people: pd.DataFrame, targets: Targets, setting: float, repeats: int) -> tuple[Timing, Weights]:
        """Seconds of some runs, and the weights."""
        return timed(partial(self.weights, self.frame(people), targets, setting), repeats)


@dataclass(frozen=True)
class RoadInR:
    """The same by R's `survey`, which times itself."""

    title: str
    how: str
    asks: str = "epsilon={:.0e}"
    settings: Sequence[float] = (1e-7, *TIGHTER)
    whole: bool = True

    @property
    def installed(self) -> bool:
        """Whether R and its package are there."""
        if shutil.which("Rscript") is None:
            return False
        return subprocess.run(["Rscript", "-e", "library(survey)"], capture_output=True, check=False).returncode == 0

    def run(self, people: pd.DataFrame, targets: Targets, setting: float, repeats: int) -> tuple[Timing, Weights]:
        """Seconds of some runs by R's own clock, R's versions, and the weights."""
        rows = [(name, category, total) for name, totals in targets.items() for category, total in totals.items()]
        with tempfile.TemporaryDirectory() as place:
            folder = Path(place)
            pd.DataFrame(rows, columns=["variable", "category", "total"]).to_csv(folder / "targets.csv", index=False)
            with (folder / "people.bin").open("wb") as stream:
                for column in [*targets, "w"]:
                    people[column].to_numpy(float).tofile(stream)
            script = Path(__file__).with_name("weighting.R")
            given = [place, str(len(people)), self.how, str(setting), str(repeats)]
            done = subprocess.run(
                ["Rscript", "--vanilla", str(script), *given], capture_output=True, text=True, check=True
            )
            weights = np.fromfile(folder / "weights.bin")
        answer = json.loads(done.stdout)
        times = sorted(answer["seconds"])
        versions = {"R": answer["r"], "R survey": answer["survey"]}
        return {"best": times[0], "median": times[len(times) // 2], "runs": len(times), "versions": versions}, weights


@contextlib.contextmanager
def _quiet() -> Iterator[None]:
    """What others print of their convergence, which is measured here, and pandas' warnings about what they call."""
    with contextlib.redirect_stdout(io.StringIO()), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield


def _sample(frame: pd.DataFrame) -> sv.Sample:
    return sv.Sample(frame, weights="w")


def clustered(frame: pd.DataFrame) -> sv.Sample:
    """The same with strata and clusters."""
    return sv.Sample(frame, weights="w", strata="stratum", psu="psu")


def _ours(frame: pd.DataFrame, targets: Targets, tolerance: float) -> Weights:
    return _sample(frame).rake(targets, tolerance=tolerance).weights


def _svy(frame: Any, targets: Targets, tolerance: float) -> Weights:
    import svy

    sample = svy.Sample(data=frame, design=svy.Design(wgt="w"))
    return sample.weighting.rake(controls=targets, tol=tolerance, max_iter=1000).data["rk_wgt"].to_numpy()


def _weightipy(frame: pd.DataFrame, targets: Targets, iterations: float) -> Weights:
    """weightipy's public functions begin with weights of 1; its class of raking is given the weights here."""
    from weightipy.internal.rim import Rake

    total = sum(targets["sex"].values())
    shares = [{name: {c: 100 * t / total for c, t in totals.items()}} for name, totals in targets.items()]
    with _quiet():
        raking = Rake(frame[list(targets)].copy(), shares, "weight", max_iterations=int(iterations))
        raking.dataframe["weight"] = frame["w"].to_numpy()
        raking.start()
    return raking.dataframe["weight"].to_numpy() * (total / len(frame))


def _ipfn(frame: pd.DataFrame, targets: Targets, rate: float) -> Weights:
    from ipfn.ipfn import ipfn

    people = frame[[*targets, "w"]].copy()
    totals = [pd.Series(t) for t in targets.values()]
    with _quiet():
        raking = ipfn(
            people, totals, [[name] for name in targets], weight_col="w", convergence_rate=rate, rate_tolerance=0
        )
        return raking.iteration()["w"].to_numpy()


def _by_pandas(frame: pd.DataFrame, targets: Targets, rate: float) -> Weights:
    """ipfn's numpy version takes a table of cells; pandas makes it, and brings the factors back to people."""
    groups = frame.groupby(list(targets))
    sums = groups["w"].sum()
    cells = pd.MultiIndex.from_product([list(totals) for totals in targets.values()])
    raked = pd.Series(_table_raked(sums.reindex(cells, fill_value=0.0).to_numpy(), targets, rate), cells)
    factors = raked.reindex(sums.index).to_numpy() / sums.to_numpy()
    return frame["w"].to_numpy() * factors[groups.ngroup().to_numpy()]


def _by_numpy(frame: pd.DataFrame, targets: Targets, rate: float) -> Weights:
    """The same with numpy, by someone who knows that the categories are whole numbers without gaps."""
    cell = np.ravel_multi_index([_code(frame, name) for name in targets], [len(t) for t in targets.values()])
    sums = np.bincount(cell, frame["w"].to_numpy(), int(np.prod([len(t) for t in targets.values()])))
    factors = _table_raked(sums, targets, rate) / np.where(sums > 0, sums, 1.0)
    return frame["w"].to_numpy() * factors[cell]


def _table_raked(cells: Weights, targets: Targets, rate: float) -> Weights:
    from ipfn.ipfn import ipfn

    totals = [np.array(list(t.values())) for t in targets.values()]
    table = cells.reshape([len(t) for t in totals]).copy()  # ipfn writes into it
    with _quiet():
        raking = ipfn(table, totals, [[i] for i in range(len(totals))], convergence_rate=rate, rate_tolerance=0)
        return raking.iteration().ravel()


_RATE = "convergence_rate={:.0e}"
ROADS: dict[str, Road | RoadInR] = {
    "ours": Road("ours", "survey", _ours, "tolerance={:.0e}"),
    "svy": Road("svy", "svy", _svy, "tol={:.0e}", frame=polars_frame),
    "weightipy": Road("weightipy", "weightipy", _weightipy, "max_iterations={:.0f}", range(2, 101)),
    "ipfn": Road("ipfn", "ipfn", _ipfn, _RATE),
    "ipfn_pandas": Road("ipfn's table, by pandas", "ipfn", _by_pandas, _RATE, whole=False),
    "ipfn_numpy": Road("ipfn's table, by numpy", "ipfn", _by_numpy, _RATE, whole=False),
    "r_rake": RoadInR("R survey, rake", "rake"),
    "r_calibrate": RoadInR("R survey, calibrate", "calibrate"),
}


def memory(what: str, rows: int, setting: float, replicates: int) -> dict[str, int] | None:
    """Peak memory of a way of raking above its data frame, in bytes; meant for a fresh process."""
    frame: Any = people(rows)
    _, targets = known_weights(frame)
    road = ROADS.get(what)
    if isinstance(road, Road):
        frame = road.frame(frame)

    def work(data: Any) -> Any:
        if isinstance(road, Road):
            return road.weights(data, targets, setting)
        sample = clustered(data)
        if what == "replicates":
            sample = sample.replicates("bootstrap", n=replicates, seed=1)
        return sample.rake(targets, tolerance=setting)

    work(frame.head(WARM_UP))  # imports are no part of it
    peak = peak_above(lambda: work(frame))
    if peak is None:
        return None
    return {"peak": peak, "frame": frame_bytes(frame) if isinstance(frame, pd.DataFrame) else frame.estimated_size()}

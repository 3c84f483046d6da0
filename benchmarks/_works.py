"""The same work for each package: from a data frame in memory to the finished table, the design's coding included."""

from __future__ import annotations

import json
import shutil
import subprocess
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

import survey as sv
from benchmarks._data import ITEMS, frame_bytes, respondents
from benchmarks._measure import peak_above, timed

__all__ = ["OURS", "SVY", "bootstrap", "difference", "memory", "polars_frame", "run_r", "scaling"]

WARM_UP = 20_000


def _sample(frame: pd.DataFrame) -> sv.Sample:
    return sv.Sample(frame, weights="w", strata="stratum", psu="psu")


def _means(frame: pd.DataFrame) -> sv.Estimates:
    return _sample(frame).mean(ITEMS)


def _wards(frame: pd.DataFrame) -> sv.Estimates:
    estimates = _sample(frame).mean(ITEMS, by="ward")
    estimates.covariance  # noqa: B018 - computed when first asked for
    return estimates


def _distributions(frame: pd.DataFrame) -> sv.Estimates:
    return _sample(frame).distribution(ITEMS, by=["wave", "pilot"])


def bootstrap(frame: pd.DataFrame, replicates: int = 1000) -> sv.Estimates:
    """Means by ward as in "wards", with variance and covariance from bootstrap replicates."""
    estimates = _sample(frame).replicates("bootstrap", n=replicates, seed=1).mean(ITEMS, by="ward")
    estimates.covariance  # noqa: B018
    return estimates


OURS: dict[str, Callable[[pd.DataFrame], sv.Estimates]] = {
    "means": _means,
    "wards": _wards,
    "distributions": _distributions,
    "bootstrap": bootstrap,
}


def polars_frame(frame: pd.DataFrame) -> Any:
    """The same columns for svy, NaN as null."""
    import polars as pl

    return pl.from_pandas(frame)


def _svy(frame: Any) -> Any:
    import svy

    return svy.Sample(data=frame, design=svy.Design(stratum="stratum", psu="psu", wgt="w")).estimation


# drop_nulls=True keeps rows without an answer in the design, as we and R do; without it svy refuses missing answers
SVY: dict[str, Callable[[Any], Any]] = {
    "means": lambda frame: _svy(frame).mean(ITEMS, drop_nulls=True),
    "wards": lambda frame: _svy(frame).mean(ITEMS, by="ward", drop_nulls=True),
    "distributions": lambda frame: _svy(frame).prop(ITEMS, by=["wave", "pilot"], drop_nulls=True),
}


def difference(ours: sv.Estimates, theirs: Any) -> float:
    """Largest relative difference from svy's results: estimates, standard errors, covariances within an item."""
    rows = [row for result in theirs for row in result.estimates]
    worst = [
        _relative(ours.table["estimate"], [row.est for row in rows]),
        _relative(ours.table["std_error"], [row.se for row in rows]),
    ]
    start = 0
    for result in theirs:
        own = slice(start, start := start + len(result.estimates))
        if len(result.estimates) > 1:
            worst.append(_relative(ours.covariance[own, own], result.covariance))
    return max(worst)


def _relative(got: Any, expected: Any) -> float:
    got, expected = np.asarray(got, float), np.asarray(expected, float)
    return float(np.max(np.abs(got - expected)) / np.max(np.abs(expected)))


def run_r(
    frame: pd.DataFrame, repeats: int, script: str = "estimation.R", more: tuple[str, ...] = ()
) -> dict[str, Any] | None:
    """Seconds and results of R `survey` on the same data; None where R or its package is not installed.

    `more` are columns that the script wants beside the items and the design.
    """
    if shutil.which("Rscript") is None:
        return None
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "people.bin"
        with path.open("wb") as stream:
            for column in [*ITEMS, "w", "stratum", "psu", *more]:
                frame[column].to_numpy(float).tofile(stream)
        command = [
            "Rscript",
            "--vanilla",
            str(Path(__file__).with_name(script)),
            str(path),
            str(len(frame)),
            str(repeats),
        ]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode == 3:
        return None
    done.check_returncode()
    return json.loads(done.stdout)


def memory(work: str, rows: int, package: str) -> dict[str, int] | None:
    """Peak memory of a piece of work above its data frame, in bytes; meant for a fresh process."""
    frame: Any = respondents(rows)
    functions: dict[str, Callable[[Any], Any]] = dict(OURS)
    if package == "svy":
        frame, functions = polars_frame(frame), SVY
    function = functions[work]
    function(frame.head(WARM_UP))  # imports are no part of it
    peak = peak_above(lambda: function(frame))
    if peak is None:
        return None
    return {"peak": peak, "frame": frame.estimated_size() if package == "svy" else frame_bytes(frame)}


def scaling(rows: int, repeats: int) -> dict[str, float]:
    """Best time of "means", and of one pass of numpy over the items' bytes; meant for a fresh process."""
    frame = respondents(rows)
    _means(frame.head(WARM_UP))
    ours, _ = timed(lambda: _means(frame), repeats)
    numpy, _ = timed(lambda: [frame[item].to_numpy().sum() for item in ITEMS], repeats)
    return {"rows": rows, "seconds": ours["best"], "numpy": numpy["best"]}

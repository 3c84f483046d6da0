"""Thousands of clusters by thousands of groups: counted by pairs that hold anyone, and as whole tables beside them."""

from __future__ import annotations

import resource
import sys
import tempfile
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from benchmarks._measure import in_fresh_process, machine
from benchmarks._page import markdown_table, on_what, seconds

AGREE = 1e-10
TO_REACH, MEMORY = 2.0, 400e6
"""Seconds of processor time and bytes at the worst moment that a mean in memory is to stay under."""
WORKS = ("mean", "proportion")
WHERE = {"memory": "in memory", "scan": "scan of Parquet"}


def rows_of(rows: int, clusters: int, groups: int) -> pd.DataFrame:
    """Answers 1 to 5 of people whose cluster and group have nothing to do with each other: the hardest case."""
    rng = np.random.default_rng(5)
    psu = rng.integers(0, clusters, rows)
    return pd.DataFrame(
        {
            "psu": psu,
            "stratum": psu % 20,
            "w": rng.uniform(0.5, 2, rows),
            "g": rng.integers(0, groups, rows),
            "q": rng.integers(1, 6, rows).astype(float),
        }
    )


def ask(where: str, work: str, tables: bool, rows: int, clusters: int, groups: int, file: str) -> dict[str, Any]:
    """Processor seconds of a question in this process, peak memory of the process, and what it gave."""
    import survey as sv
    from survey.counting import pairs

    if tables:
        pairs._DENSE = 2**62
    design: dict[str, Any] = {"weights": "w", "strata": "stratum", "psu": "psu"}
    if where == "memory":
        asked: Any = sv.Sample(sv.Responses(rows_of(rows, clusters, groups)), **design)
    else:
        asked = sv.scan(file, **design, memory=10**11)
        asked.look(["q", "g"])
    options: dict[str, Any] = {"top": 2} if work == "proportion" else {}
    getattr(asked, work)("q", **options)  # imports, and what is known of the columns
    before = resource.getrusage(resource.RUSAGE_SELF)
    found = getattr(asked, work)("q", by="g", **options)
    after = resource.getrusage(resource.RUSAGE_SELF)
    unit = 1 if sys.platform == "darwin" else 1024
    table = found.table.sort_values([c for c in ("g", "answer") if c in found.table])
    return {
        "cpu": after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime,
        "peak": float(after.ru_maxrss * unit),
        "before": float(before.ru_maxrss * unit),
        "result": table[["estimate", "std_error", "df"]].to_numpy(float),
    }


def measure(rows: int, clusters: int, groups: int) -> dict[str, Any]:
    """Every work by pairs and by tables, each in a process of its own."""
    found: list[dict[str, Any]] = []
    with tempfile.TemporaryDirectory() as folder:
        file = str(Path(folder) / "rows.parquet")
        rows_of(rows, clusters, groups).to_parquet(file)
        for where, name in WHERE.items():
            for work in WORKS:
                both = {
                    how: in_fresh_process(ask, where, work, how == "tables", rows, clusters, groups, file)
                    for how in ("pairs", "tables")
                }
                one, other = both["pairs"].pop("result"), both["tables"].pop("result")
                difference = float(np.nanmax(np.abs(one - other) / np.maximum(np.abs(other), 1e-3)))
                if not difference <= AGREE or not np.array_equal(np.isnan(one), np.isnan(other)):
                    raise SystemExit(f"{work}, {name}: results differ by {difference:.1e}; not measured.")
                found.append({"where": where, "work": work, "difference": difference, **both})
    about = machine(("resident-survey", "numpy", "scipy", "pyarrow"))
    return {"rows": rows, "clusters": clusters, "groups": groups, "works": found, "machine": about}


def section(found: dict[str, Any]) -> str:
    """The results in words and a table."""
    works = found["works"]
    before = max(w["pairs"]["before"] for w in works)
    lead = (
        f"{found['rows']:,} simulated answers in {found['clusters']:,} clusters by {found['groups']:,} groups that "
        f"have nothing to do with each other: of {found['clusters'] * found['groups']:,} places at most "
        f"{found['rows']:,} hold anyone. Processor time of one question, to the table with standard errors; peak "
        f"memory of the whole process, of which {before / 1e6:.0f} MB at most were there before (Python, "
        f"libraries, the rows where they are in memory). Estimates, standard errors and degrees of freedom of the two "
        f"differ by {max(w['difference'] for w in works):.0e} at most, relative. The machine was shared, so seconds by "
        f"the clock say little."
    )
    table = [
        [
            f"{w['work']}, {WHERE[w['where']]}",
            *(seconds(w[how]["cpu"]) for how in ("tables", "pairs")),
            f"{w['tables']['cpu'] / w['pairs']['cpu']:.1f}",
            *(f"{w[how]['peak'] / 1e9:.2f} GB" for how in ("tables", "pairs")),
            f"{w['tables']['peak'] / w['pairs']['peak']:.1f}",
        ]
        for w in works
    ]
    header = ["", "whole tables", "pairs", "times faster", "peak: whole tables", "pairs", "times smaller"]
    mean = next(w["pairs"] for w in works if (w["work"], w["where"]) == ("mean", "memory"))
    goals = [
        ["processor time of a mean in memory", f"under {TO_REACH:g} s", seconds(mean["cpu"]), mean["cpu"] < TO_REACH],
        ["peak memory", f"under {MEMORY / 1e6:.0f} MB", f"{mean['peak'] / 1e6:.0f} MB", mean["peak"] < MEMORY],
    ]
    reached = [[*goal, "met" if met else "not met"] for *goal, met in goals]
    tables = [markdown_table(header, table), markdown_table(["", "to reach", "measured", ""], reached)]
    if found["rows"] < 1_000_000:  # what is to be reached is of a million
        tables = tables[:1]
    return "\n\n".join([lead, *tables, on_what(found["machine"])])

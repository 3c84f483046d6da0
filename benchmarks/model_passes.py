"""Models of numbers of very many values, read in passes: `python -m benchmarks.model_passes`.

    python -m benchmarks.model_passes --quick                 # 20,000 rows, in memory beside
    python -m benchmarks.model_passes --rows 2e7 --memory 2e8 --out docs/benchmarks-passes.json --write docs/scale.md

Each model is fitted in a process of its own, which reports its seconds, processor time and peak memory. Up to a million
rows the same model of the rows in memory stands beside it, and results that differ are not written.
"""

from __future__ import annotations

import argparse
import resource
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks._measure import in_fresh_process, machine
from benchmarks._page import markdown_table, on_what, published, seconds

__all__ = ["ask", "measure", "section", "write"]

CLUSTERS, PART = 2_000, 1_000_000
WORKS = {
    "linear": ("linear", "score ~ minutes + C(ward)"),
    "logistic": ("logistic", "yes ~ minutes + C(ward)"),
    "correlation": ("correlation", ["score", "minutes"]),
}
DESIGN: dict[str, Any] = {"weights": "w", "strata": "stratum", "psu": "psu"}
AGREE, BESIDE = 1e-10, 1_000_000


def write(folder: str, rows: int) -> None:
    """Simulated respondents in Parquet, hardly two of them alike: minutes have all their digits."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    rng = np.random.default_rng(1)
    for start in range(0, rows, PART):
        n = min(PART, rows - start)
        psu, ward, minutes = rng.integers(0, CLUSTERS, n), rng.integers(0, 4, n), rng.gamma(2, 9, n)
        share = 1 / (1 + np.exp(1 - 0.05 * minutes - 0.1 * ward))
        columns = {
            "psu": psu.astype(np.int16),
            "stratum": (psu // 50).astype(np.int16),
            "w": rng.uniform(1, 9, n),
            "ward": ward.astype(np.int8),
            "minutes": minutes,
            "score": 3 + 0.1 * minutes + 0.1 * ward + rng.normal(0, 1, n),
            "yes": (rng.random(n) < share).astype(np.int8),
        }
        pq.write_table(pa.table(columns), str(Path(folder) / f"{start // PART:05}.parquet"))


def ask(folder: str, work: str, memory: int | None) -> dict[str, Any]:
    """One model in this process: seconds, processor time, peak memory, and its numbers; in memory without `memory`."""
    import survey as sv

    verb, asked = WORKS[work]
    unit = 1 if sys.platform == "darwin" else 1024
    if memory is None:
        import pyarrow.parquet as pq

        sample: Any = sv.Sample(sv.Responses(pq.read_table(folder).to_pandas()), **DESIGN)
        counted = "rows"
    else:
        sample = sv.scan(folder, **DESIGN, memory=memory)
        counted = sample.memory_needed(verb, asked).counted  # looks at the columns
    before, start = resource.getrusage(resource.RUSAGE_SELF), time.perf_counter()
    table = getattr(sample, verb)(asked).table
    after = resource.getrusage(resource.RUSAGE_SELF)
    return {
        "seconds": time.perf_counter() - start,
        "cpu": after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime,
        "before": float(before.ru_maxrss * unit),
        "peak": float(after.ru_maxrss * unit),
        "counted": counted,
        "result": table[["estimate", "std_error", "df"]].to_numpy(float).tolist(),
    }


def measure(rows: int, memory: int) -> dict[str, Any]:
    """All models at one size."""
    works: dict[str, Any] = {}
    with tempfile.TemporaryDirectory() as folder:
        in_fresh_process(write, folder, rows)
        for work in WORKS:
            works[work] = in_fresh_process(ask, folder, work, memory)
            if rows > BESIDE:
                continue
            other = in_fresh_process(ask, folder, work, None)
            ours, theirs = np.array(works[work]["result"]), np.array(other["result"])
            works[work]["difference"] = float(np.max(np.abs(ours - theirs) / np.maximum(np.abs(theirs), 1e-3)))
            if not works[work]["difference"] <= AGREE:
                raise SystemExit(f"{work}: results differ by {works[work]['difference']:.1e}; not measured.")
    about = machine(("resident-survey", "numpy", "scipy", "pyarrow"))
    return {"rows": rows, "memory": memory, "clusters": CLUSTERS, "works": works, "machine": about}


def section(found: dict[str, Any]) -> str:
    """The results in words and a table."""
    works = found["works"]
    lead = (
        f"{found['rows']:,} simulated respondents in Parquet, {found['clusters']:,} clusters, minutes with all their "
        f"digits, `memory={found['memory']:_}`: each model in a process of its own, after its columns were looked at. "
        f"Peak memory is that of the whole process, with Python, its libraries and the batches that wait."
    )
    if all("difference" in work for work in works.values()):
        worst = max(work["difference"] for work in works.values())
        lead += f" Results differ from those of the rows in memory by {worst:.0e} at most, relative."
    asked = {name: f"`{text}`" if isinstance(text, str) else " and ".join(text) for name, (_, text) in WORKS.items()}
    table = [
        [
            f"{name} {asked[name]}",
            seconds(work["seconds"]),
            seconds(work["cpu"]),
            *(f"{work[key] / 1e9:.2f} GB" for key in ("before", "peak")),
        ]
        for name, work in works.items()
    ]
    header = ["", "seconds", "processor time", "memory before", "peak"]
    return "\n\n".join([lead, markdown_table(header, table), on_what(found["machine"])])


def main(arguments: list[str] | None = None) -> int:
    """Measure, or read results measured before, and write the section."""
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--quick", action="store_true", help="20,000 rows, with 2 MB")
    options.add_argument("--rows", type=float, default=2e7)
    options.add_argument("--memory", type=float, default=2e8, help="bytes, as of scan(memory=)")

    def measured(given: argparse.Namespace) -> dict[str, Any]:
        return measure(20_000, 2_000_000) if given.quick else measure(int(given.rows), int(given.memory))

    return published(options, arguments, measured, section, "passes")


if __name__ == "__main__":
    raise SystemExit(main())

"""What `import survey` costs beside `import pandas`: fresh interpreters, taken in turn, medians."""

from __future__ import annotations

import statistics
import subprocess
import sys
import time

ROUNDS = 15
STATEMENTS = {
    "import pandas": "import pandas",
    "import survey": "import survey",
    "import survey, then Sample and read": "import survey; survey.Sample; survey.read",
}
ALLOWED = 1.25


def seconds(statement: str) -> float:
    """Wall time of a fresh interpreter that runs one statement, its start-up included."""
    start = time.perf_counter()
    subprocess.run([sys.executable, "-c", statement], check=True)
    return time.perf_counter() - start


def main() -> None:
    """Measure and print."""
    for statement in ("pass", *STATEMENTS.values()):
        seconds(statement)  # once for the disk cache and the compiled files
    times: dict[str, list[float]] = {name: [] for name in ("nothing", *STATEMENTS)}
    for _ in range(ROUNDS):
        for name, statement in {"nothing": "pass", **STATEMENTS}.items():
            times[name].append(seconds(statement))
    start_up = statistics.median(times.pop("nothing"))
    medians = {name: statistics.median(values) - start_up for name, values in times.items()}
    print(f"median of {ROUNDS} fresh interpreters, start-up of Python ({1000 * start_up:.0f} ms) taken off")
    for name, value in medians.items():
        ratio = value / medians["import pandas"]
        told = "" if name == "import pandas" else "within" if ratio <= ALLOWED else "MORE THAN"
        note = f"{told} {ALLOWED} x pandas" if told else ""
        print(f"  {name:<38}{1000 * value:7.0f} ms  {ratio:5.2f} x  {note}")


if __name__ == "__main__":
    main()

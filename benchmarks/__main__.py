"""All benchmarks, one after the other, with their figures and the page they are shown on: `python -m benchmarks`."""

from pathlib import Path

from benchmarks import (
    cleaning,
    comparisons,
    coverage,
    drawing,
    effect,
    estimation,
    export,
    guarded,
    import_time,
    intervals,
    models,
    ordinal,
    power,
    reading,
    reproducing,
    scale,
    tables,
    tests_of_independence,
    verifying,
    weighting,
)

DOCS = Path(__file__).resolve().parents[1] / "docs"


def files(name: str) -> list[str]:
    """Where a benchmark keeps its results, its figure and its section."""
    stem = DOCS / f"benchmarks-{name}"
    return ["--out", f"{stem}.json", "--plot", f"{stem}.svg", "--write", str(DOCS / "benchmarks.md")]


if __name__ == "__main__":
    import_time.main()
    reproducing.main(["--out", str(DOCS / "benchmarks-reproducing.json"), "--write", str(DOCS / "reproducing.md")])
    coverage.main(files("coverage"))
    intervals.main([*files("intervals")[:-1], str(DOCS / "intervals.md")])
    ordinal.main([*files("ordinal")[:-1], str(DOCS / "models-ordinal.md")])
    effect.main([*files("effect")[:-1], str(DOCS / "effect.md")])
    verifying.main(["--out", str(DOCS / "benchmarks-verifying.json"), "--write", str(DOCS / "verifying.md")])
    kept = ["--keep", str(DOCS / "benchmarks-scale.json")]  # svy and R take minutes: `benchmarks.scale --rivals-only`
    scale.main([*kept, *files("scale")[:-1], str(DOCS / "scale.md")])
    power.main(["--out", str(DOCS / "benchmarks-power.json"), "--write", str(DOCS / "planning.md")])
    estimation.main(files("estimation"))
    weighting.main(files("weighting"))
    without_figure = {"reading": reading, "guarded": guarded, "cleaning": cleaning, "tables": tables, "export": export}
    without_figure |= {"drawing": drawing}
    later = {"tests": tests_of_independence, "comparisons": comparisons, "models": models}
    for name, work in (without_figure | later).items():
        kept = files(name)
        work.main([*kept[:2], *kept[4:]])  # they have no figure

"""What tests share: open data, reference numbers from R, and the rule that nothing is skipped where all must run."""

from __future__ import annotations

import gc
import json
import os
from collections import Counter
from collections.abc import Generator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import settings

if TYPE_CHECKING:
    import pandas as pd

# There is a worker for every core already: threads of linear algebra beside them wait for each other (a small matrix
# took eight times as long). NumPy reads this when it is first imported, so no plugin or conftest may import it before.
for _library in ("OPENBLAS", "OMP", "MKL"):
    os.environ.setdefault(f"{_library}_NUM_THREADS", "1")

# tests read files that they made themselves: in this process, as a start of another for each would take longer than all
# the rest; tests/base/test_native.py, which is about the other process, takes it back
os.environ.setdefault("SURVEY_TRUST_FILES", "1")

REQUIRE_ALL = os.environ.get("SURVEY_REQUIRE_ALL") == "1"
TEST_ALL = REQUIRE_ALL or os.environ.get("SURVEY_TEST_ALL") == "1"

# the same examples on every run, however slow the machine, a quarter of them where the slow tests are left out too;
# HYPOTHESIS_PROFILE=search looks for new ones
settings.register_profile("quick", derandomize=True, deadline=None, max_examples=25)
settings.register_profile("steady", derandomize=True, deadline=None, max_examples=100)
settings.register_profile("search", deadline=None, max_examples=500)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "steady" if TEST_ALL else "quick"))


def _refuse(report: Any) -> Any:
    """Turn a skip into a failure: on the machine that decides, a test that did not run proves nothing."""
    if REQUIRE_ALL and report.skipped and not hasattr(report, "wasxfail"):
        reason = report.longrepr[-1] if isinstance(report.longrepr, tuple) else report.longrepr
        report.outcome = "failed"
        report.longrepr = f"SURVEY_REQUIRE_ALL=1 and this did not run. {reason}"
    return report


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item, call: Any) -> Generator[None, Any, Any]:
    return _refuse((yield))


@pytest.hookimpl(wrapper=True)
def pytest_make_collect_report(collector: pytest.Collector) -> Generator[None, Any, Any]:
    return _refuse((yield))


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Of tests marked `crossed`, leave each value of each parameter one test that is not slow, and no more than needed.

    A verb under every design is a verb's formula and a design's: those who run the quick tests see each of both.
    """
    crossed: dict[str, list[tuple[pytest.Item, set[Any]]]] = {}
    for item in items:
        if item.get_closest_marker("crossed") is not None and isinstance(item, pytest.Function):
            values = {(name, id(value)) for name, value in item.callspec.params.items()}
            crossed.setdefault(item.nodeid.split("[")[0], []).append((item, values))
    for combinations in crossed.values():
        unseen = set().union(*(values for _, values in combinations))
        while unseen:
            best = max(combinations, key=lambda one: len(one[1] & unseen))
            unseen -= best[1]
            combinations.remove(best)
        for item, _ in combinations:
            item.add_marker(pytest.mark.slow)


def pytest_collection_finish() -> None:
    """What was collected stays to the end: thousands of tests need not be looked at in every collection of garbage."""
    gc.collect()
    gc.freeze()


def pytest_terminal_summary(terminalreporter: Any) -> None:
    """Reasons of skipped tests, each once: what a newcomer without data would otherwise read a hundred times."""
    skipped = terminalreporter.stats.get("skipped", [])
    reasons = Counter(str(r.longrepr[-1]).removeprefix("Skipped: ") for r in skipped if isinstance(r.longrepr, tuple))
    if reasons:
        terminalreporter.section("skipped, and why", sep="-")
        for reason, count in reasons.most_common():
            terminalreporter.write_line(f"{count:5}  {reason}")


@pytest.fixture(scope="session")
def data_home() -> Path:
    """Folder of open data."""
    home = os.environ.get("SURVEY_DATA_HOME")
    if not home or not Path(home).is_dir():
        pytest.skip("No open data: set SURVEY_DATA_HOME to the folder that holds them.")
    return Path(home).resolve()


@pytest.fixture(scope="session")
def reference_home() -> Path:
    """Folder of reference numbers: those beside the tests, or a second collection named by SURVEY_REFERENCE_HOME."""
    named = os.environ.get("SURVEY_REFERENCE_HOME")
    home = Path(named) if named else Path(__file__).parent / "reference"
    assert (home / "r_survey").is_dir(), f"SURVEY_REFERENCE_HOME={named} holds no folder r_survey"
    return home.resolve()


@pytest.fixture(scope="session")
def golden(reference_home: Path) -> dict[str, dict[str, Any]]:
    """Results of R's survey package by id; each has `call` and what R answered."""
    raw = json.loads((reference_home / "r_survey" / "expected.json").read_text(encoding="utf-8"))
    return {result["id"]: result for result in raw["results"]}


@pytest.fixture(scope="session")
def _r_sample(reference_home: Path) -> pd.DataFrame:
    import pandas as pd

    return pd.read_csv(reference_home / "r_survey" / "sample.csv")


@pytest.fixture
def r_sample(_r_sample: pd.DataFrame) -> pd.DataFrame:
    """The sample that the reference numbers were computed on; a copy of its own for every test."""
    return _r_sample.copy()


@pytest.fixture(scope="session")
def _rows() -> pd.DataFrame:
    import pandas as pd

    return pd.read_csv(Path(__file__).parent / "reference" / "rows.csv")


@pytest.fixture
def rows(_rows: pd.DataFrame) -> pd.DataFrame:
    """The respondents that designs.json is about, whom R was asked about too; a copy of their own for every test."""
    return _rows.copy()

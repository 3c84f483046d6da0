"""What tests share: open data, reference numbers from R, and the rule that nothing is skipped where all must run."""

from __future__ import annotations

import gc
import importlib
import json
import os
import shutil
import sys
import zlib
from collections import Counter
from collections.abc import Generator, Iterator
from contextlib import suppress
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


LARGE = ("pandas", "matplotlib.figure", "scipy.stats", "pptx", "scipy.optimize", "docx", "nbconvert", "great_tables")
"""Packages whose modules take seconds to compile at their first import."""


@pytest.hookimpl(tryfirst=True)
def pytest_collection(session: pytest.Session) -> None:
    """Import a share of what all workers will import: what one has compiled is only read by the others.

    Nothing is compiled in a fresh clone. Workers that import the same modules in the same order compile all of them,
    each at the same time; so each starts with modules of its own. A file that cannot be imported is left as it was, for
    the collection to tell.
    """
    worker = getattr(session.config, "workerinput", None)
    folder = Path(__file__).parent
    if worker is None or sys.dont_write_bytecode or [Path(a).name for a in session.config.args] != [folder.name]:
        return
    own, count = int(worker["workerid"].removeprefix("gw")), int(worker["workercount"])
    gc.disable()  # what is imported stays
    for name in LARGE[own::count]:
        with suppress(ImportError):
            importlib.import_module(name)
    for path in sorted(folder.rglob("test_*.py"))[own::count]:
        try:
            _ = pytest.Module.from_parent(session, path=path).obj
        except (Exception, pytest.skip.Exception, pytest.Collector.CollectError):
            for name in [k for k, module in sys.modules.items() if getattr(module, "__file__", None) == str(path)]:
                del sys.modules[name]


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark as slow what a quick run can do without: most combinations of `crossed`, three quarters of `sampled`.

    Of every test that has more than eight parameters, eight are left: what is said of each of forty wrong arguments is
    for the continuous integration.

    Of tests marked `crossed`, each value of each parameter is left one test that is not slow, and no more than needed.
    A verb under every design is a verb's formula and a design's: those who run the quick tests see each of both.
    Of those marked `sampled`, every fourth of their parameters is left, and which fourth differs from test to test, so
    that each design and each format is seen by some.
    """
    _sample(items)
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


MOST = 8
"""Parameters of one test in a quick run."""


def _sample(items: list[pytest.Item]) -> None:
    quick: dict[str, list[pytest.Item]] = {}
    for item in items:
        if item.get_closest_marker("slow") is None and item.get_closest_marker("crossed") is None:
            quick.setdefault(item.nodeid.split("[")[0], []).append(item)
    for name, cases in quick.items():
        fewer = 1 if cases[0].get_closest_marker("sampled") is None else 4
        # a test of two or three parameters is left one of them
        apart = max(min(fewer, len(cases)), -(-len(cases) // MOST))
        for at, item in enumerate(cases, zlib.crc32(name.encode())):
            if at % apart:
                item.add_marker(pytest.mark.slow)


def pytest_runtest_setup() -> None:
    """What code of a page or a test chose for its session (language, titles) is of that session: each starts anew."""
    for name, kept in (("survey.base.language", "language"), ("survey.exhibits.title_style", "titles")):
        if name in sys.modules:
            getattr(sys.modules[name], kept).kept.session = None


def pytest_collection_finish() -> None:
    """What was collected stays to the end: thousands of tests need not be looked at in every collection of garbage."""
    gc.enable()
    gc.collect()
    gc.freeze()
    gc.set_threshold(20_000, 20, 50)  # not every 700 objects: tests make garbage by the frame


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


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    """Chromium."""
    from playwright.sync_api import sync_playwright

    program = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if program is None:
        pytest.skip("There is no Chromium.")
    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path=program, args=["--no-sandbox"])
        yield opened
        opened.close()

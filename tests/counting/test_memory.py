"""Rows in memory are counted in threads: to the last bit as in one, and without a thread left behind."""

from __future__ import annotations

import os
import threading
from typing import Any

import numpy as np
import pandas as pd
import pytest

import survey as sv
from survey.counting import memory
from survey.counting.memory import in_threads
from survey.errors import EstimationError

ROWS = 5_000
ITEMS = ["a", "b", "c", "minutes"]
Monkey = pytest.MonkeyPatch


@pytest.fixture(scope="module")
def frame() -> pd.DataFrame:
    rng = np.random.default_rng(1)
    columns: dict[str, Any] = {item: rng.integers(1, 6, ROWS).astype(float) for item in ITEMS[:3]}
    columns["b"][rng.random(ROWS) < 0.1] = np.nan
    columns["minutes"] = rng.normal(20, 3, ROWS)
    psu = rng.integers(0, 60, ROWS)
    columns |= {"psu": psu, "stratum": psu // 6, "ward": rng.integers(0, 5, ROWS), "w": rng.gamma(4, 0.25, ROWS)}
    return pd.DataFrame(columns)


@pytest.fixture(autouse=True)
def many_rows(monkeypatch: Monkey) -> None:
    """What is counted in threads begins with fewer rows here, so that the tests are short."""
    monkeypatch.setattr(memory, "_ALONE", 4_000)


@pytest.fixture(autouse=True)
def no_thread_is_left() -> Any:
    before = threading.active_count()
    yield
    assert threading.active_count() == before


@pytest.fixture
def seen(monkeypatch: Monkey) -> set[str]:
    """Names of the threads that counted."""
    names: set[str] = set()
    real = memory.count

    def spied(*args: Any) -> Any:
        names.add(threading.current_thread().name)
        return real(*args)

    monkeypatch.setattr(memory, "count", spied)
    return names


def sample(frame: pd.DataFrame, design: str) -> sv.Sample:
    clusters = {} if design == "elements" else {"psu": "psu"}
    s = sv.Sample(frame, weights="w", strata="stratum", **clusters)
    n = len(frame)
    return s.rake({"ward": {w: n / 5 for w in range(5)}}) if design == "raked" else s


def bytes_of(e: sv.Estimates) -> list[bytes]:
    numbers = [c for c in e.table if e.table[c].dtype.kind in "fi"]
    return [e.covariance.tobytes(), *(e.table[c].to_numpy().tobytes() for c in numbers)]


@pytest.mark.crossed
@pytest.mark.parametrize("design", ["clusters", "elements", "raked"])
@pytest.mark.parametrize("verb", ["mean", "total", "distribution", "proportion"])
def test_threads_change_no_bit(
    frame: pd.DataFrame, design: str, verb: str, monkeypatch: Monkey, seen: set[str]
) -> None:
    s = sample(frame, design)
    items, options = (ITEMS, {}) if verb in ("mean", "total") else (ITEMS[:3], {})
    options = {"top": 2} if verb == "proportion" else options
    found = []
    for cores in (1, 2, 7):
        monkeypatch.setattr(os, "cpu_count", lambda cores=cores: cores)
        seen.clear()
        found.append(bytes_of(getattr(s, verb)(items, by="ward", **options)))
        assert any(name.startswith("survey-counting") for name in seen) == (cores > 1)
    assert found[0] == found[1] == found[2]


def test_batches_of_one_item_are_counted_in_threads_and_added_in_their_order(
    frame: pd.DataFrame, monkeypatch: Monkey
) -> None:
    """Last digits depend on where rows are cut, which the data alone decide."""
    s = sv.Sample(frame, weights="w", psu="stratum")
    whole = s.cells("a", by="ward")[0]
    monkeypatch.setattr(memory, "_CUT", 2_000)
    found = []
    for cores in (1, 2, 7):
        monkeypatch.setattr(os, "cpu_count", lambda cores=cores: cores)
        found.append(s.cells("a", by="ward")[0])
    assert len({cells.sums.tobytes() for cells in found}) == 1
    assert not np.array_equal(found[0].sums, whole.sums)  # it was cut
    np.testing.assert_allclose(found[0].sums, whole.sums, rtol=1e-12)
    np.testing.assert_array_equal(found[0].n, whole.n)
    np.testing.assert_array_equal(found[0].n_answers, whole.n_answers)
    np.testing.assert_array_equal(found[0].n_missing, whole.n_missing)


def test_small_data_are_counted_in_one_piece_by_one_thread(
    frame: pd.DataFrame, monkeypatch: Monkey, seen: set[str]
) -> None:
    monkeypatch.setattr(os, "cpu_count", lambda: 2)
    sv.Sample(frame.head(3_999), weights="w", psu="psu").mean(ITEMS[:3])
    assert seen == {threading.current_thread().name}


def test_an_error_in_a_thread_is_the_error_of_the_first_item_that_fails(
    frame: pd.DataFrame, monkeypatch: Monkey
) -> None:
    said = []
    for cores in (1, 2):
        monkeypatch.setattr(os, "cpu_count", lambda cores=cores: cores)
        with pytest.raises(EstimationError, match="no such item") as caught:
            sv.Sample(frame, weights="w", psu="psu").mean(["a", "b", "nobody", "no one", "c"])
        said.append(str(caught.value))
    assert "nobody" in said[1]
    assert said[0] == said[1]


def test_what_has_not_begun_when_another_fails_is_not_begun(monkeypatch: Monkey) -> None:
    monkeypatch.setattr(os, "cpu_count", lambda: 2)
    begun = []

    def work(i: int) -> int:
        begun.append(i)
        if i == 0:
            raise KeyError("the first")
        threading.Event().wait(0.05)
        return i

    with pytest.raises(KeyError, match="the first"):
        in_threads(work, range(100), ROWS)
    assert len(begun) < 100


def test_work_inside_of_work_begins_no_threads(monkeypatch: Monkey) -> None:
    monkeypatch.setattr(os, "cpu_count", lambda: 2)

    def inner(_: int) -> str:
        return threading.current_thread().name

    def outer(_: int) -> tuple[str, set[str]]:
        return threading.current_thread().name, set(in_threads(inner, range(4), ROWS))

    for name, names in in_threads(outer, range(4), ROWS):
        assert name.startswith("survey-counting")
        assert names == {name}
    assert len({threading.current_thread().name, *in_threads(inner, range(4), ROWS)}) > 1  # and outside it does again


def test_results_stand_in_the_order_of_what_they_are_of(monkeypatch: Monkey) -> None:
    monkeypatch.setattr(os, "cpu_count", lambda: 4)
    assert in_threads(lambda i: (threading.Event().wait(0.02 * (5 - i)), i)[1], range(5), ROWS) == list(range(5))


def test_threads_see_how_numbers_out_of_range_are_to_be_told(monkeypatch: Monkey) -> None:
    monkeypatch.setattr(os, "cpu_count", lambda: 2)
    with np.errstate(divide="raise"), pytest.raises(FloatingPointError):
        in_threads(lambda _: np.ones(3) / np.zeros(3), range(3), ROWS)

"""Files that keep coming: counted once each, in any order, to what counting all of them at once gives."""

from __future__ import annotations

import errno
import random
import shutil
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import survey as sv
from cell_people import DESIGN, codebook, people, same
from examples import but_one_slow, examples
from survey.base import locks
from survey.sharing import counted_files, increments, saving

ITEMS = {"q1": ["ward", "wave"], "minutes": ["ward"]}


def days(folder: Path, rows: pd.DataFrame, n: int = 4) -> list[Path]:
    """Rows as files of some days, uneven ones."""
    folder.mkdir(exist_ok=True)
    paths = []
    for day, part in rows.groupby([int(i**0.5) % n for i in range(len(rows))]):
        paths.append(folder / f"day-{day}.parquet")
        part.to_parquet(paths[-1], index=False)
    return paths


@pytest.fixture
def log(tmp_path: Path) -> Path:
    days(tmp_path / "log", people())
    return tmp_path / "log"


@pytest.fixture
def state(tmp_path: Path) -> Path:
    return tmp_path / "cells.parquet"


def counted(state: Path, source: Any, **more: Any) -> sv.CellsUpdate:
    return sv.count_new(state, source, ITEMS, **(DESIGN | {"codebook": codebook(), "name": "An Giang"} | more))


def holds(cells: sv.SharedCells, rows: pd.DataFrame) -> None:
    """Whether cells give the estimates of these rows, counted at once from one scan."""
    assert len(cells) == len(rows)
    whole = sv.scan(pa.Table.from_pandas(rows, preserve_index=False), codebook=codebook(), **DESIGN)
    same(cells.proportion("q1", top=2, by="ward"), whole.proportion("q1", top=2, by="ward"))
    same(cells.mean("q1", where="wave == 2"), whole.mean("q1", where="wave == 2"))
    same(cells.mean("minutes", by="ward"), whole.mean("minutes", by="ward"))


def test_only_what_is_new_is_counted(log: Path, state: Path) -> None:
    last = shutil.move(log / "day-3.parquet", log.parent)
    first = counted(state, log)
    assert ([f.name for f in first.counted], first.known) == ([f"log/day-{i}.parquet" for i in range(3)], 0)
    before = state.read_bytes()
    again = sv.count_new(state, f"{log}/*.parquet")
    assert (again.counted, again.known) == ((), 3) and state.read_bytes() == before
    shutil.move(last, log / "day-3.parquet")
    more = sv.count_new(state, log)
    assert [f.name for f in more.counted] == ["log/day-3.parquet"] and more.cells.name == "An Giang"
    holds(more.cells, people())
    holds(sv.load_cells(state), people())
    assert "1 new file counted" in more.to_text("en") and "5" in more.to_text("vi")


@pytest.mark.slow
@settings(max_examples=examples(20))
@given(data=st.data())
def test_any_order_of_arrival_gives_what_counting_at_once_gives(data: Any, tmp_path_factory: Any) -> None:
    """Days of any rows, of one row too; they come in any order, some at a time, some of them again."""
    rows = people(data.draw(st.integers(1, 5)), 300)
    folder = tmp_path_factory.mktemp("log")
    day = data.draw(st.lists(st.integers(0, 7), min_size=len(rows), max_size=len(rows)))
    parts = {i: part for i, part in rows.groupby(day)}
    order = data.draw(st.permutations(sorted(parts)))
    for i in order:
        parts[i].to_parquet(folder / f"{i}.parquet", index=False)
        if data.draw(st.booleans()):
            counted(folder / "cells.parquet", folder)
    holds(counted(folder / "cells.parquet", folder).cells, rows)


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(3))
def test_numbered_clusters_that_start_again_in_strata(seed: int, tmp_path: Path) -> None:
    """Without a codebook; ids are whole numbers, groups too, with missing ones on some days alone."""
    rng = np.random.default_rng(seed)
    rows = pd.DataFrame({"s": rng.integers(0, 2, 200), "c": rng.integers(0, 6, 200), "w": rng.uniform(0.5, 3, 200)})
    rows["word"] = rng.choice(["a", "ă", "b c", None], 200)
    rows["g"] = rng.choice([1.0, 2.0, np.nan], 200, p=[0.6, 0.3, 0.1])
    rows["q"] = rng.integers(1, 6, 200)
    design: dict[str, Any] = {"weights": "w", "strata": "s", "psu": "c", "nest": True, "lonely": "adjust"}
    asked = {"word": ["g"], "q": [["g"], ["word"]]}
    day = rng.integers(0, 4, 200)
    rows.loc[day == 1, "g"] = rows.loc[day == 1, "g"].fillna(1)
    for i in rng.permutation(4):
        part = rows[day == i].astype({"g": "int64"}) if i == 1 else rows[day == i]
        part.to_parquet(tmp_path / f"{i}.parquet", index=False)
        cells = sv.count_new(tmp_path / "cells.parquet", tmp_path, asked, **design).cells
    whole = sv.scan(pa.Table.from_pandas(rows, preserve_index=False), **design)
    same(cells.distribution("word", by="g"), whole.distribution("word", by="g"))
    same(cells.mean("q", by="word"), whole.mean("q", by="word"))
    same(cells.mean("q", where="g == 1"), whole.mean("q", where="g == 1"))


@pytest.mark.slow
def test_days_on_which_a_column_is_empty_or_of_few_values(tmp_path: Path, state: Path) -> None:
    """Numbers of few values on each day and many in all; nobody answers on one day, and no ward is known on another."""
    rows = people()
    rows["minutes"] = rows["minutes"].rank(method="first") // 3
    rows = rows.sort_values("minutes", ignore_index=True)
    parts = [part.copy() for _, part in rows.groupby(rows.index // 100)]
    parts[2]["q1"] = float("nan")
    parts[5]["ward"] = None
    parts[7]["minutes"] = float("nan")
    for i, part in enumerate(parts):
        part.to_parquet(tmp_path / f"day-{i}.parquet", index=False)
    for order in (range(9), [2, 5, 7, 0, 1, 3, 4, 6, 8]):
        state.unlink(missing_ok=True)
        for i in order:
            done = counted(state, tmp_path / f"day-{i}.parquet")
        holds(done.cells, pd.concat(parts, ignore_index=True))


@pytest.mark.slow
def test_files_that_were_renamed_moved_on_or_vanished(log: Path, state: Path) -> None:
    """As a log is rotated: each name holds what the one before it held."""
    counted(state, log)
    for i in range(2, -1, -1):
        (log / f"day-{i}.parquet").replace(log / f"day-{i + 1}.parquet")  # day-3 is gone
    people(9).to_parquet(log / "day-0.parquet", index=False)
    done = sv.count_new(state, log)
    assert [f.name for f in done.counted] == ["log/day-0.parquet"]
    assert done.renamed[0] == ("log/day-0.parquet", "log/day-1.parquet") and len(done.renamed) == 3
    assert done.vanished == ("log/day-3.parquet",)
    assert "log/day-3.parquet" in done.to_text("en") and "không còn" in done.to_text("vi")
    holds(done.cells, pd.concat([people(), people(9)], ignore_index=True))
    moved = log.parent / "elsewhere"
    log.rename(moved)
    assert not sv.count_new(state, moved).counted


def test_a_file_that_changed_is_one_error_and_counts_stay(log: Path, state: Path) -> None:
    counted(state, log)
    before = state.read_bytes()
    people(3).to_parquet(log / "day-2.parquet", index=False)
    people(4).to_parquet(log / "day-9.parquet", index=False)
    with pytest.raises(sv.ReadError, match="changed since it was counted") as caught:
        sv.count_new(state, log)
    assert caught.value.where == "log/day-2.parquet" and "anew" in str(caught.value.fix)
    assert state.read_bytes() == before
    done = sv.count_new(state, log, anew=True)
    assert len(done.counted) == 5 and done.cells.name == "An Giang"
    holds(done.cells, pd.concat([pd.read_parquet(p) for p in log.iterdir()], ignore_index=True))


@pytest.mark.slow
def test_counting_anew_loses_nothing(log: Path, state: Path) -> None:
    counted(state, log)
    before = state.read_bytes()
    (log / "day-1.parquet").rename(log.parent / "day-1.parquet")
    with pytest.raises(sv.ReadError, match="would lose their rows") as caught:
        sv.count_new(state, log, anew=True)
    assert "log/day-1.parquet" in str(caught.value.got)
    (log.parent / "day-1.parquet").rename(log / "day-1.parquet")
    (log / "day-7.parquet").write_bytes((log / "day-1.parquet").read_bytes()[:-100])
    with pytest.raises(sv.ReadError, match="nothing was saved"):
        sv.count_new(state, log, anew=True)
    assert state.read_bytes() == before


def test_a_file_that_was_cut_is_named_and_the_others_are_counted(log: Path, state: Path) -> None:
    whole = (log / "day-2.parquet").read_bytes()
    (log / "day-2.parquet").write_bytes(whole[: len(whole) // 2])
    with pytest.raises(sv.ReadError, match="counted; 3 others were") as caught:
        counted(state, log)
    assert caught.value.where == "log/day-2.parquet"
    assert [f.name for f in sv.load_cells(state).files] == [f"log/day-{i}.parquet" for i in (0, 1, 3)]
    (log / "day-2.parquet").write_bytes(whole)
    done = sv.count_new(state, log)
    assert [f.name for f in done.counted] == ["log/day-2.parquet"]
    holds(done.cells, people())


def _text(rows: pd.DataFrame, column: str) -> pd.DataFrame:
    return rows.assign(**{column: [f"text {v}" for v in rows[column]]})


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda rows: _text(rows, "minutes"), "text"),
        (lambda rows: _text(rows, "wave"), "text"),
        (lambda rows: rows.assign(psu=range(len(rows))), "psu"),
        (lambda rows: rows.drop(columns="ward"), "ward"),
        (lambda rows: rows.drop(columns="w"), "; w"),
        (lambda rows: rows.assign(w=-1.0), "weight"),
        (lambda rows: rows.assign(stratum="other"), "two strata"),
    ],
)
@pytest.mark.parametrize("first", but_one_slow([False, True]))
def test_columns_that_differ_are_named_with_their_file(
    log: Path, state: Path, change: Any, said: str, first: bool
) -> None:
    """Whichever comes first holds; of a lone file one cannot say which is wrong, so the rest is named then."""
    change(people(5)).to_parquet(log / ("day-00.parquet" if first else "day-9.parquet"), index=False)
    with pytest.raises(sv.SurveyError, match="could not be counted") as caught:
        counted(state, log)
    assert said in str(caught.value) and "log/day-" in str(caught.value.where)
    if not first:
        assert caught.value.where == "log/day-9.parquet"
        holds(sv.load_cells(state), people())


def test_every_file_that_cannot_be_counted_is_named(log: Path, state: Path) -> None:
    people(5).drop(columns="ward").to_parquet(log / "day-7.parquet", index=False)
    (log / "day-8.parquet").write_bytes(b"PAR1")
    shutil.copy(log / "day-0.parquet", log / "day-9.parquet")
    with pytest.raises(sv.ReadError, match="3 files could not be counted; 4 others were") as caught:
        counted(state, log)
    assert caught.value.where == "log/day-7.parquet, log/day-8.parquet, log/day-9.parquet"
    for said in ("day-7.parquet: Columns are not there; ward", "day-8.parquet: ", "the bytes of log/day-0.parquet"):
        assert said in str(caught.value.got)
    holds(sv.load_cells(state), people())


@pytest.mark.slow
def test_narrower_numbers_are_fine(log: Path, state: Path) -> None:
    more = people(5)
    more.astype({"q1": "int8", "wave": "int16", "w": "float32"}).to_parquet(log / "day-9.parquet", index=False)
    rows = pd.concat([people(), more.assign(w=more["w"].astype("float32").astype(float))], ignore_index=True)
    holds(counted(state, log).cells, rows)


def test_a_file_without_rows_counts_as_seen(log: Path, state: Path) -> None:
    for name in ("day-00.parquet", "day-9.parquet"):
        people()[:0].to_parquet(log / name, index=False)
    done = counted(state, log)
    assert "without rows: log/day-00.parquet, log/day-9.parquet" in done.to_text("en")
    holds(done.cells, people())
    assert sv.count_new(state, log).known == 6


def test_files_without_rows_alone_make_no_cells(tmp_path: Path, state: Path) -> None:
    people()[:0].to_parquet(tmp_path / "day.parquet", index=False)
    with pytest.raises(sv.ReadError, match="None of the files has rows"):
        counted(state, tmp_path / "day.parquet")
    assert not state.exists()


def test_a_copy_is_named_and_not_counted(log: Path, state: Path) -> None:
    shutil.copy(log / "day-1.parquet", log / "day-8.parquet")
    for _ in range(2):
        with pytest.raises(sv.ReadError) as caught:
            counted(state, log)
        assert caught.value.where == "log/day-8.parquet" and "log/day-1.parquet" in str(caught.value.got)
        holds(sv.load_cells(state), people())


def test_cells_among_the_files_are_not_counted(log: Path) -> None:
    for _ in range(2):
        holds(counted(log / "cells.parquet", log).cells, people())


def test_what_is_typed_later_must_be_what_was_counted(log: Path, state: Path) -> None:
    counted(state, log)
    counted(state, log)  # the same again is fine
    for other in ({"weights": "total"}, {"psu": "ward"}, {"nest": True}, {"name": "Cà Mau"}, {"unweighted": True}):
        with pytest.raises(sv.EstimationError, match="counts of something else") as caught:
            sv.count_new(state, log, **other)  # type: ignore[arg-type]
        assert next(iter(other)) in str(caught.value.where)
    with pytest.raises(sv.EstimationError, match="counts of something else"):
        sv.count_new(state, log, "q1", by="ward")


def test_what_must_be_typed_first(log: Path, state: Path) -> None:
    with pytest.raises(sv.EstimationError, match="not known"):
        sv.count_new(state, log)
    with pytest.raises(sv.DesignError, match="never guessed"):
        sv.count_new(state, log, ITEMS, psu="psu")
    assert sv.count_new(state, log, ITEMS, unweighted=True, psu="psu").cells.design.weights is None


@pytest.mark.slow
def test_other_cells_are_not_continued(log: Path, state: Path, tmp_path: Path) -> None:
    done = counted(state, log)
    for name, other in {
        "plain": sv.count_cells(sv.scan(log, codebook=codebook(), **DESIGN), ITEMS),
        "hidden": done.cells.suppress(5),
        "sum": done.cells.add(counted(tmp_path / "b.parquet", _other(tmp_path), name="Cà Mau").cells, clusters="apart"),
    }.items():
        other.save(tmp_path / f"{name}.parquet")
        with pytest.raises(sv.EstimationError, match="cannot be continued"):
            sv.count_new(tmp_path / f"{name}.parquet", log)
    with pytest.raises(sv.ReadError, match="whole cells"):
        sv.count_new(log / "day-1.parquet", log)


def _other(folder: Path) -> list[Path]:
    return days(folder / "other", people(8))


def test_sums_of_the_same_file_are_refused(log: Path, state: Path, tmp_path: Path) -> None:
    """Cells of Monday, and cells of Monday and Tuesday: Monday would count twice."""
    monday = counted(state, log / "day-1.parquet", name="A").cells
    both = counted(tmp_path / "both.parquet", [log / "day-1.parquet", log / "day-2.parquet"], name="B").cells
    with pytest.raises(sv.EstimationError, match="added already") as caught:
        monday.add(both, clusters="same")
    assert "day-1.parquet" in str(caught.value.got)


def test_a_full_disk_leaves_the_old_cells(log: Path, state: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    last = shutil.move(log / "day-3.parquet", log.parent)
    counted(state, log)
    before, write = state.read_bytes(), pq.write_table

    def full(table: Any, where: Any, **how: Any) -> None:
        write(table, where, **how)
        raise OSError(errno.ENOSPC, "No space left on device")

    shutil.move(last, log / "day-3.parquet")
    with monkeypatch.context() as patch:
        patch.setattr(pq, "write_table", full)
        with pytest.raises(sv.ExportError, match="no room"):
            sv.count_new(state, log)
    assert state.read_bytes() == before and {p.name for p in state.parent.iterdir()} == {"log", "cells.parquet"}
    holds(sv.count_new(state, log).cells, people())


@pytest.mark.parametrize("system", [True, False])
def test_one_writer_at_a_time(log: Path, state: Path, system: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    if not system:
        monkeypatch.setattr(locks, "fcntl", None)
    with locks.alone(state), pytest.raises(sv.ExportError, match="Another process") as caught:
        counted(state, log)
    assert caught.value.where == state and not state.exists()
    holds(counted(state, log).cells, people())
    assert sorted(p.name for p in state.parent.iterdir()) == ["cells.parquet", "log"]


def test_a_lock_file_that_was_left_locks_nothing(log: Path, state: Path) -> None:
    state.with_name(".cells.parquet.lock").touch()
    holds(counted(state, log).cells, people())


def test_a_file_that_is_written_to_meanwhile_is_not_counted(
    log: Path, state: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from survey.sharing.counting import count

    def slow(data: Any, questions: Any, **more: Any) -> Any:
        made = count(data, questions, **more)
        if "day-1" in data.reader.source:
            with (log / "day-1.parquet").open("ab") as file:
                file.write(b"more")
        return made

    monkeypatch.setattr(increments, "count", slow)
    with pytest.raises(sv.ReadError) as caught:
        counted(state, log)
    assert caught.value.where == "log/day-1.parquet" and "while it was counted" in str(caught.value.got)
    assert len(sv.load_cells(state).files) == 3


def test_what_is_counted_is_saved_before_the_end(log: Path, state: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A stop loses the files since the last time of saving, and counts them next time."""
    monkeypatch.setattr(increments, "SAVED_EVERY", 2)
    saved, save = [], saving.save

    def stopped(cells: sv.SharedCells, path: Path) -> Path:
        saved.append(len(cells.files))
        if len(saved) == 2:
            raise KeyboardInterrupt
        return save(cells, path)

    with monkeypatch.context() as patch:
        patch.setattr(saving, "save", stopped)
        with pytest.raises(KeyboardInterrupt):
            counted(state, log)
    assert saved == [2, 4] and len(sv.load_cells(state).files) == 2
    done = sv.count_new(state, log)
    assert (len(done.counted), done.known) == (2, 2)
    holds(done.cells, people())


def test_a_file_that_cannot_be_read_is_named(log: Path, state: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    read = counted_files.sha256

    def refused(path: Path) -> str:
        if path.name == "day-2.parquet":
            raise PermissionError(errno.EACCES, "Permission denied")
        return read(path)

    monkeypatch.setattr(counted_files, "sha256", refused)
    for others in ("3 others were", "no other was new"):
        with pytest.raises(sv.ReadError, match=f"counted; {others}") as caught:
            counted(state, log)
        assert caught.value.where == "log/day-2.parquet" and "Permission denied" in str(caught.value.got)
    monkeypatch.undo()
    holds(sv.count_new(state, log).cells, people())


def test_what_is_no_path_is_one_error(log: Path, state: Path) -> None:
    for source in (5, people(), [log, None]):
        with pytest.raises(sv.SurveyError):
            counted(state, source)
    with pytest.raises(sv.ReadError, match="no such files"):
        counted(state, log / "*.csv")
    with pytest.raises(sv.ExportError, match="Parquet"):
        counted(state.with_suffix(".csv"), log)
    assert [p.name for p in state.parent.iterdir()] == ["log"]


@pytest.mark.slow
def test_csv_is_counted_too(tmp_path: Path, state: Path) -> None:
    rows = people()
    parts: Sequence[pd.DataFrame] = [rows[:500], rows[500:]]
    for i, part in enumerate(parts):
        part.to_csv(tmp_path / f"day-{i}.csv", index=False)
    holds(counted(state, f"{tmp_path}/*.csv").cells, rows)


_UPDATE = """
import sys
from survey import cli
from survey.sharing import increments
increments.SAVED_EVERY = 2
print("ready", flush=True)
sys.exit(cli.main(sys.argv[1:]))
"""


def started(state: Path, log: Path) -> subprocess.Popen[str]:
    """A process that updates cells, about to begin."""
    typed = ["cells", "update", str(state), "--from", f"{log}/*.parquet", "--items", "q1,minutes", "--by", "ward,wave"]
    typed += ["--weights", "w", "--strata", "stratum", "--psu", "psu"]
    process = subprocess.Popen(
        [sys.executable, "-c", _UPDATE, *typed], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    assert process.stdout is not None and process.stdout.readline() == "ready\n"
    return process


@pytest.mark.slow
def test_killed_at_any_moment_it_counts_every_file_once(tmp_path: Path, state: Path) -> None:
    """SIGKILL, again and again: what is listed is what is counted, and the last run ends with all rows."""
    rows = people(n=1200).assign(q1=lambda frame: frame["q1"].clip(upper=5))
    parts = _many(tmp_path / "log", rows)
    moments, killed = random.Random(5), 0
    for _ in range(5):
        process = started(state, tmp_path / "log")
        time.sleep(moments.uniform(0, 2.5))
        process.kill()
        _, told = process.communicate()
        assert process.returncode in (-9, 0), told
        killed += process.returncode == -9
        if state.exists():
            cells = sv.load_cells(state)
            listed = pd.concat([parts[file.name] for file in cells.files])
            at_once = sv.scan(pa.Table.from_pandas(listed, preserve_index=False), **DESIGN)
            assert len(cells) == len(listed)
            np.testing.assert_allclose(
                cells.total("one", by="ward").table["estimate"], at_once.total("one", by="ward").table["estimate"]
            )
    assert killed
    process = started(state, tmp_path / "log")
    _, told = process.communicate()
    assert process.returncode == 0, told
    cells, whole = sv.load_cells(state), sv.scan(pa.Table.from_pandas(rows, preserve_index=False), **DESIGN)
    assert (len(cells), len(cells.files)) == (len(rows), len(parts))
    for item, by in (("q1", "wave"), ("minutes", "ward")):
        same(cells.mean(item, by=by), whole.mean(item, by=by))


def _many(folder: Path, rows: pd.DataFrame) -> dict[str, pd.DataFrame]:
    """Rows as 30 files, by name."""
    folder.mkdir()
    size = len(rows) // 30
    parts = {f"{folder.name}/{i:02}.parquet": rows[i * size : (i + 1) * size] for i in range(30)}
    for name, part in parts.items():
        part.to_parquet(folder.parent / name, index=False)
    return parts


@pytest.mark.slow
def test_two_processes_at_once_count_nothing_twice(tmp_path: Path, state: Path) -> None:
    """One of the two is refused, or comes when the other has ended and finds nothing new."""
    rows = people().assign(q1=lambda frame: frame["q1"].clip(upper=5))
    _many(tmp_path / "log", rows)
    both = [started(state, tmp_path / "log") for _ in range(2)]
    told = [process.communicate() for process in both]
    assert 0 in [process.returncode for process in both]
    for process, (_, error) in zip(both, told, strict=True):
        assert process.returncode == 0 or "Another process is changing this file" in error
    assert len(sv.load_cells(state)) == len(rows)

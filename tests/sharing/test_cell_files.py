"""Files of cells: what goes in comes out, to the byte; what is damaged, cut or of a later version is one error."""

from __future__ import annotations

import errno
import json
import multiprocessing
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import survey as sv
from cell_people import DESIGN, people, same, sample
from examples import examples
from survey import cli
from survey.sharing import saving


@pytest.fixture(scope="module")
def cells() -> sv.SharedCells:
    rows = people().dropna(subset="sex")
    raked = sample(rows).rake({"sex": {1: 21_000, 2: 19_000}, "wave": {1: 17_000, 2: 23_000}})
    return sv.count_cells(raked, {"q1": ["ward", "wave"], "minutes": ["ward"]}, name="Bắc")


@pytest.fixture
def path(cells: sv.SharedCells, tmp_path: Path) -> Path:
    return cells.save(tmp_path / "cells.parquet")


def test_the_same_cells_are_the_same_bytes_before_and_after_reading(path: Path, tmp_path: Path) -> None:
    again = sv.load_cells(path).save(tmp_path / "again.parquet")
    assert again.read_bytes() == path.read_bytes()


def test_labels_scales_and_names_come_back(cells: sv.SharedCells, path: Path) -> None:
    read = sv.load_cells(path)
    assert (read.name, len(read), read.parts) == ("Bắc", len(cells), cells.parts)
    variable = read.codebook["q1"]
    assert variable.labels[5] == {"en": "very good", "vi": "tốt"} and variable.missing == {
        98: "dont_know",
        99: "refused",
    }
    assert read.codebook.diff(cells.codebook).table.empty
    assert read.design.describe() == cells.design.describe()
    assert read.to_text("vi") == cells.to_text("vi")


@pytest.mark.parametrize("rows_of", [sv.scan, lambda path, **design: sv.Sample(sv.read(path), **design)])
def test_the_rows_that_were_counted_are_not_replaced(
    rows_of: Callable[..., Any], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for seed in (1, 2):
        people(seed).to_parquet(tmp_path / f"{seed}.parquet", index=False)
    one, two = (sv.count_cells(rows_of(tmp_path / f"{n}.parquet", **DESIGN), "q1", name=str(n)) for n in (1, 2))
    before = (tmp_path / "2.parquet").read_bytes()
    for cells in (two, two.suppress(3), one.add(two, clusters="apart")):
        with pytest.raises(sv.ExportError, match="input and would be overwritten"):
            cells.save(tmp_path / "2.parquet")
    design = ["--weights", "w", "--strata", "stratum", "--psu", "psu"]
    file = str(tmp_path / "2.parquet")
    assert cli.main(["cells", "make", file, "--items", "q1", *design, "--out", file]) == cli.BAD_INPUT
    assert "would be overwritten" in capsys.readouterr().err
    assert (tmp_path / "2.parquet").read_bytes() == before


texts = st.text(st.characters(codec="utf-8", exclude_categories=("Cs", "Cc")), min_size=1, max_size=6)


@settings(max_examples=examples(20))
@given(
    rows=st.lists(
        st.tuples(
            st.integers(0, 2),
            st.integers(0, 3),
            st.one_of(st.none(), st.integers(1, 5)),
            st.one_of(st.none(), st.sampled_from(["a", "ă", "a b", "ß"])),
            st.floats(0.01, 1e6),
        ),
        min_size=1,
        max_size=40,
    ),
    name=texts,
)
def test_whatever_is_counted_comes_back(rows: list[tuple[Any, ...]], name: str, tmp_path_factory: Any) -> None:
    frame = pd.DataFrame(rows, columns=["stratum", "c", "q", "g", "w"]).astype({"q": float, "g": "str"})
    frame["psu"] = frame["stratum"].astype(str) + "/" + frame["c"].astype(str)
    if frame["q"].nunique() < 2 or frame["g"].isna().all():  # of a constant rows alone tell what it may be
        return
    whole = sv.Sample(frame, weights="w", strata="stratum", psu="psu", lonely="adjust")
    path = sv.count_cells(whole, "q", by="g", name=name).save(tmp_path_factory.mktemp("any") / "c.parquet")
    read = sv.load_cells(path)
    assert read.name == name
    same(read.mean("q", by="g"), whole.mean("q", by="g"), rtol=1e-9)
    same(read.total("one", by="g"), whole.total("one", by="g"), rtol=1e-9)


@settings(max_examples=examples(30))
@given(part=st.floats(0, 0.9999))
def test_a_file_that_was_cut_is_one_error(part: float, cells: sv.SharedCells, tmp_path_factory: Any) -> None:
    path = cells.save(tmp_path_factory.mktemp("cut") / "cells.parquet")
    whole = path.read_bytes()
    path.write_bytes(whole[: int(part * len(whole))])
    with pytest.raises(sv.ReadError, match="whole cells") as caught:
        sv.load_cells(path)
    assert str(path) in str(caught.value.where)


@settings(max_examples=examples(30))
@given(place=st.floats(0, 0.9999), change=st.integers(1, 255))
def test_a_changed_byte_is_noticed(place: float, change: int, cells: sv.SharedCells, tmp_path_factory: Any) -> None:
    """Either the file is refused, or the byte meant nothing and the content is the same."""
    path = cells.save(tmp_path_factory.mktemp("changed") / "cells.parquet")
    content = bytearray(path.read_bytes())
    content[int(place * len(content))] ^= change
    path.write_bytes(content)
    try:
        read = sv.load_cells(path)
    except sv.ReadError as error:
        assert "cells" in error.what or "version" in error.what
    else:
        assert saving.fingerprint(read) == saving.fingerprint(cells)


def rewritten(path: Path, change: Callable[[dict[str, Any]], None]) -> None:
    table = pq.read_table(path)
    described = json.loads(table.schema.metadata[b"survey.cells"])
    change(described)
    pq.write_table(table.replace_schema_metadata({b"survey.cells": json.dumps(described).encode()}), path)


def test_a_later_format_is_refused_by_its_number(path: Path) -> None:
    rewritten(path, lambda described: described.update(format=saving.FORMAT + 1))
    with pytest.raises(sv.ReadError, match="later version") as caught:
        sv.load_cells(path)
    assert str(saving.FORMAT + 1) in str(caught.value.got)


@pytest.mark.parametrize(
    "change",
    [
        lambda d: d.update(name="Nam"),
        lambda d: d["questions"][0].update(pivot=3.0),
        lambda d: d["clusters"][0][2].reverse(),
        lambda d: d.update(codebook=""),
        lambda d: d.pop("questions"),
        lambda d: d.update(sha256=None),
    ],
)
def test_what_somebody_changed_is_refused(path: Path, change: Callable[[dict[str, Any]], None]) -> None:
    rewritten(path, change)
    with pytest.raises(sv.ReadError, match="whole cells"):
        sv.load_cells(path)


def test_other_files_are_refused(tmp_path: Path) -> None:
    pq.write_table(pa.table({"a": [1]}), tmp_path / "other.parquet")
    (tmp_path / "text.parquet").write_text("no cells", encoding="utf-8")
    for name, said in {"other": "something else", "text": ""}.items():
        with pytest.raises(sv.ReadError, match="whole cells") as caught:
            sv.load_cells(tmp_path / f"{name}.parquet")
        assert said in str(caught.value.got)
    with pytest.raises(sv.ReadError, match="does not exist"):
        sv.load_cells(tmp_path / "none.parquet")
    with pytest.raises(sv.ReadError, match="whole cells"):
        sv.load_cells(tmp_path)


def test_a_full_disk_leaves_the_old_file(path: Path, cells: sv.SharedCells, monkeypatch: pytest.MonkeyPatch) -> None:
    before = path.read_bytes()
    write = pq.write_table

    def full(table: Any, where: Any, **how: Any) -> None:
        write(table, where, **how)
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(pq, "write_table", full)
    with pytest.raises(sv.ExportError, match=r"cannot be written|could not be written|refused"):
        cells.save(path)
    assert path.read_bytes() == before
    assert [p.name for p in path.parent.iterdir()] == ["cells.parquet"]


def _write(path: Path, seed: int) -> None:
    rows = people(seed, 200)
    cells = sv.count_cells(sv.Sample(rows, **DESIGN), "wave", name=str(seed))
    for _ in range(15):
        cells.save(path)


@pytest.mark.slow
def test_two_writers_leave_one_whole_file(tmp_path: Path) -> None:
    """Whoever reads meanwhile finds one or the other, whole."""
    path = tmp_path / "cells.parquet"
    _write(path, 1)
    context = multiprocessing.get_context("spawn")
    writers = [context.Process(target=_write, args=(path, seed)) for seed in (1, 2)]
    for writer in writers:
        writer.start()
    seen = set()
    while any(writer.is_alive() for writer in writers):
        seen.add(sv.load_cells(path).name)
    assert all(writer.exitcode == 0 for writer in writers)
    assert seen <= {"1", "2"} and sv.load_cells(path).name in {"1", "2"}
    assert [p.name for p in tmp_path.iterdir()] == ["cells.parquet"]


def test_numbers_are_bounded_where_a_hash_is_right(path: Path) -> None:
    """A file that somebody made on purpose, with its own hash, still says nothing outside of its tables."""
    table = pq.read_table(path)
    described = json.loads(table.schema.metadata[b"survey.cells"])
    described.pop("sha256")
    columns = {name: table.column(name).to_numpy().copy() for name in table.column_names}
    columns["unit"][0] = 10**9
    described["sha256"] = saving._sha256(described, columns)
    changed = pa.table(columns, schema=table.schema.with_metadata({b"survey.cells": json.dumps(described).encode()}))
    pq.write_table(changed, path)
    with pytest.raises(sv.ReadError, match="whole cells") as caught:
        sv.load_cells(path)
    assert "outside" in str(caught.value.got)

"""Logs of CSV as Excel writes it in Vietnamese, counted into cells: they give the estimates of the rows in memory."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pandas as pd
import pytest

import survey as sv
from cell_people import DESIGN, people, same
from survey import cli

OPTIONS = ["--items", "q1,minutes", "--by", "ward", "--weights", "w", "--strata", "stratum", "--psu", "psu"]
ITEMS = {"q1": ["ward"], "minutes": ["ward"]}
EXCEL: dict[str, Any] = {"separator": ";", "decimal": ","}
SIGNS = ["--separator", ";", "--decimal", ","]


def month(folder: Path, number: int, **written: Any) -> Path:
    folder.mkdir(exist_ok=True)
    rows = people(number)
    path = folder / f"{number}.csv"
    signs = {"sep": ";", "decimal": ","} | written
    rows.to_csv(path, index=False, encoding="utf-8-sig", lineterminator="\r\n", **signs)
    return path


def rows_of(*paths: Path) -> sv.Sample:
    whole = pd.concat([sv.read(p, **EXCEL).data for p in paths], ignore_index=True)
    return sv.Sample(whole, **DESIGN)


def holds(cells: sv.SharedCells, rows: sv.Sample) -> None:
    assert len(cells) == len(rows.data)
    same(cells.mean("minutes", by="ward"), rows.mean("minutes", by="ward"))
    same(cells.proportion("q1", top=2, by="ward"), rows.proportion("q1", top=2, by="ward"))


def test_months_are_added_and_how_they_are_written_is_kept(tmp_path: Path) -> None:
    state, log = tmp_path / "cells.parquet", tmp_path / "log"
    first = month(log, 1)
    holds(sv.count_new(state, log, ITEMS, **EXCEL, **DESIGN).cells, rows_of(first))
    second = month(log, 2)
    update = sv.count_new(state, log)
    assert [file.name for file in update.counted] == ["log/2.csv"]
    holds(update.cells, rows_of(first, second))
    holds(sv.load_cells(state), rows_of(first, second))


def test_a_month_that_is_written_otherwise_is_named_and_then_counted(tmp_path: Path) -> None:
    state, log = tmp_path / "cells.parquet", tmp_path / "log"
    first = month(log, 1)
    sv.count_new(state, log, ITEMS, **EXCEL, **DESIGN)
    month(log, 2, sep=",", decimal=".")
    with pytest.raises(sv.ReadError, match="could not be counted") as caught:
        sv.count_new(state, log)
    assert "log/2.csv" in str(caught.value.where) and 'separator=","' in str(caught.value.fix)
    cells = sv.count_new(state, log, separator=",", decimal=".").cells
    holds(cells, rows_of(first, month(tmp_path / "alike", 2)))


def test_parquet_beside_csv_is_counted(tmp_path: Path) -> None:
    state, log = tmp_path / "cells.parquet", tmp_path / "log"
    first, other = month(log, 1), month(tmp_path / "alike", 2)
    sv.read(other, **EXCEL).data.to_parquet(log / "2.parquet", index=False)
    holds(sv.count_new(state, log, ITEMS, **EXCEL, **DESIGN).cells, rows_of(first, other))


@pytest.mark.parametrize("given", ["log/1.csv", "log/*.csv"])
def test_cells_are_made_of_csv_by_command(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], given: str
) -> None:
    first = month(tmp_path / "log", 1)
    monkeypatch.chdir(tmp_path)
    assert cli.main(["cells", "make", given, *OPTIONS, "--out", "cells.parquet"]) == cli.BAD_INPUT
    assert "another separator" in capsys.readouterr().err
    assert cli.main(["cells", "make", given, *OPTIONS, *SIGNS, "--out", "cells.parquet"]) == 0
    holds(sv.load_cells("cells.parquet"), rows_of(first))


def test_cells_are_updated_by_command(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    first = month(tmp_path / "log", 1)
    monkeypatch.chdir(tmp_path)
    assert cli.main(["cells", "update", "cells.parquet", "--from", "log/*.csv", *OPTIONS, *SIGNS]) == 0
    second = month(tmp_path / "log", 2)
    assert cli.main(["cells", "update", "cells.parquet", "--from", "log/*.csv"]) == 0
    holds(sv.load_cells("cells.parquet"), rows_of(first, second))

"""Published numbers are computed again from cells: what differs is named, what cells cannot tell is too.

What is published here comes from `sv.Sample`, which tests/estimation holds against R.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

import survey as sv
from cell_people import people, sample
from survey import cli
from survey.study import ledger
from survey.study.cell_questions import cells_of, read_questions
from survey.study.cells_verify import verify_cells

QUESTIONS = """
[results.table]
mean = ["q1", "minutes"]
by = ["ward", "wave"]

[results.shares]
distribution = "q1"
over = ["ward", "sex"]
where = "wave == 2"

[results.change]
mean = "q1"
by = "wave"
contrast = { change = "`2` - `1`" }
sentence = "compare"

[results.top]
proportion = "q1"
top = 2
by = "wave"
sentence = "describe"
row = { wave = 2 }

[reasons]
median = "quantile"
"""


def entry(table: pd.DataFrame, keys: list[str]) -> dict[str, Any]:
    rows = json.loads(table.round(12).to_json(orient="values", double_precision=15))
    rows = [["" if v is None else v for v in row] for row in rows]
    return {"notebook": "01", "title": {"en": "A table"}, "keys": keys, "columns": list(table.columns), "rows": rows}


def publish(folder: Path, rows: sv.Sample) -> None:
    """The ledger of a study: two exhibits, two findings, and one of each that cells do not tell."""
    means = rows.mean("q1", by="wave")
    told = [
        sv.narrative.compare(means.contrast({"change": "`2` - `1`"}), id="change"),
        sv.narrative.describe(rows.proportion("q1", top=2, by="wave"), {"wave": 2}, "top"),
        sv.narrative.describe(rows.quantile("minutes", 0.5), id="median"),
    ]
    findings = {f.id: {"notebook": "01", "vi": f.vi, "en": f.en, "numbers": dict(f.numbers)} for f in told}
    shares = rows.distribution("q1", over=["ward", "sex"], where="wave == 2").table
    exhibits = {
        "table": entry(rows.mean(["q1", "minutes"], by=["ward", "wave"]).table, ["item", "ward", "wave"]),
        "shares": entry(shares, ["item", "answer", "breakdown", "category"]),
        "other": entry(rows.quantile("minutes", 0.5, by="ward").table, ["item", "ward"]),
    }
    origin = ledger.Origin({}, "code", {"survey": sv.__version__})
    ledger.write(ledger.Ledger("s", False, origin, {}, findings, exhibits), folder / "ledger.json")
    (folder / "cells.toml").write_text(QUESTIONS, encoding="utf-8")


@pytest.fixture(scope="module")
def rows() -> sv.Sample:
    frame = people(9).dropna(subset="sex")
    return sample(frame).rake({"sex": {1: 21_000, 2: 19_000}, "wave": {1: 17_000, 2: 23_000}})


@pytest.fixture(scope="module")
def counted(rows: sv.Sample, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, sv.SharedCells]:
    folder = tmp_path_factory.mktemp("study")
    publish(folder, rows)
    cells = cells_of(rows, read_questions(folder / "cells.toml"), "S")
    return folder, sv.load_cells(cells.save(folder / "cells.parquet"))


@pytest.fixture
def study(counted: tuple[Path, sv.SharedCells], tmp_path: Path) -> Path:
    """A folder with what an evaluator has: no data, and no study.toml."""
    for name in ("ledger.json", "cells.toml", "cells.parquet"):
        (tmp_path / name).write_bytes((counted[0] / name).read_bytes())
    return tmp_path


def test_what_was_published_is_computed_again(study: Path, capsys: pytest.CaptureFixture[str]) -> None:
    told = ["verify", "--cells", str(study / "cells.parquet"), str(study), "--html", str(study / "page.html")]
    assert cli.main(told) == cli.FINE
    out, page = capsys.readouterr().out, (study / "page.html").read_text(encoding="utf-8")
    found = verify_cells(study, sv.load_cells(study / "cells.parquet"))
    assert found.passed and set(found.unchecked) == {"median", "other"}
    # the median has 6 numbers; the medians by ward have 7 each: quantile, estimate, error, two limits, df, n
    assert found.all_numbers - found.published.numbers == 6 + 3 * 7
    for text in (out, page):
        assert f"{found.published.numbers:,} of {found.all_numbers:,} published numbers" in text
        assert "a quantile of a number of many values: median" in text
        assert "no question to cells is declared: other" in text


@pytest.mark.parametrize(
    ("change", "name"),
    [
        (lambda d: d["findings"]["top"]["numbers"].update(conf_low=0.5), "top.conf_low"),
        (lambda d: d["findings"]["change"]["numbers"].update(p_value=0.04), "change.p_value"),
        (lambda d: d["exhibits"]["table"]["rows"][2].__setitem__(4, 0.2), "table.3.std_error"),
        (lambda d: d["exhibits"]["shares"]["rows"][7].__setitem__(4, 0.3), "shares.8"),
    ],
)
def test_a_changed_number_is_named(study: Path, change: Callable[[Any], None], name: str) -> None:
    told = json.loads((study / "ledger.json").read_text(encoding="utf-8"))
    change(told)
    (study / "ledger.json").write_text(json.dumps(told), encoding="utf-8")
    found = verify_cells(study, sv.load_cells(study / "cells.parquet"))
    assert len(found.table) == 1 and found.table["id"].item().startswith(name)


def test_a_changed_number_gives_the_exit_code(study: Path) -> None:
    told = (study / "ledger.json").read_text(encoding="utf-8")
    (study / "ledger.json").write_text(told.replace('"df": 2', '"df": 3'), encoding="utf-8")
    assert cli.main(["verify", "--cells", str(study / "cells.parquet"), str(study)]) == cli.BROKEN_RULES


def test_other_answers_give_other_numbers(study: Path, rows: sv.Sample) -> None:
    """One person's answer changed: the cells are of other answers, and every result on them is named."""
    frame = rows.data.copy()
    at = frame.index[(frame["q1"] == 1) & (frame["wave"] == 2) & (frame["w"] > 0)][0]
    frame.loc[at, "q1"] = 5.0
    changed = type(rows).of(replace(rows.responses, data=frame), rows.design)
    cells = cells_of(changed, read_questions(study / "cells.toml"), "S")
    found = verify_cells(study, cells)
    assert set(found.table["name"]) >= {"table", "shares", "change", "top"}


def test_cells_that_lack_or_hide_a_question_say_so(
    study: Path, rows: sv.Sample, capsys: pytest.CaptureFixture[str]
) -> None:
    fewer = sv.count_cells(rows, {"q1": ["wave"]})
    found = verify_cells(study, fewer)
    assert found.passed and list(found.published.findings) == ["change", "top"]
    assert "do not hold this question" in found.unchecked["table"] or "no such column" in found.unchecked["table"]
    fewer.save(study / "fewer.parquet")
    assert cli.main(["verify", "--cells", str(study / "fewer.parquet"), str(study), "--lang", "vi"]) == cli.NOT_COMPARED
    assert "Không đối chiếu được từ số đếm này" in capsys.readouterr().out
    with pytest.raises(sv.StudyError, match="none of the questions"):
        verify_cells(study, fewer.suppress(5))


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ('mean = ["q1", "minutes"]', 'median = "q1"', "unknown key"),
        ('mean = ["q1", "minutes"]\n', "", "not a question"),
        ("[results.table]", "[results.tabel]", "was not published"),
        ('"quantile"', '"too hard"', "reason is not known"),
        ("[results.table]", "[results.table", "TOML"),
    ],
)
def test_questions_that_cannot_be_are_one_error(study: Path, old: str, new: str, said: str) -> None:
    path = study / "cells.toml"
    path.write_text(path.read_text(encoding="utf-8").replace(old, new, 1), encoding="utf-8")
    with pytest.raises(sv.StudyError, match=said):
        verify_cells(study, sv.load_cells(study / "cells.parquet"))


def test_a_study_that_published_nothing_is_one_error(study: Path) -> None:
    cells = sv.load_cells(study / "cells.parquet")
    (study / "cells.toml").unlink()
    with pytest.raises(sv.StudyError, match="does not exist"):
        verify_cells(study, cells)
    (study / "ledger.json").unlink()
    with pytest.raises(sv.StudyError, match="published no results"):
        verify_cells(study, cells)

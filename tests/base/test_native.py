"""Native formats parsed in another process: the same values as in ours, and one clear error whatever happens there."""

from __future__ import annotations

import contextlib
import io
import json
import os
import random
import re
import subprocess
import sys
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path
from re import _parser as re_parser  # type: ignore[attr-defined]
from typing import Any

import numpy as np
import pandas as pd
import pyreadstat
import pytest
import xlsxwriter

import survey
from survey import ReadError, read
from survey.base import _guard, _parser, _wire, native
from survey.base import said as said_module
from survey.base.said import said

SOURCE = Path(survey.__file__).parents[1]
NAN = float("nan")


@pytest.fixture(autouse=True)
def guarded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(native.TRUST, raising=False)


# ------------------------------------------------------------------ the same values

ITEMS = pd.DataFrame(
    {
        "id": ["a1", "a2", "Đông Hoà", ""],
        "q1": [1.0, 8.0, np.nan, -0.0],
        "q2": [0.1, 1e300, -1e-300, 5.0],
        "day": [13_935_000_000.0, np.nan, 13_935_086_400.0, 0.0],
        "long": ["x" * 300, "", "tốt", "=1+1"],
    }
)


def sav(path: Path) -> None:
    pyreadstat.write_sav(
        ITEMS,
        str(path),
        file_label="Nghiên cứu 2024",
        column_labels={"q1": "Câu 1?", "q2": "Mức"},
        variable_value_labels={"q1": {1: "tốt", 2: "xấu", 8: "không biết"}, "id": {"a1": "phường"}},
        missing_ranges={"q1": [8, {"lo": -99, "hi": -97}], "id": ["a2"]},
        variable_measure={"q1": "ordinal"},
        variable_format={"day": "DATETIME20"},
        compress=path.suffix == ".zsav",
    )


def por(path: Path) -> None:
    pyreadstat.write_por(ITEMS[["q1", "q2"]].rename(columns=str.upper), str(path), column_labels={"Q1": "How?"})


def dta(path: Path) -> None:
    frame = pd.DataFrame(
        {
            "tagged": pd.Series([1.0, "a", 3.0, "z"], dtype=object),
            "whole": pd.Series([1, 2, 3, 100], dtype="int8"),
            "text": ["Đông Hoà", "", "y" * 3000, "b"],
        }
    )
    pyreadstat.write_dta(
        frame,
        str(path),
        version=15,
        file_label="Study",
        missing_user_values={"tagged": ["a", "z"]},
        variable_value_labels={"tagged": {1: "no", 3: "yes", "a": "Refused"}, "whole": {1: "one"}},
    )


def dta_with_gaps(path: Path) -> None:
    frame = pd.DataFrame({"n": pd.array([1, None, 3], dtype="Int8"), "day": pd.to_datetime(["2024-06-30", None, None])})
    frame.to_stata(path, convert_dates={"day": "td"}, write_index=False)


def xpt(path: Path) -> None:
    frame = pd.DataFrame({"DAY": [23557.0, np.nan], "Q": [1.0, 2.0], "W": ["x", ""]})
    pyreadstat.write_xport(
        frame, str(path), column_labels={"Q": "Nội dung?"}, file_format_version=8, variable_format={"DAY": "DATE9"}
    )


def xlsx(path: Path) -> None:
    with xlsxwriter.Workbook(str(path)) as book:
        day, hour = book.add_format({"num_format": "yyyy-mm-dd"}), book.add_format({"num_format": "[h]:mm"})
        for name in ("answers", "hidden"):
            sheet = book.add_worksheet(name)
            rows: list[list[Any]] = [
                ["id", "n", "mixed", "yes", "day", "time", "text", "gaps"],
                ["a", 1, 1.5, True, 45_000, 1.25, "e\u0323\u0302", 1],
                ["b", 2, "x", False, 45_001.5, 0.5, "b", None],
                ["c", 3, True, None, None, None, "", "x"],
            ]
            for i, row in enumerate(rows, 2):
                for j, cell in enumerate(row):
                    form = {4: day, 5: hour}.get(j)
                    if isinstance(cell, bool):
                        sheet.write_boolean(i, j, cell)
                    elif isinstance(cell, int | float):
                        sheet.write_number(i, j, cell, form)
                    elif cell:
                        sheet.write_string(i, j, cell)
            sheet.write_formula(5, 7, "=1/0", None, "#DIV/0!")
            sheet.merge_range("K9:L9", "merged")
        sheet.hide()


WRITERS: dict[str, tuple[str, Callable[[Path], None]]] = {
    "sav": (".sav", sav),
    "zsav": (".zsav", sav),
    "por": (".por", por),
    "dta": (".dta", dta),
    "dta with gaps": (".dta", dta_with_gaps),
    "xpt": (".xpt", xpt),
    "xlsx": (".xlsx", xlsx),
}


@pytest.mark.parametrize("kind", WRITERS)
@pytest.mark.sampled
def test_a_file_is_the_same_whoever_parses_it(tmp_path: Path, kind: str, monkeypatch: pytest.MonkeyPatch) -> None:
    suffix, write = WRITERS[kind]
    path = tmp_path / f"a{suffix}"
    write(path)
    there = read(path, header=1) if suffix == ".xlsx" else read(path)
    monkeypatch.setenv(native.TRUST, "1")
    here = read(path, header=1) if suffix == ".xlsx" else read(path)
    pd.testing.assert_frame_equal(there.data, here.data)
    for name in here.data.columns:  # 1 and 1.0, None and nan: equal is not the same
        assert [type(v) for v in there.data[name]] == [type(v) for v in here.data[name]]
    assert there.codebook == here.codebook
    assert there.sources == here.sources and there.entries == here.entries
    pd.testing.assert_frame_equal(there.recode_missing().missing, here.recode_missing().missing)


@pytest.mark.parametrize("kind", [k for k in WRITERS if k != "xlsx"])
@pytest.mark.sampled
def test_what_a_file_says_about_itself_is_the_same(tmp_path: Path, kind: str, monkeypatch: pytest.MonkeyPatch) -> None:
    suffix, write = WRITERS[kind]
    path = tmp_path / f"a{suffix}"
    write(path)
    frame, there = native.parsed_statfile(path, {"disable_datetime_conversion": True})
    monkeypatch.setenv(native.TRUST, "1")
    own, here = native.parsed_statfile(path, {"disable_datetime_conversion": True})
    pd.testing.assert_frame_equal(frame, own)
    told = {name: value for name, value in vars(here).items() if not name.endswith("_time")}  # moments are not used
    assert {name: getattr(there, name) for name in told} == told


def test_cells_of_a_workbook_are_the_same(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    xlsx(tmp_path / "a.xlsx")
    there = native.parsed_workbook(tmp_path / "a.xlsx")
    monkeypatch.setenv(native.TRUST, "1")
    here = native.parsed_workbook(tmp_path / "a.xlsx")
    plain = json.dumps  # merged ranges are tuples here and lists there
    for one, other in zip(there, here, strict=True):
        columns = [[(type(c), c) for c in column] for column in one.pop("columns")]
        assert columns == [[(type(c), c) for c in column] for column in other.pop("columns")]
        one.pop("rows")
        assert plain(one) == plain(other)
    assert [s["name"] for s in there] == native.parsed_names(tmp_path / "a.xlsx") == ["answers", "hidden"]
    assert there[0]["inside"]["errors"] == ["H6"]


# ------------------------------------------------------------------ whatever happens there


def answered(monkeypatch: pytest.MonkeyPatch, program: str, **limits: Any) -> ReadError:
    """The error that a process running a program in the place of the parser leads to."""
    monkeypatch.setattr(_guard, "_PROGRAM", f"import sys; sys.stdin.buffer.read(); {program}")
    for name, value in limits.items():
        monkeypatch.setattr(_guard, name, value)
    with pytest.raises(ReadError) as caught:
        _guard.asked("workbook", Path("a.xlsx"))
    error = caught.value
    assert error.what and error.where and error.got and error.expected and error.fix
    assert error.__cause__ is None
    return error


READY = "import os; out = os.fdopen(1, 'wb', buffering=0); out.write((5).to_bytes(8, 'little') + b'ready'); "


@pytest.mark.parametrize(
    ("program", "what"),
    [
        ("import no_such_package", "did not start"),
        (READY + "os._exit(3)", "crash"),
        (READY + "os.abort()", "crash"),
        (READY + "sys.stderr.write('memory allocation of 9 bytes failed'); sys.stderr.flush(); os.abort()", "memory"),
        (READY + "out.write(b'x')", "crash"),
        (READY + "out.write((4).to_bytes(8, 'little') + b'null')", "no sense"),
        (READY + "out.write((2).to_bytes(8, 'little') + b'{}')", None),
        (READY + "out.write((1 << 62).to_bytes(8, 'little'))", "memory"),
        (READY + "out.write((5).to_bytes(8, 'little') + b'[[[[[')", "no sense"),
        (READY + "b = b'[' * 100000; out.write(len(b).to_bytes(8, 'little') + b)", "no sense"),
    ],
)
def test_whatever_ends_the_other_process_is_one_error(
    monkeypatch: pytest.MonkeyPatch, program: str, what: str | None
) -> None:
    if what is None:  # an empty answer holds no sheets
        monkeypatch.setattr(_guard, "_PROGRAM", f"import sys; sys.stdin.buffer.read(); {program}")
        with pytest.raises(ReadError, match="no sense"):
            native.parsed_workbook(Path("a.xlsx"))
        return
    assert what in answered(monkeypatch, program).what


def test_a_parser_without_an_end_is_stopped(monkeypatch: pytest.MonkeyPatch) -> None:
    error = answered(monkeypatch, READY + "import time; time.sleep(60)", _SECONDS=0.2)
    assert "too long" in error.what and "SURVEY_TRUST_FILES=1" in str(error.fix)
    error = answered(monkeypatch, "import time; time.sleep(60)", _START=0.5)
    assert "did not start" in error.what and "nothing for" in str(error.got)  # nobody waited for its end


def test_no_interpreter_is_an_error_that_says_what_to_do(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "frozen", True, raising=False)
    with pytest.raises(ReadError, match="cannot be started") as caught:
        _guard.asked("workbook", Path("a.xlsx"))
    assert "SURVEY_TRUST_FILES=1" in str(caught.value.fix)


def test_the_error_of_the_parser_is_told_as_in_our_process(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "a.sav"
    sav(path)
    path.write_bytes(path.read_bytes()[:-200])
    said = []
    for trust in ("0", "1"):
        monkeypatch.setenv(native.TRUST, trust)
        with pytest.raises(ReadError, match="cut short") as caught:
            read(path)
        said.append(str(caught.value))
    assert said[0] == said[1]


def test_modules_beside_the_data_are_not_imported(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    xlsx(tmp_path / "a.xlsx")
    for name in ("json", "zipfile", "python_calamine", "survey", "sitecustomize"):
        (tmp_path / f"{name}.py").write_text("raise SystemExit('imported')")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "path", ["", *sys.path])
    assert len(read("a.xlsx", sheet="answers", header=1)) == 6


def test_what_the_other_process_imports_is_little() -> None:
    code = "import sys; from survey.base import _parser; print(*sys.modules)"
    done = run(code)
    assert not {"pandas", "numpy", "pyarrow", "survey.errors"} & set(done.stdout.split())


def test_pyreadstat_does_without_pandas_there() -> None:
    """Importing pandas would take longer than reading most files: if pyreadstat changes inside, this tells."""
    code = (
        "import sys; from survey.base import _parser; _parser._without_pandas(); import tempfile, pyreadstat; "
        "name = sys.argv[1]; frame, about = _parser.statfile(name, {}); "
        "print(type(frame).__name__, 'pandas.core' in sys.modules, about.number_rows)"
    )
    with_file = Path(__file__).parents[2] / "data" / "raw" / "businesses_2023.sav"
    done = run(code, str(with_file))
    assert done.stdout.split()[:2] == ["dict", "False"], done.stderr


def run(code: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "PYTHONPATH": str(SOURCE)}
    command = [sys.executable, "-c", code, *arguments]
    return subprocess.run(command, env=environment, capture_output=True, text=True, check=False)


# ------------------------------------------------------------------ small files that cost much


def changed(source: Path, target: Path, part: str, change: Callable[[bytes], bytes]) -> Path:
    with zipfile.ZipFile(source) as old, zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as new:
        for entry in old.infolist():
            content = old.read(entry)
            new.writestr(entry.filename, change(content) if entry.filename == part else content)
    return target


SHEET = "xl/worksheets/sheet1.xml"


@pytest.fixture
def book(tmp_path: Path) -> Path:
    path = tmp_path / "ok.xlsx"
    with xlsxwriter.Workbook(str(path)) as made:
        sheet = made.add_worksheet("a")
        for i, row in enumerate([("id", "q1"), (1, 2), (2, 3)]):
            sheet.write_row(i, 0, row)
    return path


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="only Linux limits the memory of a process")
def test_a_cell_far_from_the_others_takes_no_more_memory_than_it_may(book: Path, tmp_path: Path) -> None:
    far = b'<row r="1048576"><c r="XFD1048576"><v>1</v></c></row></sheetData>'
    path = changed(book, tmp_path / "far.xlsx", SHEET, lambda xml: xml.replace(b"</sheetData>", far))
    with pytest.raises(ReadError, match="too much memory") as caught:
        read(path)
    assert "Ctrl+End" in str(caught.value.fix) and "bytes" in str(caught.value.got)


@pytest.mark.slow
def test_an_archive_that_unpacks_without_end_is_refused(book: Path, tmp_path: Path, trust: None) -> None:
    blanks = b"<sheetData>" + b" " * (300 << 20)
    path = changed(book, tmp_path / "blanks.xlsx", SHEET, lambda xml: xml.replace(b"<sheetData>", blanks))
    with pytest.raises(ReadError, match="cannot be read") as caught:
        read(path)
    assert "0.3 GB" in str(caught.value.got)


@pytest.fixture
def trust(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setenv(native.TRUST, "1")
    yield


@pytest.mark.parametrize(
    "xml",
    [
        b"<c " * 200_000 + b't="e"',
        b"<c><f/>" + b" " * 200_000 + b"x",
        b"<c><f>" + b" " * 200_000,
        b"<c" + b" " * 200_000 + b'<f t="e"',
        b"<c><f/><v>" + b" " * 200_000,
        b"<c>" + b" " * 200_000 + b"<f",
    ],
)
def test_cells_cut_short_are_none(xml: bytes) -> None:
    assert _parser._inside_sheet(xml + b'<f t="e"') == {"formulas": [], "errors": []}


def repeated(tree: Any, settled: bool = False) -> Iterator[tuple[str, bool]]:
    """What a pattern repeats without an end, and whether it never tries another length of it."""
    for op, value in tree:
        if str(op).endswith("_REPEAT"):
            if value[1] == re_parser.MAXREPEAT:
                yield str(value[2]), settled or str(op) == "POSSESSIVE_REPEAT"
            yield from repeated(value[2], settled)
        elif str(op) == "BRANCH":
            for part in value[1]:
                yield from repeated(part, settled)
        elif str(op) in ("ATOMIC_GROUP", "SUBPATTERN", "ASSERT", "ASSERT_NOT"):
            inside = value if str(op) == "ATOMIC_GROUP" else value[-1]
            yield from repeated(inside, settled or str(op) != "SUBPATTERN")


_UP_TO_THE_NEXT = ("(NEGATE, None), (LITERAL, 60)", "(NOT_LITERAL, 60)", "[(IN, [(CATEGORY, CATEGORY_SPACE)])]")
"""What may be repeated: all but "<", or spaces."""


@pytest.mark.parametrize("pattern", [_parser._FORMULA, _parser._ERROR, _parser._ODS_FORMULA])
def test_patterns_look_at_a_character_once(pattern: re.Pattern[Any]) -> None:
    """Each match begins at a "<"; no repetition passes the next one, and none is tried with another length."""
    text = pattern.pattern if isinstance(pattern.pattern, str) else pattern.pattern.decode()
    found = list(repeated(re_parser.parse(text)))
    assert found and text.startswith("<")
    for part, settled in found:
        stops = any(one in part for one in _UP_TO_THE_NEXT)
        assert stops and settled, part


def test_formulas_and_errors_are_found_where_they_are() -> None:
    xml = (
        b'<c r="A1"><f>1+1</f></c><c r="A2"><f/><v></v></c><c r="A3"><f>1</f><v>1</v></c>'
        b'<c r="A4" t="str"><f>""</f></c><c r="B1" t="e"><v>#N/A</v></c><c r="B2" s="1"/>'
        b'<c r="A5"> <f t="shared"/> </c>'
    )
    found = _parser._inside_sheet(xml)
    assert found == {"formulas": ["A1", "A2", "A5"], "errors": ["B1"]}


def test_ods_cells_cut_short_are_none() -> None:
    text = 'table:formula table:name="a"' + "<table:table-cell " * 60_000 + "</table:table>"
    assert _parser._inside_ods(text, ["a"]) == {"a": {"formulas": []}}


# ------------------------------------------------------------------ the way between the two


COLUMNS: list[tuple[Any, str | float]] = [
    (["a", "b", "a", ""], ""),
    ([1.0, 2.5, -0.0, 1e300], ""),
    ([1.0, "", 2.0, ""], ""),
    ([1, "", 2**60, -1], ""),
    ([1, 2**70], ""),
    ([True, False, ""], ""),
    (["", 1.0, "x", True], ""),
    ([pd.Timestamp("2024-06-30 12:00").to_pydatetime(), pd.Timestamp("2024-06-30").date(), ""], ""),
    ([pd.Timedelta(1.5, "s").to_pytimedelta(), pd.Timestamp("2024-06-30 12:30").time()], ""),
    (["\ud800", "\x00", "e\u0301"], ""),
    (["a", NAN, None, "b"], NAN),
    ([1, NAN, 3], NAN),
    ([1.5, "a", NAN], NAN),
    ([None, None], NAN),
    ([], ""),
]


def sent(values: Any, gap: str | float) -> Any:
    about, parts = _wire.encoded(values, gap)
    buffer = io.BytesIO()
    for part in parts:
        _wire.write_frame(buffer.write, part)
    buffer.seek(0)
    back = [_wire.read_frame(buffer) for _ in parts]
    return _wire.decoded(json.loads(json.dumps(about)), back, len(values), gap)


@pytest.mark.parametrize(("values", "gap"), COLUMNS)
def test_columns_come_back_as_they_were(values: Any, gap: str | float) -> None:
    back = sent(values, gap)
    assert [(type(v), repr(v)) for v in back] == [(type(v), repr(v)) for v in values]


@pytest.mark.parametrize("dtype", ["f8", "f4", "i1", "i4", "i8", "u1"])
def test_arrays_come_back_as_they_were(dtype: str) -> None:
    values = np.array([0, 1, 100], dtype)
    back = sent(values, NAN)
    assert back.dtype == values.dtype
    np.testing.assert_array_equal(back, values)


def test_any_other_bytes_are_broken_and_nothing_else() -> None:
    chance = random.Random(1)
    for values, gap in COLUMNS:
        about, parts = _wire.encoded(values, gap)
        for _ in range(60):
            kind = chance.choice([about["kind"], "array", "int", "float", "text", "json", None, []])
            changed = [bytearray(bytes(part)) for part in parts]
            for part in changed:
                for _ in range(chance.randrange(3)):
                    at = chance.randrange(len(part) + 1)
                    part[at : at + chance.randrange(9)] = chance.randbytes(chance.randrange(9))
            described = {**about, "kind": kind, "dtype": chance.choice(["<f8", "O", "M8[s]", "|S9", 5, "<i4"])}
            # what `asked` turns into an error of ours
            with contextlib.suppress(_wire.Broken, ValueError, TypeError):
                _wire.decoded(described, changed, len(values), gap)


def test_nothing_that_could_run_code_reads_what_came() -> None:
    for module in (_wire, _guard, native):
        text = Path(str(module.__file__)).read_text(encoding="utf-8")
        assert not any(f"import {name}" in text for name in ("pickle", "marshal", "shelve", "dill", "joblib"))
        assert "eval(" not in text and "exec(" not in text


def test_trees_come_back_as_they_were() -> None:
    tree = {"q": {1: "one", 1.5: "x", "a": None}, "r": [{"lo": -NAN if False else -99, "hi": 5.0}], "n": True}
    assert _wire.decoded_tree(json.loads(json.dumps(_wire.encoded_tree(tree)))) == tree
    for broken in ({"items": 1}, {"items": [[1]]}, {"items": [[[], 1]]}, {}):
        with pytest.raises(_wire.Broken):
            _wire.decoded_tree(broken)


def test_what_a_parser_says_is_shown_without_a_long_look(monkeypatch: pytest.MonkeyPatch) -> None:
    looked_at: list[int] = []

    class Pattern:
        def sub(self, new: str, text: str) -> str:
            looked_at.append(len(text))
            return text

    monkeypatch.setattr(said_module, "_QUOTED", Pattern())
    assert len(said("no end: " + "[" * 300_000)) <= 200
    assert looked_at == [2000]


def test_a_reader_that_was_replaced_here_is_the_one_that_reads(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    sav(tmp_path / "a.sav")
    real = pyreadstat.read_sav
    asked: list[str] = []
    monkeypatch.setattr(pyreadstat, "read_sav", lambda path, **more: asked.append(path) or real(path, **more))
    read(tmp_path / "a.sav")
    assert len(asked) == 1

"""The parsers of native formats, and the program of the process they run in; `base.native` is who asks.

Imported where nothing else of the package is, so it imports nothing of it but the format of its answer.
"""

from __future__ import annotations

import contextlib
import json
import math
import os
import re
import sys
import time
import unicodedata
import zipfile
from collections.abc import Iterable
from types import ModuleType
from typing import Any
from xml.etree import ElementTree

from survey.base._wire import encoded, encoded_tree, write_frame

__all__ = ["main", "sheet_names", "statfile", "workbook"]

_STATFILES = {
    ".dta": "read_dta",
    ".por": "read_por",
    ".sas7bcat": "read_sas7bcat",
    ".sas7bdat": "read_sas7bdat",
    ".xpt": "read_xport",
}
_ZIPPED = (".xlsx", ".xlsm", ".xlsb", ".ods")
_MOST_UNPACKED = 500  # times its packed size; a sheet of real cells packs to a tenth, at most to a hundredth
_LARGE = 256 << 20  # bytes
_MOST_TOLD = 1000  # places; an error lists fewer


# ------------------------------------------------------------------ SPSS, Stata, SAS


def statfile(path: str, arguments: dict[str, Any]) -> tuple[Any, Any]:
    """The frame of a file of SPSS, Stata or SAS, and what it says about itself, by pyreadstat."""
    import pyreadstat

    reader = getattr(pyreadstat, _STATFILES.get(os.path.splitext(path)[1].lower(), "read_sav"))
    frame, about = reader(path, **arguments)
    return frame, about


class _Columns(dict[str, Any]):
    """What pyreadstat takes for a data frame, where only its columns are wanted."""

    def to_native(self) -> dict[str, Any]:
        return dict(self)


class _NoFrames:
    """In the place of narwhals inside pyreadstat: it would import pandas, which takes longer than most files."""

    @staticmethod
    def from_dict(data: dict[str, Any], backend: Any = None, schema: Any = None) -> _Columns:
        return _Columns(data)

    @staticmethod
    def get_native_namespace(frame: Any) -> None:
        return None


def _without_pandas() -> None:
    from pyreadstat import _readstat_parser

    if hasattr(_readstat_parser, "nw") and "pandas" not in sys.modules:
        _readstat_parser.nw = _NoFrames
        sys.modules["pandas"] = ModuleType("pandas")


# ------------------------------------------------------------------ workbooks


def workbook(path: str) -> list[dict[str, Any]]:
    """Every sheet of cells in the workbook's order: its columns, without the empty rows around; text in NFC."""
    import python_calamine

    zipped = os.path.splitext(path)[1].lower() in _ZIPPED
    if zipped:
        _refuse_trap(path)
    book = python_calamine.CalamineWorkbook.from_path(path)
    found: list[dict[str, Any]] = []
    for about in book.sheets_metadata:
        if about.typ != python_calamine.SheetTypeEnum.WorkSheet:
            continue
        sheet = book.get_sheet_by_name(about.name)
        columns, first = _trimmed(sheet.to_python(skip_empty_area=False))
        merged = [((a - first, b), (c - first, d)) for (a, b), (c, d) in sheet.merged_cell_ranges or []]
        hidden = about.visible != python_calamine.SheetVisibleEnum.Visible
        found.append({"name": about.name, "columns": columns, "merged": merged, "hidden": hidden, "skipped": first})
    inside = _inside(path, [s["name"] for s in found if s["columns"]]) if zipped else {}
    for told in found:
        told["inside"] = inside.get(told["name"], {})
    return found


def sheet_names(path: str) -> list[str]:
    """Names of the sheets of a workbook."""
    import python_calamine

    if os.path.splitext(path)[1].lower() in _ZIPPED:
        _refuse_trap(path)
    return list(python_calamine.CalamineWorkbook.from_path(path).sheet_names)


def _refuse_trap(path: str) -> None:
    if not zipfile.is_zipfile(path):
        raise ValueError("no complete archive")
    with zipfile.ZipFile(path) as archive:
        for part in archive.infolist():
            if part.file_size > _LARGE and part.file_size > _MOST_UNPACKED * max(part.compress_size, 1):
                raise ValueError(f"a part of the archive that unpacks to {part.file_size / 1e9:.1f} GB")


def _trimmed(rows: list[list[Any]]) -> tuple[list[list[Any]], int]:
    """Columns of the rows from the first with a cell to the last, and how many stood empty above."""
    width = max(map(len, rows), default=0)
    last = len(rows)
    while last and rows[last - 1].count("") == len(rows[last - 1]):
        last -= 1
    first = next((i for i in range(last) if rows[i].count("") < len(rows[i])), 0)
    rows = [row if len(row) == width else [*row, *[""] * (width - len(row))] for row in rows[first:last]]
    columns = [_tidied(list(column)) for column in zip(*rows, strict=True)]
    above = min((_empty(column) for column in columns), default=0)
    below = min((_empty(reversed(column)) for column in columns), default=0) if above < last - first else 0
    if above or below:  # rows of nothing but spaces
        columns = [column[above : len(column) - below] for column in columns]
    while columns and columns[-1].count("") == len(columns[-1]):
        columns.pop()
    return columns, first + above


def _tidied(cells: list[Any]) -> list[Any]:
    """Text in NFC, and "" for nothing but spaces."""
    changed = {
        text: "" if text.isspace() else unicodedata.normalize("NFC", text)
        for text in {cell for cell in cells if type(cell) is str}
        if text.isspace() or not unicodedata.is_normalized("NFC", text)
    }
    return [changed.get(cell, cell) if type(cell) is str else cell for cell in cells] if changed else cells


def _empty(cells: Iterable[Any]) -> int:
    """How many cells are empty before the first that is not."""
    count = 0
    for cell in cells:
        if cell != "":
            break
        count += 1
    return count


# What only the file itself says, and calamine does not. No pattern looks twice at a character: a file may hold
# a million openings of a tag and no end of one.
_FORMULA = re.compile(
    rb"<c\b([^<>]*+)>\s*+<f\b[^<>]*+(?:(?<=/)>|>[^<]*+</f>)\s*+(?:<v\s*+/>|<v>\s*+</v>)?+\s*+</c>"
)  # a formula, and no value
_ERROR = re.compile(rb'<c\b((?>[^<>]*?\bt="e")[^<>]*+)>')
_PLACE = re.compile(rb'\br="([A-Z]{1,3}[0-9]{1,7})"')
_ODS_FORMULA = re.compile(r"<table:table-cell\b(?=[^<>]*?table:formula=)(?![^<>]*?office:value-type=)[^<>]*+>")


def _inside(path: str, sheets: list[str]) -> dict[str, dict[str, Any]]:
    """By sheet: formulas without a value and cells with an error, by their place; whether dates count from 1904.

    Both would be read as empty cells. Only .xlsx, .xlsm and .ods are looked into.
    """
    try:
        with zipfile.ZipFile(path) as archive:
            if "content.xml" in archive.namelist():
                return _inside_ods(archive.read("content.xml").decode("utf-8", errors="replace"), sheets)
            return {} if path.lower().endswith(".xlsb") else _inside_xlsx(archive, sheets)
    except MemoryError:
        raise
    except Exception:  # calamine could read it: what else is in it is not known
        return {}


def _inside_ods(text: str, sheets: list[str]) -> dict[str, dict[str, Any]]:
    found = {}
    for sheet in sheets if "table:formula" in text else ():
        start = text.find(f'table:name="{sheet}"')
        part = text[start : text.find("</table:table>", start)] if start >= 0 else ""
        found[sheet] = {"formulas": ["a cell"] * min(len(_ODS_FORMULA.findall(part)), _MOST_TOLD)}
    return found


def _inside_xlsx(archive: zipfile.ZipFile, sheets: list[str]) -> dict[str, dict[str, Any]]:
    head = archive.read("xl/workbook.xml")
    tree = ElementTree.fromstring(head)
    links = ElementTree.fromstring(archive.read("xl/_rels/workbook.xml.rels"))
    target = {link.get("Id"): link.get("Target", "") for link in links}
    since = re.search(rb'date1904="(1|true)"', head) is not None
    parts: dict[str, str] = {}
    for element in tree.iter():
        name = unicodedata.normalize("NFC", element.get("name", ""))
        if element.tag.endswith("}sheet") and name not in parts:
            part = next((target.get(v) for k, v in element.attrib.items() if k.endswith("}id")), None)
            if part:
                parts[name] = part.lstrip("/") if part.startswith("/") else f"xl/{part}"
    found = {}
    seen: dict[str, dict[str, Any]] = {}
    for sheet in sheets:
        part = parts.get(unicodedata.normalize("NFC", sheet))
        if part is not None and part not in seen:
            with contextlib.suppress(KeyError):
                seen[part] = _inside_sheet(archive.read(part))
        found[sheet] = {**seen.get(part or "", {}), "since_1904": since}
    return found


def _inside_sheet(xml: bytes) -> dict[str, Any]:
    formulas = [m[1] for m in _FORMULA.finditer(xml) if b't="str"' not in m[1]] if b"<f" in xml else []
    errors = _ERROR.findall(xml) if b't="e"' in xml else []
    return {"formulas": _places(formulas), "errors": _places(errors)}


def _places(cells: list[bytes]) -> list[str]:
    found = (_PLACE.search(cell) for cell in cells[:_MOST_TOLD])
    return [match[1].decode() if match else "a cell" for match in found]


# ------------------------------------------------------------------ the other process


def main(request: dict[str, Any]) -> None:
    """Parse one file within limits, write what was found to the standard output, and end."""
    out = os.fdopen(os.dup(1), "wb", buffering=1 << 16)
    os.dup2(2, 1)  # what a library prints must not get among the answer
    task, path = request["task"], request["path"]
    try:
        if task == "statfile":
            import pyreadstat  # noqa: F401

            if "catalog_file" not in request["arguments"]:
                _without_pandas()
        else:
            import python_calamine  # noqa: F401
        write_frame(out.write, b"ready")
        out.flush()
        _limit(request["seconds"], request["memory"])
        head, parts = _answer(task, path, request.get("arguments", {}))
    except BaseException as problem:  # PanicException is no Exception
        head, parts = {"failed": type(problem).__name__, "text": _text(problem)}, []
    write_frame(out.write, json.dumps(head).encode("ascii"))
    for part in parts:
        write_frame(out.write, part)
    out.flush()
    os._exit(0)  # nothing is to be tidied up, and large lists take long to free


def _answer(task: str, path: str, arguments: dict[str, Any]) -> tuple[dict[str, Any], list[Any]]:
    if task == "names":
        return {"names": sheet_names(path)}, []
    parts: list[Any] = []
    if task == "workbook":
        sheets = workbook(path)
        for sheet in sheets:
            columns = sheet.pop("columns")
            sheet["rows"] = len(columns[0]) if columns else 0
            sheet["columns"] = _columns(columns, parts, "")
        return {"sheets": sheets}, parts
    frame, about = statfile(path, arguments)
    names = list(frame)
    columns = [frame.pop(name) for name in names]
    columns = [c if isinstance(c, list) else getattr(c, "to_numpy", lambda c=c: c)() for c in columns]
    rows = len(columns[0]) if columns else 0
    head = {"names": names, "rows": rows, "columns": _columns(columns, parts, float("nan"))}
    return {**head, "about": encoded_tree(vars(about))}, parts


def _columns(columns: list[Any], parts: list[Any], gap: str | float) -> list[dict[str, Any]]:
    described = []
    for i, column in enumerate(columns):
        about, own = encoded(column, gap)
        described.append({**about, "parts": len(own)})
        parts += own
        columns[i] = None  # its bytes are enough
    return described


def _text(problem: BaseException) -> str:
    try:
        return str(problem)[:2000]
    except Exception:
        return ""


def _limit(seconds: float, memory: int) -> None:
    """Set the limits that this system has; of those that stand already the lower one holds."""
    import faulthandler

    # in a thread of C, so that it ends a parser that holds the interpreter, even where our parent is gone
    with contextlib.suppress(Exception):
        faulthandler.dump_traceback_later(10 * seconds, exit=True)
    try:
        import resource
    except ImportError:  # Windows
        return
    wanted = {resource.RLIMIT_CORE: 0, resource.RLIMIT_CPU: math.ceil(time.process_time() + seconds)}
    if sys.platform.startswith("linux"):  # macOS takes the limit, and does not hold it
        with open("/proc/self/statm", encoding="ascii") as stream:
            now = int(stream.read().split()[0]) * os.sysconf("SC_PAGE_SIZE")
        wanted[resource.RLIMIT_AS] = now + memory
    for kind, value in wanted.items():
        soft, hard = resource.getrlimit(kind)
        with contextlib.suppress(ValueError, OSError):
            resource.setrlimit(kind, (value if soft == resource.RLIM_INFINITY else min(value, soft), hard))

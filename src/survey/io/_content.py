"""What a file is by its first bytes, whatever its name says."""

from __future__ import annotations

from pathlib import Path

from survey.base.files import system_message
from survey.errors import ReadError

__all__ = ["refuse_other_content"]

_SIGNS = (
    (b"$FL2", "an SPSS file", ".sav"),
    (b"$FL3", "an SPSS file", ".zsav"),
    (b"\x1c\0\0\0\0\0\0\0ENCRYPTEDSAV", "an SPSS file protected by a password", ""),
    (b"<stata_dta>", "a Stata file", ".dta"),
    (b"PK\x03\x04", "an archive such as an Excel workbook", ".xlsx"),
    (b"\xd0\xcf\x11\xe0", "an old or encrypted Office file", ".xls"),
    (b"PAR1", "a Parquet file", ".parquet"),
    (b"HEADER RECORD*******LIBRARY HEADER RECORD", "a SAS transport file", ".xpt"),
    (b"HEADER RECORD*******LIBV8", "a SAS transport file", ".xpt"),
    (bytes(12) + bytes.fromhex("c2ea8160b31411cfbd92080009c7318c"), "a SAS file", ".sas7bdat"),
    (b"\x1f\x8b", "a gzip archive", ""),
    (b"%PDF", "a PDF", ""),
    (b"SQLite format 3", "a database", ""),
)
_BINARY = (".sav", ".zsav", ".dta", ".xlsx", ".xlsm", ".xlsb", ".xls", ".ods", ".por", ".parquet", ".xpt", ".sas7bdat")
_SAVED_BY_R = (".rds", ".rda", ".rdata")  # gzip, bzip2, xz or none of these
_SAME = ((".sav", ".zsav"), (".xlsx", ".xlsm", ".xlsb", ".ods"))


def refuse_other_content(path: Path) -> None:
    """Raise if a file is empty, or its content is not what its extension says.

    Raises
    ------
    ReadError
    """
    suffix = path.suffix.lower()
    try:
        with open(path, "rb") as stream:
            head = stream.read(1024)
            stream.seek(max(path.stat().st_size - 64, 0))
            tail = stream.read()
    except OSError as problem:
        raise ReadError(
            "The file cannot be opened.",
            where=path,
            got=system_message(problem),
            expected="a readable file",
            fix="correct the path, or the file permissions",
        ) from problem
    if not head:
        raise ReadError("The file is empty.", where=path, got="0 bytes", fix="export or copy it again")
    what, right = _content(head)
    if suffix in _SAVED_BY_R and right == "" and what in ("", "a gzip archive"):
        return
    own = next((same for same in _SAME if suffix in same), (suffix,))
    if head.startswith(b"<stata_dta>") and suffix == ".dta" and b"</stata_dta>" not in tail:
        raise ReadError("The file is cut short.", where=path, got="no end mark", fix="copy or export it again")
    if suffix == ".parquet" and right == ".parquet" and not tail.endswith(b"PAR1"):
        raise ReadError("The file is cut short.", where=path, got="no end mark", fix="copy or export it again")
    if right in own or (not what and suffix not in _BINARY):
        return
    raise ReadError(
        f"The content of the file is not what its name says: a {suffix} file.",
        where=path,
        got=what or f"bytes that begin with {head[:12]!r}",
        expected=f"a {suffix} file",
        fix=f"give it the extension {right}"
        if right
        else "save it without a password"
        if "password" in what
        else "export it again as .sav, .dta, .csv or .xlsx",
    )


def _content(head: bytes) -> tuple[str, str]:
    for sign, what, suffix in _SIGNS:
        if head.startswith(sign):
            return what, suffix
    if head[0] in range(102, 116) and len(head) > 3 and head[1] in (1, 2) and head[2] == 1:
        return "a Stata file", ".dta"
    if b"SPSS PORT FILE" in head:
        return "an SPSS portable file", ".por"
    if head.lstrip()[:14].lower().startswith((b"<!doctype html", b"<html")):
        return "a web page", ""
    return "", ""

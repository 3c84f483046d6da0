"""The parts of an office file that somebody hands in: opened without trust, one clear error for what is none."""

from __future__ import annotations

import io
import os
import zipfile
import zlib
from pathlib import Path, PurePosixPath
from typing import Any

from survey.errors import ReadError

__all__ = ["KINDS", "Parts", "parsed"]

KINDS = {".docx": "Word document", ".pptx": "PowerPoint presentation", ".xlsx": "Excel workbook"}
"""What files are by their ending."""
_MAIN = {".docx": "wordprocessingml.document.main", ".pptx": "presentationml", ".xlsx": "spreadsheetml.sheet.main"}
_LARGE, _MOST = 30_000_000, 200
"""Bytes of a part above which it is looked at, and how many times its packed size it may then take."""
_WHOLE = 600_000_000
"""Bytes that the parts of a document may take together."""
_OLD = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
"""Compound files (MS-CFB): what Office writes with a password, and before 2007."""


def parsed(content: bytes) -> Any:
    """An XML text as lxml has it; entities are not followed."""
    from lxml import etree

    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False)
    return etree.fromstring(content, parser)


class Parts:
    """An office file.

    Parameters
    ----------
    path : path
    content : bytes, optional
        In place of what is in the file: of a file within a file.

    Raises
    ------
    ReadError
        If it is missing, empty, damaged, locked by a password, no document of its ending, or would unpack to more than
        a document does.
    """

    def __init__(self, path: str | os.PathLike[str], content: bytes | None = None) -> None:
        self.path = Path(path)
        self.kind = self.path.suffix.lower()
        try:
            content = self.path.read_bytes() if content is None else content
        except OSError as problem:
            raise self.refused("no readable file" if problem.errno is None else os.strerror(problem.errno)) from problem
        if content.startswith(_OLD):
            raise self.refused(
                "a file with a password, or of Office before 2007", "remove the password, and save it as"
            )
        if not content:
            raise self.refused("an empty file")
        try:
            self._archive = zipfile.ZipFile(io.BytesIO(content))
            self._refuse_trap()
            self.names = frozenset(self._archive.namelist())
            types = self.read("[Content_Types].xml").decode("utf-8", "replace")
        except (zipfile.BadZipFile, KeyError, ValueError, EOFError, NotImplementedError) as problem:
            raise self.refused("a damaged file, or one of another kind") from problem
        if _MAIN[self.kind] not in types:
            raise self.refused("a document of another kind")

    def refused(self, got: str, fix: str = "save it again as") -> ReadError:
        """The error of a file that cannot be read."""
        return ReadError(
            f"The file is not a {KINDS[self.kind]}.",
            where=self.path,
            got=got,
            expected=f"a {self.kind} that a program can open",
            fix=f"{fix} {self.kind}",
        )

    def _refuse_trap(self) -> None:
        whole = 0
        for part in self._archive.infolist():
            whole += part.file_size
            trap = part.file_size > _LARGE and part.file_size > _MOST * max(part.compress_size, 1)
            if trap or whole > _WHOLE:
                raise self.refused(f"an archive that would unpack to {max(whole, part.file_size) / 1e6:,.0f} MB")

    def read(self, name: str) -> bytes:
        """A part."""
        try:
            return self._archive.read(name)
        except (zipfile.BadZipFile, zlib.error, EOFError, RuntimeError, OSError) as problem:
            raise self.refused(f"a damaged part, {name}") from problem

    def xml(self, name: str) -> Any:
        """A part as lxml has it."""
        from lxml import etree

        try:
            return parsed(self.read(name))
        except (etree.XMLSyntaxError, KeyError) as problem:
            raise self.refused(f"a damaged part, {name}") from problem

    def related(self, name: str) -> dict[str, tuple[str, str]]:
        """Parts that a part names: kind and name, by the id that it names them with. Those of the web are left out."""
        at = PurePosixPath(name)
        own = f"{at.parent}/_rels/{at.name}.rels".removeprefix("./")
        found: dict[str, tuple[str, str]] = {}
        if own not in self.names:
            return found
        for one in self.xml(own):
            if one.get("TargetMode") == "External":
                continue
            target = one.get("Target") or ""
            steps = [] if target.startswith("/") else [p for p in at.parent.parts if p != "."]
            for step in target.lstrip("/").split("/"):
                steps = steps[:-1] if step == ".." else steps if step == "." else [*steps, step]
            found[one.get("Id")] = ((one.get("Type") or "").rpartition("/")[2], "/".join(steps))
        return found

    def of_kind(self, name: str, kind: str) -> list[str]:
        """Names of the parts of a kind that a part names."""
        return [part for found, part in self.related(name).values() if found == kind and part in self.names]

    @property
    def main(self) -> str:
        """The part that the document begins with."""
        found = self.of_kind("", "officeDocument")
        if not found:
            raise self.refused("a file without a main part")
        return found[0]

    @property
    def language(self) -> str:
        """What the document says of its language: "vi"; "" where it says nothing."""
        for name in self.of_kind("", "core-properties"):
            for one in self.xml(name):
                if isinstance(one.tag, str) and one.tag.endswith("}language"):
                    return (one.text or "").partition("-")[0].lower()
        return ""

"""How columns are spelled: names that are one name as `read` gives them, and are told apart by their bytes alone."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from survey.errors import ReadError, shorten
from survey.io._raw import column_name

__all__ = ["differently", "shown", "together", "two_spellings"]


def shown(name: Any) -> Any:
    """A name as `read` gives it; one of blanks alone, and what is no text, as it is."""
    return (column_name(name) or name) if isinstance(name, str) else name


def two_spellings(files: Iterable[tuple[str, Sequence[str]]]) -> dict[str, ReadError]:
    """Names that are one name, one in some files and one in others, and what is to be said of each.

    Parameters
    ----------
    files : list of (path, names)
    """
    files = list(files)
    found: dict[str, ReadError] = {}
    first = {name: path for path, names in reversed(files) for name in names}
    within = {shown(n) for _, names in files for n, same in together(names).items() if len(same) > 1}
    for name, spellings in together(n for _, names in files for n in names).items():
        if len(spellings) > 1 and name not in within:
            one, other = spellings[:2]
            problem = ReadError(
                "Files spell the name of a column in two ways that look alike.",
                where=f"column {name!r}, {first[other]}",
                got=f"{differently([other])}, where {first[one]} has it {differently([one])}",
                expected="one spelling in all files: names alike but for the Unicode form and blanks are one name",
                fix='write those files again under composed names: sv.read(path).write("name.parquet"); or scan them '
                "one by one, or count them with sv.count_new, which looks at one file at a time",
            )
            found |= dict.fromkeys(spellings, problem)
    return found


def together(names: Iterable[str]) -> dict[str, list[str]]:
    """The different spellings of each name that is shown."""
    found: dict[str, dict[str, None]] = {}
    for name in names:
        found.setdefault(shown(name), {})[name] = None
    return {name: list(spellings) for name, spellings in found.items()}


def differently(spellings: Sequence[str]) -> str:
    """In words, how names are spelled that look alike."""
    return shorten([_told(name) for name in spellings], 4)


def _told(name: str) -> str:
    stripped = name.strip()
    form = "in composed Unicode (NFC)" if stripped == shown(name) else "in decomposed Unicode (NFD)"
    return form if stripped == name else f"{form} with blanks about it"

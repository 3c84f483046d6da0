"""Whether the cells of a column are names of people, or of the streets and wards that bear such names."""

from __future__ import annotations

from collections.abc import Mapping
from statistics import median

from survey.base._personal_words import lists
from survey.base.personal import has_form_of_name, in_text, is_famous

__all__ = ["Names", "names_in"]

Names = tuple[str, str, list[str]]
"""The rule that found them, how sure it is, and the cells."""

_MOST = 0.5  # share of the cells that makes it a column of names
_LEAST = 3  # cells
_FAMOUS = 0.25  # share of the names: of people, one in fifty is called like a street
_LONG = 0.3  # share of the names that have three words or more; most people's have
_FREQUENT = 0.4  # share of names that begin like most people's; of places one in ten
_FREQUENT_FAMILIES = frozenset(["nguyễn", "trần", "lê", "phạm", "nguyen", "tran", "le", "pham"])


def names_in(
    counts: Mapping[str, int], named_by: str | None, *, people: bool = False, by_labels: bool = False
) -> Names | None:
    """The names among the distinct cells of a column, if there are any.

    Parameters
    ----------
    counts : mapping of str to int
        Distinct cells, and the rows that hold each.
    named_by : str, optional
        What says that the column holds names of people: its name, or the wording of its question.
    people : bool
        Whether the column is one of people by its name ("ward_officer"), who may be called like a street too.
    by_labels : bool
        Whether they are the labels of codes.
    """
    texts = list(counts)
    formed = [t for t in texts if has_form_of_name(t)]
    famous = [] if people else [t for t in texts if is_famous(t)]
    names = formed if people else [t for t in formed if not is_famous(t)]
    share = len(names) / len(texts) if texts else 0.0
    if named_by is not None and (names or _like_names(texts)):
        return named_by, "certain" if share >= _MOST else "likely", names or texts
    titled = [t for t in texts if _titled(t)]
    if len(titled) >= 2 or (titled and titled[0][0].islower()):  # "Anh Dũng" alone is a ward of this name
        return "cells that are a title and a name", "likely", titled
    if not formed:
        return None
    rule = "labels of its codes" if by_labels else "cells that are names"
    if len(formed) >= _LEAST and len(formed) >= _MOST * len(texts):
        return (
            (rule, "likely", names)
            if names and _of_people(names, famous)
            else (f"{rule} of streets and wards", "possible", formed)
        )
    full = [t for t in names if len(t.split()) >= 3 and t.split()[0].casefold() in lists().common_families]
    if not full or by_labels:
        return None
    # a few among other cells: helpers and officials in an open question, or wards among those of a sample
    places = bool(famous) and len(famous) >= _FAMOUS * (len(full) + len(famous))
    places = places or (len(texts) >= _LEAST and median(counts[t] for t in full) >= _LEAST and _short(texts))
    return ("single cells that are names", "possible" if places else "likely", full)


def _titled(text: str) -> bool:
    """Whether a whole cell is a title with a name: "chị Lan"."""
    if len(text) > 60 or not 2 <= len(text.split()) <= 6:
        return False
    return any(h.rule.startswith("title") and len(h.found) >= len(text.strip()) for h in in_text(text))


def _of_people(names: list[str], famous: list[str]) -> bool:
    """Whether a column of names is one of people: few are known of places, most are made as people's are."""
    if len(famous) >= 2 and len(famous) >= _FAMOUS * (len(names) + len(famous)):
        return False
    if len(famous) >= len(names):
        return False
    words = [t.split() for t in names]
    if sum(len(w) >= 3 for w in words) >= _LONG * len(words):
        return True
    return sum(w[0].casefold() in _FREQUENT_FAMILIES for w in words) >= _FREQUENT * len(words)


def _short(texts: list[str]) -> bool:
    """Whether cells are as short as names of places are."""
    return all(len(t.split()) <= 5 and not any(c in ".!?" for c in t) for t in texts)


def _like_names(texts: list[str]) -> bool:
    """Whether most cells are one to five words with capitals and no digits."""
    fitting = [
        t
        for t in texts
        if len(t) <= 60 and 1 <= len(t.split()) <= 5 and t[0].isupper() and not any(c.isdigit() for c in t)
    ]
    return len(fitting) >= 0.7 * len(texts) and len(fitting) >= 2

"""Changes planted in a Word document, each of the kind that a hand or a careless edit makes."""

from __future__ import annotations

import copy
import random
import re
from collections.abc import Callable
from typing import Any

W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
DIGIT = re.compile(r"\d")
_PAIRS = (("2023", "2024"), ("đợt 1", "đợt 2"), ("baseline", "follow-up"))
OTHER_WAVE = dict(_PAIRS) | {other: one for one, other in _PAIRS}
WAVES = re.compile("|".join(OTHER_WAVE), re.IGNORECASE)


def controls(body: Any) -> list[Any]:
    """The text nodes of controls that hold a number."""
    found = []
    for control in body.iter(f"{W}sdt"):
        (text,) = list(control.iter(f"{W}t"))
        if DIGIT.search(text.text or ""):
            found.append(text)
    return found


def tag_of(text: Any) -> str:
    control = next(up for up in text.iterancestors() if up.tag == f"{W}sdt")
    return str(control.find(f"{W}sdtPr/{W}tag").get(f"{W}val"))


def rows_of(table: Any) -> list[Any]:
    """Rows with numbers under their headings."""
    return [r for r in table.iter(f"{W}tr") if len(r.findall(f"{W}tc")) > 1 and r.find(f"{W}trPr/{W}tblHeader") is None]


def text_nodes(element: Any) -> list[Any]:
    return [t for t in element.iter(f"{W}t") if t.text]


def last_digit(body: Any, at: random.Random) -> bool:
    node = at.choice(controls(body))
    place = [m.start() for m in DIGIT.finditer(node.text)][-1]
    other = at.choice([d for d in "0123456789" if d != node.text[place]])
    node.text = node.text[:place] + other + node.text[place + 1 :]
    return True


def sign(body: Any, at: random.Random) -> bool:
    node = at.choice(controls(body))
    node.text = (
        node.text.replace("−", "") if "−" in node.text else DIGIT.sub(lambda m: f"−{m.group()}", node.text, count=1)
    )
    return True


def unit(body: Any, at: random.Random) -> bool:
    """A per cent sign taken out, or put where there was none."""
    signed = [t for t in body.iter(f"{W}t") if t.text and re.search(r"\d%|^%", t.text)]
    nodes = signed if signed and at.random() < 0.5 else controls(body)
    node = at.choice(nodes)
    node.text = node.text.replace("%", "", 1) if "%" in node.text else f"{node.text}%"
    return True


def swapped_cells(body: Any, at: random.Random) -> bool:
    """Two numbers of a table change places, as they are printed."""
    tables = [t for t in body.iter(f"{W}tbl") if len(controls(t)) > 1]
    nodes = controls(at.choice(tables))
    one = at.choice(nodes)
    others = [n for n in nodes if n.text != one.text]
    if not others:
        return False
    other = at.choice(others)
    one.text, other.text = other.text, one.text
    return True


def moved_cells(body: Any, at: random.Random) -> bool:
    """Two cells of a column change places with all that is in them, evidence too."""
    rows = [r for r in rows_of(at.choice(list(body.iter(f"{W}tbl")))) if controls(r)]
    if len(rows) < 2:
        return False
    one, other = at.sample(rows, 2)
    column = at.randrange(1, len(one.findall(f"{W}tc")))
    cells = [r.findall(f"{W}tc")[column] for r in (one, other)]
    texts = ["".join(t.text or "" for t in c.iter(f"{W}t")) for c in cells]
    if texts[0] == texts[1] or not all(controls(c) for c in cells):
        return False
    copies = [copy.deepcopy(c) for c in cells]
    for cell, new in zip(cells, reversed(copies), strict=True):
        cell.getparent().replace(cell, new)
    return True


def swapped_labels(body: Any, at: random.Random) -> bool:
    """The names of two rows of a table change places."""
    rows = [r for r in rows_of(at.choice(list(body.iter(f"{W}tbl")))) if controls(r)]
    stubs = [text_nodes(r.find(f"{W}tc")) for r in rows]
    stubs = [s for s in stubs if len(s) == 1]
    if len(stubs) < 2:
        return False
    one, other = (s[0] for s in at.sample(stubs, 2))
    if one.text == other.text:
        return False
    one.text, other.text = other.text, one.text
    return True


def base(body: Any, at: random.Random) -> bool:
    """Another number of respondents."""
    nodes = [n for n in controls(body) if tag_of(n).endswith(".n")]
    node = at.choice(nodes)
    node.text = str(at.randrange(31, 999))
    return True


def wave(body: Any, at: random.Random) -> bool:
    """The year or name of one wave where the other stood, in a sentence with evidence or in a heading of a table."""
    places = [p for p in body.iter(f"{W}p") if controls(p)] + [
        row for row in body.iter(f"{W}tr") if row.find(f"{W}trPr/{W}tblHeader") is not None
    ]
    nodes = [t for p in places for t in text_nodes(p) if WAVES.search(t.text)]
    if not nodes:
        return False
    node = at.choice(nodes)
    node.text = WAVES.sub(lambda m: OTHER_WAVE[m.group().lower()], node.text)
    return True


def from_elsewhere(body: Any, at: random.Random) -> bool:
    """A number that is right elsewhere."""
    nodes = controls(body)
    one = at.choice(nodes)
    other = at.choice([n for n in nodes if n.text != one.text])
    one.text = other.text
    return True


KINDS: dict[str, Callable[[Any, random.Random], bool]] = {
    f.__name__: f
    for f in (
        last_digit,
        sign,
        unit,
        swapped_cells,
        moved_cells,
        swapped_labels,
        base,
        wave,
        from_elsewhere,
    )
}


def plant(body: Any, kind: str, seed: int) -> Any:
    """A copy of the body of a document with one change of a kind; what cannot be done is tried elsewhere."""
    at = random.Random(f"{kind} {seed}")
    for _ in range(200):
        changed = copy.deepcopy(body)
        if KINDS[kind](changed, at):
            return changed
    raise AssertionError(f"there is no place for {kind}")

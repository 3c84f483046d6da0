"""Titles of differences: one in words, several by how many of them the data show and which way."""

from __future__ import annotations

from collections.abc import Sequence

from survey.core.adjusting import adjust_pvalues
from survey.exhibits._basis import Basis, Statement
from survey.words import labels
from survey.words import locale as loc
from survey.words.certainty import certainty
from survey.words.difference_sentence import difference, in_brief
from survey.words.families import alpha_of
from survey.words.parts import item_of, nouns
from survey.words.sides import Sides, measured

__all__ = ["of_differences"]


def of_differences(b: Basis, comparisons: int = 0) -> Statement | None:
    """The title of differences; `comparisons` of them were judged together for the title."""
    e, rows = b.e, b.eligible()
    total = b.total or len(e.table)
    if not rows:
        return None
    told, comparisons = _told(b, rows, comparisons)
    alpha = alpha_of(e, rows[0])
    estimate = e.table["estimate"].to_numpy(float)
    sides = [b.sides(i) for i in rows]
    about: tuple[tuple[int, ...], ...] = ()
    if total == 1:
        texts, about = _one(b, rows[0], sides[0], told[0]), ((rows[0] + 1,),)
    else:
        rose = [k for k, i in enumerate(rows) if told[k] and estimate[i] > 0]
        fell = [k for k, i in enumerate(rows) if told[k] and estimate[i] < 0]
        same = {(s.kind, s.one, s.other) for s in sides if s is not None}
        if None not in sides and len(same) == 1 and next(iter(same))[0] in ("change", "groups"):
            texts = _alike(b, rows, [s for s in sides if s is not None], rose, fell, total)
        else:
            texts = _counted(b, rows, rose + fell, total)
    return Statement(tuple(texts), comparisons, alpha, about) if texts else None


def _told(b: Basis, rows: list[int], comparisons: int) -> tuple[list[bool], int]:
    """Which differences the data show; several whose p-values nobody adjusted are judged by Holm's method."""
    e = b.e
    told, measures = b.shown(e), labels.measures(e)
    shown = [bool(told[i]) and measures[i].difference for i in rows]
    if len(rows) < 2 or "p_adjusted" in e.table.columns or "p_value" not in e.table.columns:
        return shown, comparisons
    p = adjust_pvalues(e.table["p_value"].to_numpy(float)[rows])
    known = e.once(certainty)[rows] == "known"
    levels = [alpha_of(e, i) for i in rows]
    return [s and bool(q < a or k) for s, q, a, k in zip(shown, p, levels, known, strict=True)], len(rows)


def _one(b: Basis, i: int, sides: Sides | None, told: bool) -> list[str]:
    """One difference, as sentences tell it; where the data do not show it, also without its estimate."""
    e, what = b.e, b.what(item_of(b.e, i))
    name = str(e.table["contrast"].iloc[i]) if "contrast" in e.table.columns else ""
    names = {name: b.names[name]} if name in b.names else {}
    if not labels.measure_at(e, i).difference:
        return []
    if told and sides is not None and not _tellable(b, i):
        return []
    if sides is None or names:
        return [difference(e, i, b.lang, what, names, None, brief=True)]
    texts = [difference(e, i, b.lang, what, names, None, brief=True)]
    sides = in_brief(sides)
    if not told:
        key = "statements.unshown" if sides.kind == "groups" else f"statements.unshown_{sides.kind}"
        head = f"{sides.place}: " if sides.place else ""
        parts = {"subject": measured(e, i, b.lang, what), "one": sides.one, "other": sides.other}
        texts.append(head + b.text(key, **parts))
    return texts


def _tellable(b: Basis, i: int) -> bool:
    """Whether the two numbers of a difference still differ with the decimals that they are read with, or one more."""
    e, pair = b.e, labels.compared(b.e, i)
    if pair is None or e.origin is None:
        return True
    measure = labels.measure_at(e, i)
    x, y = (measure.factor * float(e.origin.table["estimate"].iloc[k]) for k in pair)
    return any(loc.rounded(x, d) != loc.rounded(y, d) for d in (measure.digits, measure.digits + 1))


def _alike(
    b: Basis, rows: list[int], sides: Sequence[Sides], rose: list[int], fell: list[int], total: int
) -> list[str]:
    """The same difference in several groups or items: where it is shown, and which way."""
    e, lang = b.e, b.lang
    items = [item_of(e, i) for i in rows]
    several = len(set(items)) > 1
    names = [s.place for s in sides]
    if several:
        quotes = [b.named(item) for item in items]
        names = [
            b.text("statements.placed", item=item, place=place) if place else item
            for item, place in zip(quotes, names, strict=True)
        ]
    if len(set(names)) < len(names):
        return []  # what cannot be told apart cannot be told of
    unit, groups = _groups(b, len(rows), several, any(s.place for s in sides))
    if len(rows) < total:
        groups = b.text("statements.assessed", groups=groups)
    kind = "items" if several else "groups"
    up, down, mixed, none = (
        ("rose", "fell", "moved", "unmoved") if sides[0].kind == "change" else ("above", "below", "mixed", "even")
    )
    brief = in_brief(sides[0])
    parts = {"one": brief.one, "other": brief.other, **b.among(unit, groups)}
    if not several:
        parts["item"] = measured(e, rows[0], lang, b.what(items[0]))
    if not rose and not fell:
        shorter = [b.text(f"statements.unmoved_{kind}_brief", groups=groups, **parts)] if none == "unmoved" else []
        return [b.text(f"statements.{none}_{kind}", groups=groups, **parts), *shorter]
    left = len(rows) - len(rose) - len(fell)
    rest = b.text("statements.rest_change" if sides[0].kind == "change" else "statements.rest_difference", n=left)
    ways = [b.which([names[k] for k in at], groups, len(at) == len(rows)) for at in (rose, fell)]
    if rose and fell:
        texts = [
            b.text(f"statements.{mixed}_{kind}", rose=a, fell=c, **parts)
            for a, c in zip((ways[0][0], ways[0][-1]), (ways[1][0], ways[1][-1]), strict=True)
        ]
    else:
        key, found = (up, ways[0]) if rose else (down, ways[1])
        texts = [b.text(f"statements.{key}_{kind}", which=which, **parts) for which in found]
    # names alone leave open what became of the others; of how many they are, or a number of so many, does not
    named = [
        b.text("statements.among", groups=groups, text=text) for text in texts[:-1] if left and not (rose and fell)
    ]
    told = [text + rest * bool(left) for text in texts]
    return list(dict.fromkeys([*told[:-1], *named, told[-1], texts[-1]]))


def _groups(b: Basis, n: int, several: bool, placed: bool) -> tuple[str, str]:
    """What one result is of, and a number of them: "ward" and "10 wards", "item" and "12 items"."""
    if several:
        options = b.e.origin is not None and b.e.origin.kind.options
        key = "statements.result" if placed else "statements.option" if options else "statements.item"
        return b.text(key), b.text(f"{key}s", n=n)
    origin = b.e if b.e.origin is None else b.e.origin
    vary = labels.varying(origin, origin.by)
    pair = labels.compared(b.e, 0)
    if pair is not None:
        one, other = (origin.table.iloc[k] for k in pair)
        vary = [c for c in vary if one[c] == other[c]]
    if len(vary) == 1:
        one, several_of_them = nouns(origin, vary[0], b.lang, "narrative.group", "narrative.groups")
        return one, f"{n} {several_of_them}"
    return b.text("statements.result"), b.text("statements.results", n=n)


def _counted(b: Basis, rows: list[int], told: list[int], total: int) -> list[str]:
    """Differences of several kinds: how many of them the data show."""
    e, lang = b.e, b.lang
    measures = labels.measures(e)
    if not all(measures[i].difference for i in rows):
        return []
    items = {item_of(e, i) for i in rows}
    subject = measured(e, rows[0], lang, b.what(next(iter(items)))) if len(items) == 1 else ""
    about = b.text("statements.in_item", item=subject) if subject else ""
    groups = b.text("statements.pairs", n=len(rows))
    if len(rows) < total:
        groups = b.text("statements.assessed", groups=groups)
    if not told:
        return [b.text("statements.comparisons_none", groups=groups, about=about)]
    texts = [b.text("statements.comparisons", n=len(told), groups=groups, about=about)]
    if len(told) == 1 and len(rows) > 1:
        i = rows[told[0]]
        name = str(e.table["contrast"].iloc[i]) if "contrast" in e.table.columns else ""
        names = {name: b.names[name]} if name in b.names else {}
        one = difference(e, i, lang, b.what(item_of(e, i)), names, None, brief=True)
        texts.insert(0, one + b.text("statements.rest_difference", n=len(rows) - 1))
    return texts

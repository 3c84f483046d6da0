"""Titles of results that judge themselves: tests, ranks, effects on few units."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from survey.core.adjusting import adjust_pvalues
from survey.exhibits._basis import Basis, Statement, enumerated
from survey.words import labels
from survey.words import locale as loc
from survey.words.effect_sentence import flips_of, verdict_word
from survey.words.families import alpha_of
from survey.words.parts import item_of, nouns, size_of
from survey.words.sides import measured
from survey.words.verdict_sentence import judged, state_of

__all__ = ["of_effects", "of_ranks", "of_specifications", "of_tests"]

_FEW = 3
"""Groups that may be first, which a title names."""
_TIE = 1e-12


def of_tests(b: Basis) -> Statement | None:
    """The title of tests: one in words, several by how many of them show something."""
    e = b.e
    rows = [i for i in range(len(e.table)) if b.status[i] == "shown" and state_of(e, i) != "unknown"]
    if not rows:
        return None
    if len(e.table) == 1:
        return Statement((judged(e, 0, b.lang, b.what(item_of(e, 0)), None, brief=True),))
    if not e.kind.phrase:
        return None
    alphas = [alpha_of(e, i) for i in rows]
    own = "p_adjusted" not in e.table.columns
    p = e.table["p_value" if own else "p_adjusted"].to_numpy(float)[rows]
    p = adjust_pvalues(p) if own else p
    told = sum(bool(q < a) for q, a in zip(p, alphas, strict=True))
    what = b.text(f"statements.of_{e.kind.phrase}")
    key = "statements.tests" if told else "statements.tests_none"
    text = b.text(key, n=told, all=len(rows), what=what)
    return Statement((text,), len(rows) if own and len(rows) > 1 else 0, alphas[0])


def of_ranks(b: Basis) -> Statement | None:
    """Who is first of several, or who may be, by the intervals of their ranks."""
    e, lang = b.e, b.lang
    ranked = np.isfinite(e.table["estimate"].to_numpy(float))
    low, high = (e.table[c].to_numpy(float) for c in ("conf_low", "conf_high"))
    first = [int(i) for i in np.flatnonzero(ranked & (low <= 1))]
    n = int(ranked.sum())
    columns = labels.varying(e, e.by)
    by_item = "item" in e.table.columns and e.table["item"].nunique() > 1
    levels = ["item", *columns] if by_item else columns
    one_ranking = n > 1 and int(np.nanmax(e.table["estimate"])) <= n and len(e.table.drop_duplicates(levels)) == n
    if not first or not one_ranking or (by_item and columns) or not (high[ranked] <= n).all():
        return None
    if sum(e.table["estimate"].to_numpy(float)[ranked] == 1) > 1 and len(set(e.table["value"].iloc[first])) < 1:
        return None
    noun, several = nouns(e, columns[0] if len(columns) == 1 else "", lang, "narrative.group", "narrative.groups")
    groups = b.text("statements.items", n=n) if by_item else f"{n} {several}"
    item = "" if by_item else measured(e, first[0], lang, b.what(item_of(e, first[0])))
    if not item:
        return None
    names = [b.place(e.table.iloc[i], columns) for i in first]
    if len(first) == 1:
        at = first[0]
        if high[at] > 1 or b.status[at] != "shown":
            return None
        return Statement((b.text("statements.first", name=names[0], groups=groups, item=item),))
    if len(first) == n:
        which = b.text("statements.which_of", unit=noun, groups=groups)
        return Statement((b.text("statements.undecided", any=which, item=item),))
    which = b.text("statements.some", n=len(first), groups=groups)
    texts = [b.text("statements.some_first", which=which, item=item)]
    if len(first) <= _FEW and all(b.status[i] == "shown" for i in first):
        texts.insert(0, b.text("statements.may_be_first", names=enumerated(names, lang), groups=groups, item=item))
    return Statement(tuple(texts))


def of_effects(b: Basis) -> Statement | None:
    """Whether changes in the treated units are more than chance explains."""
    e, lang = b.e, b.lang
    rows = [i for i in range(len(e.table)) if b.status[i] == "shown" and np.isfinite(e.table["p_value"].iloc[i])]
    if not rows or len(rows) < len(e.table):
        return None
    own = "p_adjusted" not in e.table.columns
    p = e.table["p_value" if own else "p_adjusted"].to_numpy(float)
    p = adjust_pvalues(p) if own else p
    # a p-value of permutations may be alpha itself, and the test is of that level then
    told = [i for i in rows if p[i] <= alpha_of(e, i) + _TIE]
    if len(rows) > 1:
        key, judged_here = ("statements.effects" if told else "statements.effects_none"), len(rows) if own else 0
        return Statement((b.text(key, n=len(told), all=len(rows)),), judged_here, alpha_of(e, rows[0]))
    line = e.table.iloc[0]
    item = measured(e, 0, lang, b.what(item_of(e, 0)))
    if not told:
        share = b.text(
            "statements.effect_chance",
            n=int(line["as_large"]),
            ways=int(line["assignments"]),
            item=item,
            p=loc.p_equals(float(line["p_value"]), lang),
        )
        return Statement((share, b.text("statements.effect_unshown", item=item)))
    origin = e.origin
    estimate = float(line["estimate"])
    measure = replace(labels.measure_at(e, 0), difference=True)
    unit, several = nouns(
        e, origin.by[0] if origin is not None and origin.by else "", lang, "narrative.unit", "narrative.units"
    )
    treated, units = int(line["treated"]), int(line["units"])
    text = b.text(
        "statements.effect_lower" if estimate < 0 else "statements.effect_higher",
        item=item,
        size=size_of(measure, estimate, lang, None),
        treated=f"{treated} {unit if treated == 1 else several}",
        others=loc.count(units - treated, lang),
        unit=unit if units - treated == 1 else several,
    )
    return Statement((text,))


def of_specifications(b: Basis) -> Statement | None:
    """Whether the verdict on an effect holds under other choices; of several items there is no one line."""
    items = list(dict.fromkeys(b.e.table["item"]))
    flips = flips_of(b.e, items[0]) if len(items) == 1 else None
    if flips is None:
        return None
    text = b.text(
        "statements.specifications_flip" if flips.rows else "statements.specifications_hold",
        item=measured(b.e, 0, b.lang, b.what(item_of(b.e, 0))),
        verdict=verdict_word(flips.verdict, b.lang),
        n=flips.others,
        k=len(flips.rows),
    )
    return Statement((text,))

"""Titles of estimates: one alone; the highest and the lowest of several; what changed from one period to the next."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from survey.base import catalogue
from survey.core.contrasts import combine
from survey.core.estimates_data import EstimatesData
from survey.core.result import ResultData
from survey.exhibits._basis import Basis, Statement, differing, enumerated
from survey.exhibits._differences import of_differences
from survey.words import labels
from survey.words import locale as loc
from survey.words.estimate_sentence import described
from survey.words.families import alpha_of
from survey.words.group_labels import code_text
from survey.words.parts import item_of, nouns
from survey.words.phrases import is_period
from survey.words.sides import measured
from survey.words.statuses import details

__all__ = ["answers_said", "lowest_of_the_best", "of_breakdowns", "of_estimates", "upper_answers"]

_MOST = 60
"""Groups or items that are compared with each other."""
_SCALE = 11
"""Answers of the longest scale that has a middle for readers."""
_SPELLED_ANSWERS = 3
"""Answers that are named one by one; of more the first and the last."""


def of_estimates(b: Basis) -> Statement | None:
    """The title of means, shares, distributions and their like."""
    if b.e.kind.per_answer:
        upper = _upper(b)
        if upper is None:
            return _most_frequent(b)
        sums, answers, rows = upper
        found = _compared(sums, answers)
        return None if found is None else replace(found, about=_summed(found.about, rows))
    return _compared(b)


def _summed(about: Sequence[Sequence[int]], rows: Sequence[Sequence[int]]) -> tuple[tuple[int, ...], ...]:
    """Rows of sums as the rows that each is the sum of."""
    return tuple(tuple(i if k > 0 else -i for k in part for i in rows[abs(k) - 1]) for part in about)


def _compared(b: Basis, answers: str = "") -> Statement | None:
    """The title of estimates one row each; `answers` are what a share counts, in words."""
    e, rows = b.e, b.eligible()
    total = b.total or len(e.table)
    b = replace(b, total=total)
    extra = any(c in e.table.columns for c in ("with", "bound", "reason"))
    if not rows or extra or ("quantile" in e.table.columns and e.table["quantile"].nunique() > 1):
        return None
    if total == 1:
        return _alone(b, rows[0])
    levels = [k for k in labels.varying(e, labels.levels_of(e)) if k != "quantile"]
    if e.kind.total or not levels or len(e.table.drop_duplicates(levels)) < len(e.table):
        return None
    head = ", ".join(labels.group_label(e, c, e.table[c].iloc[0], b.lang) for c in e.by if c not in levels)
    head = f"{head}: " if head else ""
    told = e.kind.unit == "share" and "item" in levels and not e.kind.options
    heads = [f"{head}{text}: " for text in _heads(b, rows[0], answers)] if told else [head]
    if "item" in levels and labels.measure_at(e, rows[0]).kind == "scale":
        top = _ends(e, b.lang)
        if len(top) != 1 or ("", "") in top:
            return None  # the scales do not run the same way, or nobody knows which
        code, answer = next(iter(top))
        heads = [f"{head}{b.text('statements.answers_mean', code=code, answer=b.quote(answer))}: "]
    periods = [k for k in levels if k in e.by and is_period(e.codebook, k)]
    pairs = periods or ([k for k in levels if k != "item" and e.table[k].nunique() == 2] if "item" in levels else [])
    if len(pairs) == 1:
        others = [k for k in levels if k != pairs[0]]
        return _with_heads(heads, _changes(b, rows, pairs[0], others))
    if periods or ("item" in levels and len(levels) > 1):
        return None
    return _with_heads(heads, _extremes(b, rows, levels))


def _heads(b: Basis, i: int, answers: str) -> list[str]:
    """What shares of several items count, the fuller text first."""
    said = [b.text("statements.answers_upper", answers=answers or _answers(b, i))]
    least = {lowest_of_the_best(b.e, item, b.e.answers) for item in labels.items_of(b.e)}
    if len(least) == 1 and (lowest := least.pop()) is not None:
        said.append(b.text("statements.answers_least", answer=answers_said(b.e, item_of(b.e, i), (lowest,), b.lang)))
    return said


def _with_heads(heads: Sequence[str], found: Statement | None) -> Statement | None:
    """A statement under several heads: a shorter head leaves less open than less text."""
    return None if found is None else replace(found, texts=tuple(h + text for text in found.texts for h in heads))


def _ends(e: EstimatesData, lang: str) -> set[tuple[str, str]]:
    """The highest answer of each item on a scale, with its label: which way the numbers run."""
    found = set()
    for item in labels.items_of(e):
        codes = e.codebook[item].codes if item in e.codebook else ()
        found.add((code_text(codes[-1]), labels.answer_label(e, item, codes[-1], lang)) if codes else ("", ""))
    return found


def _answers(b: Basis, i: int) -> str:
    """The answers that the share of a row counts."""
    return answers_said(b.e, item_of(b.e, i), b.e.answers, b.lang)


def answers_said(e: EstimatesData, item: str, answers: Sequence[Any], lang: str) -> str:
    """Answers in words: named where they are few, else the first and the last."""
    said = [catalogue.text("narrative.quoted", lang, text=labels.answer_label(e, item, c, lang)) for c in answers]
    if len(said) > _SPELLED_ANSWERS:
        return catalogue.text("statements.answers_span", lang, first=said[0], last=said[-1])
    return enumerated(said, lang, "or_answers")


def _alone(b: Basis, i: int) -> Statement | None:
    """One estimate, as sentences tell it."""
    e, lang = b.e, b.lang
    texts: list[str] = []
    measure, x = labels.measure_at(e, i), float(e.table["estimate"].iloc[i])
    if x != 0 and loc.rounded(measure.factor * x, measure.digits) == 0:
        return None  # what is not zero does not read as zero
    if len(e.answers) <= _SPELLED_ANSWERS:
        texts.append(described(e, i, lang, b.what(item_of(e, i)), None, brief=True))
    if e.answers:
        value = b.values(e, [i])
        texts.append(b.text("statements.answers_more", value=value[0], answers=_answers(b, i)))
    return Statement(tuple(texts), about=((i + 1,),)) if texts else None


def _upper(b: Basis) -> tuple[Basis, str, list[list[int]]] | None:
    """Shares of the answers above the middle, what these answers are and the rows of each; None without an order."""
    e, key = b.e, ("upper", id(b.e))
    top = upper_answers(e)
    if not top or len({tuple(labels.answer_label(e, i, c, b.lang) for c in top) for i in labels.items_of(e)}) != 1:
        return None
    if key not in b.judged:
        b.judged[key] = _sums(b, top)
    if b.judged[key] is None:
        return None
    sums, status, rows, total = b.judged[key]
    of = Basis(sums, b.lang, status, b.thresholds, b.names, total, b.judged)
    return of, _answers(of, 0), rows


def _sums(b: Basis, top: tuple[Any, ...]) -> tuple[EstimatesData, NDArray[np.object_], list[list[int]], int] | None:
    """Shares of some answers, the status and the rows of each, and how many there would be; None for none or many."""
    e = b.e
    levels = [k for k in labels.levels_of(e) if k in e.table.columns]
    table = e.table.reset_index(drop=True)
    fit = set(b.eligible_answers())
    groups = table.groupby(levels, sort=False, dropna=False, observed=True).indices
    places = sorted(groups.values(), key=lambda at: at[0])
    whole = [at for at in places if fit.issuperset(at.tolist())]
    if not whole or len(whole) > _MOST * 5:
        return None
    matrix, counted = np.zeros((len(whole), len(table))), table["answer"].isin(top).to_numpy(bool)
    summed = [at[counted[at]].tolist() for at in whole]
    for k, rows in enumerate(summed):
        matrix[k, rows] = 1.0
    found = combine(e, matrix, pd.DataFrame({"contrast": range(len(whole))}))
    firsts = [int(at[0]) for at in whole]
    named = table.loc[firsts, [c for c in (*levels, "n") if c in table.columns]].reset_index(drop=True)
    own = found.table.drop(columns=["contrast", "statistic", "p_value"])
    made = pd.concat([named, own], axis=1)
    sums = e.derived(
        made, "proportion", by=e.by, answers=top, origin=None, _covariance=found.covariance, contrast_matrix=None
    )
    status = np.full(len(made), "shown", dtype=object)
    detail = details(sums, status)
    status[detail != ""] = "unreliable"
    return sums, status, [[i + 1 for i in rows] for rows in summed], len(places)


def upper_answers(e: EstimatesData) -> tuple[Any, ...]:
    """The answers above the middle of the scale that all items share; none where they have no order, or none alike."""
    scales = set()
    for item in labels.items_of(e):
        variable = e.codebook.variables.get(item)
        if item in e.unordered or (variable is not None and variable.type in ("nominal", "number")):
            return ()
        present = list(dict.fromkeys(e.table.loc[e.table["item"] == item, "answer"]))
        order = [] if variable is None else [c for c in variable.codes if c in present]
        scales.add((*order, *(c for c in present if c not in order)))
    codes = scales.pop() if len(scales) == 1 else ()
    return tuple(codes[-(len(codes) // 2) :]) if 1 < len(codes) <= _SCALE else ()  # of more, it is a number


def lowest_of_the_best(e: ResultData, item: str, answers: Sequence[object]) -> object | None:
    """Of several answers that are the best of a scale the lowest, so that "at least" it says them all."""
    variable = e.codebook.variables.get(item)
    if variable is None or variable.type != "ordinal" or variable.direction != 1 or len(answers) < 2:
        return None
    best = variable.codes[-len(answers) :]
    return best[0] if set(best) == set(answers) else None


def _most_frequent(b: Basis) -> Statement | None:
    """The most frequent of answers without an order, where it is shown to be more frequent than every other."""
    e = b.e
    rows = b.eligible_answers()
    if len(e.table.drop_duplicates(labels.levels_of(e))) > 1 or len(rows) < len(e.table) or not 1 < len(rows) <= _MOST:
        return None
    estimate = e.table["estimate"].to_numpy(float)
    top = int(np.argmax(estimate))
    others = [i for i in rows if i != top and e.table["std_error"].iloc[i] > 0]
    if not others:
        return None
    d = b.differences(others, [top] * len(others))
    if not b.shown(d).all():
        return None
    answer = b.quote(labels.answer_label(e, item_of(e, top), e.table["answer"].iloc[top], b.lang))
    value = b.values(e, [top])[0]
    text = b.text("statements.most_frequent", answer=answer, value=value)
    return Statement((text,), len(others), 1 - e.level, ((top + 1,),))


def _changes(b: Basis, rows: list[int], pair: str, others: list[str]) -> Statement | None:
    """What changed from the first to the last period, or differs between two groups, in each of several places."""
    e, fit = b.e, set(rows)
    codes = e.codebook.variables[pair].codes if pair in e.codebook.variables else ()
    values = [v for v in dict.fromkeys(e.table[pair]) if not pd.isna(v)]
    ordered = all(v in codes for v in values)
    if pair in e.by and is_period(e.codebook, pair) and not ordered and any(isinstance(v, str) for v in values):
        return None  # "wave 10" would come before "wave 2"
    try:
        values.sort(key=codes.index if ordered else None)
    except TypeError:
        return None
    if len(values) < 2:
        return None
    table = e.table.reset_index(drop=True)
    first, second, cells = [], [], 0
    groups = table.groupby(others, sort=False, dropna=False, observed=True).indices if others else {}
    pairs = table[pair].tolist()
    for at in sorted(groups.values(), key=lambda at: at[0]) or [np.arange(len(table))]:
        ends = [[int(i) for i in at if pairs[i] == v] for v in (values[0], values[-1])]
        cells += 1
        if all(len(end) == 1 and end[0] in fit for end in ends):
            first.append(ends[0][0])
            second.append(ends[1][0])
    return _judged(b, first, second, cells)


def _judged(b: Basis, first: list[int], second: list[int], total: int) -> Statement | None:
    """The title of the differences between rows, judged together."""
    if not first:
        return None
    e = b.e
    named = e.table[[c for c in ("item",) if c in e.table.columns]].iloc[second].reset_index(drop=True)
    d = b.differences(first, second, named)
    of = replace(b, e=d, status=labels.statuses(d, *b.thresholds), total=total)
    found = of_differences(of, len(first) if len(first) > 1 else 0)
    if found is None or len(first) > 1:
        return found
    low, high = first[0] + 1, second[0] + 1
    return replace(found, about=((high, -low), (low,), (high,)))


def _extremes(b: Basis, rows: list[int], levels: Sequence[str]) -> Statement | None:
    """The highest and the lowest of several, as far as the data tell them apart from all others."""
    e, lang, m = b.e, b.lang, len(rows)
    by_item, measures = list(levels) == ["item"], labels.measures(e)
    if not 2 <= m <= _MOST or len({measures[i] for i in rows}) > 1:
        return None
    estimate = e.table["estimate"].to_numpy(float)
    if b.total == 2 and not by_item:
        low, high = sorted(rows, key=lambda i: estimate[i])
        return _judged(b, [low], [high], 1)
    places = [(a, c) for k, a in enumerate(rows) for c in rows[k + 1 :]]
    d = b.differences([p[0] for p in places], [p[1] for p in places])
    above: dict[int, set[int]] = {i: set() for i in rows}
    for told, (a, c) in zip(b.shown(d), places, strict=True):
        if told and estimate[a] != estimate[c]:
            higher, lower = (a, c) if estimate[a] > estimate[c] else (c, a)
            above[higher].add(lower)
    top, bottom = max(rows, key=lambda i: estimate[i]), min(rows, key=lambda i: estimate[i])
    first_of_all = len(above[top]) == m - 1
    last_of_all = all(bottom in above[i] for i in rows if i != bottom)
    apart = max(
        ((a, c) for a, lower in above.items() for c in lower), key=lambda p: estimate[p[0]] - estimate[p[1]], default=()
    )
    unit, groups = _several(b, m, levels)
    kind = "items" if by_item else "groups"
    if m < b.total:
        groups = b.text("statements.assessed", groups=groups)
    parts = b.among(unit, groups)
    parts |= {} if by_item else {"item": measured(e, rows[0], lang, b.what(item_of(e, rows[0])))}
    key, ends = "alike", (top, bottom)
    if first_of_all and last_of_all:
        key = "apart"
    elif first_of_all or last_of_all:
        key = "highest" if first_of_all else "lowest"
    elif apart:
        key, ends = "higher", apart
    key = ("two_items" if apart else "two_alike") if by_item and b.total == 2 else key
    keys = [f"statements.{key}" if key.startswith("two_") else f"statements.{key}_{kind}"]
    keys += [f"statements.{end}_{kind}" for end in ("highest", "lowest") if key == "apart"]  # where both take too much
    names = [b.named(item_of(e, i)) if by_item else b.place(e.table.iloc[i], levels) for i in ends]
    if not all(names) or len(set(names)) < 2:
        return None
    values = b.values(e, ends)
    valued = [b.text("statements.valued", name=n, value=v) for n, v in zip(names, values, strict=bool(values))]
    said = [(full, x) for full in keys for x in (valued, names) if x]
    texts = [b.text(full, groups=groups, highest=x[0], lowest=x[1], **parts) for full, x in said]
    about = tuple((i + 1,) for i in ends)
    return Statement(tuple(dict.fromkeys(texts)), len(places) if len(places) > 1 else 0, alpha_of(d, 0), about)


def _several(b: Basis, n: int, levels: Sequence[str]) -> tuple[str, str]:
    """What one row is of, and a number of rows."""
    if list(levels) == ["item"]:
        key = "statements.option" if b.e.kind.options else "statements.item"
        return b.text(key), b.text(f"{key}s", n=n)
    one, several = nouns(b.e, levels[0] if len(levels) == 1 else "", b.lang, "narrative.group", "narrative.groups")
    return one, f"{n} {several}"


def of_breakdowns(b: Basis) -> Statement | None:
    """By which of several breakdowns the groups differ, by the tests of their equality."""
    e, lang = b.e, b.lang
    tests = e.tests
    if tests is None or e.kind.per_answer or len(labels.items_of(e)) != 1 or list(e.by) != ["breakdown", "category"]:
        return None
    rows = b.eligible()
    if not rows:
        return None
    names = [labels.breakdown_label(e, str(n), lang) for n in tests.table["breakdown"]]
    alphas = [alpha_of(tests, k) for k in range(len(names))]
    item = measured(e, rows[0], lang, b.what(item_of(e, rows[0])))
    return differing(item, names, tests.table["p_adjusted"].to_numpy(float), alphas, lang)

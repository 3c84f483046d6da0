"""Whether the groups of a breakdown differ, in words: the lowest and the highest of them, and the test of equality."""

from __future__ import annotations

import numpy as np

from survey.base import catalogue
from survey.base.arguments import checked
from survey.codebook import LANGUAGES, Text
from survey.core.estimates_data import EstimatesData
from survey.errors import EstimationError
from survey.exhibits.finding import Finding
from survey.narrative._words import Row, finished, of_estimates, position_of
from survey.words import labels
from survey.words import locale as loc
from survey.words.disclosure import published
from survey.words.families import alpha_of, family_said
from survey.words.parts import amount, brackets
from survey.words.phrases import within
from survey.words.sides import inline, measured, within_brackets

__all__ = ["breakdown"]


@of_estimates("sample.mean(..., over=[...])")
@checked(EstimationError)
def breakdown(
    e: EstimatesData, row: Row = None, id: str = "", *, what: str | Text | None = None, digits: int | None = None
) -> Finding:
    """The lowest and the highest group of a breakdown, and whether its groups differ.

    Where the adjusted p-value is not below one minus the level (of a plan: the alpha of the family) the sentence says
    that the data do not show a difference.

    Parameters
    ----------
    e : Estimates
        With `over=`.
    row : int or mapping, optional
        Position in `e.tests.table`, or what its columns hold ({"breakdown": "sex", "wave": 2}); not needed for a single
        test.
    id : str
    what : str or mapping of language to str, optional
        What was measured, in place of the wording of the item.
    digits : int, optional

    Returns
    -------
    Finding

    Raises
    ------
    EstimationError
        If the estimates have no breakdowns, or the row is not exactly one of `e.tests`.

    Examples
    --------
    >>> sv.narrative.breakdown(e, {"breakdown": "age_group"}, id="friendliness_by_age")  # doctest: +SKIP
    """
    e = published(e)
    tests = e.tests
    if tests is None or e.kind.per_answer or "breakdown" not in e.by:
        raise EstimationError(
            "These results have no breakdowns to put into words.",
            where="sv.narrative.breakdown(...)",
            got=f"a {e.statistic}",
            expected='means, totals or shares with over=, such as sample.mean("score", over=["sex", "age"])',
            fix="use narrative.describe or narrative.ranking",
        )
    table, i = tests.table, position_of(tests, row)
    keys = [c for c in ("item", *tests.by) if c in e.table.columns]
    same = np.all([(e.table[c] == table[c].iloc[i]).to_numpy(bool) for c in keys], axis=0)
    status = labels.statuses(e)
    shown = [int(k) for k in np.flatnonzero(same) if status[k] in ("shown", "flagged")]
    if not shown:
        raise EstimationError(
            "No group of the breakdown may be shown.",
            where=str(table["breakdown"].iloc[i]),
            expected=f"groups of at least {labels.SUPPRESS_BELOW} answers",
            fix="join groups",
        )
    estimate = e.table["estimate"].to_numpy(float)
    low, high = min(shown, key=lambda k: estimate[k]), max(shown, key=lambda k: estimate[k])
    texts = {lang: _said(e, i, low, high, lang, what, digits) for lang in LANGUAGES}
    numbers = {k: float(table[k].iloc[i]) for k in ("statistic", "df_num", "df", "p_value", "p_adjusted", "n")}
    return Finding.of(id, texts, numbers | {"lowest": float(estimate[low]), "highest": float(estimate[high])})


def _said(e: EstimatesData, i: int, low: int, high: int, lang: str, what: str | Text | None, digits: int | None) -> str:
    tests = e.tests
    assert tests is not None  # as the verb found
    line = tests.table.iloc[i]
    measure = labels.measure_at(e, low)

    def told(k: int) -> str:
        value = amount(measure, measure.value(float(e.table["estimate"].iloc[k]), lang, digits), lang)
        row = e.table.iloc[k]
        return f"{within_brackets(inline(e, 'category', row['category'], lang, row))}, {value}"

    p = float(line["p_adjusted"])
    tail = catalogue.text("narrative.breakdown_untested", lang)
    if np.isfinite(p):
        f = loc.number(float(line["statistic"]), 2, lang)
        df = loc.degrees_of_freedom(float(line["df"]), lang)
        test = catalogue.text("narrative.wald", lang, f=f, q=int(line["df_num"]), df=df)
        tail = brackets(test, loc.p_equals(p, lang, adjusted=True), family_said(tests, i, lang))
        key = "differs" if p < alpha_of(tests, i) else "unshown"
    else:
        key, tail = "of" if low != high else "alone", brackets(tail)
    by = [b for b in e.by if b not in ("breakdown", "category")]
    place = ", ".join(labels.group_label(e, b, line[b], lang) for b in by)
    names = labels.breakdown_label(e, str(line["breakdown"]), lang).split(" × ")
    text = catalogue.text(
        f"narrative.breakdown_{key}",
        lang,
        item=measured(e, low, lang, what),
        breakdown=" × ".join(map(within, names)),
        lowest=told(low),
        highest=told(high),
        more=tail,
    )
    return finished(f"{place}: {text}" if place else text, e, lang)

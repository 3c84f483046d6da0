"""A test in words: what the data show, or do not show, and never that there is nothing."""

from __future__ import annotations

from survey.base.arguments import checked
from survey.codebook import LANGUAGES, Text
from survey.core.estimates_data import EstimatesData
from survey.errors import EstimationError
from survey.exhibits.finding import Finding
from survey.narrative._words import Row, finished, numbers_of, of_estimates, position_of
from survey.words.disclosure import published
from survey.words.verdict_sentence import judged

__all__ = ["verdict"]


@of_estimates("sample.independence(...), rank_test, t_test, trend or gap")
@checked(EstimationError)
def verdict(
    e: EstimatesData, row: Row = None, id: str = "", *, what: str | Text | None = None, digits: int | None = None
) -> Finding:
    """The result of a test in words: what the data show, with the statistic, its p-value and the size of the effect.

    A p-value above 1 - level (of a plan: above the alpha of the family) says that the data do not show an association,
    a difference or a trend; never that there is none (Altman & Bland 1995, BMJ 311:485).

    Parameters
    ----------
    e : Estimates
        Of `independence`, `rank_test`, `t_test` of one mean, `trend` or `gap`.
    row : int or mapping, optional
        Position in `e.table`, or what its columns hold ({"item": "OV01"}); not needed for a single row.
    id : str
    what : str or mapping of language to str, optional
        What was tested, in place of the wording of the item.
    digits : int, optional

    Returns
    -------
    Finding

    Raises
    ------
    EstimationError
        If these are no tests, or the row is not exactly one row of the table.
    """
    if e.kind.sentence != "verdict":
        raise EstimationError(
            "Only tests have a verdict.",
            got=f"a {e.statistic}",
            expected="sample.independence(...), rank_test, t_test, trend or gap",
            fix="use narrative.describe",
        )
    e = published(e)
    i = position_of(e, row)
    texts = {lang: finished(judged(e, i, lang, what, digits), e, lang) for lang in LANGUAGES}
    numbers = numbers_of(e, i)
    if numbers:
        more = ("statistic", "ddf", "deff", "cramers_v", "superiority", "value", "p_departure")
        numbers |= {name: float(e.table[name].iloc[i]) for name in more if name in e.table.columns}
    return Finding.of(id, texts, numbers)

"""Importance against performance in words, with what such sentences do not say."""

from __future__ import annotations

from collections.abc import Mapping

from survey.base.arguments import checked
from survey.codebook import LANGUAGES, Text
from survey.core.estimates_data import EstimatesData
from survey.errors import EstimationError
from survey.exhibits.finding import Finding
from survey.narrative._words import finished, of_estimates
from survey.words import labels as _labels
from survey.words import locale as loc
from survey.words.disclosure import published
from survey.words.quadrant_sentence import in_quadrants, quadrants_said

__all__ = ["quadrants"]


@of_estimates("the result of sample.drivers(...)")
@checked(EstimationError)
def quadrants(e: EstimatesData, id: str = "", *, labels: Mapping[str, str | Text] | None = None) -> Finding:
    """Which drivers stand in which quadrant of importance and performance, and which cannot be placed.

    The last sentence says that these are associations: nobody changed anything and looked what followed.

    Parameters
    ----------
    e : Estimates
        Of `sample.drivers`.
    id : str
    labels : mapping of str to text, optional
        Names of one's own for drivers: of what was asked the other way round, what a high number says.

    Returns
    -------
    Finding
        Its numbers are the share of explained variance and the performance of each driver, by "item.share" and
        "item.performance".

    Raises
    ------
    EstimationError
        If these are no drivers, or too few respondents stand behind them.

    Examples
    --------
    >>> sv.narrative.quadrants(sample.drivers("OV01", ["FR01", "TR01", "EF04"]))  # doctest: +SKIP
    """
    e = published(e)
    if "quadrant" not in e.table.columns:
        raise EstimationError(
            "Only drivers have quadrants.",
            got=f"a {e.statistic}",
            expected="the result of sample.drivers(...)",
            fix="use narrative.describe for a single number",
        )
    rows = [i for places in in_quadrants(e).values() for i in places]
    if not rows:
        raise EstimationError(
            "Too few respondents stand behind these drivers to show them.",
            expected=f"{_labels.SUPPRESS_BELOW} respondents or more",
            fix="leave out predictors that only some were asked",
        )
    texts = {}
    for lang in LANGUAGES:
        names = [_name(e, str(i), lang, labels or {}) for i in e.table["item"]]
        first, *others = quadrants_said(e, lang, names)
        texts[lang] = finished(" ".join([first, *others]).removesuffix("."), e, lang)
    table = e.table
    numbers = {
        f"{table['item'].iloc[i]}.{column}": float(table[column].iloc[i])
        for i in rows
        for column in ("share", "performance")
    }
    return Finding.of(id, texts, numbers)


def _name(e: EstimatesData, item: str, lang: str, own: Mapping[str, str | Text]) -> str:
    return loc.pick(loc.text_of(own[item]), lang) if item in own else _labels.item_label(e, item, lang)

"""A difference in words, honest about intervals that hold zero."""

from __future__ import annotations

from collections.abc import Mapping

from survey.base.arguments import checked
from survey.codebook import LANGUAGES, Text
from survey.core.estimates_data import EstimatesData
from survey.errors import EstimationError
from survey.exhibits.finding import Finding
from survey.narrative._equivalence import of_equivalence
from survey.narrative._words import Row, before_notice, finished, numbers_of, of_estimates, position_of
from survey.words import labels as _labels
from survey.words.difference_sentence import difference
from survey.words.disclosure import published

__all__ = ["compare"]


@of_estimates("e.contrast(...) or e.pairwise()")
@checked(EstimationError)
def compare(
    e: EstimatesData,
    row: Row = None,
    id: str = "",
    *,
    what: str | Text | None = None,
    labels: Mapping[str, str | Text] | None = None,
    digits: int | None = None,
) -> Finding:
    """A difference in words: percentage points for shares, points for scores.

    Where the interval holds zero (or the adjusted p-value is above one minus the level) the sentence says that the
    data do not show a difference; it never says that there is none (Altman & Bland 1995, BMJ 311:485).

    Parameters
    ----------
    e : Estimates
        Of `contrast`, `pairwise` or `compare`.
    row : int or mapping, optional
        Position in `e.table`, or what its columns hold ({"contrast": "did"}).
    id : str
    what : str or mapping of language to str, optional
        What differs, in place of the wording of the item.
    labels : mapping of str to text, optional
        Names for contrasts.
    digits : int, optional

    Returns
    -------
    Finding

    Raises
    ------
    EstimationError
        If these are not differences, or the row is not exactly one row of the table.
    """
    e = published(e)
    if e.kind.sentence != "compare":
        raise EstimationError(
            "Only differences can be compared in words.",
            got=f"a {e.statistic}",
            expected="e.contrast(...) or e.pairwise()",
            fix="use narrative.describe for a single number",
        )
    i = position_of(e, row)
    texts = {lang: finished(difference(e, i, lang, what, labels or {}, digits), e, lang) for lang in LANGUAGES}
    if "verdict" in e.table.columns:
        texts = {lang: before_notice(text, of_equivalence(e, i, lang, digits), e, lang) for lang, text in texts.items()}
    numbers = numbers_of(e, i)
    pair = _labels.compared(e, i)
    if numbers and pair is not None and e.origin is not None:
        first, second = (float(e.origin.table["estimate"].iloc[k]) for k in pair)
        numbers |= {"first": first, "second": second}
    return Finding.of(id, texts, numbers)

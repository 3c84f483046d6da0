"""One estimate with its interval, in words."""

from __future__ import annotations

from survey.base.arguments import checked
from survey.codebook import LANGUAGES, Text
from survey.core.estimates_data import EstimatesData
from survey.errors import EstimationError
from survey.exhibits.finding import Finding
from survey.narrative._compare import compare
from survey.narrative._verdict import verdict
from survey.narrative._words import Row, finished, numbers_of, of_estimates, position_of
from survey.words.disclosure import published
from survey.words.estimate_sentence import described

__all__ = ["describe"]


@of_estimates("what sample.mean(...) and its like return")
@checked(EstimationError)
def describe(
    e: EstimatesData, row: Row = None, id: str = "", *, what: str | Text | None = None, digits: int | None = None
) -> Finding:
    """One estimate with its interval, in words.

    Parameters
    ----------
    e : Estimates
    row : int or mapping, optional
        Position in `e.table`, or what its columns hold ({"ward": "P01", "wave": 2}); not needed for a single row.
    id : str
    what : str or mapping of language to str, optional
        What is described, in place of the wording of the item ("hài lòng chung" / "overall satisfaction").
    digits : int, optional

    Returns
    -------
    Finding

    Raises
    ------
    EstimationError
        If the row is not in the table, or not one only.

    Examples
    --------
    >>> sv.narrative.describe(e, row={"wave": 2}, id="friendliness")  # doctest: +SKIP
    """
    e = published(e)
    i = position_of(e, row)
    if e.kind.sentence == "compare":
        return compare(e, i, id, what=what, digits=digits)
    if e.kind.sentence == "verdict":
        return verdict(e, i, id, what=what, digits=digits)
    texts = {lang: finished(described(e, i, lang, what, digits), e, lang) for lang in LANGUAGES}
    return Finding.of(id, texts, numbers_of(e, i))

"""Whether groups may be compared on the items of a scale, in words: on which, on which not, and what was not tested."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import numpy as np

from survey.base import catalogue
from survey.base.arguments import checked
from survey.base.arrays import Array
from survey.codebook import LANGUAGES, Text
from survey.core.estimates_data import EstimatesData
from survey.errors import EstimationError
from survey.exhibits.finding import Finding
from survey.narrative._words import finished, of_estimates
from survey.words import labels as _labels
from survey.words import locale as loc
from survey.words.comparability import without_warning
from survey.words.disclosure import published
from survey.words.parts import brackets
from survey.words.phrases import within

__all__ = ["comparability"]


@of_estimates("the result of sample.dif(...)")
@checked(EstimationError)
def comparability(e: EstimatesData, id: str = "", *, labels: Mapping[str, str | Text] | None = None) -> Finding:
    """On which items of a scale groups may be compared, on which not, and which were not tested.

    The last sentence says what such a test cannot find: differences that go the same way on most items.

    Parameters
    ----------
    e : Estimates
        Of `sample.dif`.
    id : str
    labels : mapping of str to text, optional
        Names of one's own for items.

    Returns
    -------
    Finding
        Its numbers are how many items were `tested`, are `alike`, were `flagged` and `unsolved`, the largest change of
        R2 (`change`) and the respondents (`n`).

    Raises
    ------
    EstimationError
        If items were not tested between groups, or too few respondents stand behind the test.

    Examples
    --------
    >>> sv.narrative.comparability(sample.dif("friendliness", by="kind"))  # doctest: +SKIP
    """
    if e.kind.key != "dif":
        raise EstimationError(
            "Only tests of items in groups say whether groups may be compared.",
            got=f"a {e.statistic}",
            expected="the result of sample.dif(...)",
            fix="use narrative.compare for a difference",
        )
    e = without_warning(published(e))
    change, items = e.table["estimate"].to_numpy(float), e.table["item"].tolist()
    n = float(e.table["n"].max())
    if not np.isfinite(n):
        raise EstimationError(
            "Too few respondents stand behind the test of these items to show it.",
            expected=f"{_labels.SUPPRESS_BELOW} respondents or more",
            fix="leave out items that only some were asked",
        )
    flagged = set(getattr(e, "flagged", ()))
    judged = np.isfinite(change) & np.isfinite(e.table["p_value"].to_numpy(float))
    parts = {
        "alike": [i for i, known in zip(items, judged, strict=True) if known and i not in flagged],
        "flagged": [i for i in items if i in flagged],
        "unsolved": [i for i, known in zip(items, judged, strict=True) if not known],
        "untested": list(getattr(e, "untested", ())),
    }
    texts = {lang: finished(_said(e, parts, change, n, lang, labels or {}), e, lang) for lang in LANGUAGES}
    numbers = {name: float(len(parts[name])) for name in ("alike", "flagged", "unsolved")}
    largest = float(np.nanmax(change)) if np.isfinite(change).any() else np.nan
    return Finding.of(id, texts, {"tested": float(len(items)), **numbers, "change": largest, "n": n})


def _said(
    e: EstimatesData,
    parts: Mapping[str, list[str]],
    change: Array,
    n: float,
    lang: str,
    own: Mapping[str, str | Text],
) -> str:
    def named(items: Iterable[str]) -> str:
        names = [loc.pick(loc.text_of(own[i]), lang) if i in own else _labels.item_label(e, i, lang) for i in items]
        return ", ".join(catalogue.text("narrative.quoted", lang, text=name) for name in names)

    scale = str(getattr(e, "scale_name", ""))
    dimension = e.codebook.dimensions.get(scale)
    groups = ", ".join(within(e.codebook.short_name(name, lang)) for name in getattr(e, "group", ()))
    known = change[np.isfinite(change)]
    which = "all" if len(parts["alike"]) == len(e.table) else "some"
    values = {
        "scale": catalogue.text("narrative.quoted", lang, text=loc.pick(dimension, lang)) if dimension else "",
        "groups": groups,
        "tested": catalogue.text(f"narrative.tested_{which}", lang, n=len(parts["alike"]), tested=len(e.table)),
        "items": named(parts["alike"]),
        "more": brackets(
            catalogue.text("narrative.largest_change", lang, value=_small(float(known.max()), lang))
            if len(known)
            else "",
            f"n = {loc.count(n, lang)}",
        ),
    }
    somewhere, nowhere = "narrative.comparable", "narrative.comparable_nowhere"
    if not dimension:
        somewhere, nowhere = "narrative.comparable_items", "narrative.comparable_items_nowhere"
    told = [catalogue.text(somewhere if parts["alike"] else nowhere, lang, **values)]
    for name in ("flagged", "unsolved", "untested"):
        if parts[name]:
            told.append(catalogue.text(f"narrative.comparable_{name}", lang, items=named(parts[name])))
    told.append(catalogue.text("narrative.comparable_caution", lang))
    return " ".join(loc.sentence(t) for t in told)


def _small(x: float, lang: str) -> str:
    """A change of R2 with three decimals, more where it would read as zero."""
    digits = next((k for k in range(3, 9) if loc.rounded(x, k)), 3)
    return loc.number(x, digits, lang)

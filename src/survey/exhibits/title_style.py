"""What titles say where none was given: what a result shows, or what it is about."""

from __future__ import annotations

from survey.base.arguments import one_of
from survey.base.setting import Kept, Setting
from survey.errors import ExportError

__all__ = ["STYLES", "title_style", "titles"]

STYLES = ("statement", "descriptive")
_KEPT = Kept("survey_titles")


def title_style() -> str:
    """The style that was set by the block that is being run or for the session; else "statement"."""
    return _KEPT.chosen() or STYLES[0]


class titles(Setting):
    """Set what the titles of exhibits say that were given none. An argument `title=` of a verb still wins.

    Parameters
    ----------
    style : {"statement", "descriptive"} or None
        "statement": what the result shows ("Friendliness rose for 2 of 10 wards ..."), with the question below; where
        there is nothing to tell, or no room for it in two lines, as "descriptive": what was measured, by which groups
        ("Friendliness, by ward"). None: "statement".

    Raises
    ------
    ExportError
        For another style.

    Examples
    --------
    >>> sv.titles("descriptive")  # for the session  # doctest: +SKIP
    >>> with sv.titles("descriptive"):  # for a block: this thread or task only  # doctest: +SKIP
    ...     figure = sv.figures.likert(shares)
    """

    kept = _KEPT

    def __init__(self, style: str | None) -> None:
        if style is not None:
            given = style if isinstance(style, str) else type(style).__name__
            one_of(given, STYLES, "style of titles", ExportError, where="titles(...)", fix="choose one of these")
        self.style = style
        super().__init__(style)

    def __repr__(self) -> str:
        return f"<titles: {self.style or STYLES[0]}>"

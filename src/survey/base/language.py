"""The language that displays are in, where a verb is not given `lang=`.

`language("en")` sets it for the session, and `with language("en"):` for a block, thread or task. Nothing set, displays
follow what they show: the language of the study, else that of the codebook's texts.
"""

from __future__ import annotations

from survey.base.arguments import one_of
from survey.base.catalogue import LANGUAGES, text
from survey.base.html import markup, render
from survey.base.setting import Kept, Setting
from survey.errors import ExportError

__all__ = ["chosen", "language", "spoken"]

_KEPT = Kept("survey_language")


def chosen() -> str | None:
    """The language that was set, by the block that is being run or for the session; None where none was."""
    return _KEPT.chosen()


def spoken() -> tuple[str, ...]:
    """The languages of displays that are in all of them: the one that was set, or every one."""
    lang = chosen()
    return LANGUAGES if lang is None else (lang,)


class language(Setting):
    """Set the language of displays: text, tables, figures, notebooks. An argument `lang=` of a verb still wins.

    Parameters
    ----------
    lang : {"vi", "en"} or None
        None unsets it: displays follow the study or the data again.

    Raises
    ------
    ExportError
        For a language that there are no words for.

    Examples
    --------
    >>> sv.language("en")  # for the session  # doctest: +SKIP
    >>> with sv.language("vi"):  # for a block: this thread or task only  # doctest: +SKIP
    ...     figure = sv.figures.likert(shares)
    """

    kept = _KEPT

    def __init__(self, lang: str | None) -> None:
        if lang is not None:
            given = lang if isinstance(lang, str) else type(lang).__name__  # a column or table has no one truth
            one_of(given, LANGUAGES, "language", ExportError, where="language(...)", fix="choose one of these")
        self.lang = lang
        super().__init__(lang)

    def _repr_html_(self) -> str:
        """What a notebook shows of it. JupyterLab then hides the prose of a notebook in other languages."""
        if self.lang is None:
            return ""
        others = ", ".join(f".jp-MarkdownCell [lang={other}]" for other in LANGUAGES if other != self.lang)
        # where cells of two languages were run, none is hidden
        unless = "".join(f":not(:has(.survey-in-{other}))" for other in LANGUAGES if other != self.lang)
        return render(
            _SHOWN,
            lang=self.lang,
            said=text("notebook.shown_in", self.lang, language=text("language.name", self.lang)),
            rule=markup(f".jp-Notebook:has(.survey-in-{self.lang}){unless} :is({others}) {{ display: none }}"),
        )

    def __repr__(self) -> str:
        return f"<language: {self.lang or 'that of the study or the data'}>"


_SHOWN = "<div class='survey-in-{{ lang }}' lang='{{ lang }}'>{{ said }}<style>{{ rule }}</style></div>"

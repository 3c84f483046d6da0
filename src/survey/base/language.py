"""The language that displays are in, where a verb is not given `lang=`.

`language("en")` sets it for the session, and `with language("en"):` for a block, thread or task. Nothing set, displays
follow what they show: the language of the study, else that of the codebook's texts.
"""

from __future__ import annotations

from contextvars import ContextVar, Token
from typing import Any, Literal

from survey.base.arguments import one_of
from survey.base.catalogue import LANGUAGES
from survey.errors import ExportError

__all__ = ["chosen", "language", "spoken"]

_BLOCK: ContextVar[str | None] = ContextVar("survey_language", default=None)
"""Of the block that is being run: each thread and task has its own."""
_SESSION: list[str | None] = [None]
"""Of the session: no context variable, as notebooks may run every cell in a context of its own."""


def chosen() -> str | None:
    """The language that was set, by the block that is being run or for the session; None where none was."""
    return _BLOCK.get() or _SESSION[0]


def spoken() -> tuple[str, ...]:
    """The languages of displays that are in all of them: the one that was set, or every one."""
    lang = chosen()
    return LANGUAGES if lang is None else (lang,)


class language:
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

    def __init__(self, lang: str | None) -> None:
        if lang is not None:
            given = lang if isinstance(lang, str) else type(lang).__name__  # a column or table has no one truth
            one_of(given, LANGUAGES, "language", ExportError, where="language(...)", fix="choose one of these")
        self.lang = lang
        self._before = _SESSION[0]
        self._tokens: list[Token[str | None]] = []
        _SESSION[0] = lang

    def __enter__(self) -> language:
        if not self._tokens:  # a block leaves the session as it was
            _SESSION[0] = self._before
        self._tokens.append(_BLOCK.set(self.lang))
        return self

    def __exit__(self, *_: Any) -> Literal[False]:
        _BLOCK.reset(self._tokens.pop())
        return False

    def __repr__(self) -> str:
        return f"<language: {self.lang or 'that of the study or the data'}>"

"""The noun of everything that leaves the toolkit: a figure or a table with what a reader must know about it."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, TypeVar

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from survey.base.arguments import in_range
from survey.base.html import markup, render
from survey.codebook import LANGUAGES, Text
from survey.codebook._table import language_of
from survey.core.result import ResultData
from survey.errors import ExportError
from survey.exhibits._basis import Statement, how_judged
from survey.exhibits._undrawn import drawn
from survey.exhibits.data import rows_as_data
from survey.exhibits.fragments import CAPTION, FIGURE
from survey.exhibits.identity import content_hash
from survey.exhibits.names import notes_on_names, notes_on_numbers
from survey.exhibits.sizes import options_for, style_of
from survey.exhibits.statements import statement
from survey.exhibits.title_style import STYLES, title_style
from survey.exhibits.titles import asked, below_title, default_title
from survey.words import labels, locale
from survey.words.certainty import certainty, recomputable
from survey.words.comparability import warning_of
from survey.words.disclosure import published
from survey.words.notes import without_calls
from survey.words.statuses import notes_of

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from survey.exhibits.theme import Style

__all__ = ["Exhibit", "ExhibitKind", "exhibit_of"]

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class ExhibitKind:
    """What an exhibit looks like: the functions that draw it and put it into words.

    Parameters
    ----------
    name, kind : str
        "likert", "intervals", "table", ...; "figure" or "table".
    alt : callable (Exhibit) -> str
        Alternative text from the numbers.
    notes : callable (Exhibit) -> list of str
        What this form must explain (what the lines are, what n counts).
    draw : callable (Exhibit, frame) -> Figure, optional
        For a figure. `frame` is "full" (title, notes and source inside the picture) or "bare".
    html, grid : callables (Exhibit), optional
        For a table: as HTML; how it is laid out (a `survey.tables._grid.Grid`), where not as any table of estimates.
    data : callable (Exhibit) -> DataFrame, optional
        What a CSV holds, where that is not the rows of the estimates.
    parts : callable (Exhibit), optional
        What it is made of (rows, dots, panels), computed when it is made: what cannot be shown is told at once.
    chart : callable (Exhibit), optional
        What office programs draw of it (a `survey.exhibits.chart.Chart`).
    shows, takes, otherwise : str
        Of the error for a statistic that it cannot show: what it shows, which results those are, and what to use
        instead.
    """

    name: str
    kind: str
    alt: Callable[[Exhibit], str]
    notes: Callable[[Exhibit], list[str]]
    draw: Callable[[Exhibit, str], Figure] | None = None
    html: Callable[[Exhibit], str] | None = None
    grid: Callable[[Exhibit], Any] | None = None
    data: Callable[[Exhibit], pd.DataFrame] | None = None
    parts: Callable[[Exhibit], Any] | None = None
    chart: Callable[[Exhibit], Any] | None = None
    shows: str = "This exhibit cannot show this statistic."
    takes: str = ""
    otherwise: str = ""

    def refusal(self, e: ResultData) -> ExportError:
        """The error for a result that it cannot show."""
        return ExportError(self.shows, got=e.statistic, expected=self.takes or None, fix=self.otherwise or None)


@dataclass(frozen=True, eq=False)
class Exhibit:
    """A figure or table with its Estimates and its words. Made by `survey.figures` and `survey.tables`.

    Nothing is drawn until asked for, and every call draws again.

    Parameters
    ----------
    form : ExhibitKind
    estimates : Estimates or Summary
        Unrounded numbers; those of rows on too few answers are taken out when an exhibit is made.
    lang : {"vi", "en"}
        Language of the labels, the title and the numbers.
    titles, captions, subtitles : mapping of language to str
        As given; where none is, `title` says what the result shows or, as `title_style` says, what it is about.
    options : mapping
        Arguments of the verb that made it.
    name : str
        Name of the files it is exported to.
    """

    form: ExhibitKind
    estimates: ResultData = field(repr=False)
    lang: str = "vi"
    titles: Text = field(default_factory=dict)
    captions: Text = field(default_factory=dict)
    options: Mapping[str, Any] = field(default_factory=dict)
    name: str = ""
    subtitles: Text = field(default_factory=dict)
    title_style: str = STYLES[0]
    _made: dict[Any, Any] = field(default_factory=dict, init=False, repr=False)

    def __post_init__(self) -> None:
        locale.check_language(self.lang)
        if not isinstance(self.estimates, ResultData):
            raise ExportError(
                "Figures and tables need Estimates, not data.",
                got=type(self.estimates).__name__,
                expected="the result of sample.mean(...) or a similar method",
                fix="estimate first, then draw",
            )
        if not len(self.estimates.table):
            raise ExportError("There is nothing to show.", where=self.name or None, got="a result without rows")
        # what may not be shown is not held either: nothing made from here on can depend on it
        object.__setattr__(self, "estimates", published(self.estimates, self.thresholds[0]))

    def once(self, make: Callable[[Exhibit], T]) -> T:
        """What a function makes of this exhibit, computed when first asked for; no one may write to it.

        Alternative text, notes, every format and every picture read the same rows: nothing an exhibit holds changes.
        """
        if make not in self._made:
            self._made[make] = make(self)
        found: T = self._made[make]
        return found

    @property
    def kind(self) -> str:
        """ "figure" or "table"."""
        return self.form.kind

    @property
    def title(self) -> str:
        """The title in the exhibit's language: as given, else what the result shows, else what it is about."""
        given = locale.pick(self.titles, self.lang)
        return given or (self.once(_default_title) if (told := self.once(_statement)) is None else told.texts[0])

    @property
    def caption(self) -> str:
        """The caption in the exhibit's language; "" where none was given."""
        return locale.pick(self.captions, self.lang)

    @property
    def alt(self) -> str:
        """Alternative text: what is shown, the range, the main comparison, from the numbers."""
        end = " " + locale.sentence(locale.word("simulated", self.lang)) if self.estimates.simulated else ""
        return self.once(self.form.alt) + end if drawn() else ""

    @property
    def source(self) -> str:
        """ "Nguồn: … (dữ liệu mô phỏng)"; "" where nothing is known of the source."""
        e = self.estimates
        return locale.source(e.codebook.cited(self.lang), e.source, e.simulated, self.lang)

    @property
    def notes(self) -> tuple[str, ...]:
        """What a reader must know to read it: intervals, small numbers, notes of the estimation; one sentence each."""
        return self.once(_notes)

    @property
    def subtitle(self) -> str:
        """What stands below the title: the question (or as given), the caption, and that the data are simulated."""
        stated = not locale.pick(self.titles, self.lang) and self.once(_statement) is not None
        below = locale.pick(self.subtitles, self.lang) or (self.once(_asked) if stated else "")
        return below_title(self.title, (below, self.caption), self.estimates.simulated, self.lang)

    @property
    def unit(self) -> str:
        """ "Đơn vị: %", the unit of a table whose numbers share one; "" for a figure, whose axis says it."""
        e = self.estimates
        if self.kind == "figure" or e.quantities:
            return ""
        units = {m.axis(self.lang) for m in set(self.measures)}
        unit = units.pop() if len(units) == 1 else ""
        return f"{locale.word('unit', self.lang)}: {unit}" if unit else ""

    @property
    def footing(self) -> tuple[str, ...]:
        """What stands below the numbers, a line each: "Đơn vị: …", "Ghi chú: …", "Nguồn: …"; those there are."""
        notes = " ".join(self.notes)
        lines = (self.unit, f"{locale.word('notes', self.lang)}: {notes}" if notes else "", self.source)
        return tuple(line for line in lines if line)

    @property
    def thresholds(self) -> tuple[int, int]:
        """Results on fewer answers than the first are suppressed, than the second flagged."""
        return (
            int(self.options.get("suppress_below", labels.SUPPRESS_BELOW)),
            int(self.options.get("flag_below", labels.FLAG_BELOW)),
        )

    @property
    def hash(self) -> str:
        """SHA-256 of the numbers shown and of what is done with them; the same in every language and on every run."""
        return self.once(_hash)

    def in_language(self, lang: str) -> Exhibit:
        """The same exhibit in another language."""
        return self if lang == self.lang else self._other(_OF_NO_LANGUAGE, lang=lang)

    def sized(self, size: str) -> Exhibit:
        """The same figure drawn for a "page", "column", "slide" or "phone"; see `exhibits.sizes.options_for`."""
        return self.at_width(options_for(self.options, size, self.name or self.title)["width"])

    @property
    def style(self) -> Style:
        """Sizes of its picture, in points."""
        return style_of(self.options)

    def at_width(self, width: str) -> Exhibit:
        """The same exhibit in another width; what does not depend on the width is not computed anew."""
        return self._other(_OF_NO_WIDTH, options={**self.options, "width": width})

    def _other(self, kept: tuple[Callable[[Exhibit], Any], ...], **changes: Any) -> Exhibit:
        other = replace(self, **changes)
        other._made.update({make: found for make, found in self._made.items() if make in kept})
        return other

    def rows(self) -> pd.DataFrame:
        """The table with labels in the exhibit's language and the column `status`; see `words.labels.labelled`.

        A copy (a lazy one) of what was computed once.
        """
        return self.once(_rows).copy(deep=False)

    @property
    def measures(self) -> tuple[labels.Measure, ...]:
        """What each row is measured in."""
        return tuple(labels.measures(self.estimates))

    def frame(self) -> pd.DataFrame:
        """What a CSV holds: codes and labels, every digit, the unit, status, source and notes of every row.

        Numbers that must not be shown are empty here too.
        """
        own = self.form.data
        out = rows_as_data(self.estimates, self.rows(), self.measures, self.lang) if own is None else own(self)
        # groups may be called "notes"
        return out if "notes" in out.columns else out.assign(notes=" ".join(self.notes))

    def figure(self, frame: str = "full") -> Figure:
        """Draw it.

        Parameters
        ----------
        frame : {"full", "bare"}
            With title, caption, notes and source inside the picture, or without, where they stand beside it as text.

        Returns
        -------
        matplotlib.figure.Figure
            A new one at every call, registered nowhere.

        Raises
        ------
        ExportError
            If the exhibit is a table.
        """
        if self.form.draw is None:
            raise ExportError("A table is not a figure.", where=self.name or self.title, fix="use .html() or export it")
        if frame not in ("full", "bare"):
            raise ExportError("An unknown frame.", got=frame, expected='"full" or "bare"')
        return self.form.draw(self, frame)

    def html(self) -> str:
        """A fragment of HTML: the picture with its alternative text and caption, or the table."""
        if self.form.html is not None:
            return self.form.html(self)
        picture = b64encode(self._repr_png_()[0]).decode("ascii")  # type: ignore[index]
        return render(FIGURE, exhibit=self, picture=picture, caption=markup(self.figcaption()))

    def figcaption(self) -> str:
        """Title, caption, notes and source as an HTML figcaption."""
        return render(CAPTION, title=self.title, lines=[text for text in (self.subtitle, *self.footing) if text])

    def __repr__(self) -> str:
        return f"<{self.form.name}: “{self.title}”, rows: {len(self.estimates.table)}>"

    def _repr_html_(self) -> str:
        return self.html()

    def _repr_png_(self) -> tuple[bytes, dict[str, str]] | None:
        if self.form.draw is None:
            return None
        from survey.exhibits import theme

        # title and notes stand beside the picture as text, where they can be read aloud and copied
        return theme.to_bytes(self.figure("bare"), "png", dpi=theme.SCREEN_DPI), {"alt": self.alt}


def _rows(exhibit: Exhibit) -> pd.DataFrame:
    low, high = exhibit.thresholds
    own, e = exhibit.options.get("labels"), exhibit.estimates
    if own:
        return labels.labelled(e, exhibit.lang, own, low, high)
    return e.once(labels.labelled, exhibit.lang, None, low, high)  # a figure and a table of one result have one


def _certainty(exhibit: Exhibit) -> NDArray[np.object_]:
    return exhibit.estimates.once(certainty)


def _recomputable(exhibit: Exhibit) -> bool:
    return recomputable(exhibit.estimates, exhibit.options.get("digits"))


def _default_title(exhibit: Exhibit) -> str:
    return default_title(exhibit.estimates, exhibit.lang)


def _asked(exhibit: Exhibit) -> str:
    return asked(exhibit.estimates, exhibit.lang)


def _notes(exhibit: Exhibit) -> tuple[str, ...]:
    lang = exhibit.lang
    found = list(exhibit.once(exhibit.form.notes))
    found += notes_on_names(exhibit.estimates, exhibit.once(_rows), exhibit.once(_certainty), lang)
    found += [] if locale.pick(exhibit.titles, lang) else [how_judged(exhibit.once(_statement), lang)]
    found += notes_on_numbers(exhibit.once(_rows), exhibit.once(_recomputable), exhibit.thresholds, lang)
    found += notes_of(exhibit.once(_rows), lang, exhibit.thresholds[0], exhibit.form.name)
    found += [without_calls(locale.note(n, lang)) for n in exhibit.estimates.notes]
    return tuple(dict.fromkeys(locale.sentence(n) for n in found if n))


def _statement(exhibit: Exhibit) -> Statement | None:
    """What the result shows, in a line; None where titles are to be descriptive, or nothing can be told."""
    if exhibit.title_style != STYLES[0] or warning_of(exhibit.estimates) is not None:
        return None
    names, rows, judged = exhibit.options.get("labels") or {}, exhibit.once(_rows), exhibit.once(_judged)
    return statement(exhibit.estimates, exhibit.lang, rows, exhibit.thresholds, names, judged)


def _judged(_: Exhibit) -> dict[Any, Any]:
    return {}


def _hash(exhibit: Exhibit) -> str:
    return content_hash(exhibit.form.name, exhibit.estimates, exhibit.options)


_OF_NO_LANGUAGE = (_certainty, _recomputable, _judged, _hash)
_OF_NO_WIDTH = (*_OF_NO_LANGUAGE, _rows, _default_title, _asked, _statement)
"""What is computed once for all languages of an exhibit, and for all its widths."""


def exhibit_of(
    form: ExhibitKind,
    e: ResultData,
    lang: str | None,
    title: str | Text | None,
    caption: str | Text | None,
    name: str,
    options: Mapping[str, Any],
    subtitle: str | Text | None = None,
) -> Exhibit:
    """Make the exhibit of a verb: what every one of them does with its arguments.

    Raises
    ------
    ExportError
        If this form cannot show this kind of statistic, or the width or the language is unknown, or there are no rows.
    """
    if form.name not in e.kind.exhibits:
        raise form.refusal(e)
    if "width" in options:
        from survey.exhibits import theme

        theme.style(options["width"])
    if options.get("most") is not None:
        message = "A figure shows at least one row."
        in_range(options["most"], message, ExportError, where="most=", expected="1 or more", fits=lambda n: n >= 1)
    lang = language_of(e.codebook, LANGUAGES[0]) if lang is None else lang
    texts = (locale.text_of(title), locale.text_of(caption))
    made = Exhibit(form, e, lang, *texts, options, name, locale.text_of(subtitle), title_style())
    if form.parts is not None:
        made.once(form.parts)
    return made

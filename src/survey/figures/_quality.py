"""Interviewers and checks of the fieldwork on one page: dark where a follow-up is needed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from survey.base import catalogue
from survey.base.arguments import checked
from survey.codebook import Text
from survey.errors import ExportError
from survey.exhibits import theme
from survey.exhibits.exhibit import Exhibit, ExhibitKind, exhibit_of
from survey.exhibits.theme import Style
from survey.figures._canvas import Body, Canvas, compose, fill, text_width, widest
from survey.figures._legend import Legend
from survey.figures._quality_list import QualityList
from survey.figures._stub import Stub
from survey.quality import Quality
from survey.quality._words import CHECKS, say
from survey.quality._words import head as narrow_head
from survey.quality.result import written
from survey.words import labels as _labels
from survey.words import locale as loc

if TYPE_CHECKING:
    from matplotlib.figure import Figure

from survey.core.estimates_data import EstimatesData
from survey.core.result import ResultData
from survey.core.summary import SummaryData

__all__ = ["quality"]

_MOST = {"full": 30, "half": 12, "slide": 10, "slide_body": 9, "phone": 12}
_ALERT, _HINT, _QUIET = theme.SERIES[0], "#c3d9ec", "#f4f4f4"
_NEARLY = 0.05


@checked(ExportError)
def quality(
    q: Quality | EstimatesData | SummaryData,
    *,
    lang: str | None = None,
    title: str | Text | None = None,
    caption: str | Text | None = None,
    subtitle: str | Text | None = None,
    most: int | None = None,
    width: str = "full",
    name: str = "",
) -> Exhibit:
    """Which interviewers to ask about what: a row an interviewer (and wave), a column a check.

    A dark cell is to be looked at (the adjusted p is below the `alpha` of the checks), a pale one nearly so; each
    holds the interviewer's value. Those with most to ask about come first; below them the others, by p.

    Parameters
    ----------
    q : Quality or Summary
        What `responses.quality()` returns, or its `.estimates()`.
    lang : {"vi", "en"}, optional
        The language set by `sv.language`, that of the study, or of the codebook, when not given.
    title, caption, subtitle : str or mapping of language to str, optional
        A title that is not given says what the result shows (see `survey.titles`), with the question as subtitle.
    most : int, optional
        Rows shown; a note says how many interviewers are left out, and how many of those are to be looked at. When
        not given: 30 at full width, 12 at half and on a phone, 10 on a slide.
    width : {"full", "half", "slide", "phone"}
        A column or a phone has no room for the columns: it lists under each name what is dark or pale.
    name : str
        Name of exported files.

    Returns
    -------
    Exhibit

    Raises
    ------
    ExportError
        If the estimates are of something else, or nothing about interviewers could be looked at.
    """
    e = q.estimates() if isinstance(q, Quality) else q
    return exhibit_of(FORM, e, lang, title, caption, name, {"most": most, "width": width}, subtitle)


@dataclass(frozen=True, slots=True)
class _Row:
    key: tuple[str, ...]
    n: int
    alerts: int
    values: dict[str, float]
    others: dict[str, float]
    p: dict[str, float]
    alert: dict[str, bool]


def _rows(exhibit: Exhibit) -> list[_Row]:
    """Interviewers, those with most to ask about first within each wave."""
    e, shown = exhibit.estimates, exhibit.rows()
    labels = [shown[b].tolist() for b in [*_labels.varying(e, e.by[:-1]), e.by[-1]]]
    table, found = e.table, []
    column = {c: table[c].tolist() for c in ("item", "n", "value", "others", "p_adjusted", "alert")}
    groups = table.groupby(list(e.by), sort=False, dropna=False, observed=True).indices
    for at in sorted((places.tolist() for places in groups.values()), key=min):
        value, others, p, alert = (
            {column["item"][i]: column[c][i] for i in at} for c in ("value", "others", "p_adjusted", "alert")
        )
        alert = {check: bool(told) for check, told in alert.items()}
        label = tuple(str(texts[at[0]]) for texts in labels)
        found.append(_Row(label, int(column["n"][at[0]]), sum(alert.values()), value, others, p, alert))
    waves = list(dict.fromkeys(r.key[:-1] for r in found))
    return sorted(sorted(found, key=_urgency), key=lambda r: waves.index(r.key[:-1]))


def _urgency(row: _Row) -> tuple[int, float]:
    """Most alerts first, then the smallest p."""
    return -row.alerts, min((p for p in row.p.values() if p == p), default=1.0)


def _chosen(exhibit: Exhibit) -> tuple[list[_Row], list[_Row]]:
    """Rows shown and rows left out: alerts stay as long as there is room."""
    rows = exhibit.once(_rows)
    most = exhibit.options.get("most") or _MOST[exhibit.style.name]
    waves = [r.key[:-1] for r in rows]
    place = [waves[:i].count(wave) for i, wave in enumerate(waves)]  # ties go to every wave alike
    first = sorted(range(len(rows)), key=lambda i: (*_urgency(rows[i]), place[i]))[:most]
    return [r for i, r in enumerate(rows) if i in first], [r for i, r in enumerate(rows) if i not in first]


def _checks(e: ResultData) -> list[str]:
    present = set(e.table["item"])
    return [name for name in CHECKS if name in present]


class _QualityBody(Body):
    def __init__(self, exhibit: Exhibit, sizes: Style) -> None:
        self.exhibit, self.sizes = exhibit, sizes
        self.rows, _ = exhibit.once(_chosen)
        self.checks = _checks(exhibit.estimates)
        lang, size, small = exhibit.lang, sizes.base, sizes.small
        self.stub = Stub([r.key for r in self.rows], sizes, 0.3, 1.45 * size)
        self.numbers = [loc.count(r.n, lang) for r in self.rows]
        head = catalogue.text("quality_figure.n", lang)
        self.n_width = widest([*self.numbers, head], small) + 0.8 * size
        self.left = sizes.margin + self.stub.width + self.n_width
        room = sizes.width - sizes.margin - self.left
        self.cell = room / len(self.checks)
        self.letters = self._letters(small)
        self.heads = [fill(narrow_head(c, lang), self.cell - 1, self.letters) for c in self.checks]
        self.legend = Legend(*_legend(exhibit), sizes, sizes.width - 2 * sizes.margin)
        self.head_height = max(len(lines) for lines in self.heads) * sizes.pitch(self.letters) + 0.4 * size
        self.above = self.legend.height + 0.3 * size + self.head_height
        self.height = self.above + self.stub.height + 0.3 * size

    def _letters(self, most: float) -> float:
        """The largest letters in which the longest word of a heading, and every value, fits its cell."""
        lang = self.exhibit.lang
        words = [w for c in self.checks for w in narrow_head(c, lang).split()]
        values = [written(c, r.values.get(c, float("nan")), lang) for r in self.rows for c in self.checks]
        need = max([1.0, *(text_width(w, 1.0) for w in words), *(text_width(v, 1.0, "bold") for v in values)])
        return min(most, (self.cell - 2) / need)

    def draw(self, canvas: Canvas, top: float, height: float) -> None:
        """Legend, headings, then a line an interviewer."""
        sizes, lang = self.sizes, self.exhibit.lang
        self.legend.draw(canvas, sizes.margin, top)
        rows_top, rows = top + self.above, height - self.above - 0.3 * sizes.base
        pitch = sizes.pitch(self.letters)
        foot = rows_top - 0.4 * sizes.base
        for j, lines in enumerate(self.heads):
            canvas.block(
                self.left + (j + 0.5) * self.cell, foot - len(lines) * pitch, lines, self.letters, pitch, ha="center"
            )
        edge = self.left - 0.4 * sizes.base
        canvas.block(
            edge,
            foot - sizes.pitch(sizes.small),
            [catalogue.text("quality_figure.n", lang)],
            sizes.small,
            sizes.pitch(sizes.small),
            ha="right",
            colour=theme.SOFT,
        )
        self.stub.draw(canvas, sizes.margin, rows_top, rows)
        for row, number, slot in zip(self.rows, self.numbers, self.stub.slots(rows), strict=True):
            canvas.middle(edge, rows_top + slot.centre, [number], sizes.small, pitch, ha="right", colour=theme.SOFT)
            for j, check in enumerate(self.checks):
                self._cell(canvas, row, check, self.left + j * self.cell, rows_top + slot.top, slot.height)

    def _cell(self, canvas: Canvas, row: _Row, check: str, left: float, top: float, height: float) -> None:
        alert, colour = row.alert.get(check, False), _colour(row, check)
        canvas.rectangle(left + 0.5, top + 0.5, self.cell - 1, height - 1, colour)
        canvas.middle(
            left + self.cell / 2,
            top + height / 2,
            [written(check, row.values.get(check, float("nan")), self.exhibit.lang)],
            self.letters,
            self.sizes.pitch(self.letters),
            ha="center",
            weight="bold" if alert else "normal",
            colour=theme.on(_ALERT) if alert else theme.INK if colour == _HINT else theme.SOFT,
        )


def _colour(row: _Row, check: str) -> str:
    if row.alert.get(check, False):
        return _ALERT
    return _HINT if row.p.get(check, float("nan")) < _NEARLY else _QUIET


def _legend(exhibit: Exhibit) -> tuple[list[str], list[str]]:
    """What the two colours mean."""
    lang, alpha = exhibit.lang, 1 - exhibit.estimates.level
    words = [
        catalogue.text("quality_figure.alert", lang, p=loc.number(alpha, 2 if alpha >= 0.01 else 3, lang)),
        catalogue.text("quality_figure.hint", lang, p=loc.number(_NEARLY, 2, lang)),
    ]
    return words, [_ALERT, _HINT]


def _list(exhibit: Exhibit, sizes: Style) -> QualityList:
    rows, _ = exhibit.once(_chosen)
    checks = _checks(exhibit.estimates)
    found = {i: [(c, colour) for c in checks if (colour := _colour(row, c)) != _QUIET] for i, row in enumerate(rows)}
    return QualityList(rows, found, _legend(exhibit), sizes, exhibit.lang)


def _draw(exhibit: Exhibit, frame: str) -> Figure:
    def body(sizes: Style) -> Body:
        return _list(exhibit, sizes) if sizes.brief else _QualityBody(exhibit, sizes)

    return compose(exhibit, frame, body)


def _notes(exhibit: Exhibit) -> list[str]:
    lang, checks = exhibit.lang, _checks(exhibit.estimates)
    _, hidden = exhibit.once(_chosen)
    found = [catalogue.text("quality_figure.values", lang)]
    explained = ("near_duplicate", "short", "nonresponse", "heaping", "too_many")
    found += [catalogue.text(f"quality_figure.{c}", lang) for c in explained if c in checks]
    if hidden:
        alerts = sum(r.alerts > 0 for r in hidden)
        found.append(catalogue.text("quality_figure.hidden", lang, n=len(hidden), alerts=int(alerts)))
    return [*found, catalogue.text("quality_figure.no_proof", lang)]


def _alt(exhibit: Exhibit) -> str:
    lang, rows = exhibit.lang, exhibit.once(_rows)
    checks = _checks(exhibit.estimates)
    title = loc.sentence(exhibit.title)
    head = catalogue.text("alt.quality", lang, title=title, n=len(rows), checks=len(checks))
    told = [
        catalogue.text(
            "alt.quality_alert",
            lang,
            who=", ".join(reversed(r.key)),
            check=say(c, lang).lower(),
            value=written(c, r.values[c], lang),
            others=written(c, r.others[c], lang),
        )
        for r in rows
        for c in checks
        if r.alert.get(c)
    ]
    if not told:
        return f"{head} {catalogue.text('alt.quality_nothing', lang)}"
    alerts = "; ".join(told[:8])
    if len(told) <= 8:
        return f"{head} {catalogue.text('alt.quality_alerts', lang, alerts=alerts)}"
    return f"{head} {catalogue.text('alt.quality_alerts_more', lang, alerts=alerts, more=len(told) - 8)}"


FORM = ExhibitKind(
    "quality",
    "figure",
    _alt,
    _notes,
    draw=_draw,
    shows="This figure needs the results of `quality`.",
    takes="what responses.quality() returns",
)

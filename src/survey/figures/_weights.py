"""How weights are distributed after each step: a histogram a step, one below the other on one axis."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from survey.base import catalogue
from survey.base.arguments import checked
from survey.base.arrays import Array
from survey.codebook import Text
from survey.errors import ExportError
from survey.exhibits import theme
from survey.exhibits.exhibit import Exhibit, ExhibitKind, exhibit_of
from survey.exhibits.theme import Style
from survey.figures._axis import horizontal
from survey.figures._canvas import Body, Canvas, compose, widest, wrap
from survey.figures._stub import Stub
from survey.words import labels as _labels
from survey.words import locale as loc

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

from survey.core.estimates_data import EstimatesData
from survey.core.summary import SummaryData

__all__ = ["weights"]

_BARS = "#5b9bd0"  # pale enough for the line of the mean to be seen on it, in grey too
_MOST = 12
"""Histograms that stay legible on a page."""


@checked(ExportError)
def weights(
    e: EstimatesData | SummaryData,
    *,
    lang: str | None = None,
    title: str | Text | None = None,
    caption: str | Text | None = None,
    subtitle: str | Text | None = None,
    width: str = "full",
    name: str = "",
) -> Exhibit:
    """Histograms of relative weights, one per step (and group), each with Kish's design effect and effective n.

    Parameters
    ----------
    e : Summary
        What `sample.weight_distribution()` returns.
    lang : {"vi", "en"}, optional
        The language set by `sv.language`, that of the study, or of the codebook, when not given.
    title, caption, subtitle : str or mapping of language to str, optional
        A title that is not given says what the result shows (see `survey.titles`), with the question as subtitle.
    width : {"full", "half", "slide"}
    name : str
        Name of exported files.

    Returns
    -------
    Exhibit

    Raises
    ------
    ExportError
        If the estimates are not a distribution of weights, or there are more than twelve histograms.
    """
    if e.origin is None and FORM.name in e.kind.exhibits:  # without the diagnostics that stand beside each histogram
        raise FORM.refusal(e)
    return exhibit_of(FORM, e, lang, title, caption, name, {"width": width}, subtitle)


@dataclass(frozen=True, slots=True)
class _Panel:
    """One histogram: its labels, its bins, the share of respondents in each (percent), and its diagnostics."""

    key: tuple[str, ...]
    low: Array
    high: Array
    share: Array
    numbers: dict[str, Any]


def _panels(exhibit: Exhibit) -> list[_Panel]:
    e = exhibit.estimates
    names = ["step", *e.by]
    shown = exhibit.rows()
    numbers = {} if e.origin is None else {tuple(r[n] for n in names): r for r in e.origin.table.to_dict("records")}
    told = _labels.varying(e, names) or ["step"]
    panels = []
    for key, part in e.table.groupby(names, sort=False, dropna=False, observed=True):
        label = tuple(str(shown.loc[part.index[0], n]) for n in told)
        low, high, share = (part[c].to_numpy(float) for c in ("low", "high", "share"))
        panels.append(_Panel(label, low, high, 100 * share, numbers[tuple(key)]))
    if len(panels) > _MOST:
        raise ExportError(
            "There are too many histograms to read.",
            got=f"{len(panels)} steps and groups",
            expected=f"at most {_MOST}",
            fix="weight_distribution(by=) with fewer groups, or none; weight_diagnostics(by=) has the numbers",
        )
    return panels


class _WeightsBody(Body):
    def __init__(self, exhibit: Exhibit, sizes: Style) -> None:
        self.exhibit, self.sizes, self.panels = exhibit, sizes, exhibit.once(_panels)
        lang, size, small = exhibit.lang, sizes.base, sizes.small
        self.texts = [_told(p, lang) for p in self.panels]
        self.text_width = widest([t for lines in self.texts for t in lines], small) + 0.4 * size
        self.peaks = [loc.number(float(p.share.max()), 0, lang) + "%" for p in self.panels]
        self.peak_width = widest(self.peaks, small) + 0.5 * size
        least = max(5.5 * size, 4 * sizes.pitch(small) + size)
        self.stub = Stub([p.key for p in self.panels], sizes, 0.25, least)
        self.left = sizes.margin + self.stub.width + self.peak_width
        self.plot = sizes.width - sizes.margin - self.text_width - self.left - size
        self.axis_lines = wrap(catalogue.text("weights.axis", lang), self.plot, small)
        self.above = 0.3 * size
        self.below = 1.6 * sizes.pitch(small) + 0.3 * size + sizes.pitch(small) * len(self.axis_lines)
        self.height = self.above + self.stub.height + self.below

    def draw(self, canvas: Canvas, top: float, height: float) -> None:
        """Histograms from top to bottom, their diagnostics on the right."""
        sizes, size = self.sizes, self.sizes.base
        pitch = sizes.pitch(sizes.small)
        rows_top, rows = top + self.above, height - self.above - self.below
        self.stub.draw(canvas, sizes.margin, rows_top, rows)
        low, high = self._range()
        slots = self.stub.slots(rows)
        for i, (panel, slot) in enumerate(zip(self.panels, slots, strict=True)):
            tall = slot.height - 0.9 * size
            axes = canvas.axes(self.left, rows_top + slot.top + 0.6 * size, self.plot, tall)
            last = i == len(slots) - 1
            self._bars(axes, panel, low, high, last)
            canvas.middle(
                self.left - 0.4 * size,
                rows_top + slot.top + 0.6 * size + 0.5 * pitch,
                [self.peaks[i]],
                sizes.small,
                pitch,
                ha="right",
                colour=theme.SOFT,
            )
            right = sizes.width - sizes.margin - self.text_width + 0.4 * size
            canvas.middle(right, rows_top + slot.centre, self.texts[i], sizes.small, pitch)
        axis_top = rows_top + rows + 1.6 * pitch
        canvas.block(
            self.left + self.plot / 2, axis_top, self.axis_lines, sizes.small, pitch, ha="center", colour=theme.SOFT
        )

    def _range(self) -> tuple[float, float]:
        low = min(float(p.low.min()) for p in self.panels)
        high = max(float(p.high.max()) for p in self.panels)
        pad = 0.03 * (high - low)
        return (0.0 if low < 0.5 * high else low) - pad, high + pad

    def _bars(self, axes: Axes, panel: _Panel, low: float, high: float, last: bool) -> None:
        sizes = self.sizes
        ticks = horizontal(axes, low, high, self.plot, sizes, self.exhibit.lang, labelled=last)
        peak = float(panel.share.max())
        axes.set_ylim(0, peak)
        for x in ticks:
            axes.axvline(x, color=theme.FAINT, linewidth=0.07 * sizes.base, zorder=0)
        axes.axhline(0, color=theme.SOFT, linewidth=0.1 * sizes.base, zorder=2, clip_on=False)
        # the edge has the bars' colour, or hair lines would part them
        axes.bar(
            panel.low,
            panel.share,
            panel.high - panel.low,
            align="edge",
            color=_BARS,
            edgecolor=_BARS,
            linewidth=0.03 * sizes.base,
            zorder=1,
        )
        axes.axvline(1, color=theme.INK, linewidth=0.12 * sizes.base, linestyle=(0, (4, 2.5)), zorder=3)
        # a single respondent makes a bar that no one sees: the ends are marked
        mean = panel.numbers["sum"] / panel.numbers["n"]
        ends = [panel.numbers[name] / mean for name in ("min", "max")]
        axes.plot(
            ends,
            [0, 0],
            linestyle="none",
            marker="|",
            markersize=0.75 * sizes.base,
            color=theme.INK,
            markeredgewidth=0.14 * sizes.base,
            zorder=4,
            clip_on=False,
        )


def _told(panel: _Panel, lang: str) -> list[str]:
    d = panel.numbers
    return [
        f"n = {loc.count(d['n'], lang)}",
        f"deff = {loc.number(d['deff_kish'], 2, lang)}",
        f"{catalogue.text('weights.n_eff', lang)} = {loc.count(d['n_eff'], lang)}",
        f"{catalogue.text('weights.most', lang)} {loc.number(d['max_to_median'], 1, lang)}",
    ]


def _draw(exhibit: Exhibit, frame: str) -> Figure:
    return compose(exhibit, frame, lambda sizes: _WeightsBody(exhibit, sizes))


def _notes(exhibit: Exhibit) -> list[str]:
    lang = exhibit.lang
    return [catalogue.text("weights.note", lang), catalogue.text("weights.marks", lang), loc.word("kish_note", lang)]


def _alt(exhibit: Exhibit) -> str:
    lang, panels = exhibit.lang, exhibit.once(_panels)
    parts = []
    for p in panels:
        d = p.numbers
        mean = d["sum"] / d["n"]
        low, high = (loc.number(d[name] / mean, 2, lang) for name in ("min", "max"))
        deff, n = loc.number(d["deff_kish"], 2, lang), loc.count(d["n_eff"], lang)
        name = ", ".join(p.key)
        parts.append(catalogue.text("alt.weights_panel", lang, name=name, low=low, high=high, deff=deff, effective=n))
    return catalogue.text("alt.weights", lang, title=loc.sentence(exhibit.title), panels="; ".join(parts))


FORM = ExhibitKind(
    "weights",
    "figure",
    _alt,
    _notes,
    draw=_draw,
    parts=_panels,
    shows="This figure needs distributions of weights.",
    takes="what sample.weight_distribution() returns",
)

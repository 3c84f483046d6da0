"""Two numbers of each unit against each other, with their intervals, and how far the two go together."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from survey.base import catalogue
from survey.base.arguments import checked
from survey.base.arrays import Array
from survey.codebook import LANGUAGES, Text
from survey.core.estimates_data import EstimatesData
from survey.core.result import ResultData
from survey.core.summary import SummaryData
from survey.errors import ExportError, shorten
from survey.exhibits import theme
from survey.exhibits.chart import Chart
from survey.exhibits.data import rows_as_data
from survey.exhibits.exhibit import Exhibit, ExhibitKind, exhibit_of
from survey.figures._canvas import compose
from survey.figures._native import points_chart
from survey.figures._references import by_unit
from survey.figures._result_rows import left_out, numbers_of, rows_of
from survey.figures._scatter_body import ScatterBody
from survey.words import labels as _labels
from survey.words import locale as loc
from survey.words.disclosure import published
from survey.words.measure import Measure
from survey.words.statuses import mark

if TYPE_CHECKING:
    from matplotlib.figure import Figure

__all__ = ["correlation", "scatter"]

_FEWEST = 6
"""Units that a correlation is told of."""


@checked(ExportError)
def scatter(
    e: EstimatesData | SummaryData,
    other: EstimatesData | pd.DataFrame | Mapping[Any, float] | None = None,
    *,
    source: str | Text | None = None,
    other_label: str | Text | None = None,
    lang: str | None = None,
    title: str | Text | None = None,
    caption: str | Text | None = None,
    subtitle: str | Text | None = None,
    width: str = "full",
    digits: int | None = None,
    labels: Mapping[str, str | Text] | None = None,
    name: str = "",
    suppress_below: int = _labels.SUPPRESS_BELOW,
    flag_below: int = _labels.FLAG_BELOW,
) -> Exhibit:
    """Draw units by two numbers each, with intervals in both directions and names that do not cover each other.

    The correlation over units is told with its interval where there are six units and more. It is one of units and
    not of people, is weakened by sampling error, and says nothing of causes; the notes say so.

    Parameters
    ----------
    e : Estimates
        One number a unit, drawn upwards; or of two items, the first upwards, the second along.
    other : Estimates, DataFrame or mapping, optional
        The number along: estimates of the same units, a DataFrame with the columns of units, "value" and perhaps
        "conf_low" and "conf_high" or "std_error", or a value for each unit by its code or label. Left out where `e` has
        two items.
    source : str or mapping of language to str, optional
        Where the other numbers come from; needed where they are no estimates of this package.
    other_label : str or mapping of language to str, optional
        What they are, with their unit; needed likewise.
    width : {"full", "half", "slide"}
    suppress_below, flag_below : int
        Units on fewer answers, in either number, are left out (and said to be), or get an asterisk.
    lang, title, caption, subtitle, digits, labels, name :
        As for `intervals`.

    Returns
    -------
    Exhibit

    Raises
    ------
    ExportError
        If there is more than one number a unit, no unit has both, or numbers from elsewhere have no source and label.

    References
    ----------
    Fisher (1921), Metron 1, for the interval of a correlation; Spearman (1904), Am. J. Psychol. 15, on its weakening
    by error.

    Examples
    --------
    >>> sv.figures.scatter(sample.mean(["friendliness", "transparency"], by="ward"))  # doctest: +SKIP
    >>> sv.figures.scatter(e, papi, source="PAPI 2024", other_label="PAPI index")  # doctest: +SKIP
    """
    options: dict[str, Any] = {
        "source": None if source is None else dict(loc.text_of(source)),
        "other_label": other_label,
        "width": width,
        "digits": digits,
        "labels": labels,
        "suppress_below": suppress_below,
        "flag_below": flag_below,
    }
    if isinstance(e, EstimatesData) and FORM.name in e.kind.exhibits:
        e, along = _pair(e, other)
        e = _with_other(e, along, options, suppress_below)
        title = _title(e, options) if title is None else title
    return exhibit_of(FORM, e, lang, title, caption, name, options, subtitle)


def _pair(e: EstimatesData, other: Any) -> tuple[EstimatesData, Any]:
    """The numbers upwards and along."""
    items = list(dict.fromkeys(e.table["item"].tolist())) if "item" in e.table.columns else [""]
    if other is None:
        if len(items) != 2:
            raise ExportError(
                "A scatter needs two numbers of each unit.",
                where="other=",
                got=f"{len(items)} item" + ("" if len(items) == 1 else "s"),
                expected="estimates of two items, or other= with the second number",
            )
        first, second = (np.flatnonzero(e.table["item"] == item) for item in items)
        return rows_of(e, first), rows_of(e, second)
    if len(items) != 1:
        raise ExportError(
            "A scatter shows one number of each unit upwards.", got=shorten(items), expected="estimates of one item"
        )
    return e, other


def _with_other(e: EstimatesData, other: Any, options: dict[str, Any], suppress_below: int) -> EstimatesData:
    """The estimates with the other number beside them; units that may not be shown in one are hidden in both."""
    if not e.by:
        raise ExportError("There are no units to draw.", got="estimates without groups", expected='by="ward"')
    if "answer" in e.table.columns or e.table[list(e.by)].duplicated().any():
        raise ExportError(
            "There is more than one number of a unit.", got=shorten(e.table.columns), expected="one row for each unit"
        )
    if isinstance(other, EstimatesData):
        options["shared"] = bool(e.source == other.source and e.codebook is other.codebook)
        options["other_measure"] = _labels.common_measure(other)
        items = list(dict.fromkeys(other.table["item"].tolist())) if "item" in other.table.columns else [""]
        if len(items) != 1:
            raise ExportError("There is more than one number of a unit.", where="other=", got=shorten(items))
        options["other_name"] = {lang: _item_name(other, str(items[0]), lang, options) for lang in LANGUAGES}
    else:
        for what in ("source", "other_label"):
            if not any(t.strip() for t in loc.text_of(options[what]).values()):
                raise ExportError(
                    "Numbers from elsewhere need their source and a name.",
                    where=f"{what}=",
                    got="nothing",
                    expected="who published them and when" if what == "source" else "what they are, with their unit",
                )
    found = by_unit(e, other, suppress_below)
    gone = np.isnan(found.value) & found.known
    e = published(e, suppress_below)
    e = _hidden_too(e, gone, suppress_below)  # hidden in the other number: not shown at all
    known = e.table["estimate"].notna().to_numpy()
    if isinstance(other, EstimatesData):  # what is shown of it is part of the exhibit, also for an audit
        drawn = pd.MultiIndex.from_frame(e.table.loc[known & np.isfinite(found.value), list(e.by)])
        unseen = ~pd.MultiIndex.from_frame(other.table[list(e.by)]).isin(drawn)
        options["other_result"] = _hidden_too(published(other, suppress_below), unseen, suppress_below)
    columns = {"other": found.value, "other_low": found.low, "other_high": found.high}
    columns = {name: np.where(known, x, np.nan) for name, x in columns.items()}
    if not np.isfinite(columns["other"]).any():
        raise ExportError(
            "No unit has both numbers.",
            where="other=",
            got=f"{int(known.sum())} and {int(np.isfinite(found.value).sum())} units",
            fix="write the codes of the units as the estimates have them",
        )
    return e.with_table(e.table.assign(**columns))


def _hidden_too(e: EstimatesData, gone: NDArray[np.bool_], suppress_below: int) -> EstimatesData:
    """What is published, with further rows hidden."""
    if not gone.any():
        return e
    none = np.zeros(len(e.table), bool)
    before, further = (none if x is None else x for x in (e.hidden, e.complementary))
    further = further | (gone & ~before)
    return published(replace(e, hidden=before | gone, complementary=further), suppress_below)


@dataclass(frozen=True, slots=True)
class Cloud:
    """What is drawn: for each unit its name and two numbers with their intervals, in the units shown.

    `points` is (units, 6): along, its interval, upwards, its interval.
    """

    names: list[str]
    rows: list[int]
    points: Array
    upwards: Measure
    along: Measure


def _cloud(exhibit: Exhibit) -> Cloud:
    e, shown = exhibit.estimates, exhibit.rows()
    up = _labels.common_measure(e)
    along = exhibit.options.get("other_measure") or Measure("number")
    x, y = numbers_of(exhibit, along, ("other", "other_low", "other_high")), numbers_of(exhibit, up)
    kept = np.flatnonzero(np.isfinite(x[:, 0]) & np.isfinite(y[:, 0]))
    flags = [mark(s, d) for s, d in zip(shown["status"], shown["detail"], strict=True)]
    levels = _labels.varying(e, e.by) or list(e.by)
    names = [", ".join(str(shown[b].iloc[i]) for b in levels) + flags[i] for i in kept]
    return Cloud(names, [int(i) for i in kept], np.c_[x, y][kept], up, along)


def correlation(x: Array, y: Array, level: float) -> tuple[float, float, float]:
    """Pearson's correlation with Fisher's interval; NaN where there are fewer than four pairs, or one does not vary.

    Agrees with R's cor.test.
    """
    if len(x) < 4 or np.ptp(x) == 0 or np.ptp(y) == 0:
        return np.nan, np.nan, np.nan
    from scipy.special import ndtri

    r = float(np.clip(np.corrcoef(x, y)[0, 1], -1, 1))
    if abs(r) > 1 - 1e-12:  # on a line, but for rounding: Fisher's interval is of no width
        return float(np.sign(r)), np.nan, np.nan
    half = float(ndtri(0.5 + level / 2)) / np.sqrt(len(x) - 3)
    return r, float(np.tanh(np.arctanh(r) - half)), float(np.tanh(np.arctanh(r) + half))


def _axis_name(exhibit: Exhibit, upwards: bool) -> str:
    """The name of an axis with its unit."""
    lang, cloud, e = exhibit.lang, exhibit.once(_cloud), exhibit.estimates
    given = exhibit.options.get("other_label")
    if not upwards and given:
        return loc.pick(loc.text_of(given), lang)
    name = _up_name(e, lang, exhibit.options) if upwards else str(exhibit.options["other_name"][lang])
    unit = (cloud.upwards if upwards else cloud.along).axis(lang)
    return f"{name}, {unit}" if unit else name


def _item_name(e: ResultData, item: str, lang: str, options: Mapping[str, Any]) -> str:
    own = (options.get("labels") or {}).get(item)
    return loc.pick(loc.text_of(own), lang) if own else _labels.item_label(e, item, lang)


def _up_name(e: ResultData, lang: str, options: Mapping[str, Any]) -> str:
    if "item" not in e.table.columns:
        return loc.word(e.kind.heading, lang)
    return _item_name(e, str(e.table["item"].iloc[0]), lang, options)


def _title(e: ResultData, options: Mapping[str, Any]) -> Text:
    """Both numbers and the units: "Friendliness and PAPI index, by ward"."""
    given, made = options.get("other_label"), {}
    for lang in LANGUAGES:
        along = loc.pick(loc.text_of(given), lang) if given else str(options["other_name"][lang])
        units = " × ".join(e.codebook.short_name(b, lang) for b in e.by)
        head = loc.word("and", lang).join([_up_name(e, lang, options), along])
        made[lang] = f"{head}, {loc.word('by', lang)} {units[:1].lower()}{units[1:]}"
    return made


def _draw(exhibit: Exhibit, frame: str) -> Figure:
    cloud = exhibit.once(_cloud)
    names = (_axis_name(exhibit, False), _axis_name(exhibit, True))
    measures, digits = (cloud.along, cloud.upwards), exhibit.options.get("digits")
    return compose(
        exhibit,
        frame,
        lambda sizes: ScatterBody(cloud.names, cloud.points, measures, names, sizes, exhibit.lang, digits),
    )


def _chart(exhibit: Exhibit) -> Chart:
    cloud = exhibit.once(_cloud)
    every = ("", theme.SERIES[0], [True] * len(cloud.rows))
    names = (_axis_name(exhibit, False), _axis_name(exhibit, True))
    measures, told = (cloud.along, cloud.upwards), [loc.sentence(n) for n in exhibit.once(_notes) if n]
    return points_chart(cloud.names, cloud.rows, cloud.points, [every], measures, names, ("other", "estimate"), told)


def _correlated(exhibit: Exhibit) -> str:
    """The correlation over units, as far as it may be told."""
    lang, p, level = exhibit.lang, exhibit.once(_cloud).points, exhibit.estimates.level
    if len(p) < _FEWEST:
        return catalogue.text("scatter.few", lang, n=_FEWEST)
    r, low, high = correlation(p[:, 0], p[:, 3], level)
    if not np.isfinite(r):
        return ""
    text = loc.number(r, 2, lang)
    if np.isfinite(low):
        text += f" ({loc.word('ci_short', lang, level=loc.level_word(level, lang))} {loc.interval(low, high, 2, lang)})"
    return catalogue.text("scatter.correlation", lang, n=len(p), r=text)


def _notes(exhibit: Exhibit) -> list[str]:
    lang, cloud, e = exhibit.lang, exhibit.once(_cloud), exhibit.estimates
    told = [catalogue.text("scatter.intervals", lang, level=loc.level_word(e.level, lang))]
    if not np.isfinite(cloud.points[:, 1]).any():
        told.append(catalogue.text("scatter.exact", lang))
    told.append(_correlated(exhibit))
    if len(cloud.points) >= _FEWEST:
        told.append(catalogue.text("scatter.honest", lang))
        if exhibit.options.get("shared"):
            told.append(catalogue.text("scatter.shared", lang))
    if exhibit.options.get("source"):
        source = loc.pick(exhibit.options["source"], lang)
        told.append(catalogue.text("scatter.source", lang, name=_axis_name(exhibit, False), source=source))
    absent = int((e.table["estimate"].notna() & e.table["other"].isna()).sum())
    if absent:
        told.append(catalogue.text("scatter.absent", lang, n=absent))
    return [*told, *_hidden(exhibit)]


def _hidden(exhibit: Exhibit) -> list[str]:
    """Units that are not drawn as they may not be shown."""
    shown, by = exhibit.rows(), list(exhibit.estimates.by)
    gone = shown.loc[shown["status"].isin(("suppressed", "empty")).to_numpy(), by]
    return left_out([", ".join(map(str, row)) for row in gone.itertuples(index=False, name=None)], exhibit.lang)


def _described(exhibit: Exhibit) -> str:
    lang, cloud = exhibit.lang, exhibit.once(_cloud)
    digits, p = exhibit.options.get("digits"), cloud.points
    title = loc.sentence(exhibit.title)
    names = {"along": _axis_name(exhibit, False), "upwards": _axis_name(exhibit, True)}
    said = [catalogue.text("scatter.alt", lang, title=title, n=len(p), **names)]
    order = np.argsort(-p[:, 3], kind="stable").tolist()
    told = order if len(order) <= 6 else [*order[:2], *order[-2:]]
    up, along = cloud.upwards, cloud.along
    texts = []
    for i in told:
        first, second = (m.value(p[i, k] / m.factor, lang, digits) for m, k in ((up, 3), (along, 0)))
        texts.append(f"{cloud.names[i]}: {first}; {second}")
    said += ["; ".join(f"({t})" for t in texts) + "."]
    said.append(loc.sentence(_correlated(exhibit)))
    said += _hidden(exhibit)
    return " ".join(t for t in said if t)


def _data(exhibit: Exhibit) -> pd.DataFrame:
    """With what the other number is and where it comes from."""
    given, usual = (
        exhibit.options.get("source"),
        rows_as_data(exhibit.estimates, exhibit.rows(), exhibit.measures, exhibit.lang),
    )
    source = loc.pick(given, exhibit.lang) if given else usual["source"]
    return usual.assign(other_label=_axis_name(exhibit, False), other_source=source)


FORM = ExhibitKind(
    "scatter",
    "figure",
    _described,
    _notes,
    draw=_draw,
    chart=_chart,
    parts=_cloud,
    data=_data,
    shows="A scatter shows two numbers of each unit.",
    takes="the results of sample.mean(..., by=...), .index(..., by=...) or a similar method",
    otherwise="use figures.intervals",
)

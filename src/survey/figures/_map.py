"""Estimates as shades of areas (a choropleth), the areas from a plain GeoJSON file."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from survey.base import catalogue
from survey.base.arguments import checked, one_of
from survey.base.geojson import Area, Areas, read_areas
from survey.base.names import label as same
from survey.base.suggestions import did_you_mean
from survey.codebook import LANGUAGES, Text
from survey.core.estimates_data import EstimatesData
from survey.core.result import ResultData
from survey.errors import ExportError, shorten
from survey.exhibits.exhibit import Exhibit, ExhibitKind, exhibit_of
from survey.figures._canvas import compose
from survey.figures._map_body import MapBody
from survey.figures._shades import check_classes
from survey.figures._units import Unit, Units, described, units_of
from survey.words import labels as _labels
from survey.words import locale as loc

if TYPE_CHECKING:
    from matplotlib.figure import Figure

__all__ = ["map"]

_TRIED = 40


@checked(ExportError)
def map(  # what a reader calls it
    e: EstimatesData,
    regions: str | os.PathLike[str] | Mapping[str, Any] | Areas,
    *,
    unit: str | None = None,
    key: str | None = None,
    classes: int | Sequence[float] = 5,
    method: str | None = None,
    credit: str | Text | None = None,
    unmatched: str = "fail",
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
    """Shade areas of a map by an estimate: a share, a mean, or a difference, one for each area.

    Areas without an estimate, and those on too few answers, are hatched. Names and numbers are written where they fit
    into an area. Differences get shades on both sides of zero, dotted where the interval includes it.

    Parameters
    ----------
    e : Estimates
        One row an area: sample.mean("score", by="ward"), or a contrast of two waves in each ward.
    regions : path, mapping or Areas
        A GeoJSON file, its parsed content, or what `sv.simulate.city_map()` returns. Coordinates in longitude and
        latitude are drawn true to shape at the middle latitude; projected ones as they are.
    unit : str, optional
        The grouping column of areas; when not given, the one whose values or labels the map names.
    key : str, optional
        The property of the file that names an area, by code or by label; when not given, the one that names most.
        Both Unicode forms of a name are one, and 3, 3.0, "3" and "0003" are.
    classes : int or sequence of float
        How many shades, 2 to 7; or the limits between them, unrounded and in the units of e.table (shares in 0-1).
    method : {"quantile", "equal"}, optional
        About as many areas in each class, or classes equally wide. Quantiles when not given, equal for differences.
    credit : str or mapping of language to str, optional
        Who drew the boundaries; when not given, the member `attribution` of the file.
    unmatched : {"fail", "note"}
        What happens to an estimate whose area the map does not name: an error, or a note.
    lang, title, caption, subtitle, digits, labels, name, suppress_below, flag_below :
        As for `intervals`.
    width : {"full", "half", "slide"}

    Returns
    -------
    Exhibit

    Raises
    ------
    ReadError
        If the file is not there, cut off, not GeoJSON, or has no polygons; see `survey.base.geojson.read_areas`.
    ExportError
        If there is more than one estimate an area, units differ, or the map names none of the areas.

    References
    ----------
    Brewer & Pickle (2002), Evaluation of methods for classifying epidemiological data on choropleth maps, Annals of
    the Association of American Geographers 92: quantiles read best. RFC 7946 (GeoJSON).
    """
    check_classes(classes, method)
    one_of(unmatched, ("fail", "note"), "way with areas that the map does not name", ExportError, where="unmatched=")
    options = {
        "regions": regions if isinstance(regions, Areas) else read_areas(regions),
        "unit": unit,
        "key": key,
        "classes": classes,
        "method": method,
        "credit": credit,
        "unmatched": unmatched,
        "width": width,
        "digits": digits,
        "labels": labels,
        "suppress_below": suppress_below,
        "flag_below": flag_below,
    }
    return exhibit_of(FORM, e, lang, title, caption, name, options, subtitle)


@dataclass(frozen=True, slots=True)
class Matched:
    """Units with the areas that they are, the areas of no unit, and units that the map does not name."""

    units: Units
    shapes: list[list[Area]]
    others: list[Area]
    unnamed: list[Unit]


def matched(exhibit: Exhibit) -> Matched:
    """Which area each estimate belongs to.

    Raises
    ------
    ExportError
        If the map names none, or names fit several properties in different ways.
    """
    e, options = exhibit.estimates, exhibit.options
    areas: Areas = options["regions"]
    column = _column(e, areas, options.get("unit"), options.get("key"))
    found = units_of(exhibit, column)
    spelled = [_spellings(e, column, unit.row, unit.value) for unit in found.units]
    named = _best(areas, spelled, options.get("key"))
    shapes = [next((named[s] for s in names if s in named), []) for names in spelled]
    unnamed = [unit for unit, own in zip(found.units, shapes, strict=True) if not own]
    if len(unnamed) == len(found.units) or (unnamed and options["unmatched"] == "fail"):
        raise _not_named(unnamed, named, areas, options.get("key"), len(unnamed) == len(found.units))
    own = {id(area) for parts in shapes for area in parts}
    return Matched(found, shapes, [a for a in areas.areas if id(a) not in own], unnamed)


def _column(e: ResultData, areas: Areas, asked: str | None, key: str | None) -> str:
    """The column of areas: the one asked for, the only one, or the one of which the map names most values."""
    levels = [n for n in _labels.levels_of(e) if n != "item" and n in e.table.columns]
    if asked is not None:
        one_of(asked, levels, "column of areas", ExportError, where="unit=")
        return asked
    if not levels:
        raise ExportError(
            "A map needs an estimate of each area.",
            got="estimates without groups",
            expected='sample.mean(..., by="ward") or a contrast within each ward',
        )
    if len(levels) == 1:
        return levels[0]

    def fit(column: str) -> int:
        values = e.table[column].tolist()
        rows = {value: row for row, value in reversed([*enumerate(values)])}
        spelled = [_spellings(e, column, rows[value], value) for value in [*dict.fromkeys(values)][:_TRIED]]
        named = _best(areas, spelled, key)
        return sum(any(s in named for s in names) for names in spelled)

    return max(levels, key=fit)


def _spellings(e: ResultData, column: str, row: int, value: Any) -> list[str]:
    """What an area of the estimates may be called in a file: its code, and its labels in every language."""
    names = [same(value), _without_zeros(same(value))]
    if column in e.by:
        names += [same(e.codebook.label(column, value, lang)) for lang in LANGUAGES]
        return names
    if column != "contrast":
        return names
    # what the difference is within
    return [*names, *(same(_labels.contrast_parts(e, row, lang)[0]) for lang in LANGUAGES)]


def _best(areas: Areas, spelled: list[list[str]], key: str | None) -> dict[str, list[Area]]:
    """Areas by name, under the property that names most units; of equally many the first of the file."""
    if key is not None:
        one_of(key, areas.keys, "property of the map", ExportError, where="key=", fix="choose one of these")
    each = []
    for name in areas.keys if key is None else [key]:
        named: dict[str, list[Area]] = {}
        for text, parts in areas.named(name).items():
            named.setdefault(same(text), []).extend(parts)
        # spreadsheets make 1 of the official code 00001
        short = {_without_zeros(text): parts for text, parts in named.items()}
        named = {**short, **named} if len(short) == len(named) else named
        each.append((sum(any(s in named for s in names) for names in spelled), named))
    return max(each, key=lambda pair: pair[0], default=(0, {}))[1]


def _without_zeros(code: str) -> str:
    """A code of digits without its leading zeros; any other name as it is."""
    return code.lstrip("0") or "0" if code.isdecimal() else code


def _not_named(
    unnamed: Sequence[Unit], named: Mapping[str, Any], areas: Areas, key: str | None, all_of_them: bool
) -> ExportError:
    texts = [str(unit.value) for unit in unnamed]
    every = [text for name in areas.keys for text in areas.named(name)]
    known = every if all_of_them and key is None else list(named)
    other = 'name the property with key=, or correct the names; unmatched="note" leaves out what has no area'
    advice = did_you_mean([*(u.label for u in unnamed), *texts], known, other)
    return ExportError(
        "The map names none of the areas of the estimates." if all_of_them else "The map does not name some areas.",
        where=areas.name or "regions=",
        got=shorten(f"{u.label} ({t})" if u.label != t else t for u, t in zip(unnamed, texts, strict=True)),
        expected=f"of {shorten(areas.keys) or 'no properties'}: {shorten(known) or 'no names'}",
        fix=advice,
    )


def _draw(exhibit: Exhibit, frame: str) -> Figure:
    return compose(exhibit, frame, lambda sizes: _body(exhibit, sizes))


def _body(exhibit: Exhibit, sizes: Any) -> MapBody:
    found = exhibit.once(matched)
    pairs = list(zip(found.units.units, found.shapes, strict=True))
    return MapBody(exhibit, sizes, found.units, pairs, found.others)


def _notes(exhibit: Exhibit) -> list[str]:
    lang, found = exhibit.lang, exhibit.once(matched)
    notes = [catalogue.text("map.certainty", lang)]
    if found.unnamed:
        notes.append(catalogue.text("map.unnamed", lang, units="; ".join(u.label for u in found.unnamed)))
    given = exhibit.options.get("credit") or exhibit.options["regions"].attribution
    credit = loc.pick(loc.text_of(given), lang) if given else ""
    return [*notes, catalogue.text("map.credit", lang, credit=credit)] if credit else notes


def _alt(exhibit: Exhibit) -> str:
    found = exhibit.once(matched)
    return described(exhibit, found.units, "alt.map")


FORM = ExhibitKind(
    "map",
    "figure",
    _alt,
    _notes,
    draw=_draw,
    parts=matched,
    shows="A map shows one estimate of each area.",
    takes='sample.mean(..., by="ward"), sample.proportion(..., by="ward") or a contrast within each ward',
    otherwise="use tables.table, or the figure made for this result",
)

"""Index schemes read from TOML: keys, shapes, the tree of components and their weights, each error with its place."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import inf
from types import MappingProxyType
from typing import Any

from survey.base.arguments import listed, one_of
from survey.base.catalogue import LANGUAGES
from survey.base.suggestions import did_you_mean
from survey.base.toml import refuse_shapes, refuse_unknown, table
from survey.codebook import Text
from survey.compare.scheme import AGGREGATIONS, PARTS, SCORINGS, Component, Scheme
from survey.errors import EstimationError, shorten

__all__ = ["scheme_of"]

_KEYS = {
    "scheme": {"name", "version", "title", "source", "note", "range", "scoring", "top", "min_answered"}
    | {"aggregation", "verified"},
    "components": {"title", "items", "dimension", "components", "direction", "weight", "scoring", "top"}
    | {"min_answered", "aggregation", "scale", "source", "verified"},
}
_SHAPES = {
    "scheme": {"name": "text", "version": "name", "title": "words", "source": "words", "note": "words"}
    | {"range": "limits", "scoring": "text", "top": "number", "min_answered": "number", "aggregation": "text"},
    "components": {"title": "words", "items": "text or texts", "dimension": "text", "components": "texts"}
    | {"direction": "number", "weight": "number", "scoring": "text", "top": "number", "min_answered": "number"}
    | {"aggregation": "text", "scale": "limits", "source": "words", "verified": "truth"},
}
_ROUNDING = 1e-6
"""How far a sum of weights may be from 1: weights are written with few decimals."""


def scheme_of(raw: Mapping[str, Any], where: str) -> Scheme:
    """Make the scheme that a file of TOML describes; `where` is what errors call the file.

    Raises
    ------
    EstimationError
        If it is not a scheme.
    """
    refuse_unknown(raw, {"scheme", "components"}, "The index scheme", where, EstimationError)
    head = table(raw, "scheme", "index scheme", where, EstimationError)
    parts = table(raw, "components", "index scheme", where, EstimationError, of_tables=True)
    refuse_unknown(head, _KEYS["scheme"], "The index scheme", f"{where}, [scheme]", EstimationError)
    refuse_shapes(head, _SHAPES["scheme"], "The index scheme", f"{where}, [scheme]", EstimationError)
    for needed in ("name", "range", "aggregation"):
        if head.get(needed, "") == "":
            raise EstimationError(
                "The index scheme lacks a key.", where=f"{where}, [scheme]", got="nothing", expected=f"{needed} = ..."
            )
    if not parts:
        raise EstimationError(
            "The index scheme has no components.", where=where, expected="[components.NAME], one for each"
        )
    verified = _verified(head.get("verified", False), where)
    made = {str(n): _component(str(n), c, head, verified["components"], where) for n, c in parts.items()}
    ends = _ends(head["range"], "The range of an index", f"{where}, [scheme]", "such as range = [0, 100]")
    one_of(head["aggregation"], AGGREGATIONS, "aggregation", EstimationError, where=f"{where}, [scheme]")
    scheme = Scheme(
        head["name"],
        str(head.get("version", "")),
        _text(head.get("title", head["name"])),
        _text(head.get("source", "")),
        _text(head.get("note", "")),
        ends,
        head["aggregation"],
        MappingProxyType(made),
        MappingProxyType(verified),
    )
    _check_tree(scheme, where)
    _check_weights(scheme, "", where)
    for name, component in made.items():
        if component.components:
            _check_weights(scheme, name, where)
    return scheme


def _text(value: Any) -> Text:
    return MappingProxyType(dict.fromkeys(LANGUAGES, value) if isinstance(value, str) else dict(value))


def _ends(given: Sequence[float], what: str, where: str, expected: str) -> tuple[float, float]:
    low, high = (float(x) for x in given)
    if not -inf < low < high < inf:
        raise EstimationError(
            f"{what} must go from a lower to a higher number.", where=where, got=list(given), expected=expected
        )
    return low, high


def _verified(value: Any, where: str) -> dict[str, bool]:
    """The marks of all parts: one for all, or one for each that is named; what is not named is not verified."""
    if isinstance(value, bool):
        return dict.fromkeys(PARTS, value)
    if not isinstance(value, Mapping):
        raise EstimationError(
            "The index scheme has a value of the wrong kind.",
            where=f"{where}, [scheme]",
            got=f"verified = {value!r}",
            expected="verified = true or false, or {components = true, items = false, ...}",
        )
    refuse_unknown(value, PARTS, "The mark of what is verified", f"{where}, [scheme]", EstimationError)
    refuse_shapes(value, dict.fromkeys(PARTS, "truth"), "The mark of what is verified", where, EstimationError)
    return {part: bool(value.get(part, False)) for part in PARTS}


def _component(name: str, raw: Mapping[str, Any], head: Mapping[str, Any], verified: bool, where: str) -> Component:
    place = f"{where}, [components.{name}]"
    refuse_unknown(raw, _KEYS["components"], "A component", place, EstimationError)
    refuse_shapes(raw, _SHAPES["components"], "A component", place, EstimationError)
    found = {key: raw.get(key, head.get(key, default)) for key, default in _DEFAULTS.items()}
    one_of(found["scoring"], SCORINGS, "scoring", EstimationError, where=place)
    aggregation = raw.get("aggregation", "mean_of_components")
    one_of(aggregation, AGGREGATIONS, "aggregation", EstimationError, where=place)
    direction = raw.get("direction", 0)
    one_of(direction, (1, -1, 0), "direction", EstimationError, where=place)
    items, inner = tuple(listed(raw.get("items"))), tuple(raw.get("components", ()))
    if inner and (items or raw.get("dimension")):
        raise EstimationError(
            "A component is made of items or of other components, not of both.",
            where=place,
            got=f"items {shorten(items) or raw.get('dimension')}; components {shorten(inner)}",
            fix="leave one of them out",
        )
    twice = sorted({i for i in (*items, *inner) if (*items, *inner).count(i) > 1})
    if twice:
        raise EstimationError("A component names an item twice.", where=place, got=shorten(twice))
    top, least = found["top"], found["min_answered"]
    if not (isinstance(top, int) and top >= 1) or not 0 < least <= 1:
        raise EstimationError(
            "A component has a number out of range.",
            where=place,
            got=f"top = {top}, min_answered = {least}",
            expected="top: a whole number of 1 or more; min_answered: above 0, at most 1",
        )
    weight = raw.get("weight")
    if weight is not None and not 0 <= weight <= 1:
        raise EstimationError("A weight is out of range.", where=place, got=weight, expected="from 0 to 1")
    scale = raw.get("scale")
    if scale is not None:
        scale = _ends(scale, "The scale of a component", place, "such as scale = [1, 5]; direction = -1 turns it")
    return Component(
        name,
        _text(raw.get("title", name)),
        items,
        raw.get("dimension", ""),
        inner,
        int(direction),
        None if weight is None else float(weight),
        found["scoring"],
        int(top),
        float(least),
        aggregation,
        scale,
        _text(raw.get("source", "")),
        bool(raw.get("verified", verified)),
    )


_DEFAULTS: Mapping[str, Any] = {"scoring": "mean", "top": 2, "min_answered": 2 / 3}


def _check_tree(scheme: Scheme, where: str) -> None:
    """Raise unless components are made of known ones, each of one only, and none of itself."""
    known = scheme.components
    if scheme.name in known:
        raise EstimationError(
            "A component is called as the index itself.", where=where, got=scheme.name, fix="rename one of them"
        )
    owner: dict[str, str] = {}
    for name, component in known.items():
        place = f"{where}, [components.{name}]"
        absent = [n for n in component.components if n not in known]
        if absent:
            raise EstimationError(
                "An index is made of a component that the scheme does not have.",
                where=place,
                got=shorten(map(repr, absent)),
                expected=shorten(known, 20),
                fix=did_you_mean(absent, known, "add it, or correct the name"),
            )
        shared = [n for n in component.components if n in owner]
        if shared:
            raise EstimationError(
                "A component belongs to two indices.",
                where=place,
                got=f"{shared[0]}, also in {owner[shared[0]]}",
                expected="each in one",
            )
        owner.update(dict.fromkeys(component.components, name))
    for name in known:
        seen, at = {name}, owner.get(name)
        while at is not None:
            if at in seen:
                raise EstimationError("A component is made of itself.", where=where, got=shorten(sorted(seen)))
            seen.add(at)
            at = owner.get(at)


def _check_weights(scheme: Scheme, name: str, where: str) -> None:
    """Raise unless the components of an index have the weights that its aggregation reads, and no others."""
    known = scheme.components
    members = known[name].components if name else scheme.top_level
    aggregation = known[name].aggregation if name else scheme.aggregation
    place = f"{where}, {name or scheme.name}"
    weights = {member: known[member].weight for member in members}
    given = [w for w in weights.values() if w is not None]
    if aggregation == "geometric_mean" and scheme.range[0] < 0:
        raise EstimationError(
            "A geometric mean needs a range without negative numbers.", where=place, got=list(scheme.range)
        )
    if aggregation == "mean_of_items" and any(known[m].components or known[m].scoring == "respondent" for m in members):
        raise EstimationError(
            "The mean of items needs components that are made of items, each with a mean or a share.",
            where=place,
            got=shorten(m for m in members if known[m].components or known[m].scoring == "respondent"),
            fix='use aggregation = "mean_of_components"',
        )
    if aggregation == "weighted_mean" or (aggregation == "geometric_mean" and given):
        absent = [member for member, weight in weights.items() if weight is None]
        if absent:
            raise EstimationError(
                "A component has no weight.", where=place, got=shorten(absent), expected="weight = ... for each"
            )
        if abs(sum(given) - 1) > _ROUNDING:
            raise EstimationError(
                "The weights do not add up to 1.",
                where=place,
                got=f"{sum(given):.6g}: {shorten(f'{m} {w:g}' for m, w in zip(members, given, strict=True))}",
                expected="1",
                fix="correct them; they are never rescaled silently",
            )
    elif given:
        raise EstimationError(
            "A component has a weight that its index does not use.",
            where=place,
            got=f"aggregation {aggregation}; weights of {shorten(m for m, w in weights.items() if w is not None)}",
            fix='use aggregation = "weighted_mean", or remove the weights',
        )

"""Two codebooks side by side: what differs, and how they become one."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from survey.base import catalogue
from survey.base.html import render
from survey.base.text import written
from survey.codebook._data import C, CodebookData
from survey.codebook._variable import EMPTY, MultipleSet, Text, Variable
from survey.errors import CodebookError, shorten

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["Diff", "diff", "differences", "merge"]

_PLAIN = (
    "type",
    "direction",
    "dimension",
    "scored",
    "base",
    "role",
    "unit",
    "limits",
    "required",
    "dont_know",
    "element",
    "note",
)
_COLUMNS = ("variable", "what", "ours", "theirs")
Row = tuple[str, str, str, str]


def differences(ours: CodebookData, theirs: CodebookData) -> list[Row]:
    """Everything in which two codebooks differ, where they came from apart."""
    rows = list(_texts("title", ours.title, theirs.title, ""))
    rows += _texts("source", ours.collected, theirs.collected, "")
    if ours.simulated != theirs.simulated:
        rows.append(("", "simulated", _yes(ours.simulated), _yes(theirs.simulated)))
    for name in dict.fromkeys([*ours.dimensions, *theirs.dimensions]):
        rows += _texts(f"dimension {name}", ours.dimensions.get(name, EMPTY), theirs.dimensions.get(name, EMPTY), "")
    for name in dict.fromkeys([*ours.variables, *theirs.variables]):
        a, b = ours.variables.get(name), theirs.variables.get(name)
        if a is None or b is None:
            there = a or b or Variable(name)
            rows.append((name, "added" if a is None else "removed", *_one_side(there.wording(), a is None)))
        else:
            rows += _of_variable(a, b)
    if not any(r[1] in ("added", "removed") for r in rows) and list(ours.variables) != list(theirs.variables):
        moved = [n for n, m in zip(ours.variables, theirs.variables, strict=True) if n != m]
        rows.append(
            ("", "order of the variables", shorten(moved, 4), shorten([m for m in theirs.variables if m in moved], 4))
        )
    for name in dict.fromkeys([*ours.sets, *theirs.sets]):
        s, t = ours.sets.get(name), theirs.sets.get(name)
        if s != t:
            rows.append((name, "set of answers", _set(s), _set(t)))
    return rows


def _one_side(text: str, theirs: bool) -> tuple[str, str]:
    return ("", text) if theirs else (text, "")


def _set(s: MultipleSet | None) -> str:
    if s is None:
        return ""
    label = "; ".join(f"{lang}: {t}" for lang, t in s.label.items())
    more = f"; base {s.base}" * bool(s.base) + f"; exclusive {', '.join(s.exclusive)}" * bool(s.exclusive)
    return f"{label or s.name} ({s.kind}, counted {s.counted!r}: {', '.join(s.variables)}{more})"


def _texts(what: str, ours: Text, theirs: Text, name: str) -> Iterator[Row]:
    for lang in dict.fromkeys([*ours, *theirs]):
        if ours.get(lang) != theirs.get(lang):
            yield (name, f"{what} ({lang})", ours.get(lang, ""), theirs.get(lang, ""))


def _of_variable(a: Variable, b: Variable) -> Iterator[Row]:
    yield from _texts("wording", a.text, b.text, a.name)
    yield from _texts("short name", a.short, b.short, a.name)
    yield from _texts("instruction", a.instruction, b.instruction, a.name)
    for form in dict.fromkeys([*a.variants, *b.variants]):
        yield from _texts(f"wording for {form}", a.variants.get(form, EMPTY), b.variants.get(form, EMPTY), a.name)
    if set(a.labels) != set(b.labels) or _kinds_of(a.labels) != _kinds_of(b.labels):
        yield (a.name, "codes", _codes(a.labels), _codes(b.labels))
    elif list(a.labels) != list(b.labels):
        yield (a.name, "order of the scale", _codes(a.labels), _codes(b.labels))
    for code in a.labels:
        if code in b.labels:
            yield from _texts(f"label of {_shown(code)}", a.labels[code], b.labels[code], a.name)
    for code in dict.fromkeys([*a.missing, *b.missing]):
        kinds = a.missing.get(code, ""), b.missing.get(code, "")
        if kinds[0] != kinds[1]:
            yield (a.name, f"missing code {_shown(code)}", *kinds)
    if set(a.missing) == set(b.missing) and _kinds_of(a.missing) != _kinds_of(b.missing):
        yield (a.name, "missing codes", _codes(a.missing), _codes(b.missing))
    for code in dict.fromkeys([*a.missing_labels, *b.missing_labels]):
        texts = a.missing_labels.get(code, EMPTY), b.missing_labels.get(code, EMPTY)
        yield from _texts(f"label of missing code {_shown(code)}", *texts, a.name)
    for key in _PLAIN:
        x, y = getattr(a, key), getattr(b, key)
        if x != y:
            yield (a.name, key, _plain(x), _plain(y))


def _kinds_of(codes: Mapping[Any, Any]) -> set[tuple[str, bool]]:
    return {(str(c), isinstance(c, str)) for c in codes}


def _shown(code: Any) -> str:
    return repr(code) if isinstance(code, str) else written(code)


def _codes(codes: Mapping[Any, Any]) -> str:
    return ", ".join(map(_shown, codes))


def _plain(value: Any) -> str:
    if isinstance(value, bool):
        return _yes(value)
    if isinstance(value, tuple):
        return f"{value[0]:g} to {value[1]:g}"
    return "" if value is None else str(value)


def _yes(value: bool) -> str:
    return "yes" if value else "no"


@dataclass(frozen=True, slots=True)
class Diff:
    """In what two codebooks differ; true if they do.

    Parameters
    ----------
    rows : tuple of (variable, what, ours, theirs)
        `variable` is empty where the whole codebook is meant. `what` is "added" (the other has it), "removed",
        "wording (vi)", "codes", "order of the scale", "label of 1 (en)", "missing code -98", "direction", "base", ...
    """

    rows: tuple[Row, ...]

    def __bool__(self) -> bool:
        return bool(self.rows)

    def __len__(self) -> int:
        return len(self.rows)

    @property
    def table(self) -> pd.DataFrame:
        """One row a difference: variable, what, ours, theirs."""
        import pandas as pd

        return pd.DataFrame(list(self.rows), columns=list(_COLUMNS), dtype="str")

    def _head(self, lang: str) -> str:
        if not self.rows:
            return catalogue.text("codebook_diff.same", lang)
        variables = {r[0] for r in self.rows if r[0]}
        return catalogue.text("codebook_diff.differ", lang, differences=len(self.rows), variables=len(variables))

    def to_text(self, lang: str = "en") -> str:
        """The differences as lines of text, variable by variable."""
        lines, last = [self._head(lang)], None
        for name, what, ours, theirs in self.rows:
            if name != last:
                lines.append(name or catalogue.text("codebook_diff.whole", lang))
                last = name
            lines.append(f"  {what}: {ours or '–'} → {theirs or '–'}")
        return "\n".join(lines)

    def _repr_html_(self) -> str:
        return self.to_html()

    def to_html(self, lang: str = "en") -> str:
        """The differences as a table."""
        if not self.rows:
            return render("<p lang='{{ lang }}'>{{ head }}</p>", lang=lang, head=self._head(lang))
        words = [catalogue.text(f"codebook_diff.{c}", lang) for c in _COLUMNS]
        return render(_TABLE, lang=lang, caption=self._head(lang), heads=words, rows=self.rows)


_TABLE = """\
<table lang='{{ lang }}'><caption style='text-align:left'>{{ caption }}</caption><thead><tr>
{%- for head in heads %}<th scope='col' style='text-align:left'>{{ head }}</th>{% endfor %}</tr></thead><tbody>
{% for row in rows %}
<tr>{% for cell in row %}<td style='text-align:left'>{{ cell }}</td>{% endfor %}</tr>
{% endfor %}
</tbody></table>"""


def diff(self: CodebookData, other: CodebookData, languages: Sequence[str] | None = None) -> Diff:
    """In what another codebook differs from this one.

    Parameters
    ----------
    other : Codebook
    languages : sequence of str, optional
        Compare texts in these only: a file with Vietnamese labels says nothing of the English ones.

    Returns
    -------
    Diff
        `.table`, `.to_text()`; true if there is any difference. Where the codebooks came from is none.

    Examples
    --------
    >>> from survey.codebook import Codebook, Variable
    >>> Codebook().diff(Codebook().update(Variable("q"))).table["what"].tolist()
    ['added']
    """
    rows = differences(self, other)
    if languages is not None:
        chosen = {languages} if isinstance(languages, str) else set(languages)
        spoken = re.compile(r"\((\w+)\)$")
        rows = [r for r in rows if (found := spoken.search(r[1])) is None or found[1] in chosen]
    return Diff(tuple(rows))


_USUAL = {f.name: getattr(Variable("any"), f.name) for f in fields(Variable)}


def merge(self: C, other: CodebookData, prefer: str = "error") -> C:
    """One codebook from two: what one of them leaves out the other fills in, language by language and code by code.

    Left out is what a variable says only by default: no wording, no labels, direction 0, role "item". A type counts as
    left out if the codebook says nothing else than "number" or "text" of a variable that has no codes.

    Parameters
    ----------
    other : Codebook
    prefer : {"error", "self", "other"}
        Which of the two prevails where they differ.

    Returns
    -------
    Codebook
        Variables in this codebook's order, those of the other after them.

    Raises
    ------
    CodebookError
        If they contradict each other and neither is preferred: one error that names every contradiction.
    """
    if prefer not in ("error", "self", "other"):
        raise CodebookError("An unknown value of prefer.", got=prefer, expected='"error", "self" or "other"')
    clash: list[str] = []
    variables = {**other.variables, **self.variables}
    order = dict.fromkeys([*self.variables, *other.variables])
    merged = {
        name: _merged(self.variables[name], other.variables[name], prefer, clash)
        if name in self.variables and name in other.variables
        else variables[name]
        for name in order
    }
    title = _mixed(self.title, other.title, prefer, clash, "title")
    dimensions = {
        n: _mixed(self.dimensions.get(n, EMPTY), other.dimensions.get(n, EMPTY), prefer, clash, f"dimension {n}")
        for n in dict.fromkeys([*self.dimensions, *other.dimensions])
    }
    sets = _mixed(self.sets, other.sets, prefer, clash, "set of answers")
    if clash:
        raise CodebookError(
            "Two codebooks contradict each other.",
            where=f"{self.source or 'this one'} and {other.source or 'the other'}",
            got="\n            ".join(["", *clash[:40], *([f"… ({len(clash)} in all)"] if len(clash) > 40 else [])]),
            expected="one answer to each question",
            fix='correct one of them, or choose one: merge(other, prefer="self") or prefer="other"',
        )
    return replace(
        self,
        variables=MappingProxyType(merged),
        dimensions=MappingProxyType(dimensions),
        title=title,
        sets=sets,
        collected=_mixed(self.collected, other.collected, "self", [], "source"),
        simulated=self.simulated or other.simulated,
        source=" + ".join(dict.fromkeys(s for s in (self.source, other.source) if s)),
        extra=MappingProxyType({**other.extra, **self.extra}),
        files=tuple(dict.fromkeys([*self.files, *other.files])),
    )


def _merged(a: Variable, b: Variable, prefer: str, clash: list[str]) -> Variable:
    first, second = (b, a) if prefer == "other" else (a, b)
    found: dict[str, Any] = {
        key: _mixed(getattr(a, key), getattr(b, key), prefer, clash, f"{a.name}, {what}")
        for key, what in (("text", "wording"), ("short", "short name"), ("instruction", "instruction"))
    }
    found["variants"] = MappingProxyType(
        {
            form: _mixed(
                a.variants.get(form, EMPTY), b.variants.get(form, EMPTY), prefer, clash, f"{a.name}, wording for {form}"
            )
            for form in dict.fromkeys([*a.variants, *b.variants])
        }
    )
    for key in _PLAIN:
        x, y = getattr(a, key), getattr(b, key)
        ours, theirs = _said(a, key), _said(b, key)
        if ours and theirs and x != y and prefer == "error":
            clash.append(f"{a.name}, {key}: {_plain(x)!r} and {_plain(y)!r}")
        found[key] = getattr(first, key) if _said(first, key) else getattr(second, key)
    found["missing"] = _mixed(a.missing, b.missing, prefer, clash, f"{a.name}, missing code")
    common = [c for c in a.labels if c in b.labels], [c for c in b.labels if c in a.labels]
    if common[0] != common[1] and prefer == "error":
        clash.append(f"{a.name}, order of the scale: {_codes(a.labels)} and {_codes(b.labels)}")
    labels: dict[Any, Text] = {}
    for code in dict.fromkeys([*first.labels, *second.labels]):
        if code in found["missing"]:
            # a file that labels -98 and declares nothing says less than a codebook that knows its kind
            if prefer == "error" or code not in first.labels:
                continue
            found["missing"] = MappingProxyType({c: k for c, k in found["missing"].items() if c != code})
        texts = a.labels.get(code, EMPTY), b.labels.get(code, EMPTY)
        labels[code] = _mixed(*texts, prefer, clash, f"{a.name}, label of {_shown(code)}")
    found["labels"] = MappingProxyType(labels)
    spoken = {}
    for code in found["missing"]:
        said = [v.missing_labels.get(code) or v.labels.get(code) or EMPTY for v in (a, b)]
        mixed = _mixed(said[0], said[1], prefer, clash, f"{a.name}, label of missing code {_shown(code)}")
        if mixed:
            spoken[code] = mixed
    found["missing_labels"] = MappingProxyType(spoken)
    return replace(first, **found)


def _said(v: Variable, key: str) -> bool:
    """Whether a variable says something about itself and not only by default."""
    if key == "type":
        return bool(v.labels) or v.type not in ("number", "text")
    return bool(getattr(v, key) != _USUAL[key])


def _mixed(ours: Mapping[Any, Any], theirs: Mapping[Any, Any], prefer: str, clash: list[str], what: str) -> Any:
    """Two mappings as one; empty texts count as left out."""
    for key in ours:
        if ours[key] and theirs.get(key) and ours[key] != theirs[key] and prefer == "error":
            clash.append(f"{what} {f'({key})' if isinstance(key, str) else key}: {ours[key]!r} and {theirs[key]!r}")
    first, second = (theirs, ours) if prefer == "other" else (ours, theirs)
    kept = {k: v for k, v in first.items() if v or k not in second}
    return MappingProxyType({k: kept.get(k, second.get(k)) for k in dict.fromkeys([*ours, *theirs])})

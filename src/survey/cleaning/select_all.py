"""Select-all questions (multiple response sets), from any shape that files keep them in, with their base declared."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from types import MappingProxyType
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from survey.base.arguments import columns_exist, listed, one_of
from survey.base.names import column_named, columns_named
from survey.base.text import counted as number_of
from survey.cleaning._chosen import Chosen, from_mentions, from_text, from_ticks, text_of
from survey.codebook import ENGLISH_FIRST, MISSING_KINDS, MultipleSet, Text, Variable, catalogue_text
from survey.codebook._variable import ANY_CHOSEN, EVERYONE, SET_KINDS
from survey.core.columns import Asked, name_rows, new_column, with_columns
from survey.core.log import KIND_CODES, LogEntry, plain_arguments
from survey.core.responses_data import R, ResponsesData
from survey.core.unheld import unheld_remark
from survey.errors import CleaningError, shorten

__all__ = ["declare_select_all"]

_VERB = "declare_select_all"
_NO_YES = MappingProxyType({i: catalogue_text(f"labels.{key}", ENGLISH_FIRST) for i, key in enumerate(("no", "yes"))})


def declare_select_all(
    self: R,
    name: str,
    columns: str | Sequence[str] | None = None,
    *,
    base: str | None = None,
    options: Mapping[str, str | Text] | Sequence[Any] | None = None,
    separator: str | None = None,
    other: str | None = None,
    kind: str | None = None,
    counted: Any = None,
    exclusive: str | Sequence[str] = (),
    missing: Mapping[str, str] | None = None,
    label: str | Text | None = None,
    reason: str = "",
) -> R:
    """Declare a select-all question (a multiple response set), so that `sample.select_all` can estimate it.

    Three shapes are read: one column an option (1 or empty, 0 or 1, yes or no, its label or empty); one column a
    mention, holding the option's code; one text with separators ("a b c", "a;b;c", labels of several words). Each
    option becomes a column of 1 (chosen), 0 (not chosen) and empty (not asked, or no answer).

    Parameters
    ----------
    name : str
        Name of the question.
    columns : str or list of str, optional
        One column of text, or the columns of the options. When not given: those of the codebook's set of this name,
        else the column of this name.
    base : str, optional
        Who was asked: "everyone"; an expression over the data ("contact12 == 1"); or "any chosen", where who chose
        nothing cannot be told from who was not asked. When not given it is the codebook's; or, where files write
        "not chosen" too, whoever has an answer. Where an empty cell may mean "not chosen" it must be known.
    options : mapping of code to label, or list of labels, optional
        The options in the order of the questionnaire. Of text: what cells are made of, codes or labels, which may
        hold the separator. Of columns: their labels, by column or in the order of `columns`.
    separator : str, optional
        Of text: ";", ",", " ". Needed where there are no `options`.
    other : str, optional
        Of text with `options`: the option that collects words of one's own at the end of a cell.
    kind : {"dichotomies", "categories"}, optional
        Of columns: one an option (usual), or one a mention.
    counted : object, optional
        Of columns of options: the value that means chosen, where it is not 1, yes or the like.
    exclusive : str or list of str, optional
        Options that exclude the others ("None of these"), by column, code or label. They are kept as options; who
        chose one with others is counted in the log.
    missing : mapping of option to kind, optional
        Options that are no answers: {"Don't know": "dont_know", "Refused": "refused"}. They leave the set; who chose
        nothing else has an answer missing of that kind.
    label : str or mapping of language to str, optional
        The question.
    reason : str

    Returns
    -------
    Responses
        With the set in `codebook.sets`. Columns of options are rewritten in place; options of text and of mentions
        get new columns, `name_code` or `name_1`, `name_2`, ...

    Raises
    ------
    CleaningError
        If the base is not known and empty cells may mean "not chosen"; for options chosen by people who were not
        asked, values that mean neither chosen nor not, cells that are not made of the options; for columns that
        still hold missing codes.

    Examples
    --------
    >>> clean = responses.declare_select_all("contact", base="everyone", exclusive="None")  # doctest: +SKIP
    >>> clean = responses.declare_select_all("news", separator=";", base="internet == 1")  # doctest: +SKIP
    """
    given = self.codebook.sets.get(name)
    if isinstance(columns, list | tuple) and len(columns) == 1 and isinstance(columns[0], str) and kind is None:
        columns = columns[0]  # one column is no column for each option
    shape, members = _shape(self, name, columns, kind, given)
    pairs = _options(options)
    if shape == "text":
        chosen = from_text(self, name, members[0], separator, pairs, other)
    elif shape == "categories":
        chosen = from_mentions(self, name, members)
    else:
        usual = given is not None and counted is None
        means = given.counted if given is not None and counted is None else counted
        chosen = from_ticks(self, members, _labels(self, members, pairs), means, usual)
    if shape != "dichotomies":
        for column in chosen.labels:
            new_column(self, column, _VERB)
    alone = [chosen.column(o, "exclusive") for o in listed(exclusive)] or (
        [c for c in given.exclusive if c in chosen.labels] if given is not None else []
    )
    left_out = {chosen.column(o, "missing"): what for o, what in (missing or {}).items()}
    for what in left_out.values():
        one_of(what, MISSING_KINDS, "kind of missing answer", CleaningError, where=f"{_VERB}(missing=...)")
    said_base = base if base is not None else _known_base(self, members, given)
    values, why = _in_base(self, name, chosen, said_base)
    kept = [i for i, c in enumerate(chosen.labels) if c not in left_out]
    if not kept:
        raise CleaningError(
            "A select-all question needs options.",
            where=f"{_VERB}(missing=...)",
            got="every option declared missing",
            fix="declare missing only options such as 'Don't know'",
        )
    for column, what in left_out.items():
        only = (values[:, list(chosen.labels).index(column)] == 1) & ~(values[:, kept] == 1).any(axis=1)
        values[only] = np.nan
        why[only] = KIND_CODES[what]
    names = [c for i, c in enumerate(chosen.labels) if i in kept]
    exclude = [list(chosen.labels).index(c) for c in alone]
    clash = np.count_nonzero(((values[:, kept] == 1).sum(axis=1) > 1) & (values[:, exclude] == 1).any(axis=1))
    question = label if label is not None else _question(self, name, members, shape, given)
    made = MultipleSet(name, tuple(names), "dichotomies", MappingProxyType(dict(text_of(question))), 1)
    made = replace(made, base=said_base, exclusive=tuple(alone))
    valid = np.asarray(np.isfinite(values[:, kept]).any(axis=1), dtype=bool)
    remark = f"; {number_of(int(clash), 'respondent')} chose an exclusive option with others" if alone else ""
    entry = LogEntry(
        _VERB,
        f"{name}: {number_of(len(names), 'option')}, {int(valid.sum()):,} of {number_of(len(valid), 'row')} have an "
        f"answer (base: {said_base or 'whoever answered'}){remark}{_unheld(self, said_base)}",
        plain_arguments(
            name=name,
            columns=columns,
            base=base,
            options=[[c, dict(t)] for c, t in pairs] or None,
            separator=separator,
            other=other,
            kind=kind,
            counted=counted,
            exclusive=listed(exclusive),
            missing=dict(missing) if missing else None,
            label=None if label is None else dict(text_of(label)),
            reason=reason,
        ),
        len(valid),
        len(valid),
        int(valid.sum()),
        int((~np.isnan(values[:, kept])).sum()),
        reason,
    )
    return _done(self, entry, made, chosen, values, why)


def _shape(
    self: ResponsesData, name: str, columns: Any, kind: str | None, given: MultipleSet | None
) -> tuple[str, list[str]]:
    """Which shape the answers have, and their columns."""
    if kind is not None:
        one_of(kind, SET_KINDS, "kind of set", CleaningError, where=f"{_VERB}(kind=...)")
    if columns is None and given is not None:
        shape, members = kind or given.kind, list(given.variables)
    elif columns is None or isinstance(columns, str):
        shape, members = "text", [column_named(columns or name, self.data.columns)]
    else:
        shape, members = kind or "dichotomies", columns_named(columns, self.data.columns)
    columns_exist(
        members,
        self.data.columns,
        "The data lack a column of the select-all question.",
        CleaningError,
        where=f"{_VERB}({name!r})",
        fix="name the columns: declare_select_all(name, ['a', 'b'])",
    )
    if not members or len(set(members)) < len(members):
        raise CleaningError(
            "A select-all question needs columns, each once.",
            where=f"{_VERB}({name!r})",
            got=shorten(members) or "no column",
            fix="name the columns of its options",
        )
    return shape, members


def _options(options: Any) -> list[tuple[str, Text]]:
    """Options as pairs of code and label; a label alone is its own code."""
    if options is None:
        return []
    given = options.items() if isinstance(options, Mapping) else list(options)
    pairs = [(o, o) if isinstance(o, str) else tuple(o) for o in given]
    if any(len(p) != 2 or not isinstance(p[1], str | Mapping) for p in pairs):
        raise CleaningError(
            "Options must be labels, or codes with their labels.",
            where=f"{_VERB}(options=...)",
            expected='["Phone", "E-mail"] or {"1": "Phone", "2": "E-mail"}',
        )
    return [(f"{c:g}" if isinstance(c, float) else str(c), text_of(t)) for c, t in pairs]


def _labels(self: ResponsesData, members: Sequence[str], pairs: Sequence[tuple[str, Text]]) -> Mapping[str, Text]:
    """What each column's option is called: as given, as in the codebook, else the name of the column."""
    found = {m: (v.short or v.text) if (v := self.codebook.variables.get(m)) else {} for m in members}
    found = {m: text or text_of(m) for m, text in found.items()}
    if pairs and {c for c, _ in pairs} <= set(members):
        return {**found, **dict(pairs)}
    if pairs and len(pairs) != len(members):
        raise CleaningError(
            "The number of options differs from the number of columns.",
            where=f"{_VERB}(options=...)",
            got=number_of(len(pairs), "option"),
            expected=f"{len(members)}, or labels by column",
        )
    return dict(zip(members, (t for _, t in pairs), strict=True)) if pairs else found


def _known_base(self: ResponsesData, members: Sequence[str], given: MultipleSet | None) -> str:
    """The base as the codebook has it: of the set, or what all of its columns have in common; "" if it says nothing."""
    if given is not None and given.base:
        return given.base
    bases = {v.base if (v := self.codebook.variables.get(m)) else "" for m in members}
    return bases.pop() if len(bases) == 1 else ""


def _unheld(self: ResponsesData, base: str) -> str:
    return "" if base in ("", EVERYONE, ANY_CHOSEN) else unheld_remark(self, base)


def _in_base(
    self: ResponsesData, name: str, chosen: Chosen, base: str
) -> tuple[NDArray[np.float64], NDArray[np.uint8]]:
    """The answers (rows, options) of those in the base, and the kind of the others' missing answers (rows,)."""
    values, filled, chose = chosen.values.copy(), chosen.filled, chosen.any_chosen
    why = np.zeros(len(values), dtype=np.uint8)
    if not base and not chosen.negative:
        raise CleaningError(
            "Who was asked is not known: an empty cell may mean 'not chosen' or 'not asked'.",
            where=f"{_VERB}({name!r})",
            got=f"{int(chose.sum()):,} of {number_of(len(chose), 'row')} chose an option",
            expected='base="everyone", base="contact12 == 1" (who was asked), or base="any chosen"',
            fix=f'declare the base: declare_select_all({name!r}, base="everyone")',
        )
    if base == ANY_CHOSEN:
        values[chose] = np.nan_to_num(values[chose])
        values[~chose] = np.nan
        why[~chose] = KIND_CODES["blank"]
        return values, why
    if base in ("", EVERYONE):
        asked = np.ones(len(values)) if base else filled.astype(float)
    else:
        known = Asked(self)(Variable(name, base=base))
        asked = np.ones(len(values)) if known is None else known
        if not np.isin(asked[~np.isnan(asked)], (0.0, 1.0)).all():
            raise CleaningError(
                "The base of a select-all question is not a condition.",
                where=f"{_VERB}({name!r})",
                got=f"base={base!r}",
                expected='"everyone", "any chosen", or a condition such as "contact12 == 1"',
                fix="compare the column with the value of those asked",
            )
    outside = (asked == 0) & chose
    if outside.any():
        raise CleaningError(
            "Options were chosen by people who were not asked.",
            where=f"{name}, {name_rows(self, outside)}",
            got=f"base {base!r}",
            expected="answers of those asked only",
            fix="correct the base, or empty these answers with recode()",
        )
    if not chosen.negative:
        inside = (asked == 1) | filled
        values[inside] = np.nan_to_num(values[inside])
    values[asked == 0] = np.nan
    if base:
        why[asked == 0] = KIND_CODES["not_asked"]
    return values, why


def _question(
    self: ResponsesData, name: str, members: Sequence[str], shape: str, given: MultipleSet | None
) -> Text | str:
    """The wording of the question, where the codebook has one."""
    if given is not None and given.label:
        return given.label
    texts = {members[0] if shape == "text" else name: None, name: None}
    return next((v.short or v.text for n in texts if (v := self.codebook.variables.get(n)) and (v.short or v.text)), {})


def _done(
    self: R,
    entry: LogEntry,
    made: MultipleSet,
    chosen: Chosen,
    values: NDArray[np.float64],
    why: NDArray[np.uint8],
) -> R:
    """Responses with the columns, kinds of missing answers, variables and the set."""
    data, kinds, variables = {}, {}, []
    expression = "" if made.base in ("", EVERYONE, ANY_CHOSEN) else made.base
    for i, (column, text) in enumerate(chosen.labels.items()):
        if column not in made.variables and column not in self.data.columns:
            continue  # "don't know" of a text is a kind of missing answer, and no column
        own = values[:, i]
        empty = np.isnan(own)
        data[column] = pd.Series(own if empty.any() else own.astype(np.int64), index=self.data.index, name=column)
        before = self.missing[column].to_numpy() if column in self.missing.columns else np.zeros(len(own), np.uint8)
        kinds[column] = np.where(empty, np.where(before > 0, before, why), 0).astype(np.uint8)
        old, own_label = self.codebook.variables.get(column) or Variable(column), MappingProxyType(dict(text))
        variables.append(
            replace(
                old,
                type="binary",
                labels=_NO_YES,
                text=old.text or own_label,
                short=old.short or (own_label if old.text and own_label != old.text else old.short),
                base=expression or old.base,
                missing=MappingProxyType({c: k for c, k in old.missing.items() if c not in (0, 1)}),
            )
        )
    missing = with_columns(self.missing if len(self.missing.columns) else pd.DataFrame(index=self.data.index), kinds)
    book = self.codebook.update(*variables)
    book = replace(book, sets=MappingProxyType({**book.sets, made.name: made}))
    return self.logged(entry, data=with_columns(self.data, data), missing=missing, codebook=book)

"""From one row an answer to one row a person."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import replace
from types import MappingProxyType
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from survey.base.arguments import listed, one_of
from survey.base.codes import joined
from survey.base.names import composed_column
from survey.base.text import counted, written
from survey.cleaning.declaring import check_kind
from survey.codebook import Variable
from survey.codebook.nonanswers import reads_as_numbers
from survey.codebook.told import describe_values
from survey.core.columns import Bools, known_columns, name_rows
from survey.core.log import KIND_CODES, LogEntry, plain_arguments
from survey.core.responses_data import R
from survey.errors import CleaningError, shorten

__all__ = ["reshape"]

_REPEATS = ("error", "first", "last", "join")
_MOST_QUESTIONS = 10_000
_SIGN = ";"


def reshape(
    self: R,
    *,
    id: str | Iterable[str],
    question: str,
    answer: str,
    repeats: str = "error",
    absent: str | None = None,
    reason: str = "",
) -> R:
    """Make one row a person from one row an answer: reshape(id="person", question="item", answer="value").

    Each question becomes a column, called by its text or, where questions are numbers, by `question` and the number.
    A column whose answers all read as numbers is one of numbers. What else is known of a person stays, where it is
    the same in all of their rows. The codebook's variable of a new column is used if there is one; else the question
    takes its wording from the labels of `question`, and its scale and missing codes from those of `answer`.

    Parameters
    ----------
    id : str or list of str
        What together names a person; never empty.
    question, answer : str
        Columns with the question's name and the answer.
    repeats : {"error", "first", "last", "join"}
        What becomes of several answers of a person to one question: an error; the first or last counts and the other
        rows go to `rejected`; or all are kept as one text with ";", which `declare_select_all(separator=";")` reads.
    absent : str, optional
        A kind of missing answer ("not_asked", "blank") that a question without a row gets. When not given nobody
        says why there is no answer, and the cell is empty.
    reason : str, optional
        Why only one of several answers counts, for the rejected rows.

    Returns
    -------
    Responses
        A row a person, in the order and with the index of their first rows.

    Raises
    ------
    CleaningError
        For rows without an id or a question, several answers to one question, a column that differs within a person,
        a question with the name of a column that stays.

    Examples
    --------
    >>> people = answers.reshape(id="person", question="item", answer="value")  # doctest: +SKIP
    """
    one_of(repeats, _REPEATS, "way with several answers", CleaningError, where="reshape(repeats=...)")
    if absent is not None:
        check_kind(absent, "absent", verb="reshape")
    ids = known_columns(self, listed(id))
    (question,), (answer,) = known_columns(self, [question]), known_columns(self, [answer])
    if not ids or len({*ids, question, answer}) < len(ids) + 2:
        raise CleaningError(
            "`reshape` needs an id, a question and an answer, each a column of its own.",
            where="reshape",
            got=f"id={shorten(ids) or 'none'}, question={question}, answer={answer}",
            expected='such as reshape(id="person", question="item", answer="value")',
            fix="name three different columns",
        )
    for name in (*ids, question):
        _refuse_empty(self, name)
    person, first = _people(self, ids)
    asked, distinct = pd.factorize(composed_column(self.data[question]))
    order, columns = _questions(self, question, distinct)
    place = np.argsort(order)[asked]  # each row's question, in the order of the new columns
    chosen, gone = _one_each(self, person, place, len(columns), repeats, answer)
    stay = [n for n in self.data.columns if n not in (question, answer)]
    _refuse_differing(self, stay, ids, person)
    clash = [c for c in columns if c in stay]
    if clash:
        raise CleaningError(
            "A question has the name of a column that stays.",
            where="reshape",
            got=shorten(clash),
            expected="names that no other column has",
            fix="rename() the column first, or leave it out with select()",
        )
    index = self.data.index[first]
    telling = {n: _telling(self, n, person, first) for n in stay}
    data = {n: self.data[n].iloc[telling[n]].set_axis(index) for n in stay}
    missing = {n: self.missing[n].iloc[telling[n]].set_axis(index) for n in stay if n in self.missing.columns}
    kinds = self.missing[answer].to_numpy() if answer in self.missing.columns else np.zeros(len(self), np.uint8)
    by_question = np.argsort(place, kind="stable")
    by_question = by_question[chosen[by_question]]
    ends = np.searchsorted(place[by_question], np.arange(len(columns) + 1))
    variables, filled = [], 0
    source = self.codebook.variables.get(answer) or Variable(answer, type="text")
    wording = (self.codebook.variables.get(question) or Variable(question)).labels
    for i, name in enumerate(columns):
        rows = by_question[ends[i] : ends[i + 1]]
        values = self.data[answer].iloc[rows]
        if repeats == "join":
            values, rows = _together(values, person[rows], rows)
        column = _placed(values, person[rows], index)
        kind = np.full(len(index), 0 if absent is None else KIND_CODES[absent], np.uint8)
        kind[person[rows]] = kinds[rows]
        known = self.codebook.variables.get(name)
        data[name], missing[name] = column, pd.Series(np.where(column.notna(), 0, kind).astype(np.uint8), index)
        variables.append(
            known if known is not None else _variable(name, source, wording.get(distinct[order[i]]), column)
        )
        filled += int(column.notna().sum())
    book = self.codebook.select(n for n in self.codebook.variables if n not in (question, answer)).update(*variables)
    what = f"{counted(len(self), 'row')} of answers -> {counted(len(index), 'person').replace('persons', 'people')} "
    what += f"with {counted(len(columns), 'question')}: {shorten(columns, 40)}"
    rejected = self.rejected
    if gone.any():
        why = reason.strip() or f"not the {repeats} answer of a person to a question"
        what += f"; {counted(int(gone.sum()), 'row')} to rejected"
        out = self.data[gone].assign(_reason=why, _step=len(self.entries) + 1)
        rejected = pd.concat([rejected, out]) if len(rejected) else out
    entry = LogEntry(
        "reshape",
        what,
        plain_arguments(id=ids, question=question, answer=answer, repeats=repeats, absent=absent, reason=reason),
        len(self),
        len(index),
        len(index),
        filled,
        reason.strip(),
    )
    kept = {n: k for n, k in missing.items() if n in self.missing.columns or k.any() or answer in self.missing.columns}
    return self.logged(
        entry,
        data=pd.DataFrame(data, index=index),
        missing=pd.DataFrame(kept, index=index, dtype=np.uint8),
        rejected=rejected,
        codebook=book,
    )


def _refuse_empty(self: R, name: str) -> None:
    column = self.data[name]
    empty = column.isna().to_numpy()
    if not pd.api.types.is_numeric_dtype(column.dtype) and not empty.all():
        blank = [v for v in column.dropna().unique() if isinstance(v, str) and not v.strip()]
        empty = empty | column.isin(blank).to_numpy()
    if empty.any():
        raise CleaningError(
            "A row names no person or no question.",
            where=f"reshape, {name}, {name_rows(self, empty)}",
            got="empty cells",
            expected="a value in every row",
            fix=f'drop them with a reason: drop(where="isna({name})", reason="...")',
        )


def _people(self: R, ids: Sequence[str]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Each row's person, numbered by first appearance, and the first row of each."""
    coded = (pd.factorize(composed_column(self.data[n])) for n in ids)
    codes, _ = pd.factorize(joined((c, len(d)) for c, d in coded))
    first = np.unique(codes, return_index=True)[1]
    return codes.astype(np.int64), first


def _questions(self: R, question: str, distinct: Any) -> tuple[list[int], list[str]]:
    """The questions in the order of the codebook, else of appearance, and what their columns are called."""
    if len(distinct) > _MOST_QUESTIONS:
        raise CleaningError(
            "There are more different questions than any questionnaire has.",
            where=f"reshape(question={question!r})",
            got=f"{len(distinct):,} different values",
            expected=f"at most {_MOST_QUESTIONS:,}",
            fix="name the column that says which question a row answers",
        )
    values = list(distinct)
    numbers = not any(isinstance(v, str) for v in values)
    names = [f"{question}_{written(v)}" if numbers else str(v).strip() for v in values]
    twice = [n for n, k in Counter(names).items() if k > 1]
    if twice:
        raise CleaningError(
            "Two questions differ in spaces only.",
            where=f"reshape(question={question!r})",
            got=describe_values(twice, column=self.data[question]),
            expected="one spelling of each question",
            fix="recode() one of them",
        )
    labels = list((self.codebook.variables.get(question) or Variable(question)).labels)
    known = {n: i for i, n in enumerate(self.codebook.variables)}
    ranks = {v: i for i, v in enumerate(labels)}
    order = sorted(
        range(len(values)),
        key=lambda i: (ranks.get(values[i], len(ranks)), known.get(names[i], len(known)), values[i] if numbers else 0),
    )
    return order, [names[i] for i in order]


def _one_each(
    self: R, person: NDArray[Any], place: NDArray[Any], questions: int, repeats: str, answer: str
) -> tuple[Bools, Bools]:
    """Rows that count, and rows that give way to another answer to the same question."""
    both = pd.Series(person * questions + place)
    if repeats in ("first", "last"):
        gone = both.duplicated(keep=repeats).to_numpy()
        return ~gone, gone
    several = both.duplicated(keep=False).to_numpy()
    if several.any() and repeats == "error":
        raise CleaningError(
            "A person has several answers to one question.",
            where=f"reshape, {name_rows(self, several)}",
            got=counted(int(both[several].nunique()), "question") + " answered more than once",
            expected="one row for each person and question",
            fix='name what else tells people apart in id=, or say what counts: repeats="first", "last" or "join"',
        )
    if repeats == "join":
        texts = self.data[answer][several]
        held = texts.map(lambda v: isinstance(v, str) and _SIGN in v).to_numpy(bool)
        if held.any():
            rows = np.zeros(len(several), dtype=bool)
            rows[np.flatnonzero(several)[held]] = True
            raise CleaningError(
                f'An answer holds the sign "{_SIGN}" that would separate it from others.',
                where=f"reshape, {answer}, {name_rows(self, rows)}",
                expected=f'answers without "{_SIGN}"',
                fix="recode() them first",
            )
    return np.ones(len(several), dtype=bool), np.zeros(len(several), dtype=bool)


def _refuse_differing(self: R, stay: Sequence[str], ids: Sequence[str], person: NDArray[Any]) -> None:
    """Raise if a column that stays differs between the rows of a person; a cell may be empty in some of them."""
    wrong = []
    for name in stay:
        if name in ids:
            continue
        code, _ = pd.factorize(composed_column(self.data[name]))
        held = code >= 0
        pairs = pd.DataFrame({"person": person[held], "code": code[held]}).drop_duplicates()
        if pairs["person"].duplicated().any():
            wrong.append(name)
    if wrong:
        raise CleaningError(
            "A column differs between the answers of one person.",
            where="reshape",
            got=shorten(wrong),
            expected="columns that say the same in every row of a person, besides question and answer",
            fix=f"leave them out first: select(without={wrong[:8]!r}), or name them in id=",
        )


def _telling(self: R, name: str, person: NDArray[Any], first: NDArray[Any]) -> NDArray[Any]:
    """Each person's row in which a column tells most: the first with an answer, else with a kind of missing answer."""
    rows, held = first.copy(), self.data[name].notna().to_numpy()
    if held.all():
        return rows
    kinds = self.missing[name].to_numpy() > 0 if name in self.missing.columns else ~held
    for wanted in (kinds, held):
        positions = np.flatnonzero(wanted)
        who, where = np.unique(person[positions], return_index=True)
        rows[who] = positions[where]
    return rows


def _together(values: pd.Series, person: NDArray[Any], rows: NDArray[Any]) -> tuple[pd.Series, NDArray[Any]]:
    """Several answers of a person as one text, at the place of the first."""
    who, first = np.unique(person, return_index=True)
    if len(who) == len(person):
        return values, rows
    held = values.notna().to_numpy()
    texts: dict[int, list[str]] = {}
    for one, value in zip(person[held], values[held], strict=True):
        texts.setdefault(int(one), []).append(written(value))
    told = [_SIGN.join(texts[int(one)]) if int(one) in texts else None for one in who]
    return pd.Series(told, dtype="str"), rows[first]


def _placed(values: pd.Series, person: NDArray[Any], index: pd.Index) -> pd.Series:
    """Answers at the rows of their people; numbers where all of them read as numbers."""
    column = pd.Series(values.to_numpy(), index=person, dtype=values.dtype).reindex(range(len(index)))
    column.index = index
    if isinstance(column.dtype, pd.CategoricalDtype):
        return column.cat.remove_unused_categories()
    if pd.api.types.is_object_dtype(column.dtype):
        column = column.infer_objects()
    if pd.api.types.is_numeric_dtype(column.dtype) or not reads_as_numbers(column):
        return column
    return pd.to_numeric(column).astype(float)


def _variable(name: str, source: Variable, wording: Any, column: pd.Series) -> Variable:
    """What is known of a question: its wording, and the scale that all answers share."""
    number = pd.api.types.is_numeric_dtype(column.dtype)
    held = set(column.dropna().unique())
    fits = source.labels and held <= {*source.codes, *source.missing}
    kind = source.type if fits else "number" if number else "text"
    made = replace(source, name=name, type=kind, text=MappingProxyType(dict(wording or {})), base="")
    return made if fits else replace(made, labels=MappingProxyType({}), limits=None, direction=0)

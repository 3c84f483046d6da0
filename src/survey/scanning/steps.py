"""Cleaning that looks at one row at a time, written down once and done to every batch."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import pandas as pd

from survey.base.expressions import column_names
from survey.base.names import column_named, composed_value
from survey.codebook import Codebook
from survey.errors import SurveyError
from survey.io.parquet import arrow_column, as_coded
from survey.responses import Responses
from survey.scanning.batches import refuse_many

if TYPE_CHECKING:
    import pyarrow as pa

__all__ = ["Step", "Steps"]


_OF_COLUMNS = ("reverse", "to_number")
"""Verbs that change columns, which are named first: in a batch, those that are there."""


@dataclass(frozen=True, slots=True)
class Step:
    """A verb of `Responses` that looks at one row at a time.

    Parameters
    ----------
    verb : str
    makes : str
        The column that it adds; "" if it changes those that are there.
    needs : tuple of str
        Columns that the new one is made from.
    arguments : tuple
    options : mapping
    """

    verb: str
    makes: str
    needs: tuple[str, ...]
    arguments: tuple[Any, ...] = ()
    options: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Steps:
    """Missing codes emptied first, then what was asked for, in its order.

    Parameters
    ----------
    codebook : Codebook
    raw : tuple of str
        Columns of the source.
    steps : tuple of Step
    """

    codebook: Codebook
    raw: tuple[str, ...]
    steps: tuple[Step, ...] = ()

    @property
    def names(self) -> tuple[str, ...]:
        """Columns that may be asked for."""
        return (*self.raw, *(step.makes for step in self.steps if step.makes))

    @property
    def read_as_numbers(self) -> frozenset[str]:
        """Columns of text that a step makes numbers of."""
        return frozenset(name for step in self.steps if step.verb == "to_number" for name in step.arguments[0])

    def codebook_after(self) -> Codebook:
        """What reversing, scoring and reading text as numbers make of the codebook: no answer is needed to know it.

        Where it takes answers (items in words that the codebook does not list), the codebook as it is before.
        """
        verbs = [step for step in self.steps if step.verb in ("reverse", "score", "to_number")]
        made = {step.makes for step in verbs}
        texts = self.read_as_numbers
        columns = {n: pd.Series(dtype="str" if n in texts else float) for n in self.names if n not in made}
        responses = Responses(pd.DataFrame(columns), self.codebook)
        try:
            for step in verbs:
                responses = getattr(responses, step.verb)(*step.arguments, **step.options)
        except SurveyError:
            return self.codebook
        return responses.codebook

    def read(self, names: Iterable[str]) -> list[str]:
        """The columns of the source that some columns are made from, with those that say who was asked."""
        needed = dict.fromkeys(names)
        for step in reversed(self.steps):
            if step.makes in needed:
                del needed[step.makes]
                needed |= dict.fromkeys(column_named(n, self.names) for n in step.needs)
        queue = list(needed)
        while queue:
            variable = self.codebook.variables.get(composed_value(queue.pop()))
            base = () if variable is None or not variable.base else column_names(variable.base)
            for name in (column_named(n, self.raw) for n in base):
                if name in self.raw and name not in needed:
                    needed[name] = None
                    queue.append(name)
        return list(needed)

    def responses(self, batch: pa.RecordBatch, start: int, names: Sequence[str]) -> Responses:
        """A batch as responses, cleaned; `start` is the number of rows before it, so that errors name the row."""
        import pyarrow as pa

        refuse_many(batch.schema)
        wanted, notes = self._wanted(names), list[str]()
        columns = {}
        for name, values in zip(batch.schema.names, batch.columns, strict=True):
            variable = self.codebook.variables.get(composed_value(name))
            columns[name] = arrow_column(as_coded(pa.chunked_array([values]), variable), name, notes)[0].array
        index = pd.RangeIndex(start, start + batch.num_rows)
        responses = Responses(pd.DataFrame(columns, index=index), self.codebook).recode_missing()
        for step in self.steps:
            if not step.makes or step.makes in wanted:
                arguments = step.arguments
                if step.verb in _OF_COLUMNS and arguments:
                    arguments = ([n for n in arguments[0] if n in responses.data.columns],)
                responses = getattr(responses, step.verb)(*arguments, **step.options)
        return responses

    def _wanted(self, names: Iterable[str]) -> set[str]:
        """Columns that are asked for, and those that are made on the way to them."""
        wanted = set(names)
        for step in reversed(self.steps):
            if step.makes in wanted:
                wanted |= {column_named(n, self.names) for n in step.needs}
        return wanted

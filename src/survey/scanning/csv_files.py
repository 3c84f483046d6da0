"""Cells of CSV as `read` understands them: a column is numbers if every cell of it is one, and text otherwise.

A column is taken as numbers until a cell shows that it is none ("01", a word): then all is counted again, with it as
text. So ids with leading zeros stay apart, and nothing depends on the first rows of a file.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

from survey.codebook import Variable
from survey.errors import ReadError
from survey.io._raw import column_name
from survey.io._values import Written, may_be_numbers, numbers_of

if TYPE_CHECKING:
    import pyarrow as pa

__all__ = ["MISSING", "Cells", "TextFound"]

MISSING = ["", "NA"]
"""What is no answer where it stands without quotes, as `read` has it."""


_POINT = Written(told=True)


class TextFound(Exception):
    """A column that was taken as numbers holds text: what was counted is to be counted again."""


@dataclass(frozen=True)
class Cells:
    """What is known of the columns of CSV files.

    Parameters
    ----------
    names : frozenset of str
        Columns that the files hold; others come from the names of folders.
    variables : dict of name to Variable
        What a codebook declares of them.
    text : set of str
        Columns of which a cell was no number.
    written : Written
        How numbers are written.
    """

    names: frozenset[str]
    variables: Mapping[str, Variable] = field(default_factory=dict)
    text: set[str] = field(default_factory=set)
    written: Written = _POINT

    def typed(self, batch: pa.RecordBatch, numbers: dict[str, bool]) -> pa.RecordBatch:
        """A batch of texts as numbers and texts; `numbers` keeps of one file which columns are numbers throughout.

        Raises
        ------
        TextFound
            If a column turns out to be text.
        """
        import pyarrow as pa

        columns = {}
        for name, column in zip(batch.schema.names, batch.columns, strict=True):
            columns[name] = column
            if name not in self.names:
                continue
            cells, at = _different(column)
            variable, values = self.variables.get(column_name(name)), None
            if may_be_numbers(variable) and not (name in self.text and numbers.get(name) is False):
                values = numbers_of(cells, self.written, declared=variable is not None)
                if cells.null_count < len(cells):
                    numbers[name] = numbers.get(name, True) and values is not None
                if values is None and name not in self.text:
                    self.text.add(name)
                    raise TextFound
            made = cells if values is None or name in self.text else _numbers(values)
            columns[name] = made if at is None else made.take(at)
        return pa.record_batch(columns)

    def refuse_two_types(self, numbers: Mapping[str, bool], path: str) -> None:
        """Raise `ReadError` for a file that holds numbers throughout where another holds text."""
        apart = [name for name, alone in numbers.items() if alone and name in self.text]
        if apart:
            raise ReadError(
                "A column holds numbers in one file and text in another.",
                where=f"column {apart[0]!r}, {path}",
                got="numbers alone",
                expected="one type in all files",
                fix="export the files alike: ids with leading zeros in one file have lost them in another",
            )


def _different(column: pa.Array) -> tuple[pa.Array, pa.Array | None]:
    """Cells without blanks, each once where many are the same, and then where each row has its own."""
    import pyarrow as pa
    import pyarrow.compute as pc

    encoded = column.dictionary_encode()
    few = len(encoded.dictionary) * 4 < len(column)
    cells = encoded.dictionary if few else column
    blank = pc.equal(pc.utf8_trim_whitespace(cells), "")
    if pc.any(blank).as_py():
        cells = pc.if_else(blank, pa.scalar(None, pa.string()), cells)
    return cells, encoded.indices if few else None


def _numbers(values: Any) -> pa.Array:
    """Numbers as an array, whole ones as such where cells are empty, too."""
    import pyarrow as pa

    given = pa.array(values, from_pandas=True)
    finite = values[~np.isnan(values)] if values.dtype.kind == "f" else values
    whole = values.dtype.kind == "f" and len(finite) and (finite == np.trunc(finite)).all()
    return given.cast(pa.int64()) if whole and np.abs(finite).max() < 2**53 else given

"""SPSS files that are the same bytes on every run, and labels that SPSS would cut refused."""

from __future__ import annotations

import os
from typing import Any

import pandas as pd

from survey.base.files import writing
from survey.codebook import Codebook, Variable
from survey.errors import ExportError
from survey.simulate.settings import MISSING_RANGE
from survey.writing._limits import SPSS
from survey.writing.statfiles import MEASURES, stamped_sav

__all__ = ["labels_for", "write_sav"]

_STAMP = b"01 Jul 2400:00:00"
_FORMATS = {
    "disposition": "F4.1",
    "sel_prob": "F12.8",
    "w_design": "F12.4",
    "treat_start": "DATE11",
    "int_start": "DATETIME20",
    "int_end": "DATETIME20",
}


def labels_for(
    variables: list[Variable], lang: str, business: bool = False
) -> tuple[dict[str, str | None], dict[str, dict[Any, str]]]:
    """Variable labels and value labels for a file.

    Parameters
    ----------
    variables : list of Variable
    lang : str
    business : bool
        Address the business instead of the person: "doanh nghiệp" for "ông/bà".

    Returns
    -------
    dict of str to str
    dict of str to dict of code to str

    Raises
    ------
    ExportError
        If a label is longer than SPSS keeps.
    """
    wording: dict[str, str | None] = {}
    values: dict[str, dict[Any, str]] = {}
    for v in variables:
        text = v.wording(lang)
        if business:
            text = text.replace("Ông/bà", "Doanh nghiệp").replace("ông/bà", "doanh nghiệp")
        wording[v.name] = _fitting(text, SPSS.variable_label, v.name)
        codes = {**v.labels, **v.missing_labels}
        if codes:
            values[v.name] = {c: _fitting(v.label(c, lang), SPSS.value_label, f"{v.name}, code {c}") for c in codes}
    return wording, values


def write_sav(
    path: str | os.PathLike[str], rows: pd.DataFrame, codebook: Codebook, *, title: str, business: bool = False
) -> None:
    """Write answers with their Vietnamese labels and missing codes as an SPSS file.

    Parameters
    ----------
    path : path
    rows : DataFrame
        Columns of the codebook.
    codebook : Codebook
    title : str
        File label, at most 64 bytes.
    business : bool
        Use the wording of the business form.

    Raises
    ------
    ExportError
        If a label is longer than SPSS keeps.
    """
    variables = [codebook[name] for name in rows.columns]
    wording, values = labels_for(variables, "vi", business)
    ready = rows.copy()
    for v in variables:
        if v.type in ("text", "id"):
            ready[v.name] = ready[v.name].fillna("")
        elif v.type != "date" and not isinstance(next(iter(v.labels), 0), str):
            ready[v.name] = ready[v.name].astype(float)
    formats = {v.name: "F8.0" for v in variables if ready[v.name].dtype == float} | _FORMATS
    low, high = MISSING_RANGE
    with writing(path) as temporary:
        stamped_sav(
            temporary,
            ready,
            stamp=_STAMP,
            file_label=_fitting(title, SPSS.title, "file label"),
            column_labels=wording,
            variable_value_labels=values,
            missing_ranges={v.name: [{"lo": low, "hi": high}] for v in variables if v.missing},
            variable_measure={v.name: MEASURES[v.type] for v in variables},
            variable_format=formats,
            row_compress=True,
        )


def _fitting(text: str, limit: int, where: str) -> str:
    size = SPSS.size(text)
    if size > limit:
        raise ExportError(
            "A label is longer than SPSS allows.",
            where=where,
            got=f"{size} bytes: {text}",
            expected=f"at most {limit} bytes of UTF-8",
            fix="shorten the label in the codebook",
        )
    return text

"""Pseudonyms: a keyed hash in place of what names a person, the same for the same person with the same key.

HMAC-SHA-256 (RFC 2104, FIPS 180-4), cut to 80 bits and written in 16 signs of base32 (RFC 4648): without the key
no one can try out all telephone numbers; with it anyone can. The key is therefore kept apart from the data.
Treat pseudonymised data as personal data: Law 91/2025/QH15 and Decree 356/2025/ND-CP know only de-identification
(khử nhận dạng), which a kept key undoes [I].
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import os
import unicodedata
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from survey.base.text import counted
from survey.codebook import Variable, catalogue_text
from survey.core.columns import known_columns, new_column
from survey.core.log import LogEntry, plain_arguments
from survey.core.responses_data import R
from survey.errors import PrivacyError

__all__ = ["pseudonym", "pseudonymise"]

_LEAST = 16  # bytes
_MAKE = 'python -c "import secrets; print(secrets.token_hex(32))" > survey.key'
_TEXT = catalogue_text("labels.pseudonym")


def pseudonymise(
    self: R,
    columns: str | Iterable[str],
    *,
    key: str | os.PathLike[str] | None = None,
    key_variable: str | None = None,
    into: str = "pseudonym",
) -> R:
    """Replace the columns that identify a person with one pseudonym.

    The same person has the same pseudonym in every wave and file, if the same columns in the same order and the same
    key are used. Before hashing, text is composed (NFC), letters are made small, and spaces at the ends and repeated
    ones are taken away; a whole number is its digits (912345678.0 is "912345678"). "Hoà" and "Hòa", or 0912 345 678
    and 0912345678, stay different: recode them first. The columns leave the data and the rejected rows; a person of
    whom one column is empty has no pseudonym. Pseudonymised data are still to be treated as personal data.

    Parameters
    ----------
    columns : str or list of str
        What together names a person: a telephone number, or name and date of birth.
    key : path
        File with the key: at least 16 bytes; blanks and line ends around it do not count. Neither the key nor
        anything made from it alone is stored or logged.
    key_variable : str
        Environment variable with the key, instead of a file.
    into : str
        Name of the new column.

    Returns
    -------
    Responses

    Raises
    ------
    PrivacyError
        If there is no key, or it is too short.
    CleaningError
        For columns that the data lack; if `into` exists.
    """
    names = known_columns(self, columns)
    if not names:
        raise PrivacyError(
            "No column to pseudonymise was given.",
            where="pseudonymise(columns=...)",
            got="no name",
            expected="at least one column",
            fix='such as columns=["phone"]',
        )
    if into not in names:
        new_column(self, into, "pseudonymise")
    secret = _key(key, key_variable)
    values = _pseudonyms(self.data, names, secret)
    data = self.data.drop(columns=names)
    place = min(self.data.columns.get_loc(n) for n in names)
    data.insert(min(place, len(data.columns)), into, values)
    rejected = self.rejected
    there = [n for n in names if n in rejected.columns]
    if there:
        kept = rejected.drop(columns=there)
        if len(there) == len(names):
            kept.insert(0, into, _pseudonyms(rejected, names, secret))
        rejected = kept
    book = self.codebook.select(n for n in self.codebook.variables if n not in names)
    variable = Variable(into, type="id", role="pseudonym", text=_TEXT)
    book = book.update(variable)
    missing = self.missing.drop(columns=[n for n in names if n in self.missing.columns])
    made, people = int(values.notna().sum()), values.nunique()
    what = (
        f"{', '.join(names)} -> {into}: {counted(made, 'pseudonym')} by a keyed hash, {people:,} different, "
        f"{counted(len(data) - made, 'row')} without"
    )
    where = None if key is None else os.fspath(key)
    arguments = plain_arguments(columns=names, key=where, key_variable=key_variable, into=into)
    entry = LogEntry("pseudonymise", what, arguments, len(data), len(data), made, made * len(names))
    return self.logged(
        entry, data=data, rejected=rejected, missing=missing, codebook=book if key is None else book.read_from(key)
    )


def pseudonym(values: Iterable[Any], secret: bytes) -> str:
    """The pseudonym of a person: 16 letters and digits of base32, from what names them, in order.

    Examples
    --------
    >>> pseudonym(["Nguyễn  Văn An "], b"0123456789abcdef") == pseudonym(["nguyễn văn an"], b"0123456789abcdef")
    True
    """
    message = "\x1f".join(_plain(v) for v in values).encode("utf-8", "surrogatepass")
    digest = hmac.new(secret, message, hashlib.sha256).digest()
    return base64.b32encode(digest[:10]).decode("ascii").lower()


def _plain(value: Any) -> str:
    if isinstance(value, float | np.floating) and float(value).is_integer():
        value = int(value)
    if isinstance(value, pd.Timestamp):
        value = value.isoformat()
    composed = unicodedata.normalize("NFC", str(value)).casefold()
    return unicodedata.normalize("NFC", " ".join(composed.split()))


def _pseudonyms(data: pd.DataFrame, names: list[str], secret: bytes) -> pd.Series:
    known: dict[tuple[Any, ...], str] = {}
    made: list[Any] = []
    for row in zip(*(data[n].tolist() for n in names), strict=True):
        if any(pd.isna(v) or (isinstance(v, str) and not v.strip()) for v in row):
            made.append(np.nan)
            continue
        if row not in known:
            known[row] = pseudonym(row, secret)
        made.append(known[row])
    return pd.Series(made, index=data.index, dtype="str")


def _key(path: str | os.PathLike[str] | None, variable: str | None) -> bytes:
    if (path is None) == (variable is None):
        raise PrivacyError(
            "Pseudonyms need a key from a file or an environment variable.",
            expected='key="survey.key" or key_variable="SURVEY_KEY"',
            fix=f"create one, and keep it apart from the data: {_MAKE}",
        )
    if variable is not None:
        secret, where = os.environ.get(variable, "").encode("utf-8").strip(), f"environment variable {variable}"
    else:
        where = str(path)
        try:
            secret = Path(str(path)).read_bytes().strip()
        except OSError as problem:
            # the path may be the key itself, typed in by mistake: it is not shown
            raise PrivacyError(
                "The key file cannot be read.",
                got=problem.strerror,
                expected="the path of a file that contains the key",
                fix=f"create one: {_MAKE}",
            ) from None
    if len(secret) < _LEAST:
        raise PrivacyError(
            "The key is missing or too short.",
            where=where,
            got=f"{len(secret)} bytes",
            expected=f"at least {_LEAST} random bytes",
            fix=f"create one: {_MAKE}",
        )
    return secret

"""Exports of Google Forms: the wording of each question above its answers."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Iterable
from functools import partial
from pathlib import Path

import numpy as np
import pandas as pd

from survey.base.catalogue import Note
from survey.codebook import Variable
from survey.codebook.told import describe_values
from survey.errors import ReadError
from survey.io._raw import Options, Raw
from survey.io.platforms._draft import Draft
from survey.io.platforms._form import plain
from survey.io.platforms._table import tables_of
from survey.io.platforms._worded import Column, both_languages, by_wording, put_all

__all__ = ["read_googleforms"]

# what Google calls its own columns in the languages of its users
_TIMESTAMPS = (
    "timestamp|dấu thời gian|horodateur|zeitstempel|marca temporal|marca de temps|carimbo de data/hora|"
    "carimbo de data hora|informazioni cronologiche|tijdstempel|sygnatura czasowa|отметка времени|позначка часу|"
    "タイムスタンプ|타임스탬프|时间戳记|時間戳記|zaman damgası|tidsstämpel|tidsstempel|aikaleima|časové razítko|"
    "časová značka|časová pečiatka|időbélyeg|marcaj de timp|stempel waktu|cap masa|ประทับเวลา|طابع زمني|"
    "חותמת זמן|χρονική σήμανση"
)
_PERSONAL = (
    "email address|địa chỉ email|username|tên người dùng|email|e-mail|adresse e-mail|adresse électronique|"
    "nom d'utilisateur|e-mail-adresse|nutzername|dirección de correo electrónico|correo electrónico|"
    "nombre de usuario|endereço de e-mail|endereço de email|nome de usuário|indirizzo email|e-mailadres|"
    "adres e-mail|адрес электронной почты|メールアドレス|이메일 주소|电子邮件地址|電子郵件地址|e-posta adresi|"
    "alamat email"
)
_SCORES = "score|điểm|điểm số|total score|note|punktzahl|puntuación|pontuação|punteggio|баллы|スコア|점수"
_ANTE = ("AM", "SA", "A.M.", "A. M.", "午前", "오전", "上午")
_POST = ("PM", "CH", "P.M.", "P. M.", "午後", "오후", "下午")
_HALF = "|".join(re.escape(half) for half in sorted((*_ANTE, *_POST), key=len, reverse=True))
_SLASHED = re.compile(
    rf"(\d{{1,4}})([/.-])\s?(\d{{1,2}})\2\s?(\d{{1,4}})\.?[ ,T]+(?P<before>{_HALF})?\s*"
    rf"(\d{{1,2}})[:.](\d{{2}})(?:[:.](\d{{2}}))?\s*(?P<half>{_HALF})?\s*"
    r"(?:\(?(?:GMT|UTC|Z|[A-Z]{2,5})?\s*(?:[+\u2212-]\d{1,2}(?::?\d{2})?)?\)?)?",
    re.IGNORECASE,
)
_DAY_FIRST = ("vi", "en-gb", "de", "fr", "es", "pt", "it", "nl", "pl", "ru", "id")
_ORDERS = {"en-us": "mdy", **dict.fromkeys(_DAY_FIRST, "dmy")}


def read_googleforms(path: Path, options: Options) -> Raw:
    """Read the answers of a form, as CSV from Google Forms or as CSV or XLSX from Google Sheets.

    With a codebook each header is the wording of a variable, in any language; several answers in one cell (checkboxes,
    joined by ", " or ";") become the 0/1 columns of the codebook's set; words of one's own under "Other" are kept in
    `NAME_other`. Without one, questions are called q1, q2, ... and keep their wording.

    Raises
    ------
    ReadError
        For a wording that the codebook lacks, an answer that is not a label, a time whose order of day and month is not
        declared (`locale="vi"`, `"en-US"`).
    """
    table = next(iter(tables_of(path, options).values()))
    draft = Draft(str(path), options.codebook)
    found: list[tuple[str, str, pd.Series]] = []  # name, header, cells
    questions: list[tuple[str, pd.Series]] = []
    for header, cells in zip(table.header, table.cells, strict=True):
        bare = plain(header).casefold()
        if bare in _TIMESTAMPS.split("|"):
            found.append(("timestamp", header, cells))
        elif bare in _PERSONAL.split("|"):
            found.append(("email", header, cells))
        elif bare in _SCORES.split("|") and draft.given is None:
            found.append(("form_score", header, cells))
        elif header or cells.notna().any():
            questions.append((header, cells))
    for name, header, cells in found:
        variable = Variable(name, type="text", role="personal" if name == "email" else "paradata")
        column = cells
        if name == "timestamp":
            column = _times(cells, options.locale, draft.where, header, draft.notes)
            variable = Variable(name, type="date", role="paradata")
        draft.put(name, column, variable, header)
    if draft.given is not None:
        names = by_wording([h for h, _ in questions], draft.given, table.where, draft.notes)
    else:
        names = [f"q{i}" for i in range(1, len(questions) + 1)]
        draft.notes.append(Note("reading.no_codebook"))
    columns = [Column(n, h, c, both_languages(h)) for n, (h, c) in zip(names, questions, strict=True)]
    clock: Callable[..., pd.Series] = partial(_dates, locale=options.locale)
    put_all(draft, columns, {"": clock})
    return draft.raw()


def _times(cells: pd.Series, locale: str | None, where: str, header: str, notes: list[str]) -> pd.Series:
    """Times as Forms and Sheets write them; an error where day and month could be either."""
    order = _ORDERS.get((locale or "").lower().replace("_", "-"), "")
    texts = [str(t) for t in cells.dropna().unique()]
    if not order:
        order, example = _order_of(texts)
        if order:
            names = {"dmy": "dd/mm/yyyy", "mdy": "mm/dd/yyyy"}
            notes.append(Note("reading.day_first", column=header, order=names[order], example=example))
    times: dict[str, dt.datetime] = {}
    for text in texts:
        moment = _time(text, order)
        if moment is None:
            raise ReadError(
                "A time is ambiguous: the order of day and month is unknown.",
                where=f"{where}, {header}",
                got=describe_values([text], column=cells),
                expected="yyyy/mm/dd, or a declared locale",
                fix='declare the date format: read(..., locale="vi") for dd/mm/yyyy, "en-US" for mm/dd/yyyy',
            )
        times[text] = moment
    return pd.Series(cells.map(times).to_numpy("datetime64[us]"), index=cells.index)


def _order_of(texts: Iterable[str]) -> tuple[str, str]:
    """The order of day and month that the times of a column show, with one that can be no other; "" if none does.

    A column of the platform has one order: where 21 stands in one place of one time, months stand in the other.
    """
    shown: dict[str, str] = {}
    for text in texts:
        match = _SLASHED.fullmatch(_spaced(text))
        if match is not None and len(match[4]) == 4:
            if int(match[1]) > 12:
                shown.setdefault("dmy", match[0].split()[0].rstrip(","))
            if int(match[3]) > 12:
                shown.setdefault("mdy", match[0].split()[0].rstrip(","))
    return next(iter(shown.items())) if len(shown) == 1 else ("", "")


def _spaced(text: str) -> str:
    return re.sub(r"[\u00a0\u202f]", " ", text).strip()


def _dates(cells: pd.Series, locale: str | None) -> pd.Series:
    """Dates that a codebook declares; the text if one of them is none."""
    order = _ORDERS.get((locale or "").lower().replace("_", "-"), "")
    given = cells.dropna().unique()
    times = {t: _time(t, order) or _time(f"{t} 0:00", order) for t in given}
    if not len(given):
        return pd.Series(np.full(len(cells), np.datetime64("NaT", "us")), index=cells.index)
    if any(v is None for v in times.values()):
        return cells
    return pd.Series(cells.map(times).to_numpy("datetime64[us]"), index=cells.index)


def _time(text: str, order: str) -> dt.datetime | None:
    text = _spaced(text)
    try:
        return dt.datetime.fromisoformat(text).replace(tzinfo=None)
    except ValueError:
        pass
    match = _SLASHED.fullmatch(text)
    if match is None:
        return None
    first, sign, second, third = match[1], match[2], match[3], match[4]
    order = "dmy" if sign == "." else order  # no language writes months first with points
    if len(first) == 4:
        year, month, day = first, second, third
    elif len(third) == 4 and order:
        year, month, day = (third, second, first) if order == "dmy" else (third, first, second)
    else:
        return None
    half = (match["half"] or match["before"] or "").upper()
    hours, minutes, seconds = (int(match[i] or 0) for i in (6, 7, 8))
    hours = hours % 12 + 12 * (half in _POST) if half else hours
    try:
        return dt.datetime(int(year), int(month), int(day), hours, minutes, seconds)
    except ValueError:
        return None

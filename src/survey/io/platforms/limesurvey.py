"""Exports of LimeSurvey: codes or full answers, headers as codes or as wording."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import MappingProxyType

import numpy as np
import pandas as pd

from survey.base.catalogue import Note
from survey.codebook import Codebook, Variable
from survey.io._raw import Options, Raw
from survey.io.platforms import _answers as answers
from survey.io.platforms._draft import Draft
from survey.io.platforms._form import safe
from survey.io.platforms._table import tables_of
from survey.io.platforms._worded import Column, bare, both_languages, by_wording, put_all

__all__ = ["read_limesurvey"]

# our name: type, role, and the headings in English, French, German, Spanish (Spain, Mexico), Vietnamese, Portuguese
# (Portugal, Brazil), Italian, Dutch, as the language files of LimeSurvey have them
_META: Mapping[str, tuple[str, str, str]] = MappingProxyType(
    {
        "id": (
            "number",
            "paradata",
            "response id|id de la réponse|antwort id|id de respuesta|id de la respuesta|id trả lời|id da resposta|"
            "id risposta|respons-id",
        ),
        "submitdate": (
            "date",
            "paradata",
            "date submitted|date de soumission|datum abgeschickt|fecha de envío|fecha en que se envió|ngày gửi|"
            "data de submissão|data de envio|data invio|datum verzonden",
        ),
        "lastpage": (
            "number",
            "paradata",
            "last page|dernière page|letzte seite|última página|ultima pagina|trang cuối cùng|laatste pagina",
        ),
        "startlanguage": (
            "text",
            "paradata",
            "start language|langue de départ|start-sprache|lenguaje inicial|idioma de inicio|ngôn ngữ bắt đầu|"
            "idioma inicial|lingua iniziale|begin taal",
        ),
        "seed": (
            "text",
            "paradata",
            "tête de série|zufallsstartwert|zufallsgeneratorstartwert|semilla|semente|seme",
        ),
        "startdate": (
            "date",
            "paradata",
            "date started|date de lancement|datum gestartet|fecha de inicio|fecha en que inició|ngày bắt đầu|"
            "data de início|data di inizio|startdatum",
        ),
        "datestamp": (
            "date",
            "paradata",
            "date last action|date de la dernière action|datum letzte aktivität|fecha de la última acción|"
            "fecha de la ultima accion|ngày hành động cuối cùng|data da última acção|data da última ação|"
            "data dell'ultima azione|datum laatste actie",
        ),
        "ipaddr": (
            "text",
            "personal",
            "ip address|adresse ip|ip-adresse|dirección ip|địa chỉ ip|endereço ip|indirizzo ip|ip-adres",
        ),
        "refurl": (
            "text",
            "paradata",
            "referrer url|url référente|weiterleitungs-url|verweis-url|url de referencia|url tham khảo|url de origem|"
            "url de referência|url di riferimento|verwijzer url",
        ),
        "token": (
            "text",
            "personal",
            "access code|code d'accès|zugangsschlüssel|zugangscode|contraseña|código de acceso|mã truy cập|"
            "código de acesso|codice di accesso|toegangscode",
        ),
        "firstname": ("text", "personal", "first name|prénom|vorname|nombre/s|nombre(s)|primeiro nome|voornaam"),
        "lastname": ("text", "personal", "last name|nachname|apellido/s|apellidos|último nome|sobrenome|achternaam"),
        "email": (
            "text",
            "personal",
            "email address|adresse de courriel|e-mail-adresse|correo electrónico|dirección de correo electrónico|"
            "địa chỉ email|endereço de email|indirizzo e-mail|e-mailadres",
        ),
        "interviewtime": (
            "number",
            "paradata",
            "total time|temps total|gesamtzeit|tiempo total|tổng thời gian|tempo total|tempo totale|totaaltijd",
        ),
    }
)
_HEADINGS = {heading: name for name, (_, _, said) in _META.items() for heading in (name, *said.split("|"))}
_YES_NO = (("Y", "N"), ("Yes", "No"), ("Có", "Không"), ("Oui", "Non"), ("Ja", "Nein"), ("Sí", "No"), ("Sim", "Não"))
_PAIRS = (*_YES_NO, ("Sì", "No"), ("Ja", "Nee"))
_OTHER = ("other", "autre", "sonstiges", "otro", "khác", "outro", "outros", "altro", "overige")
_COMMENT = ("comment", "commentaire", "kommentar", "comentario", "chú thích", "comentário", "commento", "opmerking")
_CODE = re.compile(r"(?P<code>[A-Za-z][A-Za-z0-9]*)(?P<subs>(?:\[[^\]]*\])*)(?:\.\s+(?P<text>.+))?")
_TIMING = re.compile(r"groupTime\d+|[A-Za-z][A-Za-z0-9]*Time")
_YES = {word: value for pair in _PAIRS for word, value in zip(pair, (1.0, 0.0), strict=True)}
_PART = re.compile(r"(?P<stem>.+?)\s*\[(?P<part>[^\[\]]*)\](?:\.\d+)?")
_EMPTY_DATE = pd.Timestamp("1980-01-01")


def read_limesurvey(path: Path, options: Options) -> Raw:
    """Read responses exported by LimeSurvey as CSV or XLSX.

    `G2Q1[SQ001]` becomes `G2Q1_SQ001`, `G2Q1[other]` becomes `G2Q1_other`. Sub-questions of which only Y is ever
    written are a question with several answers: 0 and 1, empty where the row has none of them, because LimeSurvey
    writes the same for "not shown" and "nothing ticked". Headers that are wording get the names that a codebook (the
    .lss of the survey, or TOML) has for it; without one they are called q1, q2, ... and keep their wording.

    Raises
    ------
    ReadError
        For wording that a given codebook lacks, and answers that are not options.
    """
    table = next(iter(tables_of(path, options).values()))
    draft = Draft(str(path), options.codebook)
    columns: list[Column] = []
    worded: list[tuple[str, pd.Series]] = []
    own = {n.casefold() for n in (draft.given.variables if draft.given else ())}
    count = Counter(table.header)
    for header, cells in zip(table.header, table.cells, strict=True):
        head = header.partition(". ")[0].strip().casefold()
        key = head if head in _META else header.rstrip(" :").casefold()
        name = _HEADINGS.get(key, "")
        if name and key not in own and name not in draft.columns:
            kind, role, _ = _META[name]
            draft.put(name, _meta(cells, kind, name, draft), Variable(name, type=kind, role=role), header)
            continue
        name, text = _name(header, draft) if count[header] == 1 else ("", "")  # codes never repeat
        if name:
            columns.append(Column(name, header, cells.mask(cells == "N/A"), both_languages(text)))
        elif header or cells.notna().any():
            worded.append((header, cells.mask(cells == "N/A")))
    if worded and draft.given is not None:
        columns += _known(worded, draft, table.where)
    elif worded:
        columns += _called(worded, {c.name for c in columns} | set(draft.columns))
        draft.notes.append(Note("reading.question_texts"))
    _put(draft, columns)
    return draft.raw(("id",))


def _name(header: str, draft: Draft) -> tuple[str, str]:
    """The name of a column from a header that is a code; "" for wording."""
    if draft.variable(header) is not None:
        return header, ""
    match = _CODE.fullmatch(header)
    if match is None:
        return "", ""
    subs = re.findall(r"\[([^\]]*)\]", match["subs"])
    name = "_".join([match["code"], *(safe(s) for s in subs)])
    return name, match["text"] or ""


def _known(worded: Sequence[tuple[str, pd.Series]], draft: Draft, where: str) -> list[Column]:
    """Columns under the names that the codebook has for their wording: "Question", "Question [row or option]"."""
    book: Codebook = draft.given  # type: ignore[assignment]
    parts: dict[tuple[str, str], list[str]] = {}
    for s in book.sets.values():
        for stem in s.label.values():
            for m in s.variables:
                for option in book.variables[m].text.values() if m in book else ():
                    parts.setdefault((bare(stem), bare(option)), []).append(m)
    for v in book.variables.values():
        for text in v.text.values():
            stem, _, part = text.rpartition(": ")
            parts.setdefault((bare(stem), bare(part)), []).append(v.name)
    placed: dict[int, str] = {}
    for i, (header, _) in enumerate(worded):
        match = _PART.fullmatch(header)
        if match is None or draft.variable(header) is not None:
            continue
        key = (bare(match["stem"]), bare(match["part"]))
        names = list(dict.fromkeys(parts.get(key, ())))
        if not names and key[1] in (*_OTHER, *_COMMENT):
            end = "_other" if key[1] in _OTHER else "_comment"
            of_stem = [n for n, v in book.variables.items() if key[0] in map(bare, v.text.values())]
            of_stem += [n for n, s in book.sets.items() if key[0] in map(bare, s.label.values())]
            names = [n + end for n in of_stem if n + end in book]
        if len(names) == 1:
            placed[i] = names[0]
    rest = [h for i, (h, _) in enumerate(worded) if i not in placed]
    others = iter(by_wording(rest, book, where, draft.notes))
    named = [placed[i] if i in placed else next(others) for i in range(len(worded))]
    return [Column(n, h, c, both_languages(h)) for n, (h, c) in zip(named, worded, strict=True)]


def _called(worded: Sequence[tuple[str, pd.Series]], taken: set[str]) -> list[Column]:
    """Columns called q1, q2, ... in order; rows and options of a question, "Question [row]", q3_1, q3_2, ..."""
    columns: list[Column] = []
    number, count, stem = 0, 0, ""
    for i, (header, cells) in enumerate(worded):
        match = _PART.fullmatch(header)
        if match is None or match["stem"] != stem:
            number, count = number + 1, 0
            stem = match["stem"] if match else header
        after = _PART.fullmatch(worded[i + 1][0]) if i + 1 < len(worded) else None
        name = f"q{number}"
        if match and match["part"].casefold() in (*_OTHER, *_COMMENT):
            name += "_other" if match["part"].casefold() in _OTHER else "_comment"
        elif match and (count or (after and after["stem"] == stem)):
            count += 1
            name += f"_{count}"
        while name in taken:
            name += "_2"
        taken.add(name)
        columns.append(Column(name, header, cells, both_languages(header)))
    return columns


def _family_of(c: Column, draft: Draft) -> str:
    """The question that a column is a row or an option of; "" for one of its own, other words and comments."""
    if draft.given is not None:
        known = [s.name for s in draft.given.sets.values() if c.name in s.variables]
        if known:
            return known[0]
    match = re.fullmatch(r"([A-Za-z][A-Za-z0-9]*)\[([^\]]+)\](?:\..*)?", c.header)
    if match:
        return "" if match[2].endswith(("other", "comment")) else match[1]
    called = re.fullmatch(r"(q\d+)_\d+", c.name)
    return called[1] if called and draft.given is None else ""


def _meta(cells: pd.Series, kind: str, name: str, draft: Draft) -> pd.Series:
    if kind == "number":
        return answers.as_numbers(cells)
    if kind != "date":
        return cells
    times = answers.as_times(cells)
    if pd.api.types.is_datetime64_any_dtype(times.dtype) and (times == _EMPTY_DATE).any():
        count = int((times == _EMPTY_DATE).sum())
        draft.notes.append(Note("reading.no_date_1980", column=name, rows=int(count)))
        times = times.mask(times == _EMPTY_DATE)
    return times


def _put(draft: Draft, columns: list[Column]) -> None:
    families: dict[str, list[Column]] = {}
    for c in columns:
        base = _family_of(c, draft)
        if base:
            families.setdefault(base, []).append(c)
    several = {}
    for base, family in families.items():
        seen = {v for c in family for v in c.cells.dropna().unique()}
        known = [draft.variable(c.name) for c in family]
        free = all(v is None or v.type == "binary" for v in known)
        ticked = seen == {"Y"} or any(seen <= set(pair) for pair in _PAIRS[1:])
        if (seen or draft.given is not None) and len(family) > 1 and free and ticked:
            several[base] = family
    first = {family[0].name: base for base, family in several.items()}
    inside = {c.name for family in several.values() for c in family}
    rest: list[Column] = []
    for c in columns:
        if c.name in first:
            put_all(draft, rest, {}, yes_no=True)
            rest = []
            _spread(draft, first[c.name], several[first[c.name]])
        elif c.name not in inside:
            rest.append(c)
    put_all(draft, rest, {}, yes_no=True)
    for name, variable in draft.variables.items():
        if _TIMING.fullmatch(name):
            draft.variables[name] = Variable(name, type=variable.type, role="paradata", unit="seconds")


def _spread(draft: Draft, base: str, family: list[Column]) -> None:
    ticks = {c.name: c.cells.map(_YES).to_numpy(float) for c in family}
    if not any((v == 0).any() for v in ticks.values()):
        answered = np.any([v == 1 for v in ticks.values()], axis=0)
        ticks = {n: np.where(answered & np.isnan(v), 0.0, v) for n, v in ticks.items()}
        draft.notes.append(Note("reading.nothing_ticked", column=base, rows=int((~answered).sum())))
    draft.hold(base)
    stem = next(iter(family[0].text.values()), "")
    members = {}
    for c in family:
        label = re.search(r"\[([^\]]*)\]\s*$", next(iter(c.text.values()), ""))
        members[c.name] = (c.name.removeprefix(f"{base}_"), both_languages(label[1] if label else ""), ticks[c.name])
    draft.spread(base, both_languages(re.sub(r"\s*\[[^\]]*\]\s*$", "", stem)), members)

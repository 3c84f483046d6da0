"""Writing answers to a file of another program, with their codebook next to it."""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from types import MappingProxyType
from typing import Any

from survey.base.arguments import listed
from survey.base.files import AnySource, refuse_sources, sha256, together, writing
from survey.base.text import counted
from survey.codebook import LANGUAGES, beside, refuse_finished, signed, toml_text
from survey.core.log import KIND_CODES
from survey.core.responses_data import ResponsesData
from survey.errors import ExportError, PrivacyError, shorten
from survey.privacy.anonymity import k_anonymity
from survey.privacy.scan import refuse_personal
from survey.writing._columns import LOSSES, columns_of, with_codes, with_letters
from survey.writing.plain import write_csv, write_parquet, write_xlsx
from survey.writing.statfiles import write_dta, write_sav

__all__ = ["FORMATS", "write"]

FORMATS = (".parquet", ".sav", ".zsav", ".dta", ".csv", ".xlsx")
"""What answers can be written as."""


def write(
    self: ResponsesData,
    path: str | os.PathLike[str],
    *,
    lang: str = "vi",
    codes: Mapping[str, Any] | None = None,
    allow_loss: Sequence[str] = (),
    allow_personal: Sequence[str] = (),
    quasi: Sequence[str] = (),
    k: int | None = None,
) -> Mapping[str, Path]:
    """Write the answers with their codebook, which keeps everything the format cannot store.

    The codebook of `answers.dta` is `answers.dta.codebook.toml`; both appear, or neither. Rows are counted from 0
    again; `log` and `rejected` are not written (`survey.study.storage.save` keeps them). docs/writing.md says what each
    format holds.

    Parameters
    ----------
    path : path
        Ending in .parquet, .sav, .zsav, .dta, .csv or .xlsx. A file of this name is replaced, unless the answers or
        their codebook were read from it. A codebook that a person wrote or changed is never replaced.
    lang : {"vi", "en"}
        Language of the labels in SPSS and Stata files; the codebook beside them has all languages.
    codes : mapping of kind to code, optional
        Codes for kinds of missing answers that a variable has no code for: {"not_asked": -95}.
    allow_loss : sequence of str
        What may be lost: "labels" (cut, or left out where the format has no place), "spaces" (at the end of texts
        in SPSS), "fractions" (of a second).
    allow_personal : sequence of str
        Columns that may be written although they hold personal data.
    quasi : sequence of str
        Quasi-identifiers: what others may know of a person. `answers.dta.release.json` then says how anonymous the
        file `answers.dta` is.
    k : int, optional
        Refuse to write if fewer people share a combination of the quasi-identifiers.

    Returns
    -------
    mapping of str to Path
        "data", "codebook", and "release" if quasi-identifiers were named.

    Raises
    ------
    ExportError
        For another extension, and for everything the format cannot hold; for the name of a file that the answers
        were read from; if the system does not let write.
    PrivacyError
        If columns hold personal data that were not allowed; if the file is less anonymous than `k`.
    """
    target = Path(path)
    suffix = target.suffix.lower()
    kinds, losses = dict(codes or {}), frozenset(allow_loss)
    _check_arguments(target, lang, kinds, losses)
    refuse_personal(self, allow_personal, f"{target.name}")
    release = _release(self, quasi, k, allow_personal)
    columns = columns_of(self)
    if suffix == ".dta":
        columns = with_letters(self, columns)
    elif suffix != ".parquet":
        columns = with_codes(self, columns, kinds)
    book = toml_text(columns.codebook)
    files = {"data": target, "codebook": beside(target)}
    if release is not None:
        files["release"] = target.with_name(f"{target.name}.release.json")
    refuse_sources(target, self.origins)
    refuse_finished(files["codebook"], signed(book))
    with together(), writing(target, self.origins) as temporary:
        if suffix in (".sav", ".zsav"):
            write_sav(temporary, columns, lang, losses)
        elif suffix == ".dta":
            write_dta(temporary, columns, lang, losses)
        elif suffix == ".csv":
            write_csv(temporary, columns)
        elif suffix == ".xlsx":
            write_xlsx(temporary, columns, lang)
        else:
            write_parquet(temporary, columns)
        digest = sha256(temporary)
        # it names the answers: half a pair, as a loss of power leaves it, is then told by `read`
        _write(files["codebook"], signed(book, digest), self.origins)
        if release is not None:
            content = {"file": target.name, "sha256": digest, **release}
            text = json.dumps(content, ensure_ascii=False, indent=1, sort_keys=True) + "\n"
            _write(files["release"], text.encode("utf-8"), self.origins)
    return MappingProxyType(files)


def _write(path: Path, content: bytes, sources: Iterable[AnySource]) -> None:
    with writing(path, sources) as temporary:
        temporary.write_bytes(content)


def _check_arguments(path: Path, lang: str, codes: Mapping[str, Any], losses: frozenset[str]) -> None:
    if path.suffix.lower() not in FORMATS:
        raise ExportError(
            "Answers cannot be written in this format.",
            where=path,
            got=path.suffix or "no extension",
            expected=shorten(FORMATS),
            fix="choose one of these extensions",
        )
    for what, got, allowed in (
        ("language", [lang], LANGUAGES),
        ("kind of missing answer", list(codes), KIND_CODES),
        ("loss", sorted(losses, key=str), LOSSES),
    ):
        unknown = [g for g in got if g not in allowed]
        if unknown:
            raise ExportError(f"An unknown {what}.", got=shorten(unknown), expected=shorten(allowed))


def _release(
    self: ResponsesData, quasi: Sequence[str], k: int | None, personal: Sequence[str]
) -> dict[str, Any] | None:
    names = listed(quasi)
    if not names:
        if k is not None:
            raise ExportError(
                "k needs quasi-identifiers, but none was given.",
                got=f"k={k}",
                fix='name what others may know: quasi=["ward", "sex", "age_group"]',
            )
        return None
    report = k_anonymity(self, names)
    if k is not None and report.k < k:
        raise PrivacyError(
            f"The file is less anonymous than k = {k}.",
            where=", ".join(names),
            got=f"k = {report.k}; {counted(report.rows_below(k), 'row')} in combinations of fewer than {k} people",
            expected=f"at least {k} people per combination",
            fix=report.advice(k),
        )
    return {
        "k": report.k,
        "asked_for": k,
        "rows": report.rows,
        "quasi_identifiers": names,
        "combinations": report.combinations,
        "unique_rows": report.unique,
        "personal_columns": sorted(personal),
        "note": "Treat pseudonymised or k-anonymous data as personal data (Law 91/2025/QH15, Decree 356/2025/ND-CP).",
    }

"""A finished report held against the report that the study's data give, number by number."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from survey.base import catalogue
from survey.codebook import LANGUAGES
from survey.errors import StudyError, shorten
from survey.reports.checking import CHANGED, MATCHED, OWN, WORDS, Checked, check_pieces
from survey.reports.checking_text import check_text
from survey.reports.compose import results_of
from survey.reports.expected import expected
from survey.reports.printed_file import ENDINGS, printed_in
from survey.reports.settings import settings_of
from survey.sample import Sample
from survey.scanning.scan import Scan
from survey.study import ledger
from survey.study.report import material_of
from survey.study.study_data import StudyData

__all__ = ["ENDINGS", "VerifiedReport", "verify_report"]


@dataclass(frozen=True, slots=True)
class VerifiedReport:
    """What a verification of a document found.

    Parameters
    ----------
    path : Path
    numbers : mapping of str to tuple of Checked
        By language: every number of the document, and sentences whose words are others than the report's.
    pictures : int
        Figures, whose numbers cannot be read: compare them with the exhibits.
    stale : tuple of str
        Notebooks whose results are not of the files as they are; the samples may be others than the data give now.
    flowing : bool
        Whether the document had no tables and no evidence, and was read as one text.
    """

    path: Path
    numbers: dict[str, tuple[Checked, ...]]
    pictures: int
    stale: tuple[str, ...] = ()
    flowing: bool = False

    @property
    def other(self) -> bool:
        """Whether so many numbers are changed that the document is of other data, or of another preset."""
        counts = self.counts
        return _OTHER * (counts[MATCHED] + counts[CHANGED]) < counts[CHANGED]

    @property
    def counts(self) -> dict[str, int]:
        """How many are "matched", "changed", "words" and "own"."""
        found = Counter(one.result for told in self.numbers.values() for one in told)
        return {key: found[key] for key in (MATCHED, CHANGED, WORDS, OWN)}

    @property
    def passed(self) -> bool:
        """Whether no number and no words of the report are changed."""
        return not self.counts[CHANGED] and not self.counts[WORDS]

    def to_text(self, lang: str = "en") -> str:
        """Counts, what is changed, what is the author's own."""

        lines = [
            catalogue.text(f"verify.report_{key}", lang, n=n) for key, n in self.counts.items() if n or key == MATCHED
        ]
        lines += [catalogue.text("verify.report_pictures", lang, n=self.pictures)] if self.pictures else []
        lines += [catalogue.text("verify.report_flowing", lang)] if self.flowing else []
        lines += [catalogue.text("verify.report_other", lang)] if self.other else []
        lines += [catalogue.text("verify.report_stale", lang, names=", ".join(self.stale))] if self.stale else []
        for key in (CHANGED, WORDS, OWN):
            told = [one for told in self.numbers.values() for one in told if one.result == key]
            lines += ["", catalogue.text(f"verify.report_{key}_head", lang), ""] if told else []
            lines += [f"  - {_line(one)}" for one in told[:_FEW]]
            lines += [f"  - {catalogue.text('verify.more', lang, n=len(told) - _FEW)}"] if len(told) > _FEW else []
        return "\n".join(lines)


_OTHER = 1 / 3
_LEAST = 0.1
"""Of the numbers of a report that somebody finished, how many must be in its words."""
_FEW = 30
_LONG = 160


def _line(one: Checked) -> str:
    place = f" [{one.evidence}]" if one.evidence else ""
    where = f" ({_cut(one.where)})" if one.where else ""
    if one.result == OWN:
        return f"{one.printed}: {_cut(one.text)}{where}"
    told = f"{_cut(one.printed) or '–'} <- {_cut(one.expected) or '–'}"
    return f"{told}{place}: {_cut(one.text)}{where}" if one.result == CHANGED else f"{told}{place}{where}"


def _cut(text: str) -> str:
    return text if len(text) <= _LONG else f"{text[: _LONG - 1]}…"


def verify_report(
    study: StudyData,
    path: str | os.PathLike[str],
    *,
    preset: str | None = None,
    lang: str | None = None,
    samples: Mapping[str, Sample | Scan] | None = None,
) -> VerifiedReport:
    """Hold a report that somebody finished in another program against the one that the study's samples give.

    A number is right if it is printed as the report prints it (digits, sign, decimal comma) and stands in the same
    words, row and column. It is found by the id of its evidence; where a document has lost that, by the sentence it
    stands in. Sentences and numbers that the report does not have are the author's own. Nothing is drawn or written.

    Parameters
    ----------
    study : StudyData
    path : path
        A .docx, .pptx, .xlsx or .html that `survey report` wrote and somebody may have edited since; a .pdf of the
        document, which is read as one text from beginning to end.
    preset : str, optional
        Of the report; that of study.toml when not given.
    lang : {"vi", "en"}, optional
        Of a document that no longer says it, and whose letters do not show it.
    samples : mapping of str to Sample or Scan, optional
        What the report was made of in place of saved samples, as `study.report` was given it.

    Returns
    -------
    VerifiedReport

    Raises
    ------
    StudyError
        If the document is of a kind that cannot be read, in no language that reports have, or no report of this study;
        otherwise as `study.report`.
    ReadError
        If the file is missing, empty, damaged, locked by a password, or would unpack to more than a document does.
    """
    file = Path(path)
    found = printed_in(file, lang)
    unknown = [one.lang for one in found if one.lang not in LANGUAGES]
    if unknown:
        raise StudyError(
            "The document is in a language that reports do not have.",
            where=file,
            got=shorten(unknown),
            expected=shorten(LANGUAGES),
            fix='say which it is: verify_report(..., lang="vi")',
        )
    material = material_of(study, settings_of(study.reporting, study.path, preset), samples)
    results = results_of(material)
    numbers = {}
    for one in found:
        known = expected(material, results, one.lang, file.suffix.lower())
        if one.flowing:
            numbers[one.lang] = tuple(check_text(one.pieces, known))
        else:
            placed = file.suffix.lower() in (".pptx", ".xlsx")
            numbers[one.lang] = tuple(check_pieces(one.pieces, known, lang=one.lang, placed=placed))
    _refuse_other(file, study, numbers)
    pictures, flowing = sum(one.pictures for one in found), any(one.flowing for one in found)
    return VerifiedReport(file, numbers, pictures, _stale(study), flowing)


def _refuse_other(file: Path, study: StudyData, numbers: Mapping[str, Sequence[Checked]]) -> None:
    """Raise for a document that has next to nothing of the report: it is of another study, or no report."""
    results = Counter(one.result for told in numbers.values() for one in told)
    if sum(results.values()) - results[OWN] >= _LEAST * sum(results.values()) > 0:
        return
    raise StudyError(
        "The document is not a report of this study.",
        where=file,
        got=f"{results[OWN]} of its {sum(results.values())} numbers are in no sentence or table of the report",
        expected=f"the report of {study.path}, edited or not",
        fix="name its study with --of, and its preset with --preset",
    )


def _stale(study: StudyData) -> tuple[str, ...]:
    """Notebooks that ran on other files than there are; what is not known is not said."""
    run = ledger.read_ledger(ledger.running_path(study))
    return () if run is None else tuple(name for name, why in ledger.stale(run, study).items() if why == "stale")

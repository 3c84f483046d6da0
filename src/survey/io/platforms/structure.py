"""The codebook of a questionnaire as its platform keeps it: .qsf of Qualtrics, .lss of LimeSurvey.

Both come from strangers: what is read of them is texts in a known place, and another shape is one error.
"""

from __future__ import annotations

import os
from pathlib import Path

from survey.base.files import system_message
from survey.codebook import Codebook
from survey.errors import ReadError
from survey.io.platforms._structure import Structure
from survey.io.platforms.lss import structure_of_limesurvey
from survey.io.platforms.qsf import structure_of_qualtrics

__all__ = ["STRUCTURES", "codebook_in", "codebook_of_structure"]

STRUCTURES = (".qsf", ".lss")
"""Extensions of questionnaires that are read as codebooks."""
_LARGEST = 200 * 1024 * 1024


def codebook_in(path: str | os.PathLike[str]) -> Codebook:
    """A codebook in TOML, of an XLSForm's workbook, or of a questionnaire of Qualtrics or LimeSurvey."""
    suffix = Path(path).suffix.lower()
    if suffix in STRUCTURES:
        return codebook_of_structure(path)
    if suffix not in (".xlsx", ".xls", ".xlsm"):
        return Codebook.from_toml(path)
    from survey.io.xlsform.codebook import codebook_from_xlsform

    return codebook_from_xlsform(path)


def codebook_of_structure(path: str | os.PathLike[str]) -> Codebook:
    """Read the codebook of a questionnaire of Qualtrics (.qsf) or LimeSurvey (.lss).

    Variables have the names of the columns that the platform exports: `Q3_1`, `G2Q1_SQ001`. A question with several
    answers is a set of 0/1 variables. Who was asked is not taken over.

    Raises
    ------
    ReadError
        If the file is missing, damaged, or no questionnaire.
    """
    target = Path(path)
    try:
        if target.stat().st_size > _LARGEST:
            raise ReadError(
                "The questionnaire is too large.",
                where=target,
                got=f"{target.stat().st_size:,} bytes",
                expected=f"at most {_LARGEST:,}",
            )
        raw = target.read_bytes()
    except FileNotFoundError:
        raise ReadError("The file does not exist.", where=target, fix="correct the path") from None
    except OSError as problem:
        raise ReadError("The file cannot be opened.", where=target, got=system_message(problem)) from None
    reader = structure_of_qualtrics if target.suffix.lower() == ".qsf" else structure_of_limesurvey
    found = Structure(str(target))
    reader(raw, found)
    if not found.variables:
        raise ReadError("The questionnaire has no questions.", where=target, fix="export it again")
    return found.codebook().read_from(target)

"""A study: which files were collected, by which design, for which population, and which notebooks tell of it.

`study.toml` holds the facts (docs/study.md describes the format); this module reads them and knows where results go.
"""

from __future__ import annotations

import json
import math
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Self

import pandas as pd

from survey.base.arguments import check_fields, explained_verbs, one_of
from survey.base.card import Card, Displayed
from survey.base.files import inputs
from survey.codebook import LANGUAGES, Codebook, Text
from survey.design.targets import Targets
from survey.errors import StudyError, shorten
from survey.estimates import Summary
from survey.exhibits.exhibit import Exhibit
from survey.io import read
from survey.narrative import Finding
from survey.responses import Responses
from survey.sample import Sample
from survey.study import disclosure_ledger as ledger
from survey.study import storage
from survey.study.card import study_card
from survey.study.findings_file import forget_findings, keep_finding, stored_findings
from survey.study.plan import Plan
from survey.study.plan_file import Declaration, refuse_unknown_names
from survey.study.plan_lock import Lock, lock, lock_path, read_lock
from survey.study.study_file import SurveyFiles, facts, search

__all__ = ["StudyData"]


@explained_verbs(StudyError)
@dataclass(frozen=True)
class StudyData(Displayed):
    """What `study.toml` says, and where results go. People open a `survey.study.study.Study`.

    Parameters
    ----------
    path : Path
        The study.toml; every path in it is relative to its folder.
    id : str
    title, source : Text
        By language; `source` stands under figures and tables.
    simulated : bool
    codebook_path : Path or None
    language : str
        "vi" or "en": the language that is shown first; exhibits are written in both.
    surveys : mapping of str to SurveyFiles
    notebooks : Path
        Folder of the notebooks.
    run, real : tuple of str
        Names of the notebooks in order; `real` ones need open data.
    processed : Path
        Folder of everything that can be made again.
    shown_in : str
        The language that displays of its data are in, where `lang=` and `sv.language` do not say: `language` if
        study.toml names it, else "": that of the codebook's texts.
    declared : Declaration or None
        The families of tests of `[plan]`, and the choices of `[specifications]`; see `plan` and `specifications`.
    reporting : mapping
        `[report]` as it stands; see `report`.
    """

    path: Path
    id: str
    title: Text
    source: Text
    simulated: bool
    codebook_path: Path | None
    language: str
    surveys: Mapping[str, SurveyFiles]
    notebooks: Path
    run: tuple[str, ...]
    real: tuple[str, ...]
    processed: Path
    shown_in: str = ""
    declared: Declaration | None = None
    reporting: Mapping[str, Any] = field(default_factory=dict, repr=False)

    def __post_init__(self) -> None:
        check_fields(self, StudyError, fix={"path": "open a study by its file: sv.Study.open(...)"})
        one_of(self.language, LANGUAGES, "language", StudyError, where="Study(language=...)")

    @classmethod
    def open(cls, path: str | os.PathLike[str] | None = None) -> Self:
        """Read a study.toml.

        Parameters
        ----------
        path : path, optional
            The file, or the folder it is in. Without it, data/raw/study.toml is looked for in the current folder
            and in those above it, so that notebooks find it too.

        Raises
        ------
        StudyError
            If the file is missing, is not TOML, is incomplete, or names files that do not exist.
        """
        return cls(**facts(search() if path is None else Path(path)))

    def _card(self) -> Card:
        names = ("path", "id", "title", "source", "simulated", "language", "codebook_path", "surveys", "run", "real")
        return study_card(**{name: getattr(self, name) for name in names}, processed=self.processed)

    @property
    def exhibits(self) -> Path:
        """Folder of exported figures and tables."""
        return self.processed / "exhibits"

    @property
    def codebook(self) -> Codebook:
        """The codebook of the study.

        Raises
        ------
        StudyError
            If the study names none.
        CodebookError
            If it contradicts itself.
        """
        if self.codebook_path is None:
            raise StudyError("The study names no codebook.", where=self.path, fix='add codebook = "codebook.toml"')
        return Codebook.from_toml(self.codebook_path)

    def read(self, survey: str | None = None) -> Responses:
        """Read the raw files of a survey, all of them stacked, with the study's codebook.

        Parameters
        ----------
        survey : str, optional
            Needed only where the study has several.

        Raises
        ------
        StudyError
            If the study has no such survey.
        ReadError, CodebookError
            As `survey.read`.
        """
        entry = self._survey(survey)
        book = None if self.codebook_path is None else self.codebook
        responses = read(list(entry.files), codebook=book, **entry.reading)
        book = responses.codebook.read_from(self.path).shown_in(self.shown_in)
        return replace(responses, codebook=replace(book, collected=self.source) if self.source else book)

    @property
    def inputs(self) -> tuple[Path, ...]:
        """The files of the study that are read and never written."""
        named = [f for s in self.surveys.values() for f in (*s.files, *s.forms, *([s.targets] if s.targets else []))]
        return (self.path, *([self.codebook_path] if self.codebook_path else []), *named)

    def design(self, survey: str | None = None) -> dict[str, Any]:
        """Keyword arguments of `Sample`: `sv.Sample(clean, **study.design("residents"))`."""
        return dict(self._survey(survey).design)

    def targets(self, survey: str | None = None) -> Targets:
        """Population figures of a survey.

        Raises
        ------
        StudyError
            If the study names none for it.
        TargetsError
            As `Targets.from_csv`.
        """
        entry = self._survey(survey)
        if entry.targets is None:
            raise StudyError(
                "The study names no targets for this survey.",
                where=f"{self.path}, [surveys.{survey}]",
                fix='add targets = {file = "margins.csv"}',
            )
        return Targets.from_csv(entry.targets, within=entry.within)

    @property
    def plan(self) -> Plan:
        """Which tests the study declared, and when; `study.plan.apply(...)` adjusts p-values by it (docs/plan.md).

        Raises
        ------
        StudyError
            If the study declares none, it names outcomes or breakdowns that the codebook does not have, or its lock
            is not as it was written.
        """
        declared, locked = self.declared, read_lock(lock_path(self.path))
        if declared is None and locked is not None:  # [plan] was removed: what was locked counts
            declared = replace(locked.declaration, families=())
        if declared is None:
            raise StudyError(
                "The study declares no plan.",
                where=self.path,
                expected="[plan.primary] with outcomes = [...]",
                fix="add it as docs/plan.md describes",
            )
        book = Codebook() if self.codebook_path is None else self.codebook
        if book.variables:
            refuse_unknown_names(declared, book, self.path)
        return Plan(self.path, declared, book, locked, self._raw_files())

    def lock_plan(self, *, amend: bool = False) -> Lock:
        """Store the plan as it is declared now, with the date and the SHA-256 of the raw files, beside study.toml.

        Parameters
        ----------
        amend : bool
            Where the plan was locked and has changed: record the changes beside the first lock, which stays as it is.

        Returns
        -------
        Lock

        Raises
        ------
        StudyError
            If the plan was locked and has changed since, and `amend` does not say to record that; otherwise as `plan`.
        ExportError
            If the file cannot be written.
        """
        plan = self.plan
        return lock(lock_path(self.path), plan.declaration, plan.files, plan.lock, amend=amend)

    def _raw_files(self) -> dict[str, Path]:
        files = [file for survey in self.surveys.values() for file in survey.files]
        return {Path(os.path.relpath(file, self.path.parent)).as_posix(): file for file in files}

    def save(self, name: str, value: Responses | Sample) -> Path:
        """Keep responses or a sample under a name for the notebooks that follow.

        Raises
        ------
        ExportError
            As `survey.study.storage.save`.
        """
        with inputs(self.inputs):
            return storage.save(value, self._kept(name))

    def load(self, name: str) -> Responses | Sample:
        """What an earlier notebook saved under a name, exactly.

        Raises
        ------
        StudyError
            If nothing was saved under it; the notebook that saves it is named when it is known.
        ReadError
            If the file is damaged.
        """
        path = self._kept(name)
        if not path.is_file():
            maker = self._maker(name)
            kept = sorted(p.stem for p in path.parent.glob("*.zip"))
            raise StudyError(
                f"Nothing was saved as {name!r} yet.",
                where=path,
                got=shorten(kept) if kept else None,
                fix=f"run the notebook {maker} first" if maker else "run the notebook that saves it first",
            )
        value = storage.load(path)
        if not self.shown_in:
            return value
        own = value.responses if isinstance(value, Sample) else value
        own = replace(own, codebook=own.codebook.shown_in(self.shown_in))
        return Sample.of(own, value.design, value.structure) if isinstance(value, Sample) else own

    def export(
        self,
        exhibit: Exhibit | Mapping[str, Exhibit] | Sequence[Exhibit],
        name: str | None = None,
        formats: Sequence[str] | None = None,
    ) -> dict[str, Any]:
        """Write figures and tables to processed/exhibits in both languages, the study's own first.

        Rows that give away what another exhibit of the study hides are hidden too: among exhibits written in one call
        the smallest groups, whatever their order; beside exhibits written before, those of the new one.

        Parameters
        ----------
        exhibit : Exhibit, mapping of file name to Exhibit, or sequence of Exhibit
        name : str, optional
            File name of a single one, without ending; its own name when not given.
        formats : sequence of str, optional
            As `survey.reports.export`.

        Returns
        -------
        dict
            "vi.png", "en.csv", ... and "json" to the files written; of several, file name to such a dict each.

        Raises
        ------
        ExportError
            As `survey.reports.export`.

        Warns
        -----
        DisclosureWarning
            If rows are hidden because of exhibits written before, or a hidden result still follows from all of them.
        """
        from survey.reports.export import by_file_name, export

        languages = sorted(LANGUAGES, key=lambda lang: lang != self.language)
        asked = by_file_name(exhibit, name)
        with inputs(self.inputs):
            shown = ledger.beside(self.ledger, asked)
            written = export(shown, formats=formats, folder=self.exhibits, languages=languages)
            ledger.record(self.ledger, asked, shown)
        return written[next(iter(asked))] if isinstance(exhibit, Exhibit) else written

    @property
    def ledger(self) -> Path:
        """Folder of what each exported exhibit hides; about respondents, and not for publication."""
        return self.processed / "disclosure"

    def hidden(self) -> Summary:
        """List what the exported exhibits hide, and what share of their results that is; see `survey.hidden`."""
        return ledger.summary(self.ledger)

    def audit(self) -> pd.DataFrame:
        """Find hidden results that can be computed from the exported exhibits together; see `survey.audit`."""
        return ledger.audit(self.ledger)

    def keep(self, finding: Finding) -> None:
        """Keep a finding for the end of `survey reproduce`; one of the same id is replaced where it stands."""
        keep_finding(self.processed / "findings.json", finding, self.inputs)

    def findings(self) -> tuple[Finding, ...]:
        """The findings kept so far, in the order they were first kept.

        Raises
        ------
        StudyError
            If the file of findings is damaged.
        """
        from survey.narrative import Finding

        return tuple(
            Finding.of(
                e["id"],
                {lang: e[lang] for lang in LANGUAGES if lang in e},
                {k: math.nan if v is None else v for k, v in e["numbers"].items()},
            )
            for e in stored_findings(self.processed / "findings.json")
        )

    def forget_findings(self) -> None:
        """Remove the findings of earlier runs: those of a removed notebook are no longer findings."""
        forget_findings(self.processed / "findings.json", self.inputs)

    def _survey(self, name: str | None) -> SurveyFiles:
        if name is None and len(self.surveys) == 1:
            return next(iter(self.surveys.values()))
        if name is None or name not in self.surveys:
            raise StudyError(
                "The study has several surveys; name one." if name is None else "The study has no such survey.",
                where=self.path,
                got=name,
                expected=shorten(self.surveys),
                fix="give one of these names",
            )
        return self.surveys[name]

    def _kept(self, name: str) -> Path:
        _check_name(name)
        return self.processed / f"{name}.zip"

    def _maker(self, name: str) -> str | None:
        """The notebook that saves something under this name, read off its source."""
        for notebook in (*self.run, *self.real):
            path = self.notebooks / f"{notebook}.ipynb"
            if path.is_file():
                try:
                    cells = json.loads(path.read_text(encoding="utf-8")).get("cells", [])
                    code = "\n".join("".join(c["source"]) for c in cells if c.get("cell_type") == "code")
                except (OSError, ValueError, TypeError, KeyError, AttributeError, RecursionError):
                    continue  # no notebook, though its name says so: it makes nothing
                if f'save("{name}"' in code or f"save('{name}'" in code:
                    return notebook
        return None


def _check_name(name: str) -> None:
    if not name or Path(name).name != name or name.startswith("."):
        raise StudyError(
            "The name is not valid for saved responses.", got=repr(name), expected='a name such as "clean"'
        )

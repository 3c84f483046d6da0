"""A study from one export: `survey new` and `sv.new`."""

from __future__ import annotations

import os
import re
import shutil
import warnings
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from survey.base.arguments import explained, one_of
from survey.base.catalogue import LANGUAGES
from survey.base.files import making_raw_data, sha256, system_message
from survey.base.temporary import temporary_folder
from survey.errors import ExportError, StudyError, SurveyWarning
from survey.privacy.scan import personal_columns
from survey.responses import Responses
from survey.study.new.draft import Draft, drafted
from survey.study.new.files import IGNORED, readme, study_toml
from survey.study.new.looking import Looked, look
from survey.study.new.naming import slug
from survey.study.new.notebooks import notebooks
from survey.study.study import Study
from survey.study.study_file import DEFAULT_STUDY

__all__ = ["Proposal", "folder_for", "new", "new_with_draft", "propose"]

AnyPath = str | os.PathLike[str]
_UNFIT = re.compile(r'[<>:"|?*\\\x00-\x1f]')
_RESERVED = re.compile(r"(con|prn|aux|nul|com\d|lpt\d)(\..*)?", re.IGNORECASE)
_LONGEST = 100
_AGAIN = 3
"""How often a draft is read and looked at again for personal data that only its labels show."""


class Proposal:
    """What an export would be made into, before anything is written.

    Attributes
    ----------
    draft : Draft
    looked : Looked
    data : Path
    forms : tuple of Path
    lang : str
    """

    def __init__(
        self, data: Path, forms: Sequence[Path], lang: str, parts: Mapping[str, str], how: Mapping[str, Any]
    ) -> None:
        self.data, self.forms, self.lang = data, tuple(forms), lang
        self.looked: Looked = look(data, self.forms, how)
        xlsforms = () if self.looked.structure is not None else self.forms
        if len(self.looked.responses.data) < 2:
            raise StudyError(
                "The file has one row; nothing can be estimated from one answer.",
                where=data,
                got="1 row",
                expected="at least 2 respondents",
                fix="export the file again when there are more",
            )
        self.draft: Draft = drafted(self.looked, xlsforms, parts, data.name, lang)


def propose(
    data: AnyPath, form: AnyPath | Sequence[AnyPath] | None = None, *, lang: str = "vi", **how: Any
) -> Proposal:
    """What `new` would make of an export, so that it can be asked about first."""
    return Proposal(Path(data), _forms(form), lang, {}, how)


@explained(StudyError)
def new(
    name: AnyPath,
    data: AnyPath,
    form: AnyPath | Sequence[AnyPath] | None = None,
    *,
    lang: str = "vi",
    title: str | None = None,
    parts: Mapping[str, str] | None = None,
    **how: Any,
) -> Study:
    """Make a study from one export: a folder with study.toml, a draft codebook, notebooks, and a page on how to go on.

    The file is copied into the study's data/raw, byte for byte, and never written again. Scales, answers that are none,
    wards, waves and personal columns are recognised; every guess is marked where it stands. `survey reproduce` runs on
    it at once, and says what it does not allow to say.

    Parameters
    ----------
    name : path
        The folder that is made; its last part names the study. There must be none of that name yet.
    data : path
        The export: any file that `survey.read` reads.
    form : path or list of paths, optional
        The XLSForm of the export (of several versions the newest last), the .lss of LimeSurvey or .qsf of Qualtrics.
    lang : {"vi", "en"}
        Of the page, of remarks, and of what is shown first.
    title : str, optional
        Of the study; that of the form, else `name`, when not given.
    parts : mapping of part to column, optional
        What is known of columns: {"ward": "phuong", "wave": "dot", "weight": "w"}; also "stratum", "psu", "fpc", "id",
        "overall", "date", "duration". "" says that there is none.
    **how
        How the file is read, as arguments of `survey.read`: sheet, header, encoding, separator, decimal, locale,
        export, repeat, timezone.

    Returns
    -------
    Study

    Raises
    ------
    StudyError
        If the folder is there already, the name cannot name a folder, the file has one row, or lacks a named column.
    ReadError, CodebookError
        If the file or the form cannot be read.
    ExportError
        If the folder cannot be written.

    Examples
    --------
    >>> study = sv.new("my-ward", data="export.xlsx", form="form.xlsx")  # doctest: +SKIP
    """
    return new_with_draft(name, data, form, lang=lang, title=title, parts=parts, how=how)[0]


def new_with_draft(
    name: AnyPath,
    data: AnyPath,
    form: AnyPath | Sequence[AnyPath] | None = None,
    *,
    lang: str = "vi",
    title: str | None = None,
    parts: Mapping[str, str] | None = None,
    how: Mapping[str, Any] | None = None,
) -> tuple[Study, Draft]:
    """As `new`, with the draft that the study was made of."""
    one_of(lang, LANGUAGES, "language", StudyError, where="new(lang=...)")
    target = folder_for(name)
    return write(target, Proposal(Path(data), _forms(form), lang, parts or {}, how or {}), title=title)


def _forms(form: AnyPath | Sequence[AnyPath] | None) -> tuple[Path, ...]:
    several = [] if form is None else [form] if isinstance(form, str | os.PathLike) else form
    return tuple(Path(f) for f in several)


def folder_for(name: AnyPath) -> Path:
    """The folder of a new study, which must not be there yet.

    Raises
    ------
    StudyError
        If it is, or the name cannot name a folder on every system.
    """
    written = os.fspath(name)
    target = Path(os.path.abspath(written)) if written and "\0" not in written else Path()
    last = target.name
    unfit = not written.strip() or not last or bool(_UNFIT.search(last)) or last != last.strip(" .")
    if unfit or len(last) > _LONGEST or _RESERVED.fullmatch(last):
        raise StudyError(
            "The name cannot name a folder on every system.",
            where="new(name)",
            got=repr(written)[:120],
            expected=f'letters, digits, spaces, "-" and "_", {_LONGEST} at most',
            fix='give a name such as "my-ward"',
        )
    if os.path.lexists(target):
        raise StudyError(
            "There is a file or folder of this name already; nothing was changed.",
            where=target,
            got="a folder" if target.is_dir() else "a file",
            expected="a new name",
            fix="choose another name, or move the existing one away",
        )
    return target


def write(target: Path, proposal: Proposal, *, title: str | None = None) -> tuple[Study, Draft]:
    """Write a study whole, or nothing."""
    for source in (proposal.data, *proposal.forms):
        if target in Path(os.path.abspath(source)).parents:
            raise StudyError("The folder of a study cannot be that of its export.", where=target, got=source)
    draft, lang = proposal.draft, proposal.lang
    called = title or draft.book.title.get(lang) or target.name
    files = _names(proposal)
    with _whole(target) as folder, making_raw_data():
        raw = folder / DEFAULT_STUDY.parent
        raw.mkdir(parents=True)
        for source, name in files.items():
            _copy(source, raw / name)
        data = files[proposal.data]
        forms = [files[f] for f in proposal.forms if proposal.looked.structure is None]
        words = {"id": slug(target.name, "study").replace("_", "-"), "title": called, "data": data, "lang": lang}
        for _ in range(_AGAIN):
            draft.book.to_toml(raw / "codebook.toml", draft.remarks, replace_finished=True)
            _put(raw / DEFAULT_STUDY.name, study_toml(draft, forms=forms, **words))
            held = _personal(raw / DEFAULT_STUDY.name)
            if not held:
                break
            draft = draft.without(held, lang)
        for name, content in notebooks(draft, lang).items():
            _put(folder / "notebooks" / f"{name}.ipynb", content)
        _put(folder / "README.md", readme(draft, title=called, data=data, lang=lang))
        _put(folder / ".gitignore", IGNORED)
        (folder / "data" / "processed").mkdir()
    return Study.open(target), draft


def _personal(study: Path) -> Mapping[str, str]:
    """Columns that the study would still hold and that personal data are found in, cleaned as its notebook does."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", SurveyWarning)
        clean: Responses = Study.open(study).read()
        held = dict(personal_columns(clean))
        if not held:
            clean = clean.recode_missing().number_scales().recode_missing(outside="blank")
            for score in clean.codebook.scored:
                clean = clean.score(score)
            held = dict(personal_columns(clean))
    return held


def _names(proposal: Proposal) -> dict[Path, str]:
    """The names of the copied files, all different."""
    taken = {"study.toml", "codebook.toml", "ledger.json", "plan.lock.toml"}
    found: dict[Path, str] = {}
    for source in (proposal.data, *proposal.forms):
        name, again = source.name, 2
        while name.casefold() in taken:
            name, again = f"{source.stem}-{again}{source.suffix}", again + 1
        taken.add(name.casefold())
        found[source] = name
    return found


def _copy(source: Path, target: Path) -> None:
    shutil.copyfile(source, target)
    if sha256(source) != sha256(target):
        raise ExportError("The file changed while it was copied.", where=source, fix="try again when it is closed")


def _put(path: Path, content: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(content, encoding="utf-8", newline="\n")


@contextmanager
def _whole(target: Path) -> Iterator[Path]:
    """A folder beside the target that takes its name when it is whole, and is gone otherwise."""
    made: list[Path] = []
    try:
        absent = [p for p in target.parents if not p.exists()]
        target.parent.mkdir(parents=True, exist_ok=True)
        made = absent[::-1]
        with temporary_folder(".survey-new-", target.parent) as temporary:
            yield temporary
            mask = os.umask(0)
            os.umask(mask)
            temporary.chmod(0o777 & ~mask)
            if os.path.lexists(target):  # made by somebody else meanwhile
                raise FileExistsError(f"{target} exists")
            os.rename(temporary, target)
    except BaseException as problem:
        for folder in reversed(made):
            with suppress(OSError):
                folder.rmdir()
        if isinstance(problem, OSError):
            raise ExportError(
                "The folder of the study cannot be made.",
                where=target,
                got=system_message(problem),
                expected="a folder that can be written to, with room",
                fix="choose another place",
            ) from problem
        raise

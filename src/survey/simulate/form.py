"""The questionnaire of the simulated study as XLSForms, ready to be loaded into KoboToolbox or ODK."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from survey.base.toml import parsed
from survey.codebook import Codebook, Variable
from survey.codebook._variable import EMPTY
from survey.io.xlsform.writing import Section, note_row, write_xlsform
from survey.simulate.settings import packaged

__all__ = ["FORMS", "asked", "worded", "write_form"]

FORMS = ("residents", "businesses")
_OPENING = ("resp_id", "ward_legacy_code", "mode", "interviewer_id", "interviewer_org", "consent")
_CLOSING = ("official_present",)
_RESIDENTS_ONLY = ("TR06", "TR07", "TR09")
_LAST = "OV04"
_VERSION = "2024060200"


def asked(book: Codebook, form: str) -> dict[str, tuple[str, ...]]:
    """The variables of a form by section, in the order they are asked: the model is named last."""
    items = [v for v in book.variables.values() if v.role == "item" and (v.labels or v.missing)]
    kind = 1 if form == "residents" else 2
    others = [f"resp_type == {k}" for k in (1, 2) if k != kind]
    mine = [v for v in book.variables.values() if v.base not in others]
    if form == "businesses":
        items = [v for v in items if v.name not in _RESIDENTS_ONLY]
    prefix = {"friendliness": "FR", "transparency": "TR", "efficiency": "EF"}
    out = {"visit": _OPENING, "respondent": tuple(v.name for v in mine if v.role == "respondent")}
    out |= {s: tuple(v.name for v in items if v.name.startswith(p)) for s, p in prefix.items()}
    named = {name for names in out.values() for name in names}
    rest = [v.name for v in items if v.name not in named]
    out["overall"] = (*(name for name in rest if name != _LAST), _LAST)
    return out | {"closing": _CLOSING}


def worded(variable: Variable, form: str) -> Variable:
    """A question as a form words it: a business has files and taxes, its people have ears and opinions."""
    return replace(variable, text=variable.variants.get(form, variable.text), variants=EMPTY)


def write_form(book: Codebook, path: Path, form: str) -> Path:
    """Write the form of residents or of businesses: greeting, informed consent, questions, thanks.

    Parameters
    ----------
    book : Codebook
        The study's.
    path : Path
    form : {"residents", "businesses"}
    """
    texts: Mapping[str, Any] = parsed(packaged("forms.toml").decode("utf-8"))
    sections = asked(book, form)
    mine = book.update(*(worded(book[n], form) for names in sections.values() for n in names))
    own, both = texts[form], texts["both"]
    before = {
        "visit": (
            {"type": "start", "name": "int_start"},
            {"type": "end", "name": "int_end"},
            {"type": "calculate", "name": "resp_type", "calculation": "1" if form == "residents" else "2"},
            note_row("greeting", own["greeting"]),
            note_row("information", own["consent"]),
        ),
        "closing": (note_row("thanks", both["thanks"]),),
    }
    before |= {s: (note_row(f"lead_{s}", both[s], "consent == 1"),) for s in sections if s in both}
    parts = [
        Section(
            name,
            texts["sections"][name],
            names,
            "consent == 1" if name not in ("visit", "closing") else "",
            before.get(name, ()),
        )
        for name, names in sections.items()
    ]
    title = f"{own['title']['vi']} / {own['title']['en']}"
    return write_xlsform(mine, path, parts, form_id=f"friendly_ward_{form}", version=_VERSION, title=title)

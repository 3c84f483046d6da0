"""The questionnaire of the simulated study as XLSForms, ready to be loaded into KoboToolbox or ODK."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from types import MappingProxyType

from survey.base.toml import parsed
from survey.codebook import Codebook, Variable
from survey.io.xlsform.writing import Section, write_xlsform
from survey.simulate.settings import packaged

__all__ = ["FORMS", "asked", "write_form"]

FORMS = ("residents", "businesses")
_VISIT = ("resp_id", "ward_legacy_code", "mode", "interviewer_id", "interviewer_org", "consent")
_CLOSING = ("official_present",)
_LEFT_OUT = ("TR06", "TR07")  # not asked of businesses
_LAST = "OV04"


def asked(book: Codebook, form: str) -> dict[str, tuple[str, ...]]:
    """The variables of a form by section, in the order they are asked: the model is named last."""
    items = [v for v in book.variables.values() if v.role == "item" and (v.labels or v.missing)]
    kind = 1 if form == "residents" else 2
    others = [f"resp_type == {k}" for k in (1, 2) if k != kind]
    mine = [v for v in book.variables.values() if v.base not in others]
    if form == "businesses":
        items = [v for v in items if v.name not in _LEFT_OUT]
    prefix = {"friendliness": "FR", "transparency": "TR", "efficiency": "EF"}
    out = {"visit": _VISIT, "respondent": tuple(v.name for v in mine if v.role == "respondent")}
    out |= {s: tuple(v.name for v in items if v.name.startswith(p)) for s, p in prefix.items()}
    named = {name for names in out.values() for name in names}
    rest = [v.name for v in items if v.name not in named]
    out["overall"] = (*(name for name in rest if name != _LAST), _LAST)
    return out | {"closing": _CLOSING}


def write_form(book: Codebook, path: Path, form: str) -> Path:
    """Write the form of residents or of businesses.

    Parameters
    ----------
    book : Codebook
        The study's.
    path : Path
    form : {"residents", "businesses"}
    """
    words = parsed(packaged("form.toml").decode("utf-8"))
    sections = asked(book, form)
    worded = book.update(*(_for(form, book[n]) for names in sections.values() for n in names))
    kind = "1" if form == "residents" else "2"
    metadata = (
        {"type": "start", "name": "int_start"},
        {"type": "end", "name": "int_end"},
        {"type": "calculate", "name": "resp_type", "calculation": kind},
    )
    parts = [
        Section(
            name,
            words["section"][name],
            names,
            "consent == 1" if name not in ("visit", "closing") else "",
            metadata if name == "visit" else (),
        )
        for name, names in sections.items()
    ]
    title = " / ".join(words["title"][form].values())
    return write_xlsform(worded, path, parts, form_id=f"friendly_ward_{form}", version="2024060100", title=title)


def _for(form: str, variable: Variable) -> Variable:
    """A question as a form has it: a business is no "ông/bà"."""
    if form == "residents":
        return variable
    text = {
        lang: t.replace("Ông/bà", "Doanh nghiệp").replace("ông/bà", "doanh nghiệp") for lang, t in variable.text.items()
    }
    return replace(variable, text=MappingProxyType(text))

"""From a raw survey file to defensible figures, tables and sentences.

`import survey as sv` brings every name below. Each is imported when it is first used, so that the import itself
costs next to nothing; type checkers and editors see the imports of the `TYPE_CHECKING` block.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

__all__ = [
    "PPS",
    "SRS",
    "Cells",
    "CellsUpdate",
    "Census",
    "CheckError",
    "CleaningError",
    "Codebook",
    "CodebookError",
    "ConvergenceError",
    "DataNotFoundError",
    "Design",
    "DesignError",
    "DisclosureWarning",
    "Draw",
    "Estimates",
    "EstimationError",
    "Exhibit",
    "ExportError",
    "Finding",
    "Imputations",
    "Margin",
    "MissingExtraError",
    "Model",
    "PrivacyError",
    "ReadError",
    "Replicates",
    "Responses",
    "Sample",
    "Scan",
    "SharedCells",
    "Study",
    "StudyError",
    "Summary",
    "SurveyError",
    "SurveyWarning",
    "Targets",
    "TargetsError",
    "UndeclaredWarning",
    "Variable",
    "__version__",
    "audit",
    "base_weights",
    "count_cells",
    "count_new",
    "draw",
    "export",
    "fetch",
    "figures",
    "frame_check",
    "hidden",
    "language",
    "load_cells",
    "narrative",
    "new",
    "power",
    "protect",
    "read",
    "read_audit",
    "read_codebook",
    "read_log",
    "read_scheme",
    "replay",
    "response_rates",
    "scan",
    "schemes",
    "show",
    "simulate",
    "tables",
    "titles",
]

__version__ = "0.2.0"

if TYPE_CHECKING:
    from survey import figures, narrative, simulate, tables
    from survey.base.language import language
    from survey.cleaning import read_log
    from survey.codebook import Codebook, Variable
    from survey.compare.power import power
    from survey.compare.schemes import read_scheme, schemes
    from survey.counting.cells import Cells
    from survey.design.design import Design, Replicates
    from survey.design.targets import Margin, Targets
    from survey.drawing.draw import Draw, draw
    from survey.errors import (
        CheckError,
        CleaningError,
        CodebookError,
        ConvergenceError,
        DataNotFoundError,
        DesignError,
        DisclosureWarning,
        EstimationError,
        ExportError,
        MissingExtraError,
        PrivacyError,
        ReadError,
        StudyError,
        SurveyError,
        SurveyWarning,
        TargetsError,
        UndeclaredWarning,
    )
    from survey.estimates import Estimates, Summary
    from survey.exhibits.exhibit import Exhibit
    from survey.exhibits.title_style import titles
    from survey.imputations import Imputations
    from survey.io import read, read_audit
    from survey.io.drafting import read_codebook
    from survey.io.replay import replay
    from survey.models.model import Model
    from survey.narrative import Finding
    from survey.opendata.download import fetch
    from survey.reports.disclosure import audit, hidden, protect
    from survey.reports.export import export
    from survey.responses import Responses
    from survey.sample import Sample
    from survey.scanning.scan import Scan, scan
    from survey.sharing.cells import CellsUpdate, SharedCells, count_cells, count_new, load_cells
    from survey.study.new.making import new
    from survey.study.study import Study
    from survey.weighting.base import PPS, SRS, Census, base_weights
    from survey.weighting.frames import frame_check
    from survey.weighting.response import response_rates
    from survey.words.frames import show

_HOME = {
    "survey.base.language": ("language",),
    "survey.compare.power": ("power",),
    "survey.compare.schemes": ("read_scheme", "schemes"),
    "survey.counting.cells": ("Cells",),
    "survey.cleaning": ("read_log",),
    "survey.io.replay": ("replay",),
    "survey.codebook": ("Codebook", "Variable"),
    "survey.design.design": ("Design", "Replicates"),
    "survey.errors": (
        "CheckError",
        "CleaningError",
        "CodebookError",
        "ConvergenceError",
        "DataNotFoundError",
        "DesignError",
        "DisclosureWarning",
        "EstimationError",
        "ExportError",
        "MissingExtraError",
        "PrivacyError",
        "ReadError",
        "StudyError",
        "SurveyError",
        "SurveyWarning",
        "TargetsError",
        "UndeclaredWarning",
    ),
    "survey.estimates": ("Estimates", "Summary"),
    "survey.exhibits.exhibit": ("Exhibit",),
    "survey.exhibits.title_style": ("titles",),
    "survey.reports.disclosure": ("audit", "hidden", "protect"),
    "survey.reports.export": ("export",),
    "survey.imputations": ("Imputations",),
    "survey.io": ("read", "read_audit"),
    "survey.io.drafting": ("read_codebook",),
    "survey.models.model": ("Model",),
    "survey.narrative": ("Finding",),
    "survey.opendata.download": ("fetch",),
    "survey.responses": ("Responses",),
    "survey.scanning.scan": ("Scan", "scan"),
    "survey.sample": ("Sample",),
    "survey.sharing.cells": ("CellsUpdate", "SharedCells", "count_cells", "count_new", "load_cells"),
    "survey.study.new.making": ("new",),
    "survey.study.study": ("Study",),
    "survey.design.targets": ("Margin", "Targets"),
    "survey.drawing.draw": ("Draw", "draw"),
    "survey.weighting.base": ("PPS", "SRS", "Census", "base_weights"),
    "survey.weighting.frames": ("frame_check",),
    "survey.weighting.response": ("response_rates",),
    "survey.words.frames": ("show",),
}
_MODULE_OF = {name: module for module, names in _HOME.items() for name in names}
_SUBMODULES = ("figures", "narrative", "simulate", "tables")


_MOVED = {
    "opendata_codebooks": "survey.opendata.codebooks",
    "published": "survey.study.published",
    "storage": "survey.study.storage",
}
"""Modules that pages and notebooks named before they moved."""


def __getattr__(name: str) -> Any:
    if name in _MODULE_OF:
        value = getattr(import_module(_MODULE_OF[name]), name)
    elif name in _SUBMODULES:
        value = import_module(f"survey.{name}")
    elif name in _MOVED:
        import warnings

        warnings.warn(f"survey.{name} is now {_MOVED[name]}", DeprecationWarning, stacklevel=2)
        return import_module(_MOVED[name])
    else:
        raise AttributeError(f"module 'survey' has no attribute {name!r}")
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted(__all__)

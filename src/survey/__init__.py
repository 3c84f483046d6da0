"""From a raw survey file to defensible figures, tables and sentences.

`import survey as sv` brings every name below. Each is imported when it is first used, so that the import itself
costs next to nothing; type checkers and editors see the imports of the `TYPE_CHECKING` block.
"""

import sys
from importlib import import_module
from types import ModuleType
from typing import TYPE_CHECKING, Any

__all__ = [
    "PPS",
    "SRS",
    "Cells",
    "Census",
    "CheckError",
    "CleaningError",
    "Codebook",
    "CodebookError",
    "ConvergenceError",
    "DataNotFoundError",
    "Design",
    "DesignError",
    "Estimates",
    "EstimationError",
    "Exhibit",
    "ExportError",
    "Finding",
    "Imputations",
    "Margin",
    "MissingExtraError",
    "PrivacyError",
    "ReadError",
    "Replicates",
    "Responses",
    "Sample",
    "Study",
    "StudyError",
    "SurveyError",
    "SurveyWarning",
    "Targets",
    "TargetsError",
    "Variable",
    "__version__",
    "base_weights",
    "export",
    "fetch",
    "figures",
    "frame_check",
    "narrative",
    "read",
    "read_audit",
    "read_codebook",
    "read_log",
    "replay",
    "response_rates",
    "simulate",
    "tables",
]

__version__ = "0.2.0"

if TYPE_CHECKING:
    from survey import figures, narrative, simulate, tables
    from survey.cells import Cells
    from survey.cleaning import read_log, replay
    from survey.codebook import Codebook, Variable
    from survey.design import Design, Replicates
    from survey.errors import (
        CheckError,
        CleaningError,
        CodebookError,
        ConvergenceError,
        DataNotFoundError,
        DesignError,
        EstimationError,
        ExportError,
        MissingExtraError,
        PrivacyError,
        ReadError,
        StudyError,
        SurveyError,
        SurveyWarning,
        TargetsError,
    )
    from survey.estimates import Estimates
    from survey.exhibits import Exhibit
    from survey.export import export
    from survey.imputation import Imputations
    from survey.io import read, read_audit
    from survey.io.drafting import read_codebook
    from survey.narrative import Finding
    from survey.opendata import fetch
    from survey.responses import Responses
    from survey.sample import Sample
    from survey.study import Study
    from survey.targets import Margin, Targets
    from survey.weighting.base import PPS, SRS, Census, base_weights
    from survey.weighting.frames import frame_check
    from survey.weighting.response import response_rates

_HOME = {
    "survey.cells": ("Cells",),
    "survey.cleaning": ("read_log", "replay"),
    "survey.codebook": ("Codebook", "Variable"),
    "survey.design": ("Design", "Replicates"),
    "survey.errors": (
        "CheckError", "CleaningError", "CodebookError", "ConvergenceError", "DataNotFoundError", "DesignError",
        "EstimationError", "ExportError", "MissingExtraError", "PrivacyError", "ReadError", "StudyError",
        "SurveyError", "SurveyWarning", "TargetsError",
    ),
    "survey.estimates": ("Estimates",),
    "survey.exhibits": ("Exhibit",),
    "survey.export": ("export",),
    "survey.imputation": ("Imputations",),
    "survey.io": ("read", "read_audit"),
    "survey.io.drafting": ("read_codebook",),
    "survey.narrative": ("Finding",),
    "survey.opendata": ("fetch",),
    "survey.responses": ("Responses",),
    "survey.sample": ("Sample",),
    "survey.study": ("Study",),
    "survey.targets": ("Margin", "Targets"),
    "survey.weighting.base": ("PPS", "SRS", "Census", "base_weights"),
    "survey.weighting.frames": ("frame_check",),
    "survey.weighting.response": ("response_rates",),
}  # fmt: skip
_MODULE_OF = {name: module for module, names in _HOME.items() for name in names}
_SUBMODULES = ("figures", "narrative", "simulate", "tables")


def __getattr__(name: str) -> Any:
    if name in _MODULE_OF:
        value = getattr(import_module(_MODULE_OF[name]), name)
    elif name in _SUBMODULES:
        value = import_module(f"survey.{name}")
    else:
        raise AttributeError(f"module 'survey' has no attribute {name!r}")
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})


class _Package(ModuleType):
    """The package, with `survey.export` the verb although a module of that name lives inside it.

    Importing a submodule binds its name on the package, whoever imports it and whenever; here that binding is
    answered with the function of the same name.
    """

    def __setattr__(self, name: str, value: Any) -> None:
        if isinstance(value, ModuleType) and _MODULE_OF.get(name) == f"survey.{name}":
            value = getattr(value, name)
        super().__setattr__(name, value)


sys.modules[__name__].__class__ = _Package

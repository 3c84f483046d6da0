"""What the server of JupyterLab imports: which kernel runs the notebooks, and what of them is saved."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ipykernel.kernelspec import RESOURCES, get_kernel_dict
from jupyter_client.kernelspec import NATIVE_KERNEL_NAME, KernelSpec, KernelSpecManager

from survey.study import lab_kernel
from survey.study.lab import FOLDER

__all__ = ["KernelSpecs", "without_outputs"]


class KernelSpecs(KernelSpecManager):
    """The kernels of the machine, of which "python3" is the Python that runs this, whatever else has the name.

    It loads `lab_kernel`, which folds tracebacks and completes names at once.
    """

    def find_kernel_specs(self) -> dict[str, str]:
        """Folders of the kernels by name."""
        found: dict[str, str] = super().find_kernel_specs()
        return {**found, NATIVE_KERNEL_NAME: RESOURCES}

    def get_kernel_spec(self, kernel_name: str) -> KernelSpec:
        """How a kernel is started."""
        if kernel_name.lower() != NATIVE_KERNEL_NAME:
            return super().get_kernel_spec(kernel_name)
        own = get_kernel_dict([f"--IPKernelApp.extra_extensions={lab_kernel.__name__}"])
        return KernelSpec(**{**own, "display_name": "Python 3"}, resource_dir=RESOURCES)


def without_outputs(model: dict[str, Any], path: str, contents_manager: Any, **_: Any) -> None:
    """Save a notebook of the study without its outputs, where git would take them; the page in the browser keeps them.

    Notebooks elsewhere, and those of a folder that is not under git, are saved as they are.
    """
    file = Path(contents_manager.root_dir, path.strip("/"))
    folder = os.environ.get(FOLDER, "")
    if model.get("type") != "notebook" or not folder or not _is_below(file, Path(folder)) or not _in_git(Path(folder)):
        return
    book = model["content"]
    for cell in book["cells"]:
        if cell["cell_type"] == "code":
            cell["outputs"], cell["execution_count"] = [], None
            cell["metadata"].pop("execution", None)
    before = _metadata(file)
    name = book["metadata"].get("kernelspec", {}).get("name")
    if name == before.get("kernelspec", {}).get("name"):  # what Python it was is no change of the notebook
        book["metadata"] |= {key: before[key] for key in ("kernelspec", "language_info") if key in before}


def _is_below(file: Path, folder: Path) -> bool:
    return Path(os.path.realpath(file)).is_relative_to(os.path.realpath(folder))


def _in_git(folder: Path) -> bool:
    here = Path(os.path.realpath(folder))
    return any((above / ".git").exists() for above in (here, *here.parents))


def _metadata(file: Path) -> Mapping[str, Any]:
    """The metadata of a notebook as it is stored; empty of one that is new."""
    try:
        found = json.loads(file.read_text(encoding="utf-8"))["metadata"]
        return found if isinstance(found, dict) else {}
    except (OSError, ValueError, KeyError, TypeError, RecursionError):
        return {}

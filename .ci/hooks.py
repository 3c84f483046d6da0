"""What is looked at before a commit, besides style and types: `python .ci/hooks.py outputs|paths FILE...`.

`outputs` clears the outputs of notebooks and fails if there were any; `paths` fails for a path of somebody's machine.
"""

from __future__ import annotations

import json
import re
import sys
from pathlib import Path
from typing import Any

# a folder below somebody's home, or below the top of a drive: nobody else has it; /home/me/ is an example
MACHINE = re.compile(
    r"(?<![\w.~/:-])/(?:home|Users|root|work|mnt|media)/(?!me/)\w[\w.-]*/|\b[A-Za-z]:\\{1,2}Users\\{1,2}(?!me\b)\w"
)


def cleared(notebook: dict[str, Any]) -> bool:
    """Take the outputs and the order of execution out of a notebook; whether there were any."""
    found = False
    for cell in notebook["cells"]:
        if cell["cell_type"] == "code" and (cell.get("outputs") or cell.get("execution_count") is not None):
            cell["outputs"], cell["execution_count"] = [], None
            found = True
    return found


def outputs(path: Path) -> list[str]:
    """Clear the outputs of a notebook, and say so."""
    notebook = json.loads(path.read_text(encoding="utf-8"))
    if not cleared(notebook):
        return []
    path.write_text(json.dumps(notebook, ensure_ascii=False, indent=1) + "\n", encoding="utf-8", newline="\n")
    return [f"{path}: had outputs, which are cleared now; add it again"]


def paths(path: Path) -> list[str]:
    """Lines of a text file that name a place on one machine."""
    lines = path.read_text(encoding="utf-8", errors="replace").splitlines()
    return [
        f"{path}:{i}: {m[0]!r} is a place on one machine" for i, x in enumerate(lines, 1) if (m := MACHINE.search(x))
    ]


def main(arguments: list[str]) -> int:
    """Run one of the two over the files; 1 if anything was found."""
    looks = {"outputs": outputs, "paths": paths}
    if not arguments or arguments[0] not in looks:
        sys.stderr.write(f"{__doc__}\n")
        return 2
    found = [line for name in arguments[1:] for line in looks[arguments[0]](Path(name))]
    sys.stdout.writelines(f"{line}\n" for line in found)
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

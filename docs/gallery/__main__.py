"""Write the page of the gallery and its pictures: `python -m docs.gallery`, or `python -m docs.gallery FOLDER`."""

from __future__ import annotations

import sys
from pathlib import Path

from docs.gallery.page import PICTURES, files
from survey.base.files import writing


def main(arguments: list[str]) -> int:
    """Write them all, and remove pictures of kinds that are gone."""
    folder = Path(arguments[0]) if arguments else Path(__file__).parents[1]
    made = files()
    (folder / PICTURES).mkdir(parents=True, exist_ok=True)
    for old in (folder / PICTURES).glob("*.png"):
        if f"{PICTURES}/{old.name}" not in made:
            old.unlink()
    for name, content in made.items():
        with writing(folder / name) as temporary:
            temporary.write_bytes(content)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

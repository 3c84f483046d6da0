"""The page of the gallery: a table of the kinds, and each of them made, with the code that makes it."""

from __future__ import annotations

import io
from collections.abc import Sequence

from PIL import Image

from docs.gallery.kinds import Kind, families, kinds, more, percentage
from docs.gallery.study import SETUP
from survey.exhibits import theme
from survey.exhibits.exhibit import Exhibit
from survey.exhibits.title_style import titles
from survey.tables._grid import grid_of

__all__ = ["PICTURES", "files"]

PICTURES = "images/gallery"
"""Of the folder of the page."""

_DPI = 100
_COLOURS = 64
_LANGUAGES = ("en", "vi")

_HEAD = """\
# Gallery

Every kind of exhibit that reports of this field print, with the one call that makes it. This page and its pictures are
written by `make gallery`; a test holds that they are what the command writes. All numbers are of simulated data.

**{whole:.1f}% (an estimate) of the {all} exhibits counted in seven report families are of kinds that are made whole**:
in one call on estimates, in both languages, with alternative text, notes and data. {part:.1f}% are of kinds made in
part, {none:.1f}% of kinds not made. The counts are estimates, taken from lists of figures, contents pages and press of
{families}.

The table is data: [gallery/kinds.toml](gallery/kinds.toml).

{table}

Not counted, and made too: {also}.

## What the code starts from

```python
{setup}```

`tracking` is an invented survey of four wards that was asked in five waves ([gallery/study.py](gallery/study.py)).
"""


def files() -> dict[str, bytes]:
    """The page and its pictures, by their paths in the folder `docs`; the same bytes on every run."""
    with titles("statement"):  # whatever is set
        return _files()


def _files() -> dict[str, bytes]:
    every = kinds()
    parts, pictures, sizes = [], {}, ""
    for kind in [*every, *more()]:
        if kind.code:
            text, drawn = _section(kind)
            parts.append(text)
            pictures |= drawn
            if kind.key == _SIZED:
                sizes, drawn = _sizes(kind)
                pictures |= drawn
    page = "\n".join([_head(every), *parts, *([sizes] if sizes else [])])
    return {"gallery.md": page.encode("utf-8"), **pictures}


_SIZES = """\
## Sizes

| size | for | wide |
|---|---|--:|
| `"page"` | a page of a document, the usual | 160 mm |
| `"column"` | a column of a document | 80 mm |
| `"slide"` | a slide, 16:9 | 13.33 x 7.5 in |
| `"phone"` | a screen | 390 px |

```python
exhibit = {code}
sv.export(exhibit, "satisfaction", size="phone", folder="figures")
exhibit.sized("phone")  # the same, to look at
```

Each is drawn anew, not shrunk: on a phone the labels of rows stand above them, there are fewer ticks, and letters are
as large as those of its text. Tables have no size; they take the width of their page.

{pictures}
"""
_SIZED = "likert"
"""The kind that is shown at every size."""


def _sizes(kind: Kind) -> tuple[str, dict[str, bytes]]:
    exhibit = kind.make().in_language("en")
    paths = {size: f"{PICTURES}/{kind.key}-{size}.png" for size in ("column", "phone")}
    made = {path: _picture(exhibit.sized(size)) for size, path in paths.items()}
    shown = "\n".join(f"![As for a {size}: {exhibit.alt}]({path})" for size, path in paths.items())
    return _SIZES.format(code=kind.code, pictures=shown), made


def _head(every: Sequence[Kind]) -> str:
    shares = {status: percentage(every, status) for status in ("whole", "part", "none")}
    rows = ["| kind | exhibits (est.) | families | made |", "|---|--:|--:|---|"]
    for kind in every:
        name = f"[{kind.name}](#{kind.key})" if kind.code else kind.name
        made = f"`{kind.verb}`" if kind.status == "whole" else kind.status
        rows.append(f"| {name} | {kind.count} | {kind.families} | {made}{': ' + kind.note if kind.note else ''} |")
    total = sum(kind.count for kind in every)
    also = ", ".join(f"[{kind.name[0].lower()}{kind.name[1:]}](#{kind.key})" for kind in more())
    return _HEAD.format(
        **shares, also=also, all=total, families=", ".join(families()), table="\n".join(rows), setup=SETUP
    )


def _section(kind: Kind) -> tuple[str, dict[str, bytes]]:
    """A heading, the code, and the exhibit in both languages: a picture, or the table itself."""
    exhibit, pictures, shown = kind.make(), {}, []
    for lang in _LANGUAGES:
        version = exhibit.in_language(lang)
        if version.kind == "table":
            shown.append(_table(version))
            continue
        path = f"{PICTURES}/{kind.key}.{lang}.png"
        pictures[path] = _picture(version)
        shown.append(f"![{version.alt}]({path})")
    english, vietnamese = shown
    return (
        f'<a id="{kind.key}"></a>\n\n## {kind.name}\n\n```python\n{kind.code}\n```\n\n{english}\n\n'
        f"<details><summary>Tiếng Việt</summary>\n\n{vietnamese}\n\n</details>\n",
        pictures,
    )


def _picture(exhibit: Exhibit) -> bytes:
    """A small PNG: few colours, as the letters are grey and the rest has a dozen."""
    drawn = Image.open(io.BytesIO(theme.to_bytes(exhibit.figure(), "png", dpi=_DPI))).convert("RGB")
    stream = io.BytesIO()
    drawn.quantize(_COLOURS, dither=Image.Dither.NONE).save(stream, "png", optimize=True)
    return stream.getvalue()


def _table(exhibit: Exhibit) -> str:
    grid = exhibit.once(grid_of)
    heads = [grid.stub, *(f"{c.spanner}: {c.label}" if c.spanner else c.label for c in grid.columns)]
    rows = [[" · ".join(x for x in (line.group, line.name) if x), *line.cells] for line in grid.lines]
    rule = ["---", *("--:" for _ in grid.columns)]
    body = "\n".join(f"| {' | '.join(_cell(text) for text in row)} |" for row in (heads, rule, *rows))
    below = "\n".join(f"<br><small>{text}</small>" for text in exhibit.footing)
    subtitle = f"<br>{exhibit.subtitle}" if exhibit.subtitle else ""
    return f"**{exhibit.title}**{subtitle}\n\n{body}\n\n{below}"


def _cell(text: str) -> str:
    return text.replace("|", "\\|").replace("\n", "<br>").replace("*", "\\*") or " "

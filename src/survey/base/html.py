"""The one place where HTML is made: templates of jinja2 in which every value is escaped, unless it is HTML already.

jinja2 is imported where it is used: `import survey` must stay light.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache
from html import escape, unescape
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from jinja2 import Template
    from markupsafe import Markup

__all__ = ["escape", "facts", "markup", "paragraphs", "render", "unescape", "whole_page"]


def render(template: str, **values: Any) -> str:
    """HTML from a template of jinja2.

    Parameters
    ----------
    template : str
        Lines that hold a statement alone leave no line behind.
    **values
        Text is escaped; what `markup` marks is HTML already.
    """
    return _template(template).render(values)


def markup(html: str) -> Markup:
    """HTML that is made already, to stand in a template as it is."""
    from markupsafe import Markup

    return Markup(html)


def whole_page(body: str, *, lang: str, title: str, style: str, description: str = "") -> str:
    """A page that needs nothing from elsewhere, around HTML that is made already."""
    return render(_WHOLE, lang=lang, title=title, style=markup(style), description=description, body=markup(body))


_WHOLE = """\
<!DOCTYPE html>
<html lang="{{ lang }}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
{% if description %}
<meta name="description" content="{{ description }}">
{% endif %}
<title>{{ title }}</title>
<style>
{{ style }}
</style>
</head>
<body>
{{ body }}
</body>
</html>
"""


def paragraphs(lines: Iterable[str]) -> str:
    """A paragraph a line."""
    return "".join(f"<p>{escape(line)}</p>" for line in lines)


def facts(lines: Iterable[tuple[str, str]]) -> str:
    """Rows of a table of two columns: a name and what it is."""
    return render(_FACTS, lines=list(lines))


_FACTS = (
    "{% for name, text in lines %}<tr><th scope='row' style='text-align:left'>{{ name }}</th>"
    "<td style='text-align:left'>{{ text }}</td></tr>{% endfor %}"
)


@cache
def _template(source: str) -> Template:
    from jinja2 import Environment, StrictUndefined

    # jinja2's own escaping writes quotes in another way than Python's, and files keep their bytes
    environment = Environment(
        autoescape=False,
        finalize=_escaped,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    return environment.from_string(source)


def _escaped(value: Any) -> Any:
    return value if hasattr(value, "__html__") else escape(str(value))

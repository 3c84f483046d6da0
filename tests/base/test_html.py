"""HTML is escaped in one place, and nowhere twice."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from jinja2 import UndefinedError

import survey
from survey.base.html import facts, markup, paragraphs, render

BAD = "<b>&\"'"
GOOD = "&lt;b&gt;&amp;&quot;&#x27;"


def test_text_is_escaped_as_python_escapes_it() -> None:
    assert render("<p title='{{ t }}'>{{ t }}</p>", t=BAD) == f"<p title='{GOOD}'>{GOOD}</p>"
    assert paragraphs([BAD, "x"]) == f"<p>{GOOD}</p><p>x</p>"
    assert facts([(BAD, BAD)]).count(GOOD) == 2


def test_html_is_not_escaped_twice() -> None:
    assert render("{{ inner }}{{ n }}", inner=markup(render("<i>{{ t }}</i>", t=BAD)), n=3) == f"<i>{GOOD}</i>3"


def test_a_name_that_nobody_gave_is_an_error() -> None:
    with pytest.raises(UndefinedError):
        render("{{ titel }}", title="x")


def test_no_other_module_escapes_on_its_own() -> None:
    own = re.compile(
        r"from html import|^import html|html\.escape|from markupsafe|from jinja2 import(?! DictLoader)", re.M
    )
    source = Path(survey.__file__).parent
    found = {
        p.relative_to(source).as_posix() for p in source.rglob("*.py") if own.search(p.read_text(encoding="utf-8"))
    }
    assert found == {"base/html.py"}

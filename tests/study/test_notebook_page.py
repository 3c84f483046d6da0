"""The page of a notebook: what came out before the code, one language at a time, whole without the network."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from typing import Any

import pandas as pd
import pytest

import survey as sv
from survey.study import notebook_displays as displays
from survey.study import notebook_page
from survey.study.notebook_languages import heading, in_language, languages_in, marked

BOTH = marked({"vi": "# Có không?\n\nCâu *một*.", "en": "# Is it?\n\nSentence `one`."})


def book(*cells: Any) -> Any:
    from nbformat import v4

    made = v4.new_notebook()
    made.cells = list(cells)
    return made


def prose(text: str, id: str = "prose") -> Any:
    from nbformat import v4

    return v4.new_markdown_cell(text, id=id)


def code(text: str, *outputs: Any) -> Any:
    from nbformat import v4

    return v4.new_code_cell(text, outputs=list(outputs))


def shown(**html: str) -> Any:
    from nbformat import v4

    return v4.new_output("display_data", {displays.MEDIA_TYPE: html, "text/plain": "plain"})


def article(page: str, lang: str) -> str:
    (found,) = re.findall(rf'<article id="page-{lang}".*?</article>', page, re.DOTALL)
    return str(found)


class TestLanguages:
    def test_a_cell_is_read_in_one_language(self) -> None:
        assert in_language(BOTH, "vi") == "# Có không?\n\nCâu *một*."
        assert in_language(BOTH, "en") == "# Is it?\n\nSentence `one`."
        assert in_language(f"For all.\n\n{BOTH}", "en").split("\n")[0::4] == ["For all.", "# Is it?"]
        assert in_language(BOTH, "fr") == ""
        assert marked({"vi": "Một thứ tiếng."}) == "Một thứ tiếng."

    def test_languages_are_in_the_order_of_the_notebook_unless_one_is_to_be_first(self) -> None:
        made = book(prose(BOTH))
        assert languages_in(made, "", "en") == ("vi", "en") == languages_in(made, "vi", "en")
        assert languages_in(made, "en", "vi") == ("en", "vi")
        assert languages_in(book(prose("# Một")), "", "vi") == ("vi",)
        assert heading(made, "en") == "Is it?" and heading(book(code("1")), "en") == ""


class TestPage:
    def test_each_article_has_its_language_title_prose_and_displays_and_no_others(self) -> None:
        made = book(prose(BOTH), code("x", shown(vi="<p>Bảng vi</p>", en="<p>Table en</p>")))
        page = notebook_page.page(made, "01", ("vi", "en"), simulated=True)
        assert page.startswith('<!DOCTYPE html>\n<html lang="vi">') and "<title>Có không?</title>" in page
        vi, en = article(page, "vi"), article(page, "en")
        assert "<h1>Có không?</h1>" in vi and "<em>một</em>" in vi and "Bảng vi" in vi and "DỮ LIỆU MÔ PHỎNG" in vi
        assert "<h1>Is it?</h1>" in en and "<code>one</code>" in en and "Table en" in en and "SIMULATED DATA" in en
        assert "Sentence" not in vi and "Table en" not in vi and "Câu" not in en and "plain" not in page
        assert 'class="other"' in en.partition(">")[0] and 'class="other"' not in vi.partition(">")[0]

    def test_what_came_out_stands_before_the_code_of_all_its_cells(self) -> None:
        made = book(
            prose(BOTH), code("a = 1\nb = 2"), code("a", shown(vi="<p>first</p>")), code("b", shown(vi="<p>2nd</p>"))
        )
        page = article(notebook_page.page(made, "01", ("vi",)), "vi")
        order = [page.index(x) for x in ("first", "2nd", "<details", "4 dòng", "</details>")]
        assert order == sorted(order) and page.count("<details") == 1

    def test_a_notebook_in_one_language_has_no_switch(self) -> None:
        page = notebook_page.page(book(prose("# Một?\n\nChỉ một.")), "01", ("vi",))
        assert '<nav class="languages"' not in page and "Chỉ một." in page

    def test_other_outputs_are_shown_and_escaped(self) -> None:
        from nbformat import v4

        outputs = [
            v4.new_output("stream", name="stdout", text="1 < 2"),
            v4.new_output("display_data", {"image/png": "AAAA"}, metadata={"image/png": {"alt": 'A "bar"'}}),
            v4.new_output("execute_result", {"text/plain": "<b>"}),
            v4.new_output("display_data", {"text/html": "<h1>Big</h1><table><tr><td>1</td></tr></table>"}),
            v4.new_output("error", ename="E", evalue="x", traceback=["\x1b[31mBad <i>\x1b[0m", "fix: it"]),
        ]
        page = notebook_page.page(book(code("x", *outputs)), "01", ("en",))
        assert "1 &lt; 2" in page and 'alt="A &quot;bar&quot;"' in page and "&lt;b&gt;" in page
        assert "<h3>Big</h3>" in page and re.search('<div class="scroll"[^>]*tabindex="0"[^>]*><table>', page)
        assert "Bad &lt;i&gt;\nfix: it" in page and "\x1b" not in page

    def test_warnings_are_folded_below(self) -> None:
        from nbformat import v4

        warned = v4.new_output("stream", name="stderr", text="UserWarning: few <rows>\n")
        page = article(notebook_page.page(book(code("x", warned, shown(vi="<p>seen</p>"))), "01", ("vi",)), "vi")
        order = [page.index(x) for x in ("seen", 'class="code"', 'class="warnings"', "1 cảnh báo", "few &lt;rows&gt;")]
        assert order == sorted(order) and page.count("<details") == 2

    def test_it_asks_for_nothing_from_elsewhere(self) -> None:
        asked: list[str] = []

        class Reader(HTMLParser):
            def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
                asked.extend(
                    v or "" for k, v in attrs if k in ("src", "href") and not (v or "").startswith(("#", "data:"))
                )

        page = notebook_page.page(book(prose(BOTH), code("x = 'a'")), "01", ("vi", "en"))
        Reader().feed(page)
        assert asked == [] and "@import" not in page and "url(" not in page and page.count("<script") == 1

    def test_the_same_notebook_gives_the_same_page(self) -> None:
        made = book(prose(BOTH), code("x", shown(vi="<p>1</p>", en="<p>2</p>")))
        assert notebook_page.page(made, "01", ("vi", "en")) == notebook_page.page(made, "01", ("vi", "en"))


@pytest.fixture(scope="module")
def estimates() -> Any:
    text = {"vi": "Hài lòng", "en": "Satisfaction"}
    labels = {i: {lang: f"{lang}{i}" for lang in text} for i in range(1, 6)}
    book = sv.Codebook({"q": sv.Variable("q", type="ordinal", text=text, labels=labels)})
    frame = pd.DataFrame({"q": [1, 2, 3, 4, 5] * 80, "g": ["a", "b"] * 200})
    return sv.Sample(sv.Responses(frame, book), weights=None).proportion("q", top=2, by="g")


class TestDisplays:
    def test_a_result_a_figure_and_a_sentence_are_in_each_language(self, estimates: Any) -> None:
        finding = sv.Finding("one", "Câu <một>.", "Sentence <one>.")
        found = displays.in_each(finding, ["vi", "en"])
        assert found == {
            "vi": '<p class="finding" data-id="one">Câu &lt;một&gt;.</p>',
            "en": '<p class="finding" data-id="one">Sentence &lt;one&gt;.</p>',
        }
        with sv.language("vi"):
            for thing in (estimates, sv.tables.table(estimates), sv.show(pd.DataFrame({"estimate": [0.5]}))):
                html = displays.in_each(thing, ["vi", "en"])
                assert html is not None and set(html) == {"vi", "en"}
                assert "lang='vi'" in html["vi"] or 'lang="vi"' in html["vi"]
                assert "lang='en'" in html["en"] or 'lang="en"' in html["en"]

    def test_a_figure_has_its_words_and_no_name_that_another_has(self, estimates: Any) -> None:
        figure = sv.figures.intervals(estimates)
        pages = [displays.in_each(figure, ["vi", "en"]) for _ in range(2)]
        both = [html for page in pages if page is not None for html in page.values()]
        names = [name for html in both for name in set(re.findall(r' id="([^"]+)"', html))]
        assert len(both) == 4 and len(names) == len(set(names)) > 8
        for lang, html in (pages[0] or {}).items():
            one = figure.in_language(lang)
            assert one.title.split(":")[0] in html and html.count("<svg") == 2  # for a desk and for a phone
            assert 'class="wide"' in html and 'class="narrow"' in html

    def test_a_choice_of_language_shows_nothing_and_others_are_shown_as_they_are(self) -> None:
        assert displays.in_each(sv.language(None), ["vi"]) == {"vi": ""}
        assert displays.in_each(pd.DataFrame({"a": [1]}), ["vi"]) is None
        assert displays.in_each(3, ["vi"]) is None

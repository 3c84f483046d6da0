"""The language of displays: an argument wins over a block, a block over the session, these over study and texts."""

from __future__ import annotations

import asyncio
import re
import threading
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import survey as sv
from survey.codebook._table import language_of
from words_of_languages import strangers

BOTH = {"vi": "Hài lòng", "en": "Satisfaction"}


@pytest.fixture(autouse=True)
def unset() -> Iterator[None]:
    yield
    sv.language(None)


def sample(text: dict[str, str]) -> sv.Sample:
    labels = {i: {lang: f"{lang}{i}" for lang in text} for i in range(1, 6)}
    book = sv.Codebook({"q": sv.Variable("q", type="ordinal", text=text, labels=labels)})
    frame = pd.DataFrame({"q": [1, 2, 3, 4, 5] * 8, "g": ["a", "b"] * 20})
    return sv.Sample(sv.Responses(frame, book), weights=None)


def test_nothing_set_displays_follow_the_texts() -> None:
    assert "72,5" not in sample({"en": "Satisfaction"}).mean("q").to_text()
    for text, lang in (({"en": "Satisfaction"}, "en"), ({"vi": "Hài lòng"}, "vi"), (BOTH, "vi")):
        e = sample(text).proportion("q", top=2)
        assert language_of(e.codebook) == lang
        assert sv.tables.table(e).lang == sv.figures.intervals(e).lang == lang
    labelled = sv.Codebook({"q": sv.Variable("q", labels={1: {"vi": "Kém"}})})
    assert language_of(labelled) == "vi"
    assert language_of(sv.Codebook()) == "en" and language_of(sv.Codebook(), "vi") == "vi"


def test_the_session_is_honoured_by_text_tables_figures_and_sentences() -> None:
    e = sample(BOTH).mean("q", by="g")
    assert "3,00" in e.to_text() and "3,00" in e._repr_html_()
    finding = sv.narrative.describe(e, row=0)
    assert len(str(finding).splitlines()) == 2
    sv.language("en")
    assert "3.00" in e.to_text() and "3.00" in e._repr_html_() and "Satisfaction" in e.to_text()
    assert sv.tables.table(e).lang == "en"
    assert sv.figures.likert(sample(BOTH).distribution("q")).lang == "en"
    assert str(finding) == finding.en and finding._repr_markdown_().count("\n\n") == 0
    assert "Satisfaction" in sample(BOTH).codebook._repr_html_()
    assert sv.tables.table(e, lang="vi").lang == "vi" and "3,00" in e.to_text("vi")
    sv.language(None)
    assert "3,00" in e.to_text()


def test_a_block_gives_back_what_was_set_before_also_after_an_error() -> None:
    e = sample(BOTH).mean("q")
    with sv.language("en"):
        assert "3.00" in e.to_text()
        with sv.language("vi"):
            assert "3,00" in e.to_text()
        assert "3.00" in e.to_text()
    assert "3,00" in e.to_text()
    sv.language("en")
    with pytest.raises(ZeroDivisionError), sv.language("vi"):
        assert "3,00" in e.to_text()
        raise ZeroDivisionError
    assert "3.00" in e.to_text()


def test_a_block_is_its_own_thread_or_task_only() -> None:
    e = sample(BOTH).mean("q")
    found = []
    with sv.language("en"):
        thread = threading.Thread(target=lambda: found.append(e.to_text()))
        thread.start()
        thread.join()
    assert "3,00" in found[0]

    async def one(lang: str) -> str:
        with sv.language(lang):
            await asyncio.sleep(0.001)
            return e.to_text()

    async def both() -> list[str]:
        return list(await asyncio.gather(one("en"), one("vi")))

    english, vietnamese = asyncio.run(both())
    assert "3.00" in english and "3,00" in vietnamese


@pytest.mark.parametrize("lang", ["fr", "EN", "", 3])
def test_an_unknown_language_is_an_error_and_changes_nothing(lang: object) -> None:
    with pytest.raises(sv.ExportError, match="unknown language"):
        sv.language(lang)  # type: ignore[arg-type]
    assert "3,00" in sample(BOTH).mean("q").to_text()


def test_a_study_says_its_language(tmp_path: Path) -> None:
    pd.DataFrame({"q": [1, 2, 3, 4, 5] * 8}).to_csv(tmp_path / "answers.csv", index=False)
    (tmp_path / "codebook.toml").write_text(
        '[variables.q]\ntype = "ordinal"\ntext = {vi = "Hài lòng", en = "Satisfaction"}\n'
        '[variables.q.labels]\n1 = "1"\n2 = "2"\n3 = "3"\n4 = "4"\n5 = "5"\n'
    )
    for said, comma in (('language = "en"\n', "3.00"), ("", "3,00")):
        (tmp_path / "study.toml").write_text(
            f'[study]\nid = "s"\ncodebook = "codebook.toml"\nprocessed = "out"\n{said}'
            '[surveys.one]\nfiles = ["answers.csv"]\n'
        )
        study = sv.Study.open(tmp_path)
        responses = study.read()
        assert comma in sv.Sample(responses, weights=None).mean("q").to_text()
        study.save("clean", responses)
        study.save("weighted", sv.Sample(responses, weights=None))
        loaded = study.load("weighted")
        assert isinstance(loaded, sv.Sample) and comma in loaded.mean("q").to_text()
        clean = study.load("clean")
        assert isinstance(clean, sv.Responses)
        assert comma in sv.Sample(clean.derive("z", "q + 1"), weights=None).mean("q").to_text()
        with sv.language("vi"):
            assert "3,00" in loaded.mean("q").to_text()


def test_logs_and_plain_tables_are_shown_in_the_language() -> None:
    changed = sv.Responses(pd.DataFrame({"q": [1, 2]})).recode("q", {1: 2})
    assert "rows before" in changed._repr_html_()  # nothing set, and no texts: English
    sv.language("vi")
    assert "số dòng trước" in changed._repr_html_() and "2 dòng, 1 cột" in changed.to_text()
    frame = pd.DataFrame({"wave": [2024, 2025], "n": [1234, 20], "estimate": [0.5, np.nan], "x": [1.23456, 2.0]})
    shown = sv.show(frame)
    assert "1.234" in repr(shown) and "0,5" in repr(shown) and "1,2346" in repr(shown) and "2024" in repr(shown)
    assert "1,234" in repr(sv.show(frame, lang="en")) and "0.5" in sv.show(frame, lang="en")._repr_html_()
    pd.testing.assert_frame_equal(shown.frame, frame)
    with pytest.raises(sv.ExportError):
        sv.show([1, 2])  # type: ignore[arg-type]


def test_numbers_of_people_and_degrees_of_freedom_are_whole_and_ends_have_headings() -> None:
    frame = pd.DataFrame({"estimate": [1.0, 2.5], "conf_low": [0.5, 2.0], "df": [1355.0, np.inf], "n": [2024.0, 7.0]})
    page = sv.show(frame, lang="vi", digits=2)._repr_html_()
    assert "1.355<" in page and "1.355,00" not in page and "∞" in page and "2.024<" in page and "1,00" in page
    assert "conf_low" not in page and "KTC, cận dưới" in page and "bậc tự do" in page
    assert "CI, lower" in sv.show(frame, lang="en")._repr_html_()
    assert "57,4" in sv.show(pd.DataFrame({"df": [57.41, 60.0]}), lang="vi", digits=2)._repr_html_()  # Barnard & Rubin


def test_a_plain_table_is_whole_and_its_text_stands_at_the_left() -> None:
    long = "a reason that is told at length " * 4 + "<td>"
    page = sv.show(pd.DataFrame({"n": [1, 2], "x": [long, None]}), lang="vi")._repr_html_()
    assert long.replace("<td>", "&lt;td&gt;") in page
    assert page.count("<td>") == 2 and page.count("<td style='text-align:left'>") == 2
    assert "<td>1</td>" in page and "<th>0</th>" not in page  # rows that have no names are not numbered
    log = pd.DataFrame({"rows_after": [3]}, index=pd.Index([1], name="step"))
    page = sv.show(log, lang="vi")._repr_html_()
    assert re.search(r'<th scope="col"[^>]*>bước</th>', page) and re.search(r'<th scope="row"[^>]*>1</th>', page)
    assert page.count("<tr") == 2 and "<th></th>" not in page  # one row of headings, none of them empty


def test_a_plain_table_is_named_by_the_codebook_and_by_labels_when_it_is_shown() -> None:
    wave = sv.Variable(
        "wave",
        short={"vi": "Đợt", "en": "Wave"},
        labels={1: {"vi": "Đầu", "en": "First"}, 2: {"vi": "2nd", "en": "2nd"}},
    )
    book = sv.Codebook({"wave": wave, "q": sv.Variable("q", short={"vi": "Hài lòng", "en": "Content"})})
    counted = pd.DataFrame({"why": ["a", "b", "b"], "wave": [1, 1, 2]}).value_counts(sort=False).unstack(fill_value=0)
    labels = {"why": {"vi": "Lý do", "en": "Reason"}, "a": {"vi": "nhanh", "en": "rushed"}}
    shown = sv.show(counted, codebook=book, labels=labels)
    with sv.language("en"):
        assert str(shown).split() == ["First", "2nd", "Reason", "rushed", "1", "0", "b", "1", "1"]
    with sv.language("vi"):
        assert str(shown).split() == ["Đầu", "2nd", "Lý", "do", "nhanh", "1", "0", "b", "1", "1"]
    items = sv.show(pd.DataFrame({"item": ["q", "z"], "wave": [2, 1], "n": [3, 4]}), codebook=book, lang="en")
    assert str(items).split() == ["Item", "Wave", "n", "0", "Content", "2nd", "3", "1", "z", "First", "4"]
    assert list(items.frame["item"]) == ["q", "z"]  # the table itself is as it was


def test_a_notebook_says_its_language_and_hides_the_other_prose() -> None:
    page = sv.language("en")._repr_html_()
    assert "English" in page and "lang='en'" in page
    (rule,) = re.findall("<style>(.*)</style>", page)
    assert "[lang=vi]" in rule and "[lang=en]" not in rule.partition(" :is(")[2] and "display: none" in rule
    assert sv.language(None)._repr_html_() == ""


def test_checks_plans_and_logs_follow_the_data_and_what_is_set() -> None:
    """As tables of results do: nothing set, the language of the texts; in a block, that of the block."""
    variable = sv.Variable("q", type="ordinal", text={"vi": "Hài lòng?"}, labels={1: {"vi": "Có"}, 2: {"vi": "Không"}})
    data = sv.Responses(pd.DataFrame({"q": [1, 2, 9]}), sv.Codebook({"q": variable}))
    changed = data.recode("q", {9: 2})
    shown = (data.check().summary, data.check().to_text, data.declare_missing().to_text, changed.to_text)
    for display in shown:
        told = display()
        with sv.language("en"):
            english = display()
        assert told == display("vi") and english == display("en") and told != english
        assert strangers(told, "vi") == set() == strangers(english, "en")

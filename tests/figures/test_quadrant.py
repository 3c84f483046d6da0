"""The quadrant of importance and performance: numbers, marks, words, small numbers, and that nothing is covered."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
import pytest

import survey as sv
from survey.errors import EstimationError, ExportError

pytestmark = pytest.mark.sampled

NAMES = {
    "a": ("Nói năng nhẹ nhàng", "Gentle words"),
    "b": ("Nghe hết rồi trả lời", "Hearing people out"),
    "c": ("Phí báo trước", "Fees told beforehand"),
    "d": ("Thời gian giải quyết", "Time taken"),
}
LABELS = {str(c): {"vi": str(c), "en": str(c)} for c in range(1, 6)}
BOOK = sv.Codebook.from_dict(
    {
        "variables": {
            **{k: {"type": "ordinal", "text": {"vi": vi, "en": en}, "labels": LABELS} for k, (vi, en) in NAMES.items()},
            "y": {"type": "ordinal", "text": {"vi": "Hài lòng chung", "en": "Overall satisfaction"}, "labels": LABELS},
        }
    }
)


def drivers(n: int = 2000) -> Any:
    """Simulated: a and b matter, b and d do well."""
    rng = np.random.default_rng(3)
    x = np.clip(np.rint(rng.normal([2.4, 4, 2.4, 4], 1, size=(n, 4))), 1, 5)
    y = np.clip(np.rint(1 + x @ [0.4, 0.4, 0.02, 0.02] + rng.normal(0, 0.7, n)), 1, 5)
    data = pd.DataFrame(x, columns=list("abcd")).assign(y=y, psu=np.arange(n) // 20)
    sample = sv.Sample(sv.Responses(data, BOOK), weights=None, psu="psu" if n > 100 else None)
    return sample.drivers("y", list("abcd"), replicates=100)


@pytest.fixture(scope="module")
def made() -> Any:
    return drivers()


def test_points_are_shares_and_performance(made: Any) -> None:
    exhibit = sv.figures.quadrant(made, lang="en")
    front = exhibit.figure().axes[1]
    marks = [line for line in front.lines if line.get_marker() not in ("None", None, "")]
    along = np.sort(np.concatenate([np.atleast_1d(line.get_xdata()) for line in marks]).astype(float))
    np.testing.assert_allclose(along, np.sort(made.table["performance"]))
    assert len({line.get_marker() for line in marks}) == 4
    frame = exhibit.frame()
    np.testing.assert_allclose(frame["share"], made.table["share"])
    assert {"performance_low", "performance_high", "quadrant"} <= set(frame.columns)


def test_dashed_lines_are_the_averages(made: Any) -> None:
    front = sv.figures.quadrant(made, lang="en").figure().axes[1]
    dashed = [line for line in front.lines if line.get_linestyle() != "-" and line.get_marker() in ("None", None, "")]
    upright = [line for line in dashed if np.ptp(np.asarray(line.get_xdata(), float)) < 1e-9]
    assert len(dashed) == 2
    assert float(np.asarray(upright[0].get_xdata())[0]) == pytest.approx(made.table["performance"].mean())


@pytest.mark.parametrize(
    ("lang", "said"),
    [
        ("vi", ("Nói năng nhẹ nhàng", "mối liên hệ", "Quan trọng, thực hiện chưa tốt")),
        ("en", ("Gentle words", "associations", "Important, does less well")),
    ],
)
def test_words_say_which_and_that_it_is_association(made: Any, lang: str, said: tuple[str, str, str]) -> None:
    exhibit = sv.figures.quadrant(made, lang=lang)
    assert said[0] in exhibit.alt and said[1] in exhibit.alt
    assert any(said[1] in note.lower() for note in exhibit.notes)
    texts = [t.get_text() for t in exhibit.figure().texts]
    assert any(said[2] in text for text in texts)
    assert made.table["quadrant"].tolist() == ["improve", "keep", "later", "maintain"]


def test_the_sentence_names_each_quadrant_and_no_cause(made: Any) -> None:
    told = sv.narrative.quadrants(made, "q")
    assert "“Overall satisfaction” than the average item and does less well: Gentle words." in told.en
    assert (
        "“Hài lòng chung” mạnh hơn mức trung bình của các mục nhưng thực hiện chưa tốt bằng: Nói năng nhẹ nhàng"
        in told.vi
    )
    assert "do not show what would follow" in told.en and told.en.endswith(".") and ".." not in told.en
    assert told.numbers["a.share"] == pytest.approx(made.table["share"][0])


def test_a_driver_that_is_asked_the_other_way_round_may_have_another_name(made: Any) -> None:
    named = {"a": {"vi": "Không gắt gỏng", "en": "No harsh words"}}
    told = sv.narrative.quadrants(made, labels=named)
    assert "does less well: No harsh words." in told.en and "chưa tốt bằng: Không gắt gỏng." in told.vi
    assert "No harsh words" in sv.figures.quadrant(made, labels=named, lang="en").alt


def test_items_that_are_not_told_apart_stand_in_no_quadrant() -> None:
    few = drivers(60)
    assert "" in few.table["quadrant"].tolist()
    assert "do not place" in sv.narrative.quadrants(few).en


def test_few_respondents_are_not_shown() -> None:
    few = drivers(25)
    exhibit = sv.figures.quadrant(few, lang="en")
    assert exhibit.frame()["share"].isna().all()
    assert not any(name in t.get_text() for t in exhibit.figure().texts for name in ("Gentle", "Fees"))
    assert set(exhibit.frame()["quadrant"].fillna("")) == {""}
    with pytest.raises(EstimationError, match="Too few respondents"):
        sv.narrative.quadrants(few)


@pytest.mark.parametrize("lang", ["vi", "en"])
@pytest.mark.parametrize("width", ["full", "half", "slide"])
def test_nothing_is_cut_or_covered(made: Any, crowding: Callable[[Any], list[str]], lang: str, width: str) -> None:
    assert crowding(sv.figures.quadrant(made, lang=lang, width=width).figure()) == []


def test_other_results_are_refused(made: Any) -> None:
    with pytest.raises(ExportError, match="drivers"):
        sv.figures.quadrant(made.performance)
    with pytest.raises(EstimationError, match="Only drivers"):
        sv.narrative.quadrants(made.performance)


@pytest.mark.parametrize("lang", ["vi", "en"])
def test_the_table_has_effects_importance_and_performance(made: Any, lang: str) -> None:
    html = sv.tables.table(made, lang=lang).html()
    heads = {
        "vi": ("Tỷ phần trong phương sai được giải thích", "Mức thực hiện"),
        "en": ("Share of explained variance", "Performance"),
    }
    assert all(head in html for head in heads[lang])

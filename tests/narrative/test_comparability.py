"""Whether groups may be compared, read back: answers with planted differences, and what the sentence says of them."""

from __future__ import annotations

import re
from typing import Any

import numpy as np
import pandas as pd
import pytest

import survey as sv
from survey import Codebook, Variable
from survey.errors import EstimationError
from tests.sentence_reader import number

pytestmark = pytest.mark.sampled

NAMES = {f"q{i}": {"vi": f"Mục thứ {i}", "en": f"Item no. {i}"} for i in range(1, 7)}
STEPS = {i: {"vi": f"Mức {i}", "en": f"Step {i}"} for i in range(1, 6)}
ITEMS = list(NAMES)
BOOK = Codebook(
    {
        **{
            name: Variable(name, "ordinal", short=short, labels=STEPS, direction=1, dimension="care", scored=True)
            for name, short in NAMES.items()
        },
        "kind": Variable("kind", "nominal", short={"vi": "Loại người trả lời", "en": "Kind of respondent"}),
    },
    {"care": {"vi": "Thân thiện", "en": "Friendliness"}},
)
BEGINS = {
    "en": {"alike": "By kind of respondent, ", "flagged": "Not to be compared", "untested": "Not tested"},
    "vi": {"alike": "Có thể so sánh ", "flagged": "Không nên so sánh vì", "untested": "Chưa kiểm tra"},
}


def planted(seed: int, lower: tuple[str, ...], n: int = 800) -> sv.Sample:
    """Six items of one factor; the second kind answers those in `lower` a step lower at the same level."""
    rng = np.random.default_rng(seed)
    kind, level = np.arange(n) % 2, rng.normal(size=n)
    answers = {i: 1 + np.digitize(level + rng.normal(size=n), [-1.5, -0.5, 0.5, 1.5]) for i in ITEMS}
    data = pd.DataFrame({"kind": kind, **answers})
    for item in lower:
        data[item] = np.clip(data[item] - kind, 1, 5)
    data.loc[rng.random(n) < 0.1, "q6"] = np.nan
    return sv.Sample(sv.Responses(data, BOOK).score("care", min_answered=1 / 6), weights=None)


def read(text: str, lang: str) -> dict[str, Any]:
    """The items of each sentence by what it says of them, and the numbers in the brackets of the first."""
    found: dict[str, Any] = {"alike": [], "flagged": [], "untested": []}
    names = {short[lang]: name for name, short in NAMES.items()}
    for said in re.split(r"(?<=[.”)])\. (?=[A-ZKC])|(?<=[.”)])\.$", text):
        for part, start in BEGINS[lang].items():
            if said.startswith(start):
                found[part] = [names[q] for q in re.findall("“([^”]+)”", said) if q in names]
                if part == "alike":
                    told = re.search(r"\((?:change of R² at most|R² tăng nhiều nhất) ([\d.,]+); n = ([\d.,]+)\)", said)
                    assert told is not None, said
                    found["change"], found["n"] = number(told[1], lang), number(told[2], lang)[0]
    return found


@pytest.mark.parametrize("lang", ["vi", "en"])
@pytest.mark.parametrize(
    ("lower", "tested"), [((), ITEMS), (("q2",), ITEMS), (("q5",), ITEMS[2:]), (("q1", "q4"), ITEMS)]
)
def test_the_sentence_names_what_was_planted(lang: str, lower: tuple[str, ...], tested: list[str]) -> None:
    for seed in range(3):
        sample = planted(seed, lower)
        d = sample.dif(tested, by="kind")
        told = read(sv.narrative.comparability(d).text(lang), lang)
        assert told["flagged"] == list(lower)
        assert told["alike"] == [i for i in tested if i not in lower]
        assert told["untested"] == [i for i in ITEMS if i not in tested]
        assert told["n"] == len(sample.data[tested].dropna())
        value, digits = told["change"]
        assert abs(value - d.table["estimate"].max()) <= 0.5001 * 10.0**-digits and value > 0


def test_of_items_that_all_differ_none_may_be_compared() -> None:
    """Whoever is matched by a score of such items is not: the sentence follows what was flagged, whatever that is."""
    d = planted(1, ("q2",)).dif(ITEMS[:3], by="kind")
    one = d.with_table(d.table[d.table["item"] == "q2"].reset_index(drop=True))
    told = sv.narrative.comparability(one)
    assert told.en.startswith("By kind of respondent, “Friendliness” may not be compared on any of the items tested (")
    assert told.numbers["flagged"] == told.numbers["tested"] == 1 and told.numbers["alike"] == 0


def test_a_score_of_which_only_some_items_were_tested_says_so() -> None:
    sample = planted(2, ())
    scores = sample.compare("care", by="kind")
    assert sample.dif(ITEMS, by="kind").warn(scores) is scores
    partly = sample.dif(ITEMS[:4], by="kind").warn(scores)
    (note,) = [n for n in partly.notes if n not in scores.notes]
    assert note.startswith("only some items of Friendliness were tested between these groups; not tested: q5, q6")
    items = sample.compare(ITEMS[:2], by="kind")
    assert sample.dif(ITEMS[:4], by="kind").warn(items) is items


def test_few_answers_and_other_results_are_refused() -> None:
    few = planted(3, (), n=28).dif(ITEMS[:3], by="kind")
    with pytest.raises(EstimationError, match="Too few respondents"):
        sv.narrative.comparability(few)
    with pytest.raises(EstimationError, match="Only tests of items"):
        sv.narrative.comparability(planted(1, ()).mean("q1"))

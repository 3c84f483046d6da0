"""Sentences, figures and tables of breakdowns: labels in their language, a heading each, tests beside them."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import survey as sv
from survey.errors import EstimationError


def text(vi: str, en: str) -> dict[str, str]:
    return {"vi": vi, "en": en}


BOOK = sv.Codebook(
    {
        "score": sv.Variable("score", "number", short=text("Thân thiện", "Friendliness")),
        "other": sv.Variable("other", "number", short=text("Minh bạch", "Transparency")),
        "sex": sv.Variable(
            "sex", "nominal", short=text("Giới tính", "Sex"), labels={1: text("Nam", "Men"), 2: text("Nữ", "Women")}
        ),
        "age": sv.Variable(
            "age", "ordinal", short=text("Tuổi", "Age"), labels={1: text("Trẻ", "Young"), 2: text("Già", "Old")}
        ),
        "wave": sv.Variable(
            "wave", "ordinal", short=text("Đợt", "Wave"), labels={1: text("Đợt 1", "First"), 2: text("Đợt 2", "Second")}
        ),
    }
)


@pytest.fixture(scope="module")
def sample() -> sv.Sample:
    i = np.arange(600)
    d = pd.DataFrame(
        {"sex": 1 + i % 2, "age": 1 + i // 7 % 2, "wave": 1 + i // 150 % 2, "psu": i // 10, "w": 1 + i % 3}
    )
    d = d.assign(score=i * 37 % 101 + 20.0 * (d["sex"] == 2), other=i * 53 % 97 + 0.0)
    return sv.Sample(sv.Responses(d, BOOK), weights="w", psu="psu")


def test_the_sentence_has_the_ends_and_the_test(sample: sv.Sample) -> None:
    e = sample.mean("score", over=["everyone", "sex", "age"])
    found = sv.narrative.breakdown(e, {"breakdown": "sex"}, "by_sex")
    assert "“Friendliness” differs by sex: lowest for men, 50.01; highest for women, 69.97" in found.en
    assert "khác nhau theo giới tính: thấp nhất ở nam" in found.vi
    assert "Wald test: F(1, 58) = " in found.en and "adjusted p <\N{NO-BREAK SPACE}0.001" in found.en
    lowest = e.table.query("breakdown == 'sex' and category == 1")["estimate"].item()
    assert found.numbers["lowest"] == pytest.approx(lowest, rel=1e-9)
    assert found.numbers["p_adjusted"] == e.tests.table["p_adjusted"][0]


def test_no_difference_is_never_said(sample: sv.Sample) -> None:
    e = sample.mean("other", over=["sex", "age"])
    assert (e.tests.table["p_adjusted"] > 0.05).all()
    for name in ("sex", "age"):
        found = sv.narrative.breakdown(e, {"breakdown": name})
        assert found.en.startswith("The data do not show that ") and found.vi.startswith("Chưa đủ bằng chứng")


def test_within_a_wave_and_for_crossed_groups(sample: sv.Sample) -> None:
    e = sample.mean("score", by="wave", over=[["sex", "age"]])
    found = sv.narrative.breakdown(e, {"wave": 2})
    assert found.en.startswith("Second: ") and "by sex × age" in found.en and "men, " in found.en
    assert found.vi.startswith("Đợt 2: ")


def test_what_has_no_breakdown_is_refused(sample: sv.Sample) -> None:
    for e in (sample.mean("score", by="sex"), sample.distribution("sex", over="age")):
        with pytest.raises(EstimationError, match="no breakdowns"):
            sv.narrative.breakdown(e)
    with pytest.raises(EstimationError, match="exactly one row"):
        sv.narrative.breakdown(sample.mean("score", over=["sex", "age"]))


def test_small_groups_have_no_part_in_it(sample: sv.Sample) -> None:
    d = sample.data.assign(age=np.where(np.arange(600) < 12, 3, sample.data["age"]), score=sample.data["score"])
    d.loc[np.arange(600) >= 560, "age"] = 4  # the smallest of the others: it would tell the score of those twelve
    d.loc[d["age"] >= 3, "score"] = -500.0
    s = sv.Sample(sv.Responses(d, BOOK), weights="w", psu="psu")
    found = sv.narrative.breakdown(s.mean("score", over=["age"]))
    without = sv.Sample(sv.Responses(d[d["age"] < 3], BOOK), weights="w", psu="psu").mean("score", over=["age"])
    assert found.numbers["lowest"] == pytest.approx(without.table["estimate"].min(), rel=1e-9)
    assert "-500" not in found.en and "−500" not in found.en


def test_figures_have_a_heading_a_breakdown_and_everyone_has_none(sample: sv.Sample) -> None:
    from survey.figures._dots import dots_of

    e = sample.mean("score", over=["everyone", "sex", ["sex", "age"]])
    keys = {lang: sv.figures.intervals(e, lang=lang).once(dots_of).keys for lang in ("vi", "en")}
    assert keys["en"] == [
        ("", "Everyone"),
        ("Sex", "Men"),
        ("Sex", "Women"),
        ("Sex × Age", "Men, Young"),
        ("Sex × Age", "Men, Old"),
        ("Sex × Age", "Women, Young"),
        ("Sex × Age", "Women, Old"),
    ]
    assert keys["vi"][0] == ("", "Mọi người") and keys["vi"][-1] == ("Giới tính × Tuổi", "Nữ, Già")
    figure = sv.figures.intervals(e, lang="en")
    assert figure.title == "Friendliness, by sex and sex × age"
    assert any(
        note.startswith("Do the groups differ?") and "Sex: < 0.001" in note.replace("\N{NO-BREAK SPACE}", " ")
        for note in figure.notes
    )


def test_several_items_stand_side_by_side(sample: sv.Sample) -> None:
    from survey.figures._dots import dots_of
    from survey.tables._grid import grid_of

    e = sample.mean(["score", "other"], over=["sex", "age"])
    dots = sv.figures.intervals(e, lang="en").once(dots_of)
    assert dots.series == ["Friendliness", "Transparency"] and len(dots.keys) == 4
    grid = sv.tables.table(e, lang="en").once(grid_of)
    assert [c.spanner for c in grid.columns] == ["Friendliness"] * 2 + ["Transparency"] * 2
    assert [(line.group, line.name) for line in grid.lines][:2] == [("Sex", "Men"), ("Sex", "Women")]
    waves = sv.tables.table(sample.mean("score", by="wave", over=["sex"]), lang="vi").once(grid_of)
    assert [c.spanner for c in waves.columns] == ["Đợt 1"] * 2 + ["Đợt 2"] * 2


def test_tables_have_the_test_in_the_heading_of_its_groups(sample: sv.Sample, tmp_path: Path) -> None:
    from survey.tables._grid import grid_of

    e = sample.mean("score", over=["everyone", "sex", "age"])
    table = sv.tables.table(e, lang="en")
    groups = [line.group.replace("\N{NO-BREAK SPACE}", " ") for line in table.once(grid_of).lines]
    age = e.tests.table["p_adjusted"][1]
    assert groups == [
        "",
        "Sex (adjusted p < 0.001)",
        "Sex (adjusted p < 0.001)",
        *[f"Age (adjusted p = {age:.3f})"] * 2,
    ]
    made = sv.export(table, "t", folder=tmp_path, formats=("html", "docx", "xlsx", "csv"))
    frame = pd.read_csv(made["csv"])
    assert frame["breakdown"].tolist() == ["everyone", "sex", "sex", "age", "age"]
    assert frame["category_label"].tolist() == ["Everyone", "Men", "Women", "Young", "Old"]
    assert sv.tables.table(e.tests, lang="vi").title.startswith("Các nhóm có khác nhau không?")


def test_likert_bars_and_shares_go_over_breakdowns(sample: sv.Sample) -> None:
    from survey.figures._bars import bars_of

    e = sample.distribution("age", over=["everyone", "sex"])
    rows = sv.figures.likert(e, lang="en").once(bars_of).rows
    assert [row.key for row in rows] == [("", "Everyone"), ("Sex", "Men"), ("Sex", "Women")]
    shares = sv.figures.bars(sample.proportion("age", top=1, over=["sex", "wave"]), lang="en")
    assert "Sex, Women" in shares.alt and "Wave, Second" in shares.alt


def test_sentences_name_the_category_and_not_the_breakdown(sample: sv.Sample) -> None:
    e = sample.mean("score", over=["everyone", "sex", "age"])
    assert sv.narrative.describe(e, {"breakdown": "sex", "category": 2}).vi.startswith("Nữ: ")
    assert sv.narrative.describe(e, {"breakdown": "everyone"}).en.startswith("Everyone: ")
    across = sv.narrative.compare(e.contrast({"x": "`Age:Old` - `Sex:Men`"}), 0)
    assert "for old" in across.en.lower() and "for men" in across.en.lower()
    pairs = e.pairwise()
    assert sv.figures.intervals(pairs, lang="en").frame()["breakdown_label"].tolist() == ["Sex", "Age"]
    ranked = sv.narrative.ranking(e, where={"breakdown": "sex"})
    assert ranked.en.startswith("Sex: of 2 ") and ranked.vi.startswith("Giới tính: trong 2 ")

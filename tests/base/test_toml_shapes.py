"""Values of another kind than their key needs, in a codebook, a study or a file of rules: one error names the key."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

import survey as sv
from survey import CleaningError, CodebookError, Responses, StudyError
from survey.core.columns import Asked

BOOK = """
[study]
title = {en = "T"}
[missing]
"-98" = {kind = "dont_know", en = "DK"}
[scales.five]
labels = {1 = {en = "one"}, 5 = {en = "five"}}
[variables.q1]
scale = "five"
limits = [1, inf]
scored = true
[variables.q2]
type = "nominal"
labels = [{code = 0, en = "no"}, {code = 1, en = "yes"}]
missing = {"-98" = "dont_know"}
[sets.s]
variables = ["q2"]
counted = 1
"""


def test_the_book_that_is_changed_below_is_one(tmp_path: Path) -> None:
    (tmp_path / "book.toml").write_text(BOOK, encoding="utf-8")
    assert sv.Codebook.from_toml(tmp_path / "book.toml")["q1"].limits == (1, float("inf"))


@pytest.mark.parametrize(
    ("old", "new", "key"),
    [
        ("limits = [1, inf]", "limits = []", "limits"),
        ("limits = [1, inf]", "limits = [{}, 1]", "limits"),
        ("limits = [1, inf]", 'limits = ["d", 1]', "limits"),
        ("limits = [1, inf]", f"limits = [1, 1{'0' * 400}]", "limits"),
        ("limits = [1, inf]", "limits = 5", "limits"),
        ("limits = [1, inf]", "direction = [1]", "direction"),
        ("limits = [1, inf]", "base = 1", "base"),
        ("limits = [1, inf]", "role = []", "role"),
        ("limits = [1, inf]", "note = {}", "note"),
        ('scale = "five"', "scale = []", "scale"),
        ('scale = "five"', "type = {}", "type"),
        ("scored = true", 'scored = "no"', "scored"),
        ("scored = true", "required = 1.5", "required"),
        ("[scales.five]", "[scales.five]\nlimits = [1]", "limits"),
        ('title = {en = "T"}', "simulated = []", "simulated"),
        ('variables = ["q2"]', "variables = 1", "variables"),
        ('variables = ["q2"]', "variables = [{}]", "variables"),
        ('variables = ["q2"]', 'variables = ["q2"]\nexclusive = [[]]', "exclusive"),
        ('variables = ["q2"]', 'variables = ["q2"]\nbase = []', "base"),
        ("counted = 1", "counted = []", "counted"),
        ("counted = 1", "kind = []", "kind"),
        ("{code = 0,", "{code = {},", "code"),
        ("{code = 0,", "{code = true,", "code"),
        ("{code = 0,", "{code = nan,", "code"),
        ('missing = {"-98" = "dont_know"}', 'missing = {"-98" = 5}', "missing code"),
        ('missing = {"-98" = "dont_know"}', "missing = 5", "Codes"),
    ],
)
def test_a_codebook_says_which_value_is_of_another_kind(tmp_path: Path, old: str, new: str, key: str) -> None:
    assert old in BOOK
    (tmp_path / "book.toml").write_text(BOOK.replace(old, new), encoding="utf-8")
    with pytest.raises(CodebookError) as caught:
        sv.Codebook.from_toml(tmp_path / "book.toml")
    assert key.lower() in str(caught.value).lower() and caught.value.where and caught.value.expected


STUDY: dict[str, Any] = {
    "study": {"id": "s", "title": "T", "codebook": "book.toml"},
    "surveys": {"a": {"files": ["a.csv"], "design": {"weights": "w", "strata": "h"}}},
    "notebooks": {"run": ["01"]},
}


def written(value: Any) -> str:
    if isinstance(value, dict):
        return "{" + ", ".join(f"{k} = {written(v)}" for k, v in value.items()) + "}"
    return "[" + ", ".join(map(written, value)) + "]" if isinstance(value, list) else json.dumps(value)


@pytest.mark.parametrize(
    ("table", "key", "value"),
    [
        ("study", "id", ["s"]),
        ("study", "title", 5),
        ("study", "title", {"en": 5}),
        ("study", "source", []),
        ("study", "codebook", 5),
        ("study", "processed", []),
        ("study", "language", []),
        ("study", "simulated", "no"),
        ("notebooks", "folder", 1),
        ("notebooks", "run", 1),
        ("notebooks", "real", [1]),
        ("a", "files", 1),
        ("a", "files", [["a.csv"]]),
        ("a", "targets", {"file": 1}),
        ("a", "targets", {"file": "a.csv", "within": [[]]}),
        ("design", "weights", []),
        ("design", "strata", [1]),
        ("design", "nest", "yes"),
    ],
)
def test_a_study_says_which_value_is_of_another_kind(tmp_path: Path, table: str, key: str, value: Any) -> None:
    (tmp_path / "book.toml").write_text(BOOK, encoding="utf-8")
    (tmp_path / "a.csv").write_text("q1,q2\n1,1\n", encoding="utf-8")
    study = json.loads(json.dumps(STUDY))
    place = {**study, "a": study["surveys"]["a"], "design": study["surveys"]["a"]["design"]}[table]
    path = tmp_path / "study.toml"

    def opened() -> sv.Study:
        path.write_text("\n".join(f"{k} = {written(v)}" for k, v in study.items()), encoding="utf-8")
        return sv.Study.open(path)

    assert opened().id == "s"
    place[key] = value
    key = next(iter(value)) if table == "a" and isinstance(value, dict) and "within" not in value else key
    with pytest.raises(StudyError, match="wrong kind") as caught:
        opened()
    assert caught.value.where and "= " in str(caught.value.got) and caught.value.expected


@pytest.mark.parametrize(
    "content",
    [
        "sum = {parts = [{}], total = 'q2'}",
        "sum = {parts = ['q1'], total = []}",
        "sum = {parts = ['q1'], total = 'q2', tolerance = []}",
        "within = {columns = [{}], first = 1}",
        "within = {columns = ['q1'], first = [[]]}",
        "holds = 'q1 == 1'\nwhere = []",
    ],
)
def test_a_rule_says_which_value_is_of_another_kind(tmp_path: Path, content: str) -> None:
    path = tmp_path / "rules.toml"
    path.write_text(f"[[rules]]\nname = 'a'\n{content}\n", encoding="utf-8")
    responses = Responses(pd.DataFrame({"q1": [1.0], "q2": [1.0]}))
    with pytest.raises(CleaningError, match="wrong kind") as caught:
        responses.check(path)
    assert "rule 1 (a)" in str(caught.value.where)


def test_a_limit_of_a_rule_may_have_a_time_zone(tmp_path: Path) -> None:
    path = tmp_path / "rules.toml"
    path.write_text("[[rules]]\nname = 'a'\nwithin = {columns = ['t'], first = 2024-06-01T00:00:00Z}\n")
    responses = Responses(pd.DataFrame({"t": pd.to_datetime(["2024-05-31", "2024-06-01"])}))
    table = responses.check(path).table
    assert table.loc[table["rule"] == "a", "rows"].tolist() == [1]


@pytest.mark.parametrize("text", ["5", "[5]", "[{}]", '[{"id": "a"}]', '[{"id": 1, "numbers": {}}]', "[" * 100_000])
def test_findings_of_another_shape_are_one_error(tmp_path: Path, text: str) -> None:
    (tmp_path / "book.toml").write_text(BOOK, encoding="utf-8")
    (tmp_path / "a.csv").write_text("q1,q2\n1,1\n", encoding="utf-8")
    study = {**STUDY, "study": {**STUDY["study"], "processed": "."}}
    (tmp_path / "study.toml").write_text("\n".join(f"{k} = {written(v)}" for k, v in study.items()), encoding="utf-8")
    (tmp_path / "findings.json").write_text(text, encoding="utf-8")
    with pytest.raises(StudyError, match="findings file is damaged"):
        sv.Study.open(tmp_path / "study.toml").findings()


def test_a_base_that_is_a_text_is_one_error(tmp_path: Path) -> None:
    book = sv.Codebook.from_dict({"variables": {"q": {"base": "w"}, "w": {"type": "text"}}})
    with pytest.raises(CleaningError, match="must be a condition"):
        Asked(Responses(pd.DataFrame({"q": [1.0], "w": ["x"]}), book))(book["q"])

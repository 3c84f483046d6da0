"""Rules of one's own: every form by hand, missing answers leave a rule open, and a bad file says where it is bad."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from survey.cleaning.check_report import Report
from survey.cleaning.rules import read_rules
from survey.codebook import Codebook
from survey.errors import CleaningError
from survey.responses import Responses

BOOK = Codebook.from_dict(
    {
        "missing": {"-98": "dont_know"},
        "variables": {
            "id": {"type": "id", "role": "id", "missing": False},
            **{name: {"type": "number"} for name in ("a", "b", "t")},
            "start": {"type": "date", "missing": False},
            "end": {"type": "date", "missing": False},
            "house": {"type": "text", "missing": False},
            "wave": {"type": "nominal", "labels": {"1": "một", "2": "hai"}, "missing": False},
        },
    }
)
DATA = pd.DataFrame(
    {
        "id": ["R1", "R2", "R3", "R4"],
        "a": [1.0, 2, -98, np.nan],
        "b": [1.0, 1, 1, 1],
        "t": [2.0, 4, 5, 5],
        "start": pd.to_datetime(["2023-08-01 08:00", "2023-08-31 23:00", "2023-09-01 00:00", None]),
        "end": pd.to_datetime(["2023-08-01 09:00", "2023-08-31 22:00", None, "2023-08-02 09:00"]),
        "house": ["hoà", "hoà", None, None],
        "wave": [1.0, 2, 1, 1],
    }
)


def rows(rule: str, tmp_path: Path, data: pd.DataFrame = DATA) -> list[int]:
    """The rows that break a rule, by index."""
    path = tmp_path / "rules.toml"
    path.write_text(f'[[rules]]\nname = "quy tắc"\n{rule}\n', encoding="utf-8")
    report = Responses(data, BOOK).check(path, today="2026-01-01")
    return [i for b in report.broken if b.rule == "quy tắc" for i in b.index]


@pytest.mark.parametrize(
    ("rule", "broken"),
    [
        ('holds = "b == 1"', []),
        ('holds = "t <= 4"', [2, 3]),
        ('holds = "t <= 4"\nwhere = "wave == 1 and t > 1 and id != \'R3\'"', [3]),
        # 1 + 1 = 2; 2 + 1 is not 4; don't know and an empty cell leave it open
        ('sum = {parts = ["a", "b"], total = "t"}', [1]),
        ('sum = {parts = ["a", "b"], total = "t", tolerance = 1}', []),
        ('order = ["start", "end"]', [1]),
        ('order = ["b", "a"]', []),
        ('order = ["t", "b"]', [0, 1, 2, 3]),
        ('order = ["t", "a", "b"]', [0, 1, 2, 3]),  # over the gap of R3 and R4 too
        ('within = {columns = ["start"], first = "2023-08-01", last = "2023-08-31"}', [2]),
        ('within = {columns = "start", first = "2023-08-02"}', [0]),
        ('within = {columns = ["a", "t"], last = 4}', [2, 3]),
        ('within = {columns = ["start"], last = 2023-08-31}', [2]),
        ('unique = ["house"]', [0, 1]),
        ('unique = ["house", "wave"]', []),
        ('unique = ["house"]\nwhere = "wave == 1"', []),
    ],
)
def test_each_form_by_hand(rule: str, broken: list[int], tmp_path: Path) -> None:
    assert rows(rule, tmp_path) == broken
    assert rows(rule, tmp_path, DATA.iloc[:0]) == []


def test_severity_and_words_are_the_users(tmp_path: Path) -> None:
    path = tmp_path / "rules.toml"
    path.write_text(
        '[[rules]]\nname = "x"\nholds = "t == 2"\nseverity = "warning"\n'
        'message = {vi = "Tổng phải là hai", en = "Two"}\n',
        encoding="utf-8",
    )
    report = Responses(DATA, BOOK).check(path, today="2026-01-01")
    (found,) = [b for b in report.broken if b.rule == "x"]
    assert (found.severity, found.message, found.vi, found.variable) == ("warning", "Two", "Tổng phải là hai", "t")
    assert report.rules == ("x",)


def test_dates_as_text_are_dates(tmp_path: Path) -> None:
    data = DATA.assign(
        start=["2023-08-01", "2023-08-31", "x", None], end=["2023-07-31", "2023-09-01", "2023-01-01", None]
    )
    assert rows('order = ["start", "end"]', tmp_path, data) == [0]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "The file does not contain rules"),
        ("[[rule]]\nname = 'x'", "The file does not contain rules"),
        ("rules = 1", "The file does not contain rules"),
        ("[[rules]\n", "is not valid TOML"),
        ("[[rules]]\nholds = 'a == 1'", "no name"),
        ("[[rules]]\nname = 'x'", "exactly one kind of content"),
        ("[[rules]]\nname = 'x'\nholds = 'a == 1'\nunique = ['a']", "exactly one kind of content"),
        ("[[rules]]\nname = 'x'\nholds = 'a == 1'\nwher = 'b == 1'", "has an unknown key"),
        ("[[rules]]\nname = 'x'\nholds = 'a == 1'\nseverity = 'bad'", "unknown severity"),
        ("[[rules]]\nname = 'x'\nholds = 'a == 1'\nmessage = 3", "A message must be text"),
        ("[[rules]]\nname = 'x'\nholds = 1", "is missing a required key"),
        ("[[rules]]\nname = 'x'\nsum = {parts = ['a']}", "is missing a required key"),
        ("[[rules]]\nname = 'x'\norder = ['a']", "is missing a required key"),
        (
            "[[rules]]\nname = 'x'\nholds = 'a == 1'\n[[rules]]\nname = 'x'\nunique = ['a']",
            "Two rules have the same name",
        ),
        ("[[rules]]\nname = 'x'\nholds = 'absent == 1'", "no column"),
        ("[[rules]]\nname = 'x'\nholds = '__import__(1)'", "unknown function"),
        ("[[rules]]\nname = 'x'\nunique = ['absent']", "no column"),
        ("[[rules]]\nname = 'x'\nwithin = {columns = ['a']}", "needs at least one limit"),
        (
            "[[rules]]\nname = 'x'\nwithin = {columns = ['a'], last = '2024-01-01'}",
            "does not have the type of its column",
        ),
        ("[[rules]]\nname = 'x'\nwithin = {columns = ['start'], last = 'mai'}", "cannot be read"),
        ("[[rules]]\nname = 'x'\norder = ['a', 'start']", "Dates and numbers cannot be ordered together"),
        ("[[rules]]\nname = 'x'\nsum = {parts = ['house'], total = 't'}", "A rule needs a numeric column"),
    ],
)
def test_a_bad_file_says_where(text: str, words: str, tmp_path: Path) -> None:
    path = tmp_path / "rules.toml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(CleaningError, match=words):
        Responses(DATA, BOOK).check(path)
    with pytest.raises(CleaningError, match="does not exist"):
        Responses(DATA, BOOK).check(tmp_path / "none.toml")


def test_the_rules_on_the_page_can_be_read(tmp_path: Path) -> None:
    page = (Path(__file__).parents[2] / "docs" / "checks.md").read_text(encoding="utf-8")
    (shown,) = re.findall(r"^```toml\n(.*?)^```", page, re.MULTILINE | re.DOTALL)
    (tmp_path / "rules.toml").write_text(shown, encoding="utf-8")
    assert [r.form for r in read_rules(tmp_path / "rules.toml")] == ["holds", "sum", "order", "within", "unique"]


def test_dates_in_the_future_are_errors() -> None:
    found = [b for b in Responses(DATA, BOOK).check(today="2023-08-31").broken if b.rule == "future"]
    assert [(b.variable, b.severity, b.index.tolist()) for b in found] == [("start", "error", [2])]
    text = DATA.assign(start=DATA["start"].dt.strftime("%Y-%m-%d").where(DATA["start"].notna(), None))
    found = [b for b in Responses(text, BOOK).check(today="2023-08-30").broken if b.rule == "future"]
    assert [(b.variable, b.index.tolist()) for b in found] == [("start", [1, 2]), ("end", [1])]


class TestWaves:
    """Two waves of a hundred people; what differs by chance is not told."""

    @pytest.fixture
    def data(self) -> pd.DataFrame:
        return pd.DataFrame(
            {
                "id": [f"R{i}" for i in range(100)] * 2,
                "wave": np.repeat([1.0, 2.0], 100),
                "q": [1.0, 2, 3, 4, 5] * 40,
                "minutes": [10.0, 20, 30, 40, 50] * 40,
                "sex": [1.0, 2] * 100,
            }
        )

    def told(self, data: pd.DataFrame, **more: object) -> set[tuple[str, str, str, int]]:
        variables = {
            "id": {"type": "id", "role": "id"},
            "wave": {"type": "nominal", "labels": {"1": "1", "2": "2"}},
            "q": {"type": "ordinal", "labels": {str(i): str(i) for i in range(1, 11)}},
            "minutes": {},
            "sex": {},
            "t": {"type": "text"},
        }
        book = Codebook.from_dict({"variables": {n: v for n, v in variables.items() if n in data.columns}})
        report: Report = Responses(data, book).check(across="wave", **more)  # type: ignore[arg-type]
        return {(b.rule, b.variable, b.severity, len(b.index)) for b in report.broken}

    def test_waves_that_are_alike(self, data: pd.DataFrame) -> None:
        assert self.told(data.assign(minutes=data["minutes"] + data.index / 1000)) == set()

    def test_a_scale_that_grew(self, data: pd.DataFrame) -> None:
        longer = data.assign(
            q=data["q"].where(data["wave"] == 1, data["q"] * 2), minutes=data.index % 7 + data.index / 999
        )
        # wave 2 has 6, 8 and 10, each of a fifth: 60 rows; wave 1 has 1, 3 and 5
        assert self.told(longer) == {("waves", "q", "warning", 60)}

    def test_a_code_that_is_rare_is_absent_by_chance(self, data: pd.DataFrame) -> None:
        data = data.assign(minutes=data.index % 7 + data.index / 999)
        data.loc[150, "q"] = 10
        assert self.told(data) == set()

    def test_a_variable_of_one_wave_and_another_unit(self, data: pd.DataFrame) -> None:
        hours = data.assign(
            minutes=data["minutes"].where(data["wave"] == 1, data["minutes"] / 60) + data.index / 1e6,
            sex=data["sex"].where(data["wave"] == 1),
        )
        assert self.told(hours) == {("waves", "minutes", "warning", 0), ("waves", "sex", "warning", 0)}

    def test_a_person_who_changes(self, data: pd.DataFrame) -> None:
        data = data.assign(minutes=data.index + 0.5 - 100 * (data["wave"] - 1) + data["wave"] / 10)
        data.loc[103, "sex"] = 1.0  # R3 was 2
        assert self.told(data) == {("panel", "sex", "error", 2)}
        assert self.told(data, fixed=[]) == set()
        with pytest.raises(CleaningError, match="no column"):
            self.told(data, fixed=["birthday"])

    def test_spellings(self, data: pd.DataFrame) -> None:
        data = data.assign(
            minutes=data.index + 0.5 - 100 * (data["wave"] - 1) + data["wave"] / 10, t=["Nữ"] * 100 + ["nữ "] * 100
        )
        assert self.told(data) == {("waves", "t", "warning", 0)}

    def test_nobody_one_wave_and_a_column_that_is_not_there(self, data: pd.DataFrame) -> None:
        assert self.told(data.iloc[:0]) == set()
        assert self.told(data.iloc[:1]) == set()
        with pytest.raises(CleaningError, match="no column"):
            Responses(data.drop(columns="wave")).check(across="wave")


class TestPage:
    def test_a_page_of_its_own_in_both_languages(self, tmp_path: Path) -> None:
        data = DATA.assign(house="<script>", wave=[1.0, 2, 3, 1])
        report = Responses(data, BOOK).check({"t < 3": "t < 3"}, today="2026-01-01")
        text = report.to_html(tmp_path / "report.html").read_text(encoding="utf-8")
        assert (
            "Lỗi" in text
            and "Errors" in text
            and "mã ngoài thang đo: 3" in text
            and "codes outside the scale: 3" in text
        )
        assert "2 (R3)" in text and "t &lt; 3" in text and "<script" not in text
        assert "http" not in text.replace("http-equiv", "") and text.startswith("<!DOCTYPE html>")
        assert report.to_html(tmp_path / "again.html").read_bytes() == (tmp_path / "report.html").read_bytes()

    def test_it_is_written_whole_or_not_at_all(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        path = tmp_path / "report.html"
        report = Responses(DATA, BOOK).check(today="2026-01-01")
        report.to_html(path)
        before = path.read_bytes()
        monkeypatch.setattr("survey.cleaning.check_report._page", lambda _: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            report.to_html(path)
        assert path.read_bytes() == before and [p.name for p in tmp_path.iterdir()] == ["report.html"]

"""A draft declares what the file declares; what is only guessed is a remark that changes nothing."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pyreadstat
import pytest

from survey import cli, read_codebook
from survey.codebook import Codebook
from survey.io.drafting import draft_codebook

RAW = Path(__file__).parents[2] / "data" / "raw"


@pytest.fixture
def csv(tmp_path: Path) -> Path:
    n = 40
    pd.DataFrame(
        {
            "id": [f"R{i:03d}" for i in range(n)],
            "q1": [1, 2, 3, 4, 5] * 8,
            "w_design": [1.5, 2.25, 3.1, 4.2] * 10,
            "age": [18 + i for i in range(n)],
            "minutes": [5, 10, 15, 99] * 10,
            "said": [f"Một câu dài {i} " * 5 for i in range(n)],
            "phone": [f"09{i:08d}" for i in range(n)],
            "ward": ["P01", "P02"] * 20,
            "nothing": [None] * n,
        }
    ).to_csv(tmp_path / "answers.csv", index=False)
    return tmp_path / "answers.csv"


def test_guesses_are_remarks_and_not_in_force(csv: Path, tmp_path: Path) -> None:
    book, remarks = draft_codebook(csv)
    told = {name: " ".join(lines) for name, lines in remarks.items()}
    for name, word in {
        "id": 'role = "id"',
        "q1": "5 different numbers (1, 2, 3, 4, 5)",
        "w_design": 'role = "weight"',
        "minutes": "perhaps undeclared missing codes: 99",
        "said": 'role = "open"',
        "phone": 'role = "personal"',
        "ward": "2 different texts (P01, P02)",
        "nothing": "empty",
    }.items():
        assert word in told[name], (name, told.get(name))
        assert all(line.startswith("to be checked: ") for line in remarks[name])
    assert "missing codes" not in told.get("age", "")
    assert {v.role for v in book.variables.values()} == {"item"} and not any(v.missing for v in book.variables.values())
    assert Codebook.from_toml(book.to_toml(tmp_path / "d.toml", remarks)) == book


def test_what_an_spss_file_declares_is_in_the_draft(tmp_path: Path) -> None:
    path = tmp_path / "a.sav"
    pyreadstat.write_sav(
        pd.DataFrame({"q": [1.0, 2.0, 7.0, -98.0, -97.0], "x": [1.0, 2.0, 3.0, 4.0, 5.0]}),
        path,
        column_labels={"q": "Hài lòng?"},
        variable_value_labels={"q": {1.0: "Không", 2.0: "Có", -98.0: "Không biết", -97.0: "?"}},
        missing_ranges={"q": [{"lo": -99, "hi": -96}]},
        variable_measure={"q": "ordinal"},
    )
    book, remarks = draft_codebook(path, lang="vi")
    q = book["q"]
    assert (q.type, q.codes, dict(q.missing)) == ("ordinal", (1, 2), {-98: "dont_know", -97: "blank"})
    assert dict(q.text) == {"vi": "Hài lòng?"} and dict(q.labels[1]) == {"vi": "Không"}
    told = " ".join(remarks["q"])
    assert "values without a label: 7" in told and "-99 to -96" in told and "missing code -97 names no kind" in told


@pytest.mark.parametrize("name", ["codebook.toml", "questionnaire_residents.xlsx", "residents_2023.sav"])
def test_a_codebook_is_read_from_whatever_holds_one(name: str) -> None:
    assert "cán bộ nói năng nhẹ nhàng với ông/bà" in read_codebook(RAW / name)["FR01"].wording("vi")


class TestCommand:
    def test_a_draft_is_written_once_and_not_again(
        self, csv: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        out = tmp_path / "codebook.toml"
        assert cli.main(["codebook", str(csv), "--out", str(out)]) == 0
        assert "# to be checked: " in out.read_text(encoding="utf-8")
        out.write_text("finished", encoding="utf-8")
        assert cli.main(["codebook", str(csv), "--out", str(out)]) == 2
        assert "--force" in capsys.readouterr().err and out.read_text(encoding="utf-8") == "finished"
        assert cli.main(["codebook", str(csv), "--out", str(out), "--force"]) == 0
        assert Codebook.from_toml(out) and "kept" in capsys.readouterr().out
        assert (tmp_path / "codebook.1.toml").read_text(encoding="utf-8") == "finished"

    def test_no_force_takes_away_what_somebody_finished(self, csv: Path, tmp_path: Path) -> None:
        out = tmp_path / "codebook.toml"
        for number in (1, 2, 3):
            out.write_text(f"finished {number}", encoding="utf-8")
            assert cli.main(["codebook", str(csv), "--out", str(out), "--force"]) == 0
            assert cli.main(["codebook", str(csv), "--out", str(out), "--force"]) == 0  # nobody has touched this one
        kept = sorted(p.read_text(encoding="utf-8") for p in tmp_path.glob("codebook.?.toml"))
        assert kept == ["finished 1", "finished 2", "finished 3"] and not list(tmp_path.glob(".survey-*"))
        document = tmp_path / "codebook.html"
        document.write_text("a page with remarks", encoding="utf-8")
        assert cli.main(["codebook", str(csv), "--out", str(document), "--force"]) == 0
        assert (tmp_path / "codebook.1.html").read_text(encoding="utf-8") == "a page with remarks"

    def test_without_out_it_is_shown(self, csv: Path, capsys: pytest.CaptureFixture[str]) -> None:
        assert cli.main(["codebook", str(csv)]) == 0
        assert "[variables.q1]" in capsys.readouterr().out

    @pytest.mark.parametrize("suffix", [".xlsx", ".docx", ".html"])
    def test_it_can_be_a_document(self, tmp_path: Path, suffix: str) -> None:
        out = tmp_path / f"b{suffix}"
        assert cli.main(["codebook", str(RAW / "codebook.toml"), "--out", str(out), "--lang", "vi"]) == 0
        assert out.stat().st_size > 1000

    def test_differences_are_told_and_are_exit_code_1(self, capsys: pytest.CaptureFixture[str]) -> None:
        toml, sav = str(RAW / "codebook.toml"), str(RAW / "residents_2023.sav")
        assert cli.main(["codebook", toml, "--diff", toml]) == 0
        assert "the same" in capsys.readouterr().out
        assert cli.main(["codebook", toml, "--diff", sav, "--lang", "vi"]) == 1
        told = capsys.readouterr().out
        assert "direction: 1 → 0" in told and "wording (en)" not in told and "label of 1" not in told

    def test_what_cannot_be_read_is_code_2(self, tmp_path: Path) -> None:
        assert cli.main(["codebook", str(tmp_path / "none.sav")]) == 2
        assert cli.main(["codebook", str(RAW / "codebook.toml"), "--out", str(tmp_path / "b.pdf")]) == 2

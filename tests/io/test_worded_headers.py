"""A table with the wording of questions above its columns is read under the names of a codebook with that wording."""

from __future__ import annotations

from pathlib import Path

import pytest

import survey as sv

BOOK = {
    "variables": {
        "age": {"type": "number", "text": {"vi": "Tuổi của ông/bà?", "en": "How old are you?"}},
        "ward": {"type": "text", "text": {"vi": "Phường", "en": "Ward"}},
        "name": {"type": "text", "role": "personal", "text": {"vi": "Họ và tên", "en": "Name"}},
    }
}


def written(path: Path, header: str, *rows: str) -> Path:
    path.write_text("\n".join([header, *rows]) + "\n", encoding="utf-8")
    return path


@pytest.mark.parametrize("header", ["Tuổi của ông/bà?,Phường,x", "How old  are you?,Ward,x", "age,Phường,x"])
def test_wording_in_any_language_or_the_name(tmp_path: Path, header: str) -> None:
    read = sv.read(written(tmp_path / "a.csv", header, "34,A,1", "51,B,2"), sv.Codebook.from_dict(BOOK))
    assert read.data.columns.tolist() == ["age", "ward", "x"]
    assert read.data["age"].tolist() == [34, 51]
    assert "wording" in read.log["what"].iloc[0]


def test_types_are_those_of_the_codebook(tmp_path: Path) -> None:
    """ "01" of a column of text stays "01", though its header is not its name."""
    read = sv.read(
        written(tmp_path / "a.csv", "Tuổi của ông/bà?,Phường", "34,01", "51,02"), sv.Codebook.from_dict(BOOK)
    )
    assert read.data["ward"].tolist() == ["01", "02"]


def test_a_personal_column_is_left_out_by_its_wording(tmp_path: Path) -> None:
    read = sv.read(written(tmp_path / "a.csv", "Họ và tên,Phường", "Nguyễn Văn An,A"), sv.Codebook.from_dict(BOOK))
    assert read.data.columns.tolist() == ["ward"]


def test_nothing_is_renamed_where_it_is_not_clear(tmp_path: Path) -> None:
    both = written(tmp_path / "a.csv", "ward,Phường,Ward", "A,B,C")
    assert sv.read(both, sv.Codebook.from_dict(BOOK)).data.columns.tolist() == ["ward", "Phường", "Ward"]
    twice = {"variables": {n: {"type": "text", "text": "Câu hỏi"} for n in ("q1", "q2")} | {"k": {"type": "number"}}}
    read = sv.read(written(tmp_path / "b.csv", "Câu hỏi,k", "a,1"), sv.Codebook.from_dict(twice))
    assert read.data.columns.tolist() == ["Câu hỏi", "k"]


def test_a_log_is_done_again(tmp_path: Path) -> None:
    (tmp_path / "book.toml").write_text("[variables.ward]\ntype = 'text'\ntext = 'Phường'\n", encoding="utf-8")
    file = written(tmp_path / "a.csv", "Phường,x", "A,1", "B,2")
    clean = sv.read(file, tmp_path / "book.toml").drop(where="ward == 'B'", reason="elsewhere")
    clean.save_log(tmp_path / "log.json")
    assert sv.replay(tmp_path / "log.json").data.equals(clean.data)

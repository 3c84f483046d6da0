"""Audit logs: seconds a question, revisits, interviews that were left open, clocks set back."""

from __future__ import annotations

import zipfile
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import survey as sv
from survey.errors import CleaningError, ReadError

A, B = "3f0c9a5e-8d1b-4c7a-9e2f-6b5d4c3a2f1e", "aaaaaaaa-bbbb-cccc-dddd-eeeeeeeeeeee"
# event names as in the XForms specification of client audit logs
LOG = """event,node,start,end
form start,,1000000,
question,/data/person/age,1001000,1005500
group questions,/data/closing,1006000,1010000
question,/data/person/age,1011000,1012000
constraint error,/data/person/age,1012000,
question,/data/OV01,1013000,
form exit,,1020000,
form resume,,1600000,
question,/data/household[1]/nick,1601000,1603250
question,/data/household[2]/nick,1604000,1603000
end screen,,1605000,1606000
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name in (A, B):
        (tmp_path / "attachments" / name).mkdir(parents=True)
        (tmp_path / "attachments" / name / "audit.csv").write_text(
            LOG if name == A else LOG.replace("1005500", "1002000")
        )
    (tmp_path / "attachments" / A / "photo.csv").write_text("x")
    return tmp_path / "attachments"


def test_seconds_and_revisits_of_each_question(folder: Path) -> None:
    audit = sv.read_audit(folder)
    mine = audit.table[audit.table["instanceID"] == A].set_index("node")
    assert mine.loc["/data/person/age", ["seconds", "visits", "revisits"]].tolist() == [5.5, 2, 1]  # 4.5 + 1
    assert mine.loc["/data/closing", "seconds"] == 4 and mine.loc["/data/household[1]/nick", "seconds"] == 2.25
    assert mine.loc["/data/household[1]/nick", "question"] == "nick"
    assert np.isnan(mine.loc["/data/OV01", "seconds"]) and np.isnan(mine.loc["/data/household[2]/nick", "seconds"])


def test_an_interview_in_all(folder: Path) -> None:
    audit = sv.read_audit(folder)
    one = audit.interviews.set_index("instanceID").loc[A]
    assert one["seconds"] == 11.75 and one["span_s"] == 606  # 5.5 + 4 + 2.25; 1,606,000 - 1,000,000 ms
    assert one[["questions", "revisits", "constraint_errors", "resumed"]].tolist() == [5, 1, 1, 1]
    assert "2 questions have no end" in audit.notes[0] and "clock was set back" in audit.notes[1]


def test_an_archive_and_one_file_of_all_say_the_same(folder: Path, tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as archive:
        for file in folder.rglob("audit.csv"):
            archive.write(file, file.relative_to(folder.parent))
    rows = []
    for name in (A, B):
        text = (folder / name / "audit.csv").read_text().splitlines()
        rows += [f"uuid:{name},{line}" for line in text[1:]]
    (tmp_path / "audits.csv").write_text("instance ID,event,node,start,end\n" + "\n".join(rows) + "\n")
    whole = sv.read_audit(folder)
    for other in (tmp_path / "a.zip", tmp_path / "audits.csv"):
        pd.testing.assert_frame_equal(sv.read_audit(other).table, whole.table)
        pd.testing.assert_frame_equal(sv.read_audit(other).interviews, whole.interviews)


@pytest.mark.parametrize("key", ["_uuid", "instanceID", "KEY"])
def test_joined_to_the_answers(folder: Path, key: str) -> None:
    prefix = "" if key == "_uuid" else "uuid:"
    data = pd.DataFrame({key: [prefix + B, prefix + "another", prefix + A], "q": [1, 2, 3]})
    joined = sv.read_audit(folder).join(sv.Responses(data))
    np.testing.assert_array_equal(joined.data["audit_s"], [8.25, np.nan, 11.75])  # B took 1 + 1 on the first question
    assert joined.codebook["audit_s"].unit == "seconds" and "2 of 3 interviews" in joined.log["what"].iloc[-1]
    with pytest.raises(CleaningError, match="already"):
        sv.read_audit(folder).join(joined)


def test_of_other_interviews(folder: Path) -> None:
    with pytest.raises(CleaningError, match="No audit log belongs to these interviews"):
        sv.read_audit(folder).join(sv.Responses(pd.DataFrame({"_uuid": ["x"]})))
    with pytest.raises(CleaningError, match="The data have no column that identifies the submission"):
        sv.read_audit(folder).join(sv.Responses(pd.DataFrame({"q": [1]})))


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("a,b\n1,2\n", "The file is not an audit log"),
        ("", "cannot be read"),
        (LOG.replace("1001000", "soon"), "A timestamp in an audit log is not a number"),
        (LOG[:201], "cannot be read"),
    ],
)
def test_files_that_are_none(tmp_path: Path, text: str, told: str) -> None:
    (tmp_path / A).mkdir()
    (tmp_path / A / "audit.csv").write_text(text)
    with pytest.raises(ReadError, match=told) as caught:
        sv.read_audit(tmp_path)
    assert A in str(caught.value)


def test_a_folder_without_one(tmp_path: Path) -> None:
    with pytest.raises(ReadError, match="No audit log was found"):
        sv.read_audit(tmp_path)
    with pytest.raises(ReadError, match="do not exist"):
        sv.read_audit(tmp_path / "b")


def test_the_log_does_it_again(folder: Path, tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text(f"_uuid,q\n{A},1\n{B},2\n")
    read = sv.read(tmp_path / "a.csv").join_audit(folder)
    again = sv.replay(read)
    pd.testing.assert_frame_equal(again.data, read.data)
    assert again.data["audit_s"].tolist() == [11.75, 8.25]

"""Questionnaires of Qualtrics and LimeSurvey as codebooks: names of columns, labels, sets; files from strangers."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import survey as sv
from survey import cli
from survey.errors import SurveyError

Write = Callable[..., Path]


def question(id_: str, tag: str, kind: str, selector: str, text: str, **more: Any) -> dict[str, Any]:
    """A question as a .qsf has it."""
    payload = {"QuestionID": id_, "DataExportTag": tag, "QuestionType": kind, "Selector": selector}
    return {"Element": "SQ", "PrimaryAttribute": id_, "Payload": {**payload, "QuestionText": text, **more}}


def displayed(*texts: str) -> dict[str, Any]:
    return {str(i): {"Display": text} for i, text in enumerate(texts, 1)}


QSF: dict[str, Any] = {
    "SurveyEntry": {"SurveyID": "SV_1", "SurveyName": "Ward", "SurveyLanguage": "EN"},
    "SurveyElements": [
        {"Element": "BL", "Payload": {"1": {"BlockElements": [{"Type": "Question", "QuestionID": "QID2"}]}}},
        question(
            "QID1",
            "Q1",
            "MC",
            "SAVR",
            "How <b>satisfied</b>&nbsp;are you?",
            Choices=displayed("Dissatisfied", "Satisfied", "Don&#39;t know"),
            ChoiceOrder=["1", "2", "3"],
            RecodeValues={"1": "10", "2": "20", "3": "-98"},
            Language={"VI": {"QuestionText": "Hài lòng không?", "Choices": displayed("Không", "Có", "Không biết")}},
        ),
        question(
            "QID2",
            "Q2",
            "MC",
            "MAVR",
            "Which channels?",
            Choices={"1": {"Display": "Web"}, "4": {"Display": "Other", "TextEntry": "true"}},
            ChoiceOrder=[1, 4],
        ),
        question(
            "QID3",
            "Q3",
            "Matrix",
            "Likert",
            "Rate",
            SubSelector="SingleAnswer",
            Choices=displayed("Staff", "Fees"),
            Answers=displayed("Bad", "Good"),
            ChoiceDataExportTags={"1": "staff", "2": False},
        ),
        question("QID4", "Q4", "Slider", "HSLIDER", "Percent", Choices=displayed("Now")),
        question("QID5", "Q5", "TE", "SL", "Age?", Validation={"Settings": {"ContentType": "ValidNumber"}}),
        question("QID6", "Q6", "DB", "TB", "Thank you"),
        question("QID7", "Q7", "TE", "ML", "Why?"),
    ],
}


def test_qualtrics(tmp_path: Path) -> None:
    path = tmp_path / "ward.qsf"
    path.write_text(json.dumps(QSF), encoding="utf-8")
    book = sv.read_codebook(path)
    names = ["Q2_1", "Q2_4", "Q2_4_TEXT", "Q1", "Q3_staff", "Q3_2", "Q4_1", "Q5", "Q7"]
    assert list(book.variables) == names  # questions of blocks first, in their order
    assert dict(book["Q1"].text) == {"en": "How satisfied are you?", "vi": "Hài lòng không?"}
    assert {c: dict(t) for c, t in book["Q1"].labels.items()} == {
        10: {"en": "Dissatisfied", "vi": "Không"},
        20: {"en": "Satisfied", "vi": "Có"},
        -98: {"en": "Don't know", "vi": "Không biết"},
    }
    assert book.sets["Q2"].variables == ("Q2_1", "Q2_4") and book["Q2_4"].wording() == "Other"
    assert book["Q3_staff"].label(2) == "Good" and book["Q3_staff"].wording() == "Rate - Staff"
    assert [book[n].type for n in ("Q4_1", "Q5", "Q7")] == ["number", "number", "text"]


def test_labels_of_an_export_by_the_questionnaire(tmp_path: Path, csv_file: Write) -> None:
    """By choice text and by values; both header rows below the names cut out; -99 seen, not answered."""
    (tmp_path / "ward.qsf").write_text(json.dumps(QSF), encoding="utf-8")
    head = ["StartDate", "ResponseId", "Q1", "Q2_1", "Q2_4", "Q2_4_TEXT", "Q3_Q3_2", "Q5", "Q7"]
    for values in (("20", "-99", "2"), ("Satisfied", "-99", "Good"), ("Có", "-99", "Good")):
        rows = [head, ["2026-11-24 10:00:00", "R_1", values[0], "1", "", "", values[2], "30", "x"]]
        rows.append(["2026-11-24 10:00:00", "R_2", values[1], "", "1", "radio", "", "-99", "-99"])
        read = sv.read(csv_file("a.csv", rows), tmp_path / "ward.qsf", export="qualtrics")
        assert read.data["Q1"].tolist() == [20, -99] and read.data["Q3_2"].iloc[0] == 2
        assert read.data[["Q2_1", "Q2_4"]].to_numpy().tolist() == [[1, 0], [0, 1]]
        assert read.codebook["Q1"].missing == {-99: "blank"} == read.codebook["Q5"].missing
        assert read.codebook["Q7"].missing == {"-99": "blank"}
        assert "a missing code of Q1, Q5, Q7" in read.log["what"].iloc[0]
        clean = read.recode_missing().data
        assert clean["Q5"].isna().tolist() == [False, True] and clean["Q7"].isna().tolist() == [False, True]


LSS = """<?xml version="1.0" encoding="UTF-8"?>
<document><LimeSurveyDocType>Survey</LimeSurveyDocType>
<languages><language>en</language><language>vi</language></languages>
<questions><rows>
{questions}</rows></questions>
<subquestions><rows>
{subs}</rows></subquestions>
<answers><rows>
{answers}</rows></answers>
<question_l10ns><rows>
{texts}</rows></question_l10ns>
<answer_l10ns><rows>
{labels}</rows></answer_l10ns>
<surveys_languagesettings><rows><row><surveyls_language>en</surveyls_language>
<surveyls_title>Ward</surveyls_title></row></rows></surveys_languagesettings></document>"""


def row(**fields: object) -> str:
    return "<row>" + "".join(f"<{k}><![CDATA[{v}]]></{k}>" for k, v in fields.items()) + "</row>\n"


def lss() -> str:
    """The structure of a survey as LimeSurvey 4 and later write it."""
    asked = [
        (1, "L", "sat", "Y", "Satisfied?"),
        (2, "M", "chan", "Y", "Channels?"),
        (3, "F", "rate", "N", "Rate"),
        (4, "N", "age", "N", "<p>Age?</p>"),
        (5, "Y", "met", "N", "Met?"),
        (6, "X", "bye", "N", "Bye"),
    ]
    under = [(21, 2, "SQ001", "Web"), (22, 2, "SQ002", "Desk"), (31, 3, "SQ001", "Staff"), (32, 3, "SQ002", "Fees")]
    answers = [(1, 1, "A2", 2, "Yes"), (2, 1, "A1", 1, "No"), (3, 3, "1", 1, "Bad"), (4, 3, "2", 2, "Good")]
    texts = [(q, t) for q, *_, t in asked] + [(q, t) for q, *_, t in under]
    return LSS.format(
        questions="".join(
            row(qid=q, parent_qid=0, gid=1, type=k, title=n, other=o, question_order=q) for q, k, n, o, _ in asked
        ),
        subs="".join(row(qid=q, parent_qid=p, title=n, question_order=q, scale_id=0) for q, p, n, _ in under),
        answers="".join(row(aid=a, qid=q, code=c, sortorder=s, scale_id=0) for a, q, c, s, _ in answers),
        texts="".join(
            row(qid=q, question=t if lang == "en" else f"{t} (vi)", language=lang)
            for q, t in texts
            for lang in ("en", "vi")
        ),
        labels="".join(row(aid=a, answer=t, language="en") for a, *_, t in answers),
    )


def test_limesurvey(tmp_path: Path) -> None:
    path = tmp_path / "ward.lss"
    path.write_text(lss(), encoding="utf-8")
    book = sv.read_codebook(path)
    names = ["sat", "sat_other", "chan_SQ001", "chan_SQ002", "chan_other", "rate_SQ001", "rate_SQ002", "age", "met"]
    assert list(book.variables) == names and dict(book.title) == {"en": "Ward"}
    assert list(book["sat"].labels) == ["A1", "A2", "-oth-"] and book["sat"].label("A2") == "Yes"
    assert book.sets["chan"].variables == ("chan_SQ001", "chan_SQ002") and book["chan_SQ002"].text["en"] == "Desk"
    assert book["rate_SQ001"].label(2) == "Good" and book["rate_SQ001"].text["vi"] == "Rate (vi): Staff (vi)"
    assert book["age"].type == "number" and book["age"].text["en"] == "Age?" and book["met"].type == "binary"


@pytest.mark.parametrize("headings", ["codes", "wording"])
def test_answers_of_limesurvey_by_its_structure(tmp_path: Path, csv_file: Write, headings: str) -> None:
    (tmp_path / "ward.lss").write_text(lss(), encoding="utf-8")
    codes = [
        "sat",
        "sat[other]",
        "chan[SQ001]",
        "chan[SQ002]",
        "chan[other]",
        "rate[SQ001]",
        "rate[SQ002]",
        "age",
        "met",
    ]
    wording = ["Satisfied?", "Satisfied? [Other]", "Channels? [Web]", "Channels? [Desk]", "Channels? [Other]"]
    wording += ["Rate [Staff]", "Rate [Fees]", "Age?", "Met?"]
    head = ["id", *codes] if headings == "codes" else ["Response ID", *wording]
    full = [
        ["1", "Yes", "", "Yes", "No", "", "Good", "Bad", "30", "Yes"],
        ["2", "Other", "so", "No", "No", "x", "", "", "", "No"],
    ]
    short = [["1", "A2", "", "Y", "", "", "2", "1", "30", "Y"], ["2", "-oth-", "so", "", "Y", "x", "", "", "", "N"]]
    for rows, ticks in ((full, [[1, 0], [0, 0]]), (short, [[1, 0], [0, 1]])):
        read = sv.read(csv_file("a.csv", [head, *rows]), tmp_path / "ward.lss", export="limesurvey")
        assert read.data["sat"].tolist() == ["A2", "-oth-"] and read.data["sat_other"].iloc[1] == "so"
        assert read.data[["chan_SQ001", "chan_SQ002"]].to_numpy().tolist() == ticks
        np.testing.assert_array_equal(read.data["rate_SQ001"], [2, np.nan])
        assert read.data["age"].iloc[0] == 30 and read.data["met"].tolist() == [1, 0]
        assert read.codebook["chan_other"].type == "text" and not read.check().errors


BOMB = '<?xml version="1.0"?><!DOCTYPE d [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;">]><document>&b;</document>'


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("a.lss", BOMB, "document type"),
        ("a.lss", '<!DOCTYPE d SYSTEM "file:///etc/passwd"><document/>', "document type"),
        ("a.lss", "<a>" * 100_000, "nests deeper"),
        ("a.lss", "<document><questions>", "parsed as XML"),
        ("a.lss", "", "parsed as XML"),
        ("a.lss", "<document/>", "not the structure of a LimeSurvey"),
        ("a.lss", "<document><questions><rows></rows></questions></document>", "not the structure"),
        ("a.lss", "<document><questions><rows><row/></rows></questions></document>", "no questions"),
        ("a.qsf", "[" * 200_000, "parsed as JSON"),
        ("a.qsf", "", "parsed as JSON"),
        ("a.qsf", "\0\xff", "parsed as JSON"),
        ("a.qsf", "null", "not a survey of Qualtrics"),
        ("a.qsf", "3", "not a survey of Qualtrics"),
        ("a.qsf", '{"SurveyElements": 3}', "not a survey of Qualtrics"),
        (
            "a.qsf",
            '{"SurveyElements": [1, null, "x", {"Element": "SQ"}, {"Element": "BL", "Payload": 5}]}',
            "no questions",
        ),
    ],
)
def test_files_of_strangers_are_one_error(tmp_path: Path, name: str, content: str, message: str) -> None:
    (tmp_path / name).write_bytes(content.encode("latin-1"))
    with pytest.raises(SurveyError, match=message):
        sv.read_codebook(tmp_path / name)


WRONG: list[Any] = [None, 3, "x", True, [], {}, [None], {"1": None}, [[1]], {"1": {"Display": 5}}, 1e400]


@pytest.mark.parametrize("wrong", WRONG, ids=repr)
@pytest.mark.sampled
def test_a_wrong_shape_anywhere_is_no_traceback(tmp_path: Path, wrong: Any) -> None:
    path = tmp_path / "a.qsf"
    for i, element in enumerate(QSF["SurveyElements"]):
        places = [("Payload",), *((("Payload", key)) for key in element["Payload"])]
        for place in places:
            whole = json.loads(json.dumps(QSF))
            target = whole["SurveyElements"][i]
            for key in place[:-1]:
                target = target[key]
            target[place[-1]] = wrong
            path.write_text(json.dumps(whole), encoding="utf-8")
            assert len(sv.read_codebook(path)) > 4


def test_the_command_shows_them(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "ward.lss"
    path.write_text(lss(), encoding="utf-8")
    assert cli.main(["codebook", str(path)]) == cli.FINE
    assert "[variables.chan_SQ001]" in capsys.readouterr().out

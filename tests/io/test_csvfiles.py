"""CSV: no cell is guessed, shifted or lost."""

from __future__ import annotations

import unicodedata
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from survey.codebook import Codebook, Variable
from survey.errors import EstimationError, ReadError
from survey.io import read
from survey.sample import Sample


@pytest.fixture
def csv(tmp_path: Path):
    def write(content: str | bytes, name: str = "a.csv") -> Path:
        path = tmp_path / name
        path.write_bytes(content if isinstance(content, bytes) else content.encode("utf-8"))
        return path

    return write


def test_columns_are_numbers_only_where_every_cell_is_one(csv) -> None:
    data = read(csv("n,w,t,x\n1,1.5,a,1\n2,,b,x\n-3,1e2, c ,2\n")).data
    assert data["n"].tolist() == [1, 2, -3] and data["n"].dtype == "int64"
    np.testing.assert_array_equal(data["w"], [1.5, np.nan, 100])
    assert data["t"].tolist() == ["a", "b", " c "]
    assert data["x"].tolist() == ["1", "x", "2"]


def test_a_leading_zero_is_not_lost(csv) -> None:
    data = read(csv("ward,q\n01,1\n12436,2\n")).data
    assert data["ward"].tolist() == ["01", "12436"]
    book = Codebook().update(Variable("ward", "number"), Variable("q"))
    assert read(csv("ward,q\n01,1\n12436,2\n"), book).data["ward"].tolist() == [1, 12436]


def test_a_long_id_keeps_every_digit(csv) -> None:
    data = read(csv("id,q\n12345678901234567,1\n12345678901234568,2\n")).data
    assert data["id"].tolist() == [12345678901234567, 12345678901234568]
    data = read(csv("id,q\n12345678901234567,1\n,2\n")).data
    assert data["id"].tolist()[0] == "12345678901234567"


def test_what_the_codebook_calls_text_or_id_stays_text(csv) -> None:
    book = Codebook().update(
        Variable("id", "id"), Variable("note", "text"), Variable("code", "nominal", labels={"1": {}, "x": {}})
    )
    data = read(csv("id,note,code\n7,12,1\n8,13,x\n"), book).data
    assert data.to_numpy().tolist() == [["7", "12", "1"], ["8", "13", "x"]]


def test_a_typing_error_in_a_number_stays_for_check_to_name(csv) -> None:
    book = Codebook().update(Variable("born"))
    responses = read(csv("born\n1950\n198O\n"), book)
    table = responses.check().table
    assert table[["rule", "rows", "ids"]].to_numpy().tolist() == [["type", 1, "1"]]


def test_na_without_quotes_is_empty_and_in_quotes_is_text(csv) -> None:
    data = read(csv('a,b\nNA,"NA"\n1,""\n')).data
    np.testing.assert_array_equal(data["a"], [np.nan, 1])
    assert data["b"].tolist()[0] == "NA"
    assert data["b"].isna().tolist() == [False, True]


@pytest.mark.parametrize("word", ["nan", "inf", "-Infinity"])
def test_words_that_a_parser_takes_for_numbers_are_words(csv, word: str) -> None:
    assert read(csv(f"a\n1\n{word}\n")).data["a"].tolist() == ["1", word]


def test_quoted_cells_hold_separators_and_lines(csv) -> None:
    data = read(csv('id,say\n1,"thân thiện, ""lắng nghe""\nvà giúp"\n2,x\n')).data
    assert data["say"].tolist() == ['thân thiện, "lắng nghe"\nvà giúp', "x"]


def test_a_long_quoted_text_is_one_cell(csv) -> None:
    text = "lắng nghe\n" * 300_000
    assert read(csv(f'id,say\n1,"{text}"\n2,x\n')).data["say"].tolist() == [text, "x"]


def test_text_and_names_are_composed(csv) -> None:
    raw = unicodedata.normalize("NFD", "phường,ý kiến\nĐông Hoà,tốt\n")
    data = read(csv(raw)).data
    assert list(data.columns) == ["phường", "ý kiến"]
    assert data["phường"].tolist() == ["Đông Hoà"]


def test_a_byte_order_mark_is_no_part_of_a_name(csv) -> None:
    assert list(read(csv(b"\xef\xbb\xbfid,q\n1,2\n")).data.columns) == ["id", "q"]
    assert list(read(csv(b"\xef\xbb\xbfid,q\n1,2\n"), encoding="UTF-8").data.columns) == ["id", "q"]


def test_bytes_that_are_no_utf8_are_placed_and_the_option_named(csv) -> None:
    with pytest.raises(ReadError, match="not in UTF-8") as caught:
        read(csv(b"id,name\n1,ok\n2,Ti\xeang\n"))
    assert "line 3, byte 17" in str(caught.value)
    assert "0xea" in str(caught.value)
    assert "encoding=" in str(caught.value)


def test_windows_1258_is_decoded_and_composed(csv) -> None:
    # the code page writes the circumflex in the letter and the tone after it: EA EC = ế, EA F2 = ệ
    data = read(csv(b"id,name\n1,ti\xea\xecng vi\xea\xf2t\n"), encoding="windows-1258").data
    assert data["name"].tolist() == ["tiếng việt"]
    assert unicodedata.is_normalized("NFC", data["name"].iloc[0])


def test_utf16_is_recognised_and_not_guessed(csv) -> None:
    path = csv("id,q\n1,2\n".encode("utf-16"))
    with pytest.raises(ReadError, match="UTF-16"):
        read(path)
    assert read(path, encoding="utf-16").data.to_numpy().tolist() == [[1, 2]]


def test_an_encoding_that_does_not_exist(csv) -> None:
    with pytest.raises(ReadError, match="The encoding is unknown"):
        read(csv("a\n1\n"), encoding="tcvn")


@pytest.mark.parametrize(("sign", "shown"), [(";", '";"'), ("\t", '"\\t"'), ("|", '"|"')])
def test_another_separator_is_named_and_not_guessed(csv, sign: str, shown: str) -> None:
    path = csv(f"id{sign}q\n1{sign}2\n")
    with pytest.raises(ReadError, match="another separator") as caught:
        read(path)
    assert f"separator={shown}" in str(caught.value)
    assert read(path, separator=sign).data.to_numpy().tolist() == [[1, 2]]


def test_another_separator_is_named_where_a_heading_has_this_one(csv) -> None:
    """Excel in Vietnam parts columns by semicolons and leaves commas in questions without quotes."""
    path = csv("phường;Nhìn chung, ông/bà hài lòng không?\nA;1\nB;2\n")
    with pytest.raises(ReadError, match="another separator") as caught:
        read(path)
    assert 'separator=";"' in str(caught.value)
    with pytest.raises(ReadError, match="cut short"):
        read(csv("a;b,c\n1;2\n3\n"))
    with pytest.raises(ReadError, match="cut short"):  # no sign of another one
        read(csv("a~b\n1~2~3\n"), separator="~")


def test_tsv_has_tabs(csv) -> None:
    assert read(csv("id\tq\n1\t2\n", "a.tsv")).data.to_numpy().tolist() == [[1, 2]]
    with pytest.raises(ReadError, match="another separator"):
        read(csv("id,q\n1,2\n", "a.tsv"))


def test_a_decimal_comma_is_declared(csv) -> None:
    text = "id;score\n1;83,94\n2;-1,5\n"
    assert read(csv(text), separator=";").data["score"].tolist() == ["83,94", "-1,5"]
    assert read(csv(text), separator=";", decimal=",").data["score"].tolist() == [83.94, -1.5]


@pytest.mark.parametrize("arguments", [{"separator": ";;"}, {"separator": ""}, {"decimal": "'"}])
def test_signs_that_cannot_be(csv, arguments: dict[str, str]) -> None:
    with pytest.raises(ReadError, match="sign"):
        read(csv("a,b\n1,2\n"), **arguments)


@pytest.mark.parametrize("row", ["3", "3,4,5", "3,"])
def test_a_row_of_another_length_is_never_filled_up(csv, row: str) -> None:
    text = f"id,q\n1,2\n{row}\n5,6\n"
    if row == "3,":
        assert read(csv(text)).data["q"].isna().tolist() == [False, True, False]
        return
    with pytest.raises(ReadError, match="more or fewer cells") as caught:
        read(csv(text))
    assert f"row 3: {row.count(',') + 1} cells" in str(caught.value)


def test_many_ragged_rows_are_told_in_one_line(csv) -> None:
    with pytest.raises(ReadError) as caught:
        read(csv("id,q\n" + "1\n" * 100))
    assert "100 in all" in str(caught.value)


def test_blank_lines_and_windows_line_ends(csv) -> None:
    data = read(csv("id,q\r\n1,2\r\n\r\n3,4\r\n\r\n")).data
    assert data.to_numpy().tolist() == [[1, 2], [3, 4]]


def test_a_column_without_a_name_is_called_after_its_place(csv) -> None:
    assert list(read(csv(",q\n1,2\n")).data.columns) == ["column_1", "q"]


def test_a_quote_left_open_is_an_error(csv) -> None:
    for rest in ("", '3,"y"\n'):
        with pytest.raises(ReadError, match="quote is not closed") as caught:
            read(csv('id,say\n0,"a\nb"\n1,"left open\n2,x\n' + rest))
        assert "line 4" in str(caught.value)
    assert read(csv('id,say\n1,a 5" pipe\n')).data["say"].tolist() == ['a 5" pipe']


def test_nothing_but_blanks_is_empty(csv) -> None:
    with pytest.raises(ReadError, match="empty"):
        read(csv("  \n \n"))


def test_dates_by_the_codebook(csv) -> None:
    book = Codebook().update(Variable("day", "date"))
    assert read(csv("day\n2024-06-30\n2023-08-01\n"), book).data["day"].tolist() == [
        pd.Timestamp("2024-06-30"),
        pd.Timestamp("2023-08-01"),
    ]
    kept = read(csv("day\n30/06/2024\n"), book)
    assert kept.data["day"].tolist() == ["30/06/2024"]
    table = kept.check().table
    assert table["rule"].tolist() == ["type", "reading"]
    assert "dates as dd/mm/yyyy" in table["message"].iloc[1]


def test_the_codebook_of_a_csv_is_names_and_types(csv) -> None:
    book = read(csv("n,t\n1,a\n")).codebook
    assert {n: v.type for n, v in book.variables.items()} == {"n": "number", "t": "text"}


def test_a_single_column(csv) -> None:
    assert read(csv("q\n1\n2\n")).data["q"].tolist() == [1, 2]


@pytest.mark.parametrize("sign", [",", ";", "\t", "|"])
def test_a_separator_is_found_and_said(csv, sign: str) -> None:
    text = f"id{sign}note\n1{sign}a b\n2{sign}c\n"
    responses = read(csv(text), separator="find")
    assert responses.data["note"].tolist() == ["a b", "c"]
    assert f"separator {sign!r}, found" in responses.sources[0].notes[0]


def test_two_separators_that_fit_are_not_chosen_from(csv) -> None:
    with pytest.raises(ReadError, match="The separator of the file cannot be determined"):
        read(csv("a,b;c\n1,2;3\n"), separator="find")


def test_a_decimal_comma_is_found_unless_it_may_group_thousands(csv) -> None:
    responses = read(csv("id;score\n1;83,94\n2;-1,5\n"), separator="find", decimal="find")
    assert responses.data["score"].tolist() == [83.94, -1.5]
    assert "decimal sign ',', found: score: 83,94" in responses.sources[0].notes[1]
    for text in ("id;n\n1;1,234\n2;5,678\n", "a;b\n1,5;1.5\n"):
        with pytest.raises(ReadError, match="The decimal sign of the file cannot be determined"):
            read(csv(text), separator=";", decimal="find")


def test_numbers_and_dates_by_the_locale(csv) -> None:
    path = csv("fee;day;t\n1.234,5;03/04/2024;x\n12;30/06/2024;y\n")
    data = read(path, separator=";", locale="vi").data
    assert data["fee"].tolist() == [1234.5, 12]
    assert data["day"].tolist() == [pd.Timestamp("2024-04-03"), pd.Timestamp("2024-06-30")]
    american = csv('fee,day\n"1,234.5",03/04/2024\n', "us.csv")
    assert read(american, locale="en-US").data.iloc[0].tolist() == [1234.5, pd.Timestamp("2024-03-04")]
    assert read(american, locale="en").data["day"].tolist() == ["03/04/2024"]
    # a point that groups thousands cannot be a decimal sign: the column stays text
    assert read(csv("fee\n1.5\n", "b.csv"), locale="vi").data["fee"].tolist() == ["1.5"]
    with pytest.raises(ReadError, match="The locale is unknown"):
        read(path, locale="xx-nowhere")


def test_the_codebook_says_how_a_date_is_written(csv) -> None:
    path = csv("day\n03/04/2024\n31/02/2024\n")
    book = Codebook().update(Variable("day", "date", unit="dd/mm/yyyy"))
    responses = read(path, book)
    assert responses.data["day"].tolist() == ["2024-04-03", "31/02/2024"]  # there is no such day: check() names it
    table = responses.check().table
    assert table[["rule", "rows"]].to_numpy().tolist() == [["type", 1]]


def test_times_of_a_declared_duration(csv) -> None:
    book = Codebook().update(Variable("took", unit="minutes"))
    assert read(csv("took\n1:05:30\n0:30\n\n"), book).data["took"].tolist() == [65.5, 30]


def test_nul_bytes_are_damage(csv) -> None:
    with pytest.raises(ReadError, match="NUL") as caught:
        read(csv(b"id,q\n1,a\n2,\x00b\n"))
    assert "line 3" in str(caught.value)


INCOMES = ["1.200", "950", "1.500", "2.000", "700", "1.100"]


@pytest.mark.parametrize(
    ("cells", "options", "mean"),
    [
        (INCOMES, {}, None),  # 1.2 beside 950: text, and a note
        (INCOMES, {"locale": "vi"}, 1241.666667),  # (1200 + 950 + 1500 + 2000 + 700 + 1100) / 6
        (INCOMES, {"decimal": "."}, 275.966667),
        (["1.2", "950", "1.5"], {}, 317.566667),  # no zeros at the end
        (["1.200", "0.950", "1.500"], {}, 1.216667),  # three decimals each
        (["1.200", "4.950", "1.500"], {}, 2.55),
        (["1.200", "1950", "1.500"], {}, 650.9),  # thousands would have a point
        (["1.200", "950", "1.50"], {}, 317.566667),
    ],
)
def test_a_point_that_separates_thousands_beyond_doubt_is_no_decimal_point(
    tmp_path: Path, cells: list[str], options: dict[str, str], mean: float | None
) -> None:
    """Incomes of a million were read as 1.2 and 950, and their mean told in silence."""
    path = tmp_path / "incomes.csv"
    path.write_text("income\n" + "\n".join(cells) + "\n", encoding="utf-8")
    found = read(path, **options)
    if mean is not None:
        assert found.data["income"].mean() == pytest.approx(mean, abs=1e-6)
        return
    assert found.data["income"].tolist() == cells
    (note,) = (n for n in found.sources[0].notes if "thousands" in n)
    assert note.startswith("income: ") and "locale='vi'" in note and "decimal='.'" in note
    with pytest.raises(EstimationError, match="not numeric"):
        Sample(found, weights=None).mean("income")

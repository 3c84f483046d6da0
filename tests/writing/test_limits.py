"""Nothing is cut without a word: limits of SPSS and Stata, one byte below and one above; read back by pyreadstat."""

from __future__ import annotations

import errno
import unicodedata
from pathlib import Path
from types import MappingProxyType
from typing import Any

import numpy as np
import pandas as pd
import pyreadstat
import pytest

from survey.codebook import Codebook, MultipleSet, Variable
from survey.errors import ExportError, PrivacyError
from survey.io import read
from survey.responses import Responses


def both(text: str) -> MappingProxyType[str, str]:
    return MappingProxyType({"vi": text, "en": text})


def answers(values: list[Any], **of: Any) -> Responses:
    return Responses(pd.DataFrame({"q": values}), Codebook().update(Variable("q", **of)))


def labelled(text: str = "", label: str = "", name: str = "q") -> Responses:
    v = Variable(
        name, type="ordinal", text=both(text) if text else MappingProxyType({}), labels={1: both(label or "a")}
    )
    return Responses(pd.DataFrame({name: [1.0, 1.0]}), Codebook().update(v))


VI = "ế"  # three bytes of UTF-8, one character


@pytest.mark.parametrize(
    ("suffix", "fits", "too_long"),
    [
        (".sav", {"text": VI * 85}, {"text": VI * 85 + "a"}),  # 255 bytes
        (".sav", {"label": VI * 40}, {"label": VI * 40 + "a"}),  # 120 bytes
        (".sav", {"name": "a" * 64}, {"name": "a" * 65}),
        (".sav", {"name": VI * 21}, {"name": VI * 22}),
        (".dta", {"text": VI * 80}, {"text": VI * 81}),  # characters
        (".dta", {"label": VI * 8000}, {"label": VI * 8001}),
        (".dta", {"name": "a" * 31}, {"name": "a" * 32}),  # pyreadstat adds a number for the set of labels
    ],
)
def test_one_more_is_an_error_and_one_less_is_kept_whole(
    tmp_path: Path, suffix: str, fits: dict[str, str], too_long: dict[str, str]
) -> None:
    path = tmp_path / f"a{suffix}"
    labelled(**fits).write(path)
    _, meta = (pyreadstat.read_dta if suffix == ".dta" else pyreadstat.read_sav)(path)
    (name,) = meta.column_names
    kept = {"name": name, "text": meta.column_names_to_labels[name], "label": meta.variable_value_labels[name][1]}
    assert {k: kept[k] for k in fits} == fits
    path.unlink()
    with pytest.raises(ExportError) as caught:
        labelled(**too_long).write(path)
    assert str(caught.value).count("\n") >= 3 and not path.exists()


def test_decomposed_labels_are_measured_as_they_are_written(tmp_path: Path) -> None:
    apart = unicodedata.normalize("NFD", VI * 85)
    assert len(apart.encode()) > 255
    labelled(text=apart).write(tmp_path / "a.sav")
    assert pyreadstat.read_sav(tmp_path / "a.sav")[1].column_names_to_labels["q"] == VI * 85


def test_a_label_that_may_be_cut_ends_at_a_letter_and_is_whole_in_the_codebook(tmp_path: Path) -> None:
    long = VI * 100
    files = labelled(text=long).write(tmp_path / "a.sav", allow_loss=["labels"])
    kept = pyreadstat.read_sav(files["data"])[1].column_names_to_labels["q"]
    assert kept == VI * 84 + "…" and len(kept.encode()) <= 255
    assert Codebook.from_toml(files["codebook"])["q"].wording("vi") == long


def test_a_name_of_forty_vietnamese_letters(tmp_path: Path) -> None:
    name = "mức_độ_dễ_hiểu_của_giấy_tờ_ở_bộ_phận_một"
    assert len(name) == 40 and len(name.encode()) == 63
    labelled(name=name).write(tmp_path / "a.sav")
    assert pyreadstat.read_sav(tmp_path / "a.sav")[1].column_names == [name]
    with pytest.raises(ExportError, match="Stata does not allow these column names"):
        labelled(name=name).write(tmp_path / "a.dta")
    with pytest.raises(ExportError, match="SPSS does not allow these column names"):
        labelled(name=name + "_cửa_phường").write(tmp_path / "a.sav")


@pytest.mark.parametrize(
    ("suffix", "names"),
    [
        (".sav", ["ALL"]),
        (".sav", ["1a"]),
        (".sav", ["a b"]),
        (".sav", ["a", "A"]),
        (".sav", ["_a"]),
        (".sav", ["a."]),
        (".dta", ["byte"]),
        (".dta", ["_n"]),
        (".dta", ["str5"]),
        (".dta", ["a.b"]),
        (".dta", ["tên xã"]),
    ],
)
def test_names_that_the_program_refuses(tmp_path: Path, suffix: str, names: list[str]) -> None:
    with pytest.raises(ExportError, match="does not allow these column names"):
        Responses(pd.DataFrame({n: [1.0] for n in names})).write(tmp_path / f"a{suffix}")
    assert list(tmp_path.iterdir()) == []


def test_sets_of_labels_of_two_columns_do_not_mix(tmp_path: Path) -> None:
    """pyreadstat 1.3.7 calls both sets x11 and gives column x1 the labels of x."""
    names = ["q", "x1", *(f"y{i}" for i in range(9)), "x"]
    book = Codebook().update(*(Variable(n, type="nominal", labels={1: both(f"of {n}")}) for n in names))
    Responses(pd.DataFrame({n: [1.0] for n in names}), book).write(tmp_path / "a.dta")
    _, meta = pyreadstat.read_dta(tmp_path / "a.dta")
    assert meta.variable_value_labels == {n: {1: f"of {n}"} for n in names}
    assert meta.variable_to_label == {n: n for n in names}


@pytest.mark.parametrize(
    ("codes", "data", "expected"),
    [
        ([-97, -98, -99], [1.0], [(-99, -99), (-98, -98), (-97, -97)]),
        ([-96, -97, -98, -99], [1.0], [(-99, -96)]),
        ([-96, -97, -98, -99, 999], [1.0], [(-99, -96), (999, 999)]),
        ([-1, 96, 97, 98], [1.0], [(96, 98), (-1, -1)]),
        ([0, 7, 8, 9], [5.0], [(7, 9), (0, 0)]),  # 5 is an answer between 0 and 9
    ],
)
def test_missing_codes_are_declared(tmp_path: Path, codes: list[int], data: list[float], expected: list[Any]) -> None:
    answers(data, missing=dict.fromkeys(codes, "refused")).write(tmp_path / "a.sav")
    _, meta = pyreadstat.read_sav(tmp_path / "a.sav", user_missing=True)
    assert sorted((r["lo"], r["hi"]) for r in meta.missing_ranges["q"]) == sorted(expected)


def test_more_missing_codes_than_spss_can_declare(tmp_path: Path) -> None:
    with pytest.raises(ExportError, match="cannot declare"):
        answers([4.0, 96.0], missing=dict.fromkeys([0, 7, 8, 95, 99], "refused")).write(tmp_path / "a.sav")


def test_kinds_become_letters_of_stata_and_codes_of_spss(tmp_path: Path) -> None:
    """Read back by pyreadstat: the letters with their labels, the codes with their ranges."""
    v = Variable(
        "q",
        type="ordinal",
        labels={1: both("có")},
        missing={-98: "dont_know", -99: "refused"},
        missing_labels={-98: both("không biết"), -99: both("từ chối")},
    )
    clean = Responses(pd.DataFrame({"q": [1, -98, -99, np.nan]}), Codebook().update(v)).recode_missing()
    assert clean.data["q"].isna().sum() == 3
    clean.write(tmp_path / "a.dta")
    data, meta = pyreadstat.read_dta(tmp_path / "a.dta", user_missing=True)
    assert data["q"].tolist()[:3] == [1.0, "a", "b"] and pd.isna(data["q"][3])
    assert meta.variable_value_labels["q"] == {1: "có", "a": "không biết", "b": "từ chối"}
    clean.write(tmp_path / "a.sav")
    data, meta = pyreadstat.read_sav(tmp_path / "a.sav", user_missing=True)
    assert data["q"].tolist()[:3] == [1.0, -98.0, -99.0] and pd.isna(data["q"][3])
    assert meta.variable_value_labels["q"] == {1: "có", -98: "không biết", -99: "từ chối"}
    assert meta.variable_measure["q"] == "ordinal"
    assert pyreadstat.read_sav(tmp_path / "a.sav")[0]["q"].notna().tolist() == [True, False, False, False]


def test_a_kind_without_a_code_is_not_left_out_silently(tmp_path: Path) -> None:
    v = Variable("q", missing={-99: "refused"})
    missing = pd.DataFrame({"q": [4, 5, 0]}, dtype=np.uint8)  # refused, not asked, an answer
    before = Responses(pd.DataFrame({"q": [np.nan, np.nan, 3.0]}), Codebook().update(v), missing)
    with pytest.raises(ExportError, match="A kind of missing answer has no code in this format") as caught:
        before.write(tmp_path / "a.sav")
    assert "q: not_asked" in str(caught.value)
    files = before.write(tmp_path / "a.sav", codes={"not_asked": -95})
    after = read(files["data"], codebook=files["codebook"]).recode_missing()
    assert after.missing["q"].tolist() == [4, 5, 0]
    with pytest.raises(ExportError, match="A code for missing answers is also an answer"):
        before.write(tmp_path / "b.sav", codes={"not_asked": 3})
    with pytest.raises(ExportError, match="unknown kind"):
        before.write(tmp_path / "b.sav", codes={"notasked": -95})


def test_not_asked_by_routing_stays_empty(tmp_path: Path) -> None:
    book = Codebook().update(
        Variable("a", type="binary", labels={0: both("0"), 1: both("1")}), Variable("q", base="a == 1")
    )
    before = Responses(pd.DataFrame({"a": [0.0, 1.0], "q": [np.nan, 5.0]}), book).recode_missing()
    files = before.write(tmp_path / "x.sav")
    assert pd.isna(pyreadstat.read_sav(files["data"])[0]["q"][0])
    assert read(files["data"], codebook=files["codebook"]).recode_missing().missing["q"].tolist() == [5, 0]


def test_tagged_missings_of_stata_go_back_to_stata(tmp_path: Path) -> None:
    column = pd.Series([1.0, "c", np.nan, "z"], dtype=object)
    v = Variable("q", missing={"c": "refused", "z": "blank"}, missing_labels={"c": both("từ chối")})
    before = Responses(pd.DataFrame({"q": column}), Codebook().update(v))
    files = before.write(tmp_path / "a.dta")
    after = read(files["data"], codebook=files["codebook"])
    pd.testing.assert_series_equal(after.data["q"], column, check_names=False)
    for suffix in (".sav", ".csv", ".parquet"):
        with pytest.raises(ExportError):
            before.write(tmp_path / f"b{suffix}")
    files = before.recode_missing().write(tmp_path / "b.sav", codes={"refused": -99, "blank": -97})
    assert pyreadstat.read_sav(files["data"], user_missing=True)[0]["q"].tolist()[1::2] == [-99, -97]


@pytest.mark.parametrize(
    ("column", "suffix", "allowed"),
    [
        (pd.Series(["a ", "b"], dtype="str"), ".sav", "spaces"),
        (pd.Series(pd.to_datetime(["2024-01-01T10:11:12.123456"])), ".sav", "fractions"),
    ],
)
def test_what_a_format_loses_must_be_allowed(tmp_path: Path, column: pd.Series, suffix: str, allowed: str) -> None:
    kind = "date" if allowed == "fractions" else "text"
    before = answers(column.tolist(), type=kind)
    with pytest.raises(
        ExportError, match=r"SPSS (does not keep trailing spaces|cannot store these fractions of a second)"
    ):
        before.write(tmp_path / f"a{suffix}")
    files = before.write(tmp_path / f"a{suffix}", allow_loss=[allowed])
    after = read(files["data"], codebook=files["codebook"]).data["q"]
    wanted = column.dt.floor("s") if kind == "date" else column.str.rstrip()
    assert after.tolist() == wanted.tolist()


def test_microseconds_are_kept_by_stata(tmp_path: Path) -> None:
    moments = pd.Series(pd.date_range("2024-01-01", periods=50, freq="1h7min3s19ms7us")).astype("datetime64[us]")
    files = answers(moments.tolist(), type="date").write(tmp_path / "a.dta")
    assert read(files["data"]).data["q"].tolist() == moments.tolist()


@pytest.mark.parametrize("suffix", [".sav", ".dta", ".csv", ".xlsx", ".parquet"])
def test_odd_columns(tmp_path: Path, suffix: str) -> None:
    """What cannot be held is an error, what can be is held: truths, categories, nullable numbers, emptiness."""
    data = pd.DataFrame(
        {
            "truth": [True, False, True],
            "kind": pd.Categorical(["x", None, "y"]),
            "n": pd.array([1, None, 3], dtype="Int64"),
            "none": [None, None, None],
            "text": pd.Series([None, None, "a"], dtype="str"),
            "day": pd.to_datetime(["2024-02-29"] * 3),
        }
    )
    files = Responses(data).write(tmp_path / f"a{suffix}")
    assert files["data"].is_file()
    half = pd.Series(["\ud800", "b", "c"], dtype=object)
    zoned = pd.date_range("2024-01-01", periods=3, tz="Asia/Ho_Chi_Minh")
    for column in (
        pd.to_timedelta([1, 2, 3]),
        [[1], [2], [3]],
        [1, "bb", 2.0],
        [1 + 2j] * 3,
        [np.inf, 1, 2],
        [2**60, 1, 2],
        ["a\x00", "b", "c"],
        zoned,
        half,
    ):
        with pytest.raises(ExportError):
            Responses(pd.DataFrame({"q": column})).write(tmp_path / f"b{suffix}")
    with pytest.raises(ExportError):
        Responses(pd.DataFrame(index=range(3))).write(tmp_path / f"b{suffix}")


def test_a_full_codebook_without_its_columns(tmp_path: Path) -> None:
    book = Codebook().update(*(Variable(f"q{i}", required=True) for i in range(5)))
    files = Responses(pd.DataFrame({"other": [1.0]}), book).write(tmp_path / "a.sav")
    assert read(files["data"], codebook=files["codebook"]).data["other"].tolist() == [1]


def test_the_language_that_the_file_does_not_hold_is_in_the_codebook(tmp_path: Path) -> None:
    v = Variable("q", type="nominal", text={"vi": "Hỏi", "en": "Ask"}, labels={1: {"vi": "Có", "en": "Yes"}})
    before = Responses(pd.DataFrame({"q": [1.0]}), Codebook().update(v))
    for lang, label in (("vi", "Có"), ("en", "Yes")):
        files = before.write(tmp_path / "a.sav", lang=lang)
        assert pyreadstat.read_sav(files["data"])[1].variable_value_labels == {"q": {1: label}}
        assert Codebook.from_toml(files["codebook"])["q"].label(1, "vi") == "Có"
        assert Codebook.from_toml(files["codebook"])["q"].label(1, "en") == "Yes"
    with pytest.raises(ExportError, match="language"):
        before.write(tmp_path / "a.sav", lang="fr")


def test_codes_that_are_text(tmp_path: Path) -> None:
    v = Variable(
        "ward", type="nominal", labels={"P01": both("Một"), "01": both("Không một")}, missing={"NA": "refused"}
    )
    before = Responses(pd.DataFrame({"ward": ["P01", "01", "NA"]}), Codebook().update(v))
    for suffix in (".sav", ".csv"):
        files = before.write(tmp_path / f"a{suffix}")
        after = read(files["data"], codebook=files["codebook"])
        assert after.data["ward"].tolist() == ["P01", "01", "NA"]
        assert after.recode_missing().missing["ward"].tolist() == [0, 0, 4]
    with pytest.raises(ExportError, match="cannot store these labels"):
        before.write(tmp_path / "a.dta")  # Stata labels numbers only
    number = Variable("ward", type="nominal", labels={"1": both("Một")})
    text = Responses(pd.DataFrame({"ward": ["1", "02"]}), Codebook().update(number))
    files = text.write(tmp_path / "b.sav")  # a text that reads as a number stays a text
    after = read(files["data"], codebook=files["codebook"])
    assert after.codebook["ward"].codes == ("1",) and after.data["ward"].tolist() == ["1", "02"]


def test_sets_and_notes_are_in_the_codebook_beside(tmp_path: Path) -> None:
    options = MultipleSet("A", ("A1", "A2"), "dichotomies", both("Kênh nào?"), 1)
    gone = MultipleSet("B", ("A1", "B2"))
    book = Codebook(
        variables=MappingProxyType(
            {n: Variable(n, dont_know="answer", note="ghi chú", element="*") for n in ("A1", "A2", "B2")}
        ),
        sets=MappingProxyType({"A": options, "B": gone}),
    )
    files = Responses(pd.DataFrame({"A1": [1.0], "A2": [0.0]}), book).write(tmp_path / "a.sav")
    after = read(files["data"]).codebook
    assert dict(after.sets) == {"A": options}
    assert after["A1"] == book["A1"]


def test_csv_as_an_archive_wants_it(tmp_path: Path) -> None:
    """By hand: UTF-8, codes, ISO dates, text in quotes, nothing for an empty cell."""
    data = pd.DataFrame(
        {
            "q": [1.0, -99.0, np.nan],
            "note": ['a "b", c', "NA", None],
            "at": pd.to_datetime(["2024-03-01T08:05:00", None, "2024-03-02T00:00:00"]),
        }
    )
    Responses(data, Codebook().update(Variable("q", missing={-99: "refused"}))).write(tmp_path / "a.csv")
    assert (tmp_path / "a.csv").read_text(encoding="utf-8") == (
        '"q","note","at"\n1,"a ""b"", c","2024-03-01T08:05:00"\n-99,"NA",\n,,"2024-03-02T00:00:00"\n'
    )


def test_a_single_column_keeps_its_empty_rows(tmp_path: Path) -> None:
    files = answers([1.5, np.nan, -2.0, np.nan]).write(tmp_path / "a.csv")
    assert read(files["data"], codebook=files["codebook"]).data["q"].isna().tolist() == [False, True, False, True]


def test_parquet_holds_the_kinds_in_words(tmp_path: Path) -> None:
    import pyarrow.parquet as pq

    before = answers([1.0, -99.0, np.nan], missing={-99: "refused"}).recode_missing()
    table = pq.read_table(before.write(tmp_path / "a.parquet")["data"])
    assert table.to_pydict() == {"q": [1.0, None, None], "q__kind": [None, "refused", None]}
    clash = Responses(pd.DataFrame({"q": [-99.0], "q__kind": [1.0]}), before.codebook).recode_missing()
    with pytest.raises(ExportError, match="column of kinds"):
        clash.write(tmp_path / "b.parquet")


def test_excel_takes_no_text_for_a_formula(tmp_path: Path) -> None:
    files = answers(["=1+1", "http://a.vn", "007"], type="text").write(tmp_path / "a.xlsx")
    assert read(files["data"], codebook=files["codebook"], sheet="data").data["q"].tolist() == [
        "=1+1",
        "http://a.vn",
        "007",
    ]
    for wrong in (answers([1.0, np.nan]), answers([pd.Timestamp("1899-01-01")], type="date"), answers(["x" * 40_000])):
        with pytest.raises(ExportError):
            wrong.write(tmp_path / "b.xlsx")


def test_a_folder_that_may_not_be_written_to(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """As the system answers in a read-only folder; root, as whom tests may run, can write everywhere."""

    def refuse(*_: Any, **__: Any) -> None:
        raise PermissionError(errno.EACCES, "Permission denied", str(tmp_path))

    monkeypatch.setattr("survey.base.files.tempfile.mkstemp", refuse)
    with pytest.raises(ExportError, match="cannot be written") as caught:
        answers([1.0]).write(tmp_path / "a.sav")
    assert caught.value.got == "Permission denied"


def test_a_failure_leaves_the_old_file_and_nothing_else(tmp_path: Path) -> None:
    path = tmp_path / "a.sav"
    answers([1.0]).write(path)
    before = {p.name: p.read_bytes() for p in tmp_path.iterdir()}
    with pytest.raises(ExportError):
        labelled(text="x" * 300).write(path)
    assert {p.name: p.read_bytes() for p in tmp_path.iterdir()} == before
    for wrong in ("a.doc", "a", "folder.sav"):
        (tmp_path / "folder.sav").mkdir(exist_ok=True)
        with pytest.raises(ExportError):
            answers([1.0]).write(tmp_path / wrong)
    (tmp_path / "file").write_text("The study has no notebook folder")
    with pytest.raises(ExportError, match="cannot be written"):
        answers([1.0]).write(tmp_path / "file" / "a.sav")


def test_personal_data_are_refused_unless_told(tmp_path: Path) -> None:
    before = Responses(pd.DataFrame({"sdt": ["0912345678"], "q": [1.0]}))
    with pytest.raises(PrivacyError) as caught:
        before.write(tmp_path / "a.csv")
    assert "sdt (phone)" in str(caught.value) and "0912" not in str(caught.value)
    with pytest.raises(PrivacyError, match="does not exist"):
        before.write(tmp_path / "a.csv", allow_personal=["std"])
    assert list(tmp_path.iterdir()) == []
    before.write(tmp_path / "a.csv", allow_personal=["sdt"])


def test_a_file_less_anonymous_than_asked_for(tmp_path: Path) -> None:
    before = Responses(pd.DataFrame({"ward": ["A"] * 5 + ["B"], "q": [1.0] * 6}))
    with pytest.raises(PrivacyError, match="less anonymous than k = 5"):
        before.write(tmp_path / "a.csv", quasi=["ward"], k=5)
    assert list(tmp_path.iterdir()) == []
    files = before.write(tmp_path / "a.csv", quasi=["ward"])
    assert '"k": 1' in files["release"].read_text(encoding="utf-8")
    with pytest.raises(ExportError, match="quasi"):
        before.write(tmp_path / "a.csv", k=5)

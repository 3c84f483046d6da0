"""Personal data are found in every form people write them in, and answers are not taken for them. All are invented."""

from __future__ import annotations

import unicodedata
import uuid
from pathlib import Path
from types import MappingProxyType

import numpy as np
import pandas as pd
import pytest

from survey.base._personal_words import folded
from survey.base.personal import in_text, is_name, masked
from survey.codebook import Codebook, Variable
from survey.errors import CleaningError, SurveyWarning
from survey.io import read
from survey.responses import Responses

RAW = Path(__file__).parents[2] / "data" / "raw"


def found(data: dict[str, list[object]], book: Codebook | None = None) -> dict[tuple[str, str], str]:
    table = Responses(pd.DataFrame(data), book or Codebook()).scan_personal()
    return {(r.column, r.kind): r.certainty for r in table.itertuples()}


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("gọi 0912345678 nhé", "phone"),
        ("0912.345.678", "phone"),
        ("091 234 56 78", "phone"),
        ("+84 912 345 678", "phone"),
        ("84912345678", "phone"),
        ("+84 (0) 912 345 678", "phone"),
        ("sđt cũ 01234567890", "phone"),
        ("máy bàn 0227 3831 234", "phone"),
        ("(0227) 3831234", "phone"),
        ("call (619) 555-0123", "phone"),
        ("viết cho an.nguyen+x@example.vn", "e-mail"),
        ("CCCD 034085001234", "id number"),
        ("034 085 001 234", "id number"),
        ("cmnd 151234567", "id number"),
        ("stk 19031234567890 ngân hàng", "bank account"),
        ("thẻ 4111 1111 1111 1111", "bank account"),  # the test number that card makers publish
        ("xe 17B1-234.56 đỗ ngoài", "licence plate"),
        ("20.44631, 106.33662", "exact place"),
        ("20.4463 106.3366 3.5 4.0", "exact place"),  # a geopoint of ODK
        ("số nhà 12 Lý Bôn", "address"),
        ("so nha 12", "address"),
        ("12/5 đường Lý Bôn", "address"),
        ("nhà ở ngõ 15", "address"),
        ("hẻm 7", "address"),
        ("12 Nguyễn... 45A ngách Chùa", "address"),
        ("123 West Oak Street", "address"),
        ("sinh ngày 12/03/1980", "date of birth"),
        ("bà Nguyễn Hoa tiếp tôi", "name"),
        ("gặp anh Trần Văn Bình ở cửa số 2", "name"),
        ("Cô Phạm Thị Thu Hà rất nhẹ nhàng", "name"),
        ("nhờ Nguyen Van An giúp", "name"),
    ],
)
@pytest.mark.parametrize("form", ["NFC", "NFD"])
def test_open_text_gives_away(text: str, kind: str, form: str) -> None:
    composed = unicodedata.normalize("NFC", unicodedata.normalize(form, text))  # reading composes
    assert kind in {h.kind for h in in_text(composed)}, composed


@pytest.mark.parametrize(
    "text",
    [
        "Không có ý kiến",
        "Thủ tục rườm rà",
        "chờ 40 phút, 3 lần",
        "1.234.567.890 đồng",
        "2.500.000",
        "năm 2024",
        "12/03/2024",
        "Quyết định 1234/QĐ-UBND ngày 12/03/2024",
        "Nghị định 61/2018/NĐ-CP",
        "phường Trần Lãm",
        "đường Nguyễn Huệ bị ngập",
        "trường Lê Hồng Phong",
        "Thái Bình",
        "Thành phố Hồ Chí Minh",
        "Hà Nội",
        "đường dây nóng 1022",
        "2 đường dây nóng",
        "NGO 12 people",
        "cổng 3 phố đi bộ",
        "Mai Tôi Đến",
        "0,123456789",
        "3.14159265",
        "score 12345678",
        "lần 2 và 3",
        "KHÔNG HÀI LÒNG LẮM",
        "Vũ trụ",
        "Do not know",
        "To be sure",
        "La Jolla Village",
        "Ho Ho Ho",
        "Trần nhà bị dột",
        "Lê thê mãi",
        "R0912345678",
        "mã 000000000000",
    ],
)
def test_an_answer_is_not_taken_for_a_person(text: str) -> None:
    assert [h for h in in_text(text) if h.certainty != "possible"] == []


@pytest.mark.parametrize(
    "name",
    [
        "Nguyễn Văn An",
        "NGUYỄN VĂN AN",
        "Nguyen Van An",
        "nguyen van an",
        "nguyễn văn an",
        "Đỗ Thị Hồng Nhung",
        "Lò Văn Ọ",
        "Vũ Hoàng Anh",
        "Nguyễn Phúc Thiên Trường An Khánh",
    ],
)
def test_names_with_and_without_marks_and_capitals(name: str) -> None:
    assert is_name(unicodedata.normalize("NFC", name))


@pytest.mark.parametrize(
    "text", ["do not know", "Hà Nội", "Rất hài lòng", "to the ward", "Lê", "Hồ Chí Minh", "mai tôi đến"]
)
def test_words_that_begin_like_a_name(text: str) -> None:
    assert not is_name(text)


def test_a_column_is_known_by_its_name_in_both_languages() -> None:
    names = ["Nguyễn Văn An", "Trần Thị Bé"]
    phones = ["0912345678", "0387654321"]
    for column in ("ho_ten", "Họ và tên", "HoTen", "full_name", "respondent_name", "tên"):
        assert found({column: names})[(column, "name")] == "certain", column
    for column in ("sdt", "SĐT", "Số điện thoại", "phone_number", "Q1_mobile"):
        assert found({column: phones})[(column, "phone")] == "certain", column
    assert found({"first_name": ["Maria", "Joe"]})[("first_name", "name")] == "likely"
    assert found({"dia_chi": ["Tổ 3 Quang Trung", "Tổ 12 Kỳ Bá"]})[("dia_chi", "address")] == "likely"
    assert found({"ngay_sinh": ["01/02/1980", "15/11/1975"]})[("ngay_sinh", "date of birth")] == "certain"
    dates = pd.Series(pd.to_datetime(["1980-02-01", "1975-11-15"]))
    assert found({"date_of_birth": list(dates)})[("date_of_birth", "date of birth")] == "certain"


def test_numbers_that_lost_their_zero() -> None:
    """Excel makes 912345678 of 0912345678, and SPSS a float."""
    phones = [912345678.0, 387654321.0, np.nan]
    assert found({"sdt": phones})[("sdt", "phone")] == "certain"
    alone = [912345678, 387654321, 705551234, 861234567, 561112223, 938887776]
    assert found({"x": alone}) == {("x", "phone"): "possible"}
    citizens = [34085001234 + i * 1000003 for i in range(6)]
    assert found({"x": citizens}) == {("x", "id number"): "possible"}


def test_coordinates_by_name_and_by_where_they_lie() -> None:
    rng = np.random.default_rng(1)
    lat, lon = 20.4 + rng.random(8) / 10, 106.3 + rng.random(8) / 10
    assert found({"_gps_latitude": lat.tolist()})[("_gps_latitude", "exact place")] == "certain"
    assert found({"a": lat.tolist(), "b": lon.tolist()}) == {
        ("a", "exact place"): "likely",
        ("b", "exact place"): "likely",
    }
    assert found({"lat": lat.round(2).tolist(), "lon": lon.round(2).tolist()}) == {}  # a kilometre: no exact place
    assert found({"weight": lon.tolist()}) == {}  # one side alone is a number


def test_questions_about_telephones_are_no_telephones() -> None:
    book = Codebook().update(
        Variable("phone", type="binary", labels=MappingProxyType({0: {"en": "No"}, 1: {"en": "Yes"}})),
        Variable("email", type="nominal", labels=MappingProxyType({"a": {"en": "by e-mail"}, "b": {"en": "by post"}})),
    )
    assert (
        found(
            {
                "phone": [0.0, 1.0],
                "email": ["a", "b"],
                "address_clear": [1, 5],
                "long": [1.5, 2.0],
                "birth_year": [1980, 1975],
                "ward_name": ["P01", "P02"],
                "mode": ["phone", "face"],
            },
            book,
        )
        == {}
    )


def test_interviewers_as_labels_of_codes() -> None:
    people = {1: "Nguyễn Văn An", 2: "Trần Thị Bé", 3: "Lê Văn Cường"}
    labels = MappingProxyType({c: MappingProxyType({"vi": n, "en": n}) for c, n in people.items()})
    book = Codebook().update(Variable("interviewer", type="nominal", labels=labels))
    assert found({"interviewer": [1, 2, 3]}, book)[("interviewer", "name")] == "likely"


def test_the_wording_of_a_question_counts_where_it_was_answered_in_text() -> None:
    book = Codebook().update(
        Variable("Q77", type="text", text=MappingProxyType({"vi": "Xin cho biết họ tên của ông/bà"}))
    )
    assert found({"Q77": ["Nguyễn Văn An", "Maria Nunez"]}, book)[("Q77", "name")] == "certain"


def test_the_example_shows_the_form_only() -> None:
    assert masked("Nguyễn Văn An") == "N••••• V•• A•"
    assert masked("0912.345.678") == "09••.•••.•••"
    table = Responses(pd.DataFrame({"note": ["gọi anh Trần Văn Bình 0912345678"]})).scan_personal()
    told = table.to_string()
    assert "345" not in told and "Bình" not in told and len(table) == 2


def test_rows_are_counted_not_texts() -> None:
    table = Responses(pd.DataFrame({"n": ["0912345678"] * 3 + ["không", None]})).scan_personal()
    assert table["count"].tolist() == [3]


@pytest.mark.parametrize(
    "data",
    [
        {},
        {"a": []},
        {"a": [None, None]},
        {"a": pd.Categorical(["x", None])},
        {"a": pd.Series([], dtype="str")},
        {"a": [1, "b"]},
        {"a": [True, False]},
        {"a": pd.to_timedelta([1, 2])},
        {"a": [[1], [2]]},
    ],
)
def test_odd_frames_are_scanned(data: dict[str, list[object]]) -> None:
    try:
        assert found(data) == {}
    except TypeError:
        assert data == {"a": [[1], [2]]}


def test_a_column_that_is_not_there() -> None:
    with pytest.raises(CleaningError):
        Responses(pd.DataFrame({"a": [1]})).scan_personal("b")


@pytest.mark.parametrize("name", ["residents", "businesses"])
def test_the_simulated_study_holds_no_personal_data(name: str) -> None:
    files = [RAW / f"{name}_2023.sav", RAW / f"{name}_2024.sav"]
    assert read(files, codebook=RAW / "codebook.toml").scan_personal().empty
    assert read(files).scan_personal().empty


@pytest.mark.real
def test_real_surveys_hold_a_postal_code_and_nothing_else(data_home: Path) -> None:
    """San Diego publishes ZIP codes; LAPOP nothing that names a person."""
    table = read(data_home / "sandiego2015" / "resident_survey_weighted_datasd.csv").scan_personal()
    assert table[["column", "kind", "certainty"]].values.tolist() == [["ZIP", "postal code", "possible"]]
    assert read(data_home / "lapop_bra23" / "bra23.csv").scan_personal().empty


def test_folding() -> None:
    assert folded("HọTên_chủHộ") == "ho ten chu ho"
    assert folded("SĐT1") == "sdt 1" and folded("Đường") == "duong"


def test_the_id_that_a_platform_gives_a_submission_is_no_number_of_anything() -> None:
    """Of a thousand random UUIDs some hold 16 digits that pass as a card number, or nine beside a word."""
    rng = np.random.default_rng(1)
    ids = [str(uuid.UUID(bytes=rng.bytes(16), version=4)) for _ in range(20_000)]
    data = pd.DataFrame({"_uuid": ids, "KEY": [f"uuid:{i}" for i in ids]})
    assert Responses(data).scan_personal().empty


def scanned(data: pd.DataFrame) -> pd.DataFrame:
    return Responses(data).scan_personal()


PEOPLE = ["Võ Thị Sáu", "Nguyễn Cư Trinh", "Nguyễn Thái Bình", "Phạm Ngũ Lão", "Nguyễn Thị Minh Khai"]


@pytest.mark.parametrize("form", ["NFC", "NFD"])
@pytest.mark.parametrize("before", ["", "P. ", "Phường ", "phường "])
@pytest.mark.parametrize(
    "column", ["phuong", "phường", "ten_phuong", "Tên đường", "xa", "ward", "ward_name", "truong", "school", "street"]
)
@pytest.mark.sampled
def test_places_named_after_people_are_at_most_possible(column: str, before: str, form: str) -> None:
    texts = [unicodedata.normalize(form, before + p) for p in PEOPLE] * 30
    found = scanned(pd.DataFrame({unicodedata.normalize(form, column): texts}))
    assert (found["certainty"] == "possible").all(), found


def test_wards_named_after_people_as_labels_or_by_their_wording_are_at_most_possible() -> None:
    labels = {i: {"vi": p} for i, p in enumerate(PEOPLE)}
    book = Codebook({"px": Variable("px", "nominal", {}, labels), "q3": Variable("q3", "text", {"vi": "Phường"})})
    data = pd.DataFrame({"px": [0, 1, 2, 3] * 5, "q3": PEOPLE * 4})
    found = Responses(data, book).scan_personal()
    assert len(found) == 2 and (found["certainty"] == "possible").all()


@pytest.mark.parametrize("column", ["truong_thon", "ten_can_bo_phuong", "ward_officer", "school_head", "chu_tich_xa"])
def test_names_of_people_about_places_are_still_names_of_people(column: str) -> None:
    found = scanned(pd.DataFrame({column: PEOPLE * 3}))
    assert set(found["certainty"]) <= {"certain", "likely"} and len(found)


def test_other_personal_data_in_a_column_of_places_are_still_found() -> None:
    found = scanned(pd.DataFrame({"phuong": ["0912 345 678", "Võ Thị Sáu"], "duong": ["12 đường Lê Lợi", "ngõ 5"]}))
    assert set(found.loc[found["certainty"] != "possible", "kind"]) == {"phone", "address"}


@pytest.mark.parametrize("text", ["Nguyễn Văn An", "gặp bà Trần Thị Bé ở nhà", "số nhà 12", "12 đường Lê Lợi"])
def test_letters_and_marks_held_apart_are_read_as_one(text: str) -> None:
    """As macOS writes them; a name, a name in a sentence, an address."""
    column = [text, text + " ", "Lê Hoàng Nam", "Trần Thị Bé"]
    composed, apart = (
        scanned(pd.DataFrame({"q12": [unicodedata.normalize(form, t) for t in column]})) for form in ("NFC", "NFD")
    )
    assert len(composed) and composed.equals(apart)


def test_names_held_apart_as_labels_of_codes_are_found() -> None:
    names = [unicodedata.normalize("NFD", n) for n in ("Nguyễn Văn An", "Trần Thị Bé", "Lê Hoàng Nam")]
    book = Codebook({"e": Variable("e", "nominal", {}, {i: {"vi": n} for i, n in enumerate(names)})})
    assert len(Responses(pd.DataFrame({"e": [0, 1, 2]}), book).scan_personal()) == 1


class TestOnceForADataSet:
    """A quick look costs a second or so at a hundred thousand rows: reading and checking share one."""

    @pytest.fixture
    def looks(self, monkeypatch: pytest.MonkeyPatch) -> list[int]:
        from survey.privacy import scan

        counted: list[int] = []
        search = scan.search

        def count(data: pd.DataFrame, codebook: Codebook, **how: object) -> object:
            counted.append(len(data))
            return search(data, codebook, **how)

        monkeypatch.setattr(scan, "search", count)
        return counted

    def test_reading_and_checking_look_once(self, looks: list[int], tmp_path: Path) -> None:
        path = tmp_path / "a.csv"
        path.write_text("id,email\n1,an@example.org\n2,be@example.org\n", encoding="utf-8")
        with pytest.warns(SurveyWarning, match="personal data"):
            responses = read(path)
        found = [responses.check().table.query("rule == 'personal'")["variable"].tolist() for _ in range(2)]
        assert (found, looks) == ([["email"], ["email"]], [2])

    def test_changed_data_are_looked_at_again(self, looks: list[int]) -> None:
        responses = Responses(pd.DataFrame({"id": [1, 2, 3], "say": ["x", "y", "gọi 0912 345 678"]}))
        first, fewer = responses.check(), responses.drop(where=responses.data["id"] == 3, reason="test").check()
        assert looks == [3, 2]
        assert ["personal" in set(report.table["rule"]) for report in (first, fewer)] == [True, False]

    @pytest.fixture
    def texts(self, monkeypatch: pytest.MonkeyPatch) -> list[str]:
        """Texts that are looked at one by one, which is what takes the time."""
        from survey.privacy import scan

        looked: list[str] = []
        monkeypatch.setattr(scan, "in_text", lambda text: looked.append(text) or in_text(text))
        return looked

    def test_a_verb_does_not_look_again_at_what_it_left_as_it_was(self, texts: list[str]) -> None:
        raw = Responses(pd.DataFrame({"q": [1, 2, 3], "say": ["hay", "gọi 0912 345 678", "tốt"], "w": ["x", "y", "z"]}))
        raw.check()
        once = len(texts)
        changed = raw.recode("q", {3: 2}).derive("r", "q + 1").recode("w", {"z": "mới"})
        assert changed.check().table.query("rule == 'personal'")["variable"].tolist() == ["say"]
        assert once == 6 and texts[once:] == ["mới"]
        fewer = changed.drop(where="r == 3", reason="test")
        assert "personal" not in set(fewer.check().table["rule"])
        assert len(texts) == once + 1  # no row is new, so no text is

    def test_files_are_written_after_one_look_at_all_rows(self, looks: list[int], tmp_path: Path) -> None:
        raw = Responses(pd.DataFrame({"q": [1, 2, 3], "say": ["hay", "được", "tốt"]}))
        raw.scan_personal()
        for name in ("a.csv", "a.parquet"):
            raw.write(tmp_path / name)
        assert looks == [3]

    def test_what_was_found_is_that_of_the_column_as_it_is_now(self) -> None:
        raw = Responses(pd.DataFrame({"a": ["x", "y"], "b": ["gọi 0912 345 678", "y"]}))
        assert raw.scan_personal()["column"].tolist() == ["b"]
        assert raw.rename({"a": "b", "b": "a"}).scan_personal()["column"].tolist() == ["a"]
        assert raw.select("a").scan_personal().empty
        declared = Responses(raw.data, Codebook({"b": Variable("b", "text", missing={"gọi 0912 345 678": "refused"})}))
        assert declared.scan_personal().empty  # the codebook is looked at too


def both_forms(text: str) -> list[str]:
    return [unicodedata.normalize(form, text) for form in ("NFC", "NFD")]


# Streets of Hà Nội, Đà Nẵng, Cần Thơ and Hồ Chí Minh City; invented sentences
STREETS = ["Nguyễn Văn Linh", "Võ Văn Kiệt", "Lê Đức Thọ", "Nguyễn Thị Định", "Trần Quốc Toản", "Hoàng Quốc Việt"]
UNKNOWN = ["Lê Văn Phấn", "Trần Tấn Mới", "Đỗ Đình Thiện"]  # streets that no list of ours has
WARDS = ["Võ Thị Sáu", "Nguyễn Cư Trinh", "Phạm Ngũ Lão", "Nguyễn Thái Bình", "Cô Giang", "Bến Thành", "Tân Định"]


def names_found(text: str) -> bool:
    return any(hit.kind == "name" for hit in in_text(text))


class TestStreetsAndWards:
    @pytest.mark.parametrize("street", STREETS)
    @pytest.mark.parametrize("said", ["{} hay ngập", "Kẹt xe suốt ở {}", "{}", "từ {} đến Lê Lợi", "Vỉa hè {} bị lấn"])
    def test_a_street_called_after_someone_is_no_person(self, street: str, said: str) -> None:
        assert not any(map(names_found, both_forms(said.format(street))))

    @pytest.mark.parametrize("street", UNKNOWN)
    @pytest.mark.parametrize(
        "said",
        [
            "ngã tư {} kẹt xe",
            "Vòng xoay {} nguy hiểm",
            "gần {} không có đèn",
            "trạm y tế {} quá tải",
            "đường Trần Phú, {} và Quang Trung",
            "P. {} làm chậm",
            "chung cư {}",
            "tuyến {} - Lê Lợi",
        ],
    )
    def test_words_before_it_make_any_name_that_of_a_place(self, street: str, said: str) -> None:
        assert not any(map(names_found, both_forms(said.format(street))))

    @pytest.mark.parametrize("column", ["phuong", "dia_ban", "q7", "cum", "site", "noi_o", "v12"])
    @pytest.mark.parametrize("form", ["NFC", "NFD"])
    def test_a_ward_study_can_be_written_whatever_the_column_is_called(
        self, column: str, form: str, tmp_path: Path
    ) -> None:
        wards = [unicodedata.normalize(form, w) for w in WARDS]
        study = Responses(pd.DataFrame({column: wards * 10, "q1": np.tile([1, 2, 3, 4, 5], 14)}))
        assert set(study.scan_personal()["certainty"]) <= {"possible"}
        study.write(tmp_path / "study.csv")
        assert (tmp_path / "study.csv").is_file()

    def test_labels_of_codes_that_are_wards_are_no_persons(self) -> None:
        labels = {i: {"vi": w} for i, w in enumerate(WARDS)}
        book = Codebook({"v12": Variable("v12", "nominal", {}, labels)})
        table = Responses(pd.DataFrame({"v12": range(7)}), book).scan_personal()
        assert set(table["certainty"]) <= {"possible"}

    @pytest.mark.parametrize("marks", [str, lambda t: folded(t).title(), str.upper])
    @pytest.mark.parametrize("form", ["NFC", "NFD"])
    def test_a_list_of_people_is_found_though_some_are_called_like_a_street(self, marks: object, form: str) -> None:
        people = ["Nguyễn Văn An", "Trần Thị Bé", "Lê Hoàng Nam", "Phạm Thu Hà", "Nguyễn Văn Linh", "Đỗ Minh", "Vũ Hà"]
        cells = [unicodedata.normalize(form, marks(p)) for p in people]  # type: ignore[operator]
        (row,) = Responses(pd.DataFrame({"q7": cells * 3})).scan_personal().itertuples()
        assert (row.kind, row.certainty) == ("name", "likely")

    def test_one_name_among_other_answers_is_found(self) -> None:
        """Who helped you? A few name someone; in a sample of wards each stands many times."""
        answers = ["không nhớ", "cán bộ một cửa", "tự làm", "không nhớ", "Nguyễn Hữu Tài", "hàng xóm", "tự làm"]
        assert found({"v": list(answers)}) == {("v", "name"): "likely"}
        wards = ["Tân Định", "Bến Thành", "Đa Kao", "Cầu Kho", "Lê Văn Phấn"] * 10
        assert set(found({"v": list(wards)}).values()) <= {"possible"}

    def test_officers_may_be_called_like_a_street(self) -> None:
        assert found({"ward_officer": list(STREETS)})["ward_officer", "name"] in ("likely", "certain")


class TestTitles:
    @pytest.mark.parametrize(
        "text",
        [
            "gặp ông Hùng ở bộ phận một cửa",
            "Cảm ơn chị Lan Anh",
            "Cảm ơn Chị Lan",
            "Ông Hùng nhiệt tình",
            "bà Tuyết làm chậm",
            "anh Quốc Đạt",
            "thầy Minh; cô Hạnh",
            "tôi đưa tiền cho bác Sơn.",
            "anh Tuan lam viec tot",
            "gap ong Hung",
            "Mr. Smith was helpful",
            "thanks to Ms Lan",
            "la Sra. García nos atendió",
        ],
    )
    def test_a_given_name_after_a_title_is_a_person(self, text: str) -> None:
        assert all(map(names_found, both_forms(text)))

    @pytest.mark.parametrize(
        "text",
        [
            "Anh chị làm tốt",
            "anh Công an phường",
            "chị Thư ký",
            "bác Bảo vệ",
            "Bà Rịa Vũng Tàu",
            "chợ Bà Chiểu",
            "cầu Ông Lãnh",
            "đường Bà Triệu",
            "phường Cô Giang",
            "Bác Hồ kính yêu",
            "em Không biết",
            "Hồ Chí Minh",
            "Ho Chi Minh City",
            "tiếng Anh Văn",
            "Cảm ơn anh. Minh bạch hơn",
            "MS Office",
            "Mr President",
            "cô giáo dạy tốt",
            "Ba Trang",
        ],
    )
    def test_a_title_and_another_word_is_none(self, text: str) -> None:
        assert not any(map(names_found, both_forms(text)))

    def test_a_column_of_titles_and_names_is_found_and_a_ward_of_this_form_is_not(self) -> None:
        assert found({"q": ["Anh Dũng", "Chị Lan", "không nhớ"]}) == {("q", "name"): "likely"}
        assert found({"q": ["Anh Dũng", "Đa Phúc", "Hưng Đạo"] * 5}) == {}


class TestExactPlaces:
    EAST = (603_245.0, 603_871.0, 604_120.0, 602_933.0, 603_502.0, 605_017.0)
    NORTH = (1_191_234.0, 1_190_877.0, 1_192_003.0, 1_191_561.0, 1_190_342.0, 1_191_909.0)

    @pytest.mark.parametrize(
        ("x", "y", "certainty"),
        [
            ("POINT_X", "POINT_Y", "certain"),
            ("X_VN2000", "Y_VN2000", "certain"),
            ("toado_x", "toado_y", "certain"),
            ("Easting", "Northing", "certain"),
            ("x", "y", "likely"),
            ("v1", "v2", "possible"),
        ],
    )
    def test_metres_of_vn_2000_are_exact_places(self, x: str, y: str, certainty: str) -> None:
        told = found({x: list(self.EAST), y: list(self.NORTH)})
        assert told == {(x, "exact place"): certainty, (y, "exact place"): certainty}
        whole = Responses(pd.DataFrame({x: np.array(self.EAST, int), y: np.array(self.NORTH, int)})).scan_personal()
        assert whole["certainty"].tolist() == [certainty] * 2

    @pytest.mark.parametrize(
        ("x", "y"),
        [
            ((300_000, 450_000, 500_000, 620_000, 710_000), (1_000_000, 1_500_000, 2_000_000, 900_000, 1_200_000)),
            ((603_000, 604_000, 605_000, 606_000, 607_000), (1_191_000, 1_192_000, 1_193_000, 1_194_000, 1_195_000)),
        ],
    )
    def test_sums_of_money_and_squares_of_a_kilometre_are_not(self, x: tuple[int, ...], y: tuple[int, ...]) -> None:
        assert found({"income": list(x), "spent": list(y)}) == {}
        assert found({"x": list(x), "y": list(y)}) == {}

    @pytest.mark.parametrize("text", ["603245 1191234", "X=603245.12, Y=1191234.5", "POINT (106.70123 10.77654)"])
    def test_pairs_in_a_text_are_found(self, text: str) -> None:
        assert {h.kind for h in in_text(text)} == {"exact place"}

    @pytest.mark.parametrize("text", ["từ 300000 đến 1500000", "300000 - 1500000 đồng", "hồ sơ 603245, 12 ngày"])
    def test_money_and_numbers_of_files_are_not(self, text: str) -> None:
        assert not list(in_text(text))


@pytest.mark.parametrize("form", ["NFC", "NFD"])
@pytest.mark.parametrize(
    ("column", "cells", "kind"),
    [
        ("so_ho_chieu", ["B1234567", "C7654321", "N1020304"], "id number"),
        ("Passport No", ["B1234567", "C7654321", "N1020304"], "id number"),
        ("Pasaporte", ["AB123456", "B7654321", "K1020304"], "id number"),
        ("Hộ chiếu", ["B1234567", "C7654321", "N1020304"], "id number"),
        ("Nombre", ["José Pérez", "Ana", "María García"], "name"),
        ("apellidos", ["Pérez Gil", "García", "Ruiz"], "name"),
        ("nom", ["Dupont", "Durand", "Lefèvre"], "name"),
        ("Telefono", ["600 123 456", "911234567", "699-000-111"], "phone"),
        ("celular", ["11 98765-4321", "11987654321", "1133334444"], "phone"),
        ("Número de teléfono", ["600 123 456", "911234567", "699-000-111"], "phone"),
        ("Correo", ["ana@example.org"], "e-mail"),
        ("Họ và tên", ["An", "Bình", "Chi"], "name"),
    ],
)
def test_columns_of_other_languages_and_passports_are_found(
    column: str, cells: list[object], kind: str, form: str
) -> None:
    told = found({unicodedata.normalize(form, column): cells})
    assert [k for _, k in told] == [kind] and set(told.values()) <= {"certain", "likely"}


def test_a_passport_in_a_sentence_is_found_beside_its_word() -> None:
    assert [h.kind for h in in_text("hộ chiếu số B1234567")] == ["id number"]
    assert not list(in_text("mẫu đơn B1234567"))


@pytest.mark.parametrize(
    ("column", "cells"),
    [("nombre_hijos", [0, 1, 2, 3]), ("nombre", [0, 1, 2]), ("has_passport", [0, 1]), ("telefono", ["sí", "no"])],
)
def test_counts_and_yes_or_no_are_none_of_them(column: str, cells: list[object]) -> None:
    assert found({column: cells}) == {}

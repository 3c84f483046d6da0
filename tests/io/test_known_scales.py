"""A form's answers in words come out of the draft as ordered scales, so that the first right share needs no edit."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pyreadstat
import pytest
from openpyxl import Workbook

import survey as sv
from survey.codebook import Codebook
from survey.io.drafting import draft_codebook

SATISFACTION = ["Rất không hài lòng", "Không hài lòng", "Bình thường", "Hài lòng", "Rất hài lòng"]
AGREEMENT = ["Hoàn toàn không đồng ý", "Không đồng ý", "Phân vân", "Đồng ý", "Hoàn toàn đồng ý"]
AGES = ["Dưới 18", "18-29", "30-44", "45-59", "60 trở lên"]
ITEMS = [f"{i}. Ông/bà hài lòng thế nào về dịch vụ {i}?" for i in range(1, 16)]
OPINIONS = [f"{i}. Cán bộ phường làm đúng hẹn {i}." for i in range(16, 21)]


@pytest.fixture(scope="module")
def form(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A workbook as Google Forms gives it, of 20 items; invented answers."""
    rng = np.random.default_rng(12)
    book = Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.append(["Dấu thời gian", "Mã phiếu", "Giới tính", "Nhóm tuổi", "quyền số", *ITEMS, *OPINIONS, "Góp ý"])
    for i in range(120):
        sheet.append(
            [
                pd.Timestamp(2025, 3, 1) + pd.Timedelta(minutes=37 * i),
                f"P{i:03d}",
                str(rng.choice(["Nam", "Nữ"])),
                str(rng.choice(AGES)),
                round(float(rng.gamma(4, 0.25)) + 0.01, 3),
                *rng.choice([*SATISFACTION, "Không biết"], 15, p=[0.05, 0.12, 0.2, 0.38, 0.17, 0.08]).tolist(),
                *rng.choice([*AGREEMENT, "Không biết"], 5).tolist(),
                f"Nên có thêm ghế ngồi cho người già ở chỗ chờ số {i}" if i % 3 == 0 else None,
            ]
        )
    path = tmp_path_factory.mktemp("form") / "form.xlsx"
    book.save(path)
    return path


class TestForm:
    def test_no_edit_before_the_first_right_share(self, form: Path, tmp_path: Path) -> None:
        book, remarks = draft_codebook(form)
        path = book.to_toml(tmp_path / "draft.toml", remarks)
        clean = sv.read(form, codebook=path).recode_missing()
        assert clean.check().passed
        sample = sv.Sample(clean, weights="quyền số")
        raw = pd.read_excel(form, engine="openpyxl")
        weight = raw["quyền số"]
        for name, top in [*((n, SATISFACTION[3:]) for n in ITEMS), *((n, AGREEMENT[3:]) for n in OPINIONS)]:
            answered = raw[name] != "Không biết"  # by hand, in pandas
            expected = weight[raw[name].isin(top)].sum() / weight[answered].sum()
            assert sample.proportion(name, top=2).table["estimate"].item() == pytest.approx(expected, abs=1e-12)
        by_age = sample.proportion(ITEMS[0], top=2, by="Nhóm tuổi").table
        assert by_age["Nhóm tuổi"].tolist() == AGES

    def test_items_with_the_same_answers_are_on_one_scale(self, form: Path, tmp_path: Path) -> None:
        book, remarks = draft_codebook(form)
        text = book.to_toml(tmp_path / "draft.toml", remarks).read_text(encoding="utf-8")
        assert text.count('scale = "satisfaction5"') == 15 and text.count("[scales.satisfaction5]") == 1
        assert text.count('scale = "agreement5"') == 5 and text.count('"Không biết" = {') == 1
        assert all(book[n].codes == tuple(SATISFACTION) and book[n].direction == 1 for n in ITEMS)
        assert all(dict(book[n].missing) == {"Không biết": "dont_know"} for n in [*ITEMS, *OPINIONS])
        assert book[ITEMS[0]].label("Hài lòng", "en") == "Satisfied"
        assert Codebook.from_toml(tmp_path / "draft.toml") == book

    def test_the_head_counts_remarks_by_kind_the_most_urgent_first(self, form: Path) -> None:
        _, remarks = draft_codebook(form)
        head = list(remarks[""])
        start = next(i for i, line in enumerate(head) if "remarks to check, the most urgent first" in line)
        kinds = head[start + 1 :]
        assert [line.split(": ")[0].strip() for line in kinds] == [
            "20 non-answers entered as missing codes",
            "3 scales recognised and entered",
            "3 weights, strata, clusters, identifiers",
            "2 answers in words without an order, or open text",
        ]
        count = int(head[start].split()[0])
        assert count == sum(len(lines) for name, lines in remarks.items() if name) == 28
        assert all(line.startswith("to be checked: ") for n, lines in remarks.items() if n for line in lines)


def draft(tmp_path: Path, **columns: object) -> tuple[Codebook, dict[str, str]]:
    path = tmp_path / "a.csv"
    pd.DataFrame(columns).to_csv(path, index=False)
    book, remarks = draft_codebook(path)
    return book, {n: " | ".join(lines) for n, lines in remarks.items()}


def test_an_item_that_lacks_an_answer_has_the_points_of_the_others(tmp_path: Path) -> None:
    book, told = draft(
        tmp_path, q1=SATISFACTION * 4, q2=[*SATISFACTION[1:], "Hài lòng"] * 4, q3=["Hài lòng", "Không hài lòng"] * 10
    )
    assert book["q2"].codes == book["q1"].codes == tuple(SATISFACTION)
    assert book["q3"].codes == ("Không hài lòng", "Hài lòng")  # two of five: a question of its own
    assert "so has 1 other item" in told["q1"] and "q2" not in told and "its order" in told["q3"]


def test_an_item_that_lacks_an_answer_by_more_than_chance_has_its_own_scale(tmp_path: Path) -> None:
    # 30 of 90 chose the middle in q1: that nobody of 90 would in q2 has a probability of (2/3)^90 < 1e-15
    book, _ = draft(tmp_path, q1=["Đồng ý", "Phân vân", "Không đồng ý"] * 30, q2=["Đồng ý", "Không đồng ý"] * 45)
    assert book["q1"].codes == ("Không đồng ý", "Phân vân", "Đồng ý") and book["q2"].codes == ("Không đồng ý", "Đồng ý")


def test_a_scale_of_which_only_one_side_was_chosen_says_so(tmp_path: Path) -> None:
    _, told = draft(tmp_path, q1=["Hài lòng", "Rất hài lòng", "Bình thường"] * 8, q2=["Tốt", "Kém"] * 12)
    assert "nobody chose its other end" in told["q1"] and "other end" not in told["q2"]


def test_another_spelling_is_told_and_is_no_point_of_the_scale(tmp_path: Path) -> None:
    book, told = draft(tmp_path, q1=[*SATISFACTION * 4, "HÀI LÒNG", "hài lòng"])
    assert book["q1"].codes == tuple(SATISFACTION)
    assert "other spellings of these answers: HÀI LÒNG, hài lòng" in told["q1"]


def test_words_that_are_no_scale_stay_text(tmp_path: Path) -> None:
    book, told = draft(tmp_path, kinh=["Kinh", "Tày", "Nùng"] * 8, mixed=["Hài lòng", "Kém", "Không rõ"] * 8)
    assert {book[n].type for n in ("kinh", "mixed")} == {"text"} and not book["mixed"].labels
    assert "3 different texts" in told["kinh"] and "reads like no answer (dont_know)" in told["mixed"]


def test_numbers_kept_as_text_come_before_anything_else(tmp_path: Path) -> None:
    path = tmp_path / "a.sav"
    pyreadstat.write_sav(pd.DataFrame({"score": ["8", "2", "10", "7", "1"] * 6, "note": ["a", "b", "c"] * 10}), path)
    _, remarks = draft_codebook(path)
    assert "numbers kept as text (all of its answers), which have no mean" in remarks["score"][0]
    head = [line for line in remarks[""] if "kept as text" in line or "in words" in line]
    assert head[0].strip().startswith("1 numbers kept as text: score")


class TestCodes:
    @staticmethod
    def sav(tmp_path: Path, values: list[float], labels: dict[float, str], measure: str) -> tuple[Codebook, str]:
        path = tmp_path / "a.sav"
        pyreadstat.write_sav(
            pd.DataFrame({"q": values}),
            path,
            variable_value_labels={"q": labels},  # type: ignore[dict-item]
            variable_measure={"q": measure},  # type: ignore[dict-item]
        )
        book, remarks = draft_codebook(path)
        return book, " | ".join(remarks.get("q", ()))

    def test_a_known_scale_that_the_file_calls_nominal_is_ordinal_with_its_good_end(self, tmp_path: Path) -> None:
        down = dict(
            enumerate(["Very satisfied", "Satisfied", "Neither", "Dissatisfied", "Very dissatisfied", "Don't know"], 1)
        )
        book, told = self.sav(tmp_path, [1, 2, 3, 4, 5, 6] * 5, {float(c): t for c, t in down.items()}, "nominal")
        assert (book["q"].type, book["q"].codes, book["q"].direction) == ("ordinal", (1, 2, 3, 4, 5), -1)
        assert dict(book["q"].missing) == {6: "dont_know"} and book["q"].missing_labels[6]["en"] == "Don't know"
        assert "the first is the good end" in told and "entered as missing" in told

    @pytest.mark.parametrize("measure", ["nominal", "ordinal"])
    def test_a_scale_labelled_at_its_ends_is_one(self, tmp_path: Path, measure: str) -> None:
        book, told = self.sav(tmp_path, [1, 2, 3, 4, 5, 6, 7] * 5, {1.0: "Not at all", 7.0: "A lot"}, measure)
        assert book["q"].type == "ordinal" and book["q"].codes == tuple(range(1, 8))
        assert "labelled at its ends" in told and "without a label" not in told

    def test_codes_beyond_the_labelled_ones_are_told_and_the_scale_is_not_entered(self, tmp_path: Path) -> None:
        labels = {float(i): t for i, t in enumerate(SATISFACTION, 1)}
        book, told = self.sav(tmp_path, [float(i) for i in range(1, 11)] * 4, labels, "nominal")
        assert book["q"].type == "nominal" and "values without a label: 6" in told


WEIGHTS = ["wt", "WGT", "weight_2024", "pw", "pond", "factor", "peso", "trong_so", "quyền số", "Trọng số", "Wgt1"]
CLUSTERS = ["upm", "cluster", "cụm", "địa bàn", "phuong", "xã", "Ward"]
STRATA = ["estrato", "strata", "phân tầng"]


class TestDesignColumns:
    @pytest.mark.parametrize("name", WEIGHTS)
    def test_a_weight_by_its_name(self, tmp_path: Path, name: str) -> None:
        _, told = draft(tmp_path, **{name: [1.5, 2.25, 3.1, 4.2] * 10})
        assert 'role = "weight"' in told[name]

    @pytest.mark.parametrize("values", [[1.0, 2.0, 3.0, 4.0] * 10, [-1.5, 2.5, 1.0, 3.5] * 10])
    def test_a_name_alone_is_not_enough(self, tmp_path: Path, values: list[float]) -> None:
        _, told = draft(tmp_path, factor=values)
        assert 'role = "weight"' not in told.get("factor", "")

    def test_a_weight_by_its_values(self, tmp_path: Path) -> None:
        raw = np.random.default_rng(3).gamma(4, 0.25, 200)
        _, told = draft(tmp_path, v101=raw / raw.mean(), height=1.5 + raw / 10)
        assert "fractions with a mean of 1" in told["v101"] and 'role = "weight"' not in told.get("height", "")

    @pytest.mark.parametrize("name", ["seq", "uuid", "_id", "Mã phiếu", "so_phieu", "folio", "anything"])
    def test_an_identifier(self, tmp_path: Path, name: str) -> None:
        _, told = draft(tmp_path, **{name: [f"K{i:04d}" for i in range(60)]})
        assert 'role = "id"' in told[name]

    @pytest.mark.parametrize(("name", "role"), [*((n, "psu") for n in CLUSTERS), *((n, "stratum") for n in STRATA)])
    def test_clusters_and_strata(self, tmp_path: Path, name: str, role: str) -> None:
        _, told = draft(tmp_path, **{name: [1, 2, 3, 4, 5, 6] * 10})
        assert f'role = "{role}"' in told[name]

    def test_times_of_a_form_are_no_identifiers(self, tmp_path: Path) -> None:
        times = [str(pd.Timestamp(2025, 1, 1) + pd.Timedelta(minutes=7 * i)) for i in range(60)]
        _, told = draft(tmp_path, Timestamp=times)
        assert 'role = "paradata"' in told["Timestamp"] and 'role = "id"' not in told["Timestamp"]

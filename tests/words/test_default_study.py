"""Nothing internal, nothing doubled and nothing foreign stands in what the default study shows."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

import default_study
from default_study import DefaultStudy
from survey.codebook import Codebook
from words_of_languages import strangers

BROKEN = {
    "doubled brackets": r"\)\)|\) \(",
    "a sign before a size": r"(tăng|giảm|hơn) (nhiều hơn |ít hơn )?([^\s().;:]+ ){0,8}?\+\d",
    "no Vietnamese": r"hơn kém|khác biệt với 0|đến đâu|bấy nhiêu|may rủi|đứng riêng|kể riêng",
    "a note to the interviewer": r"\((hỏi cuối|tùy chọn|ghi chép)\)",
    "a term that WORDING replaces": (
        r"trọng số|gia quyền|bảng mã|n hiệu dụng|hiệu chỉnh biên|các biên\b|cắt ngọn|bù không trả lời|đổi tổng|"
        r"giả danh|bí danh|phiếu bịa|sáp nhập phường|số câu trả lời hợp lệ|Mẫu trừ dân số|gần mức ấy|Người khác|60\+"
    ),
    "a sign for a word": r"×(?! \d)|\bn_eff\b",
    "an explained symbol with a capital": r"\bN: ",
}
"""What no Vietnamese text may hold, by what is wrong with it."""
BROKEN_IN_ENGLISH = {
    "doubled brackets": r"\)\)|\) \(",
    "a sign before a size": r"(rose|fell) \+\d|\+[\d.]+ ([a-z]+ )?(higher|lower|more|less)\b",
    "a note to the interviewer": r"\((ask last|optional)\)",
    "a sign for a word": r"×(?! \d)|\bn_eff\b",
    "an explained symbol with a capital": r"\bN: ",
}


def faults(text: str, lang: str, book: Codebook) -> Iterator[str]:
    """What is wrong with a text of the study."""
    for what, pattern in (BROKEN if lang == "vi" else BROKEN_IN_ENGLISH).items():
        yield from (f"{what}: {found[0]}" for found in re.finditer(pattern, text))
    for name, variable in book.variables.items():
        # "mode" and "sex" are words of English as well as names of columns
        told = lang == "vi" or re.search(r"[\d_]", name)
        if told and re.search(rf"(?<![\w-]){re.escape(name)}(?![\w-])", text):
            yield f"a column's name: {name}"
        if variable.instruction.get(lang, "\0") in text:
            yield f"a note to the interviewer: {variable.instruction[lang]}"
    yield from (f"a word of another language: {word}" for word in strangers(text, lang))


@pytest.mark.parametrize(
    ("text", "lang", "found"),
    [
        ("Trung bình, điểm (thang 0–100) (KTC 95%)", "vi", "doubled brackets"),
        ("Điểm (so với đợt 1 (tháng 8/2023))", "vi", "doubled brackets"),
        ("Điểm “Thân thiện” ở phường A tăng nhiều hơn phường B +7,8 điểm", "vi", "a sign before a size"),
        ("hơn kém nhau 7,8 điểm", "vi", "no Vietnamese"),
        ("Đã nghe về mô hình (hỏi cuối)", "vi", "a note to the interviewer"),
        ("Hỏi cuối cùng, sau mọi câu hỏi đánh giá.", "vi", "a note to the interviewer"),
        ("w_design: từ 0,3 đến 3,0", "vi", "a column's name"),
        ("Quyền số (weighted)", "vi", "a word of another language"),
        ("đã gia quyền", "vi", "a term"),
        ("N: số người trả lời", "vi", "an explained symbol"),
        ("Friendliness rose +2.6 points", "en", "a sign before a size"),
        ("The score of người dân was 3", "en", "a word of another language"),
        ("w_design from 0.3", "en", "a column's name"),
    ],
)
@pytest.mark.sampled
def test_a_fault_is_found(text: str, lang: str, found: str) -> None:
    book = Codebook.from_toml(default_study.RAW / "codebook.toml")
    assert any(fault.startswith(found) for fault in faults(text, lang, book))


@pytest.mark.parametrize(
    ("text", "lang"),
    [
        ("Chênh lệch ước tính +2,1 điểm (khoảng tin cậy 95%: từ −0,3 đến 4,5, có chứa 0)", "vi"),
        ("điểm cao hơn 7,8 điểm; chênh lệch ước tính +2,1 điểm", "vi"),
        ("The estimated difference is +2.1 points (95% confidence interval: −0.3 to 4.5, which includes zero)", "en"),
    ],
)
def test_what_is_right_passes(text: str, lang: str) -> None:
    assert list(faults(text, lang, Codebook.from_toml(default_study.RAW / "codebook.toml"))) == []


@pytest.fixture(scope="module")
def study() -> DefaultStudy:
    return default_study.made()


@pytest.mark.slow
@pytest.mark.parametrize("lang", ["vi", "en"])
def test_everything_that_the_default_study_shows_reads_well(study: DefaultStudy, lang: str, tmp_path: Path) -> None:
    said = list(default_study.outputs(study, lang, tmp_path))
    assert len(said) > 500
    found = {(where, fault) for where, text in said for fault in faults(text, lang, study.codebook)}
    assert sorted(found) == []


@pytest.mark.slow
def test_the_unit_the_notes_and_the_source_stand_below_every_table(study: DefaultStudy) -> None:
    for name, exhibit in study.exhibits.items():
        *above, source = exhibit.footing
        assert source.startswith("Nguồn: Khảo sát mô phỏng người dân và doanh nghiệp tại 10 phường giả định"), name
        heads = [line.partition(":")[0] for line in above]
        assert heads == ["Đơn vị"] * bool(exhibit.unit) + ["Ghi chú"] * bool(exhibit.notes), name
        assert exhibit.notes or name == "quality_table"
        assert "mô phỏng" in f"{exhibit.title} {exhibit.subtitle}".lower(), name

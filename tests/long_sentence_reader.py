"""A reader of the sentences of `narrative` but those of two groups, which `sentence_reader` reads; as independent.

What a sentence says in brackets (intervals, statistics, p-values) is read with it.
"""

from __future__ import annotations

import re
import unicodedata

from tests.sentence_reader import NUMBER, VALUE, Claim, number

_CI_EN = rf"95% confidence interval: (?P<{{0}}low>{NUMBER})%? to (?P<{{0}}high>{NUMBER})%?"
_CI_VI = rf"khoảng tin cậy 95%: từ (?P<{{0}}low>{NUMBER})%? đến (?P<{{0}}high>{NUMBER})%?"
_U_EN, _U_VI = r"(?: points| minutes)?", r"(?: điểm| phút)?"
_ITEM = r"(?P<item>.+?)"
_PLACE = r"(?:(?P<place>.+): )?"
_CI, _CI_HI, _CI_LO = (
    {lang: text.format(part) for lang, text in (("en", _CI_EN), ("vi", _CI_VI))} for part in ("", "hi_", "lo_")
)
_P = rf"p (?P<p_sign>=|<) (?P<p>{NUMBER})"
_P_EN, _P_VI = rf"adjusted {_P}", _P.replace("p (?P<p_sign>", "p hiệu chỉnh (?P<p_sign>", 1)
_TEST = rf"t\((?P<df>{NUMBER})\) = (?P<t>{NUMBER}); {_P}"
_WALD_EN = rf"Wald test: F\((?P<q>\d+), (?P<df>{NUMBER})\) = (?P<f>{NUMBER}); {_P_EN}"
_WALD_VI = rf"kiểm định Wald: F\((?P<q>\d+); (?P<df>{NUMBER})\) = (?P<f>{NUMBER}); {_P_VI}"
_ENDS_EN = rf"lowest for (?P<lo>.+), (?P<y>{VALUE}){_U_EN}; highest for (?P<hi>.+), (?P<x>{VALUE}){_U_EN}"
_ENDS_VI = rf"thấp nhất ở (?P<lo>.+), (?P<y>{VALUE}){_U_VI}; cao nhất ở (?P<hi>.+), (?P<x>{VALUE}){_U_VI}"
_OVER_EN = (
    r"(?:; (?P<overlap>the intervals overlap, so the two cannot be ranked))?"
    r"(?:; the interval of the highest overlaps (?P<near_hi>\d+) others?)?"
    r"(?:; the interval of the lowest overlaps (?P<near_lo>\d+) others?)?"
)
_OVER_VI = (
    r"(?:; (?P<overlap>hai khoảng tin cậy chồng lên nhau nên chưa thể xếp hạng))?"
    r"(?:; khoảng tin cậy của kết quả cao nhất chồng lên khoảng tin cậy của (?P<near_hi>\d+) kết quả khác)?"
    r"(?:; khoảng tin cậy của kết quả thấp nhất chồng lên khoảng tin cậy của (?P<near_lo>\d+) kết quả khác)?"
)
_WAYS_EN = (
    r" \(each .+ counting once.*?\)\. Of the (?P<ways>\d+) ways to choose (?P<chosen>\d+) of (?P<units>\d+) \w+, "
    rf"(?P<as_large>\d+) gives? a gap at least as large, in either direction and with the .+ of the pilot included\. "
    rf"Permutation test: {_P}; with this number of units p cannot be below (?P<floor>{NUMBER})"
)
_WAYS_VI = (
    r" \(mỗi .+ tính một lần.*?\)\. Trong (?P<ways>\d+) cách chọn (?P<chosen>\d+) trong (?P<units>\d+) [^,]+, "
    rf"có (?P<as_large>\d+) cách cho chênh lệch lớn bằng hoặc hơn, xét cả hai chiều và kể cả chính .+ thí điểm\. "
    rf"Kiểm định hoán vị: {_P}; với số .+ này p không thể nhỏ hơn (?P<floor>{NUMBER})"
)
_N = r"n = (?P<n>[\d.,]+)"
_MORE = r"(?P<small>; [^)]+)?"
_OWN_EN, _OWN_VI = (f"{_CI[lang]}; {_N}{_MORE}" for lang in ("en", "vi"))
_TOLD_EN, _TOLD_VI = (f"{_CI[lang]}; {_TEST}; {_N}" for lang in ("en", "vi"))
_HOW_EN = rf"in the (?P<n>\d+) .+ than in the other (?P<rest>\d+){_WAYS_EN}"
_SUP_EN = rf"one from each, the one from .+ gave the higher answer with an estimated probability of (?P<x>{VALUE})"
_SUP_VI = rf"lấy mỗi bên một người, người ở .+ trả lời cao hơn với xác suất ước tính (?P<x>{VALUE})"
_EN = (
    ("hidden", r"(?P<item>[^:]+): (?:fewer than (?P<least>\d+) answers, not shown|withheld, so that .+)"),
    (
        "value",
        rf"{_PLACE}{_ITEM} (?:score was|averaged) (?P<x>{VALUE})(?: of 100)?{_U_EN} \({_OWN_EN}\)",
    ),
    ("value", rf"{_PLACE}(?P<x>{VALUE}) of respondents answered {_ITEM} \({_OWN_EN}\)"),
    (
        "ranking",
        rf"of (?P<n>\d+) (?P<unit>[^,]+), {_ITEM} is highest in (?P<hi>.+), (?P<x>{VALUE}){_U_EN} \({_CI_HI['en']}\) "
        rf"and lowest in (?P<lo>.+), (?P<y>{VALUE}){_U_EN} \({_CI_LO['en']}\){_OVER_EN}",
    ),
    (
        "up",
        rf"{_ITEM}: the change was (?P<d>{VALUE}){_U_EN} higher {_HOW_EN}",
    ),
    (
        "down",
        rf"{_ITEM}: the change was (?P<d>{VALUE}){_U_EN} lower {_HOW_EN}",
    ),
    ("not", rf"the data do not show that {_ITEM} differs by (?P<by>.+?): {_ENDS_EN} \({_WALD_EN}\)"),
    ("differs", rf"{_ITEM} differs by (?P<by>.+?): {_ENDS_EN} \({_WALD_EN}\)"),
    ("above", rf"{_ITEM} was (?P<d>{VALUE}){_U_EN} above (?P<y>{VALUE}){_U_EN} \({_TOLD_EN}\)"),
    ("below", rf"{_ITEM} was (?P<d>{VALUE}){_U_EN} below (?P<y>{VALUE}){_U_EN} \({_TOLD_EN}\)"),
    (
        "level",
        rf"the data do not show that {_ITEM} differs from (?P<y>{VALUE}){_U_EN}: the estimated difference is "
        rf"(?P<d>{VALUE}){_U_EN} \({_CI['en']}, which includes zero; {_TEST}; {_N}\)",
    ),
    (
        "tend_up",
        rf"answers to {_ITEM} tend to be higher for (?P<one>.+?) than for (?P<other>.+?): of two people, {_SUP_EN}, "
        rf"ties counting half \(design-based Wilcoxon test; {_TEST}; {_N}\)",
    ),
    (
        "tend_down",
        rf"answers to {_ITEM} tend to be lower for (?P<one>.+?) than for (?P<other>.+?): of two people, {_SUP_EN}, "
        rf"ties counting half \(design-based Wilcoxon test; {_TEST}; {_N}\)",
    ),
    (
        "tend_not",
        rf"the data do not show that answers to {_ITEM} tend to be higher or lower for (?P<one>.+?) than for "
        rf"(?P<other>.+?): of two people, {_SUP_EN}, ties counting half \(design-based Wilcoxon test; {_TEST}; {_N}\)",
    ),
)
_VI = (
    ("hidden", r"(?P<item>[^:]+): (?:dưới (?P<least>\d+) câu trả lời, không công bố|ẩn kèm, để .+)"),
    ("value", rf"{_PLACE}(?P<x>{VALUE}) người trả lời chọn {_ITEM} \({_OWN_VI}\)"),
    (
        "value",
        rf"{_PLACE}{_ITEM} (?:đạt trung bình|trung bình là) (?P<x>{VALUE}){_U_VI} \({_OWN_VI}\)",
    ),
    (
        "ranking",
        rf"trong (?P<n>\d+) (?P<unit>[^,]+), {_ITEM} cao nhất ở (?P<hi>.+), (?P<x>{VALUE}){_U_VI} \({_CI_HI['vi']}\) "
        rf"và thấp nhất ở (?P<lo>.+), (?P<y>{VALUE}){_U_VI} \({_CI_LO['vi']}\){_OVER_VI}",
    ),
    (
        "up",
        rf"{_ITEM}: mức thay đổi ở (?P<n>\d+) .+ cao hơn (?P<rest>\d+) .+ còn lại (?P<d>{VALUE}){_U_VI}{_WAYS_VI}",
    ),
    (
        "down",
        rf"{_ITEM}: mức thay đổi ở (?P<n>\d+) .+ thấp hơn (?P<rest>\d+) .+ còn lại (?P<d>{VALUE}){_U_VI}{_WAYS_VI}",
    ),
    ("not", rf"chưa đủ bằng chứng để kết luận {_ITEM} khác nhau theo (?P<by>.+?): {_ENDS_VI} \({_WALD_VI}\)"),
    ("differs", rf"{_ITEM} khác nhau theo (?P<by>.+?): {_ENDS_VI} \({_WALD_VI}\)"),
    (
        "above",
        rf"{_ITEM} cao hơn mức (?P<y>{VALUE}){_U_VI} là (?P<d>{VALUE}){_U_VI} \({_TOLD_VI}\)",
    ),
    (
        "below",
        rf"{_ITEM} thấp hơn mức (?P<y>{VALUE}){_U_VI} là (?P<d>{VALUE}){_U_VI} \({_TOLD_VI}\)",
    ),
    (
        "level",
        rf"chưa đủ bằng chứng để kết luận {_ITEM} khác mức (?P<y>{VALUE}){_U_VI}: chênh lệch ước tính "
        rf"(?P<d>{VALUE}){_U_VI} \({_CI['vi']}, có chứa 0; {_TEST}; {_N}\)",
    ),
    (
        "tend_not",
        rf"chưa đủ bằng chứng để kết luận câu trả lời cho {_ITEM} ở (?P<one>.+?) có xu hướng cao hơn hay thấp hơn ở "
        rf"(?P<other>.+?): {_SUP_VI}, bằng nhau tính một nửa \(kiểm định Wilcoxon theo thiết kế mẫu; {_TEST}; {_N}\)",
    ),
    (
        "tend_up",
        rf"câu trả lời cho {_ITEM} ở (?P<one>.+?) có xu hướng cao hơn ở (?P<other>.+?): {_SUP_VI}, "
        rf"bằng nhau tính một nửa \(kiểm định Wilcoxon theo thiết kế mẫu; {_TEST}; {_N}\)",
    ),
    (
        "tend_down",
        rf"câu trả lời cho {_ITEM} ở (?P<one>.+?) có xu hướng thấp hơn ở (?P<other>.+?): {_SUP_VI}, "
        rf"bằng nhau tính một nửa \(kiểm định Wilcoxon theo thiết kế mẫu; {_TEST}; {_N}\)",
    ),
)
_PATTERNS = {
    lang: [(kind, re.compile(pattern, re.IGNORECASE)) for kind, pattern in patterns]
    for lang, patterns in (("en", _EN), ("vi", _VI))
}
_MARKS = {"en": "simulated data", "vi": "dữ liệu mô phỏng"}
_WORDS = ("place", "item", "unit", "hi", "lo", "one", "other", "by", "overlap", "small", "p_sign")


def read_long(text: str, lang: str) -> Claim:
    """What a sentence claims, with the numbers in its brackets."""
    said = unicodedata.normalize("NFC", text).replace("\N{NO-BREAK SPACE}", " ").rstrip(".").strip()
    said = re.sub(rf"\. {_MARKS[lang]}$", "", said, flags=re.IGNORECASE)
    for kind, pattern in _PATTERNS[lang]:
        found = pattern.fullmatch(said)
        if found is not None:
            parts = {k: v for k, v in found.groupdict().items() if v is not None}
            numbers = {k: number(v, lang) for k, v in parts.items() if k not in _WORDS}
            return Claim(kind, {k: v for k, v in parts.items() if k in _WORDS}, numbers)
    raise AssertionError(f"{lang}: nobody taught the reader to read {text!r}")

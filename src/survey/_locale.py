"""Numbers, dates and the few fixed words of exhibits, in Vietnamese and English.

Vietnamese writes 83,94 and 1.234 and dd/mm/yyyy; English 83.94 and 1,234. Babel knows the marks; what it does not
know (a true minus sign, an interval, "điểm phần trăm") stands here.
"""

from __future__ import annotations

import datetime as dt
import math
import re
import unicodedata
from collections.abc import Mapping
from decimal import ROUND_HALF_UP, Decimal

from survey.codebook import LANGUAGES, Text
from survey.errors import ExportError, some

__all__ = [
    "check_language",
    "count",
    "date",
    "heading",
    "interval",
    "level_word",
    "note",
    "number",
    "p_value",
    "pick",
    "quantile",
    "sentence",
    "signed",
    "source",
    "text_of",
    "unit_word",
    "word",
]

MINUS = "\N{MINUS SIGN}"
_DASH = "\N{EN DASH}"
NBSP = "\N{NO-BREAK SPACE}"

_WORDS: Mapping[str, Text] = {
    "all": {"vi": "Chung", "en": "All"},
    "by": {"vi": "theo", "en": "by"},
    "ci_short": {"vi": "KTC {level}", "en": "{level} CI"},
    "ci_note": {
        "vi": "Trong ngoặc và vạch ngang: khoảng tin cậy {level}",
        "en": "In brackets and horizontal lines: {level} confidence intervals",
    },
    "ci_note_lines": {
        "vi": "Vạch ngang: khoảng tin cậy {level}",
        "en": "Horizontal lines: {level} confidence intervals",
    },
    "ci_note_table": {"vi": "Trong ngoặc: khoảng tin cậy {level}", "en": "In brackets: {level} confidence intervals"},
    "caution": {"vi": "ít câu trả lời, cần đọc thận trọng", "en": "few answers, read with caution"},
    "ci": {"vi": "khoảng tin cậy {level}", "en": "{level} confidence interval"},
    "ci_high": {"vi": "KTC {level}, cận trên", "en": "{level} CI, upper"},
    "ci_low": {"vi": "KTC {level}, cận dưới", "en": "{level} CI, lower"},
    "dagger_note": {
        "vi": "† Dưới {low} câu trả lời: không công bố",
        "en": "† Fewer than {low} answers: not for publication",
    },
    "design": {"vi": "Thiết kế mẫu", "en": "Design"},
    "difference": {"vi": "Chênh lệch", "en": "Difference"},
    "dont_know": {"vi": "Không biết", "en": "Don’t know"},
    "dont_know_note": {
        "vi": "Không biết: % số người được hỏi, không thuộc thang đo",
        "en": "Don’t know: % of everyone asked, not a point of the scale",
    },
    "ends_note": {
        "vi": "Số đậm ở hai đầu: tổng các mức dưới và trên điểm giữa (%)",
        "en": "Bold at both ends: sums of the answers below and above the middle (%)",
    },
    "empty": {"vi": "không có số liệu", "en": "no data"},
    "estimate": {"vi": "Ước lượng", "en": "Estimate"},
    "figure": {"vi": "Hình", "en": "Figure"},
    "flag_note": {
        "vi": "* Từ {low} đến {high} câu trả lời: cần đọc thận trọng",
        "en": "* From {low} to {high} answers: read with caution",
    },
    "net": {"vi": "Mức cao trừ mức thấp", "en": "Upper minus lower answers"},
    "kish": {"vi": "Hệ số thiết kế do trọng số (Kish)", "en": "Design effect of weights (Kish)"},
    "more_rows": {"vi": "Còn {n} dòng nữa trong .table", "en": "{n} more rows in .table"},
    "respondents": {"vi": "Người trả lời", "en": "Respondents"},
    "unit": {"vi": "Đơn vị", "en": "Unit"},
    "weight_range": {"vi": "Trọng số", "en": "Weights"},
    "median": {"vi": "Trung vị", "en": "Median"},
    "quantile_of": {"vi": "Phân vị {p}", "en": "{p} quantile"},
    "mean": {"vi": "Trung bình", "en": "Mean"},
    "n_note": {
        "vi": "Cột n: số câu trả lời hợp lệ, chưa gia quyền",
        "en": "Column n: number of valid answers, unweighted",
    },
    "percent_answers": {"vi": "% số câu trả lời", "en": "% of answers"},
    "people": {"vi": "Số người", "en": "Number of people"},
    "percentage_points": {"vi": "điểm phần trăm", "en": "percentage points"},
    "reversed_note": {"vi": "↓ Câu hỏi đảo: mức thấp là tốt", "en": "↓ Reversed question: a low answer is good"},
    "scale": {"vi": "thang {low}–{high}", "en": "scale {low}–{high}"},
    "share_unit": {"vi": "tỷ lệ 0–1", "en": "share, 0–1"},
    "share": {"vi": "Tỷ lệ", "en": "Share"},
    "simulated": {"vi": "dữ liệu mô phỏng", "en": "simulated data"},
    "source": {"vi": "Nguồn", "en": "Source"},
    "suppress_note": {
        "vi": "Không công bố kết quả dựa trên dưới {low} câu trả lời",
        "en": "Results on fewer than {low} answers are not shown",
    },
    "suppressed": {"vi": "dưới {low} câu trả lời, không công bố", "en": "fewer than {low} answers, not shown"},
    "suppressed_short": {"vi": "n < {low}", "en": "n < {low}"},
    "table": {"vi": "Bảng", "en": "Table"},
    "to": {"vi": "đến", "en": "to"},
    "total": {"vi": "Tổng", "en": "Total"},
}

_COLUMNS: Mapping[str, Text] = {
    "answer": {"vi": "Câu trả lời", "en": "Answer"},
    "contrast": {"vi": "So sánh", "en": "Comparison"},
    "df": {"vi": "bậc tự do", "en": "df"},
    "dont_know": {"vi": "Không biết", "en": "Don’t know"},
    "estimate": {"vi": "Ước lượng", "en": "Estimate"},
    "item": {"vi": "Câu hỏi", "en": "Question"},
    "p_adjusted": {"vi": "p hiệu chỉnh", "en": "Adjusted p"},
    "p_value": {"vi": "Giá trị p", "en": "p-value"},
    "quantile": {"vi": "Phân vị", "en": "Quantile"},
    "term": {"vi": "Biến", "en": "Term"},
    "with": {"vi": "Với", "en": "With"},
}

_UNITS: Mapping[str, Text] = {
    "%": {"vi": "%", "en": "%"},
    "days": {"vi": "ngày", "en": "days"},
    "hours": {"vi": "giờ", "en": "hours"},
    "minutes": {"vi": "phút", "en": "minutes"},
    "people": {"vi": "người", "en": "people"},
    "percentage points": {"vi": "điểm phần trăm", "en": "percentage points"},
    "points": {"vi": "điểm", "en": "points"},
    "seconds": {"vi": "giây", "en": "seconds"},
    "times": {"vi": "lần", "en": "times"},
    "trips": {"vi": "lần", "en": "trips"},
    "visits": {"vi": "lần", "en": "visits"},
    "years": {"vi": "năm", "en": "years"},
}

# Notes that estimation verbs leave on their results, and how they read in Vietnamese.
_NOTES: tuple[tuple[str, str], ...] = (
    (r"groups within one cluster have no standard error", "nhóm nằm gọn trong một cụm không có sai số chuẩn"),
    (
        r"shares of 0 or 1: Korn-Graubard interval on Kish's effective n",
        "tỷ lệ 0 % hoặc 100 %: khoảng tin cậy Korn-Graubard theo cỡ mẫu hiệu dụng Kish",
    ),
    (
        r"groups that are empty in some replicate have no standard error",
        "nhóm trống trong một mẫu lặp nào đó không có sai số chuẩn",
    ),
    (
        r"statistics that are NaN in some replicate have no standard error",
        "thống kê không tính được trong một mẫu lặp nào đó không có sai số chuẩn",
    ),
    (
        r"(.+): no codebook, so the scale is taken to be the answers that occur",
        r"\1: không có bảng mã, thang đo lấy theo các câu trả lời có trong dữ liệu",
    ),
    (r"quantiles by the rule '(.+)', Woodruff intervals", r"phân vị theo quy tắc “\1”, khoảng tin cậy Woodruff"),
    (r"([\d,.]+) respondents with all variables of the model", r"\1 người trả lời có đủ các biến của mô hình"),
    (
        r"pooled over (\d+) imputations by Rubin's rules, df by Barnard & Rubin",
        r"gộp \1 bộ dữ liệu bù theo quy tắc Rubin, bậc tự do theo Barnard và Rubin",
    ),
    (r"(\d+) replicates, (.+)", r"\1 mẫu lặp, \2"),
    (r"([\d,.]+) rows have no value of (.+) and are in no group", r"\1 dòng thiếu \2 và không thuộc nhóm nào"),
)


def check_language(lang: str) -> str:
    """The language, if it is one of `LANGUAGES`; an error that names them otherwise."""
    if lang not in LANGUAGES:
        raise ExportError("An unknown language.", got=lang, expected=some(LANGUAGES), fix="choose one of these")
    return lang


def pick(text: Text, lang: str, default: str = "") -> str:
    """A text in a language, in another one where it has none."""
    return text.get(lang) or next((text[code] for code in LANGUAGES if text.get(code)), default)


def text_of(value: str | Text | None) -> Text:
    """A title or caption as given, by language; one string stands for every language. NFC throughout."""
    if value is None:
        return {}
    given = dict.fromkeys(LANGUAGES, value) if isinstance(value, str) else value
    return {code: unicodedata.normalize("NFC", text) for code, text in given.items()}


def word(key: str, lang: str, **parts: object) -> str:
    """One of the fixed words and phrases of exhibits, with its parts filled in."""
    return _WORDS[key][lang].format(**parts)


def heading(column: str, lang: str) -> str:
    """What a column of a result is called; its own name where it has no other."""
    return _COLUMNS.get(column, {}).get(lang, column)


def unit_word(unit: str, lang: str) -> str:
    """A unit of the codebook ("minutes") in a language; an unknown unit stays as it is."""
    return _UNITS.get(unit, {}).get(lang, unit)


def number(value: float, digits: int = 1, lang: str = "vi") -> str:
    """A number with a fixed number of decimals: 1.234,5 or 1,234.5; "–" where there is none.

    Examples
    --------
    >>> number(1234.5, 1, "vi"), number(1234.5, 1, "en"), number(-2, 0, "vi")
    ('1.234,5', '1,234.5', '−2')
    """
    if value is None or not math.isfinite(value):
        return _DASH
    from babel.numbers import format_decimal

    # a half goes away from zero, as people round; twelve digits first, so that 100 * 0.7245 is 72.45
    exact = Decimal(f"{float(value):.12g}").quantize(Decimal(1).scaleb(-max(digits, 0)), ROUND_HALF_UP)
    pattern = "#,##0" + ("." + "0" * digits if digits > 0 else "")
    text: str = format_decimal(exact, format=pattern, locale=lang)
    if text.startswith("-"):
        # what rounds to zero has no sign
        text = text[1:] if not re.search(r"[1-9]", text) else MINUS + text[1:]
    return text


def signed(value: float, digits: int = 1, lang: str = "vi") -> str:
    """A difference, its sign always written: +2,1 or −0,4."""
    text = number(value, digits, lang)
    return "+" + text if re.search(r"[1-9]", text) and not text.startswith(MINUS) else text


def count(value: float, lang: str = "vi") -> str:
    """A whole number with grouped thousands."""
    return number(value, 0, lang)


def interval(low: float, high: float, digits: int = 1, lang: str = "vi") -> str:
    """An interval: 70,1–74,6; with the word "đến" or "to" where a minus sign would meet the dash."""
    first, last = number(low, digits, lang), number(high, digits, lang)
    if MINUS in first + last:
        return f"{first} {word('to', lang)} {last}"
    return f"{first}{_DASH}{last}"


def p_value(p: float, lang: str = "vi") -> str:
    """A p-value with three decimals; "< 0,001" below that."""
    if p is None or not math.isfinite(p):
        return _DASH
    return f"<{NBSP}{number(0.001, 3, lang)}" if p < 0.001 else number(p, 3, lang)


def level_word(level: float, lang: str = "vi") -> str:
    """A confidence level: 95% or 97,5%."""
    percent = 100 * level
    return number(percent, 0 if abs(percent - round(percent)) < 1e-9 else 1, lang) + "%"


def quantile(p: float, lang: str = "vi") -> str:
    """A quantile: "trung vị", "phân vị 25%"; "median", "25% quantile"."""
    if p == 0.5:
        return word("median", lang)
    return word("quantile_of", lang, p=level_word(p, lang))


def date(value: dt.date, lang: str = "vi") -> str:
    """A date: 20/09/2023 or 20 September 2023."""
    from babel.dates import format_date

    text: str = format_date(value, format="dd/MM/yyyy" if lang == "vi" else "d MMMM yyyy", locale=lang)
    return text


def note(text: str, lang: str) -> str:
    """A note of an estimation verb in a language; what nobody translated stays as it was written."""
    if lang == "vi":
        for pattern, replacement in _NOTES:
            if re.fullmatch(pattern, text):
                return re.sub(r"(?<=\d),(?=\d{3}\b)", ".", re.sub(pattern, replacement, text))
    return text


def source(title: Text, given: str, simulated: bool, lang: str, bare: bool = False) -> str:
    """ "Nguồn: … (dữ liệu mô phỏng)", without "Nguồn" if `bare`; "" where nothing is known of the source."""
    marked = word("simulated", lang)
    name = pick(title, lang) if lang in title else given
    for mark in (f"({text})" for text in _WORDS["simulated"].values()):
        name = name.replace(mark, "").strip()
    if simulated and marked not in name.lower():
        name = f"{name} ({marked})" if name else marked
    return name if bare or not name else f"{word('source', lang)}: {name}"


def sentence(text: str) -> str:
    """A text with a capital letter first and a full stop last."""
    text = text.strip()
    if not text:
        return ""
    return text[0].upper() + text[1:] + ("" if text[-1] in ".!?…" else ".")

"""What the checks are called, in both languages."""

from __future__ import annotations

from collections.abc import Mapping

from survey.codebook import Text

__all__ = ["CHECKS", "FLAGS", "HEADS", "WORDS", "say"]

CHECKS: Mapping[str, Text] = {
    "near_duplicate": {"vi": "Phiếu gần trùng nhau", "en": "Near-duplicates"},
    "straight_line": {"vi": "Một mức suốt trang", "en": "One answer throughout"},
    "fast": {"vi": "Phiếu quá nhanh", "en": "Too fast"},
    "short": {"vi": "Phiếu ngắn hơn", "en": "Shorter interviews"},
    "nonresponse": {"vi": "Câu bỏ trống", "en": "Unanswered questions"},
    "heaping": {"vi": "Số tròn", "en": "Round numbers"},
    "official": {"vi": "Có cán bộ nghe", "en": "Official present"},
    "overlap": {"vi": "Phiếu chồng giờ", "en": "Overlapping times"},
    "odd_hour": {"vi": "Ngoài giờ", "en": "Odd hours"},
    "too_many": {"vi": "Ngày quá nhiều phiếu", "en": "Crowded days"},
    "far": {"vi": "Xa địa bàn", "en": "Far from cluster"},
    "same_point": {"vi": "Trùng điểm GPS", "en": "Same GPS point"},
    "one_call": {"vi": "Chỉ đến một lần", "en": "First visit only"},
}
"""Of interviewers, in the order they are shown."""

HEADS: Mapping[str, Text] = {
    "near_duplicate": {"vi": "Gần trùng", "en": "Near copies"},
    "straight_line": {"vi": "Một mức", "en": "One answer"},
    "fast": {"vi": "Quá nhanh", "en": "Too fast"},
    "short": {"vi": "Thời lượng", "en": "Length"},
    "nonresponse": {"vi": "Bỏ trống", "en": "No answer"},
    "heaping": {"vi": "Số tròn", "en": "Round numbers"},
    "official": {"vi": "Có cán bộ", "en": "Official there"},
    "overlap": {"vi": "Chồng giờ", "en": "Overlap"},
    "odd_hour": {"vi": "Ngoài giờ", "en": "Odd hours"},
    "too_many": {"vi": "Ngày dồn", "en": "Full days"},
    "far": {"vi": "Xa nơi khác", "en": "Far away"},
    "same_point": {"vi": "Trùng điểm", "en": "Same point"},
    "one_call": {"vi": "Một lần đến", "en": "First visit"},
}
"""Headings of narrow columns: words of at most eight letters."""

FLAGS = (
    "near_duplicate",
    "straight_line",
    "fast",
    "nonresponse",
    "official",
    "overlap",
    "odd_hour",
    "far",
    "same_point",
)
"""Of respondents."""

WORDS: Mapping[str, Text] = {
    "alert": {"vi": "Cần xem", "en": "To be looked at"},
    "check": {"vi": "Kiểm tra", "en": "Check"},
    "days": {"vi": "Ngày quá nhiều phiếu", "en": "Days with too many interviews"},
    "expected": {"vi": "Người khác", "en": "Others"},
    "flagged": {"vi": "Số phiếu bị đánh dấu", "en": "Interviews flagged"},
    "flags": {"vi": "Dấu", "en": "Flags"},
    "icc": {
        "vi": "Phần phương sai do điều tra viên (ICC), các câu lớn nhất",
        "en": "Share of variance that is the interviewer's (ICC), largest first",
    },
    "interviewer": {"vi": "Điều tra viên", "en": "Interviewer"},
    "interviewers": {"vi": "Điều tra viên cần xem", "en": "Interviewers to be looked at"},
    "interviews": {"vi": "Số phiếu", "en": "Interviews"},
    "none": {"vi": "không có", "en": "none"},
    "nothing_dropped": {
        "vi": "Dấu là chỗ cần hỏi lại, không phải bằng chứng gian dối; không phiếu nào bị loại.",
        "en": "A flag is a question to ask, no proof of fraud; no interview was dropped.",
    },
    "not_looked_at": {"vi": "Chưa xem được", "en": "Not looked at"},
    "p": {"vi": "p hiệu chỉnh", "en": "Adjusted p"},
    "respondents": {"vi": "Phiếu bị đánh dấu", "en": "Interviews flagged"},
    "share": {"vi": "% số phiếu", "en": "% of interviews"},
    "simulated": {"vi": "Dữ liệu mô phỏng.", "en": "Simulated data."},
    "title": {"vi": "Chất lượng thu thập dữ liệu", "en": "Quality of the fieldwork"},
    "value": {"vi": "Người này", "en": "This one"},
}


def say(key: str, lang: str, **parts: object) -> str:
    """A word or the name of a check in a language ("vi", "en"), or in both ("vi / en")."""
    text = CHECKS.get(key) or WORDS[key]
    return " / ".join(text[code].format(**parts) for code in (("vi", "en") if lang == "both" else (lang,)))

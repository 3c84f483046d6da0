"""Words that tell English from Vietnamese, and what is left of a text of one language in the other."""

from __future__ import annotations

import re

__all__ = ["ENGLISH", "VIETNAMESE", "strangers"]

ENGLISH = frozenset(
    re.findall(
        r"\w+",
        """
    about above after all also among and answer answers are as at because been before below beside between both
    but cannot cells clusters column columns compared counted could date dates design does each empty estimate
    every few fewer file files first for found from group groups has have how if interval intervals into its
    largest larger less limits list lower mean missing more most neither nobody nor not nothing number numbers
    of only or other others out over people points rather replicate respondents row rows same sample scale
    shared sheet sheets shown since smallest some source standard sum text texts than that the their them there
    these they this those though times total unit units unknown unless until upper value values was wave waves
    were weighted weights what when where whether which while who whole whose with within without would years
    yes
    """,
    )
)
"""Words of English that no Vietnamese syllable is written like; "no" and "to" are not among them."""
VIETNAMESE = frozenset(
    re.findall(
        r"\w+",
        """
    biến bằng các câu có của cột dưới dòng dữ giá hoặc hàng khoảng khác không kết liệu mọi một mức mẫu người
    ngày nhóm những này phiếu quyền số theo thiếu thấp tin trên trong trả trị tổng tỷ từ và với điểm đơn được
    đến đợt
    """,
    )
)
CODE = re.compile(r"\w+\(.*?\)|\b\w+ ?= ?(\"[^\"]*\"|'[^']*'|\w*)|\b[\w-]+/[\w-]+|\{\w+\}|Sheet\d")
"""What is typed, and names that files have: a call, an argument, group/question, a part in braces."""


def strangers(said: str, lang: str, names: frozenset[str] = frozenset()) -> set[str]:
    """Words of the other language, but for names of columns."""
    words = {w.casefold() for w in re.findall(r"[^\W\d]+", CODE.sub(" ", said)) if w not in names}
    return words & (ENGLISH if lang == "vi" else VIETNAMESE)

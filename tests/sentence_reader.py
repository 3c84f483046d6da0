"""A reader of titles and sentences that knows the two languages and none of the package's code or catalogues.

It gives back what a sentence claims: which way, of whom, with which numbers. What it cannot read is an error: a wording
that nobody taught it was checked by nobody.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass, field
from decimal import Decimal

NUMBER = r"[+−]?\d[\d.,]*"
VALUE = rf"{NUMBER}(?:%|/100)?"
SIZE = rf"(?:{NUMBER}) ?(?:points|percentage points|minutes|điểm phần trăm|điểm|phút)?"
MORE = r"(?: \(.*\))?"
KIND_EN = r"(?P<n>\d+) (?P<unit>[^,]+?)(?P<some> that can be assessed)?"
KIND_VI = r"(?P<n>\d+) (?P<unit>[^,]+?)(?P<some> đánh giá được)?"
OF_EN = rf"of {KIND_EN}, (?P<item>.+)"
HI, LO = rf"(?P<hi>.+?)(?: \((?P<x>{VALUE})\))?", rf"(?P<lo>.+?)(?: \((?P<y>{VALUE})\))?"
ONE, OTHER = rf"(?P<one>.+) \((?P<x>{VALUE})\)", rf"(?P<other>.+) \((?P<y>{VALUE})\)"
FROM, TO = rf"(?P<y>{VALUE}) \((?P<other>.+)\)", rf"(?P<x>{VALUE}) \((?P<one>.+)\)"
REST_EN = r"(?:; no change shown for the other (?P<rest>one|\d+))?"
NAMED_VI = r"(?:điểm |mức trung bình của |tỷ lệ chọn .+? ở nội dung )“[^”]+”"
ITEM = rf"(?P<item>{NAMED_VI}|tỷ lệ chọn (?:từ )?“[^”]+”(?: trở lên| hoặc “[^”]+”)?)"
OF_VI = rf"trong {KIND_VI}, {ITEM}"
NOT_VI = rf"chưa đủ bằng chứng (?:để kết luận )?{ITEM}"
GAP_VI = rf"(?:: chênh lệch ước tính (?P<d>{SIZE}){MORE})?"
REST_VI = r"(?:; chưa đủ bằng chứng về thay đổi ở (?P<rest>\d+) kết quả còn lại)?"
NOT_EN, GAP_EN = r"the data do not show", rf": the estimated difference is (?P<d>{SIZE}){MORE}"


@dataclass(frozen=True)
class Claim:
    """What a sentence says.

    Parameters
    ----------
    kind : str
        "higher", "lower", "rose", "fell", "unshown", "highest", "lowest", "apart", "alike", "some", "value";
        "first", "chance", "sides", "items_highest" and others, as the patterns have them.
    names : dict of str to str
        Who or what is meant, by part: "one", "other", "hi", "lo", "which", "rose", "fell", "item".
    numbers : dict of str to tuple
        Number and its decimals, by part.
    """

    kind: str
    names: dict[str, str] = field(default_factory=dict)
    numbers: dict[str, tuple[float, int]] = field(default_factory=dict)


_EN = (
    ("apart", rf"{OF_EN} is highest for {HI} and lowest for {LO}"),
    ("higher_of", rf"{OF_EN} is higher for {HI} than for {LO}"),
    ("highest", rf"{OF_EN} is highest for {HI}"),
    ("lowest", rf"{OF_EN} is lowest for {LO}"),
    ("alike", rf"{NOT_EN} that any two of {KIND_EN} differ in (?P<item>.+)"),
    ("unshown", rf"{NOT_EN} a difference in (?P<item>.+) between (?P<one>.+) and (?P<other>.+){GAP_EN}"),
    ("unshown", r"no difference in (?P<item>.+) between (?P<one>.+) and (?P<other>.+) is shown"),
    ("unmoved", rf"{NOT_EN} a change in (?P<item>.+) from (?P<other>.+) to (?P<one>.+){GAP_EN}"),
    (
        "moved_none",
        rf"no change in (?P<item>.+) is shown for any of {KIND_EN}"
        r"(?: from (?P<other>.+) to (?P<one>.+))?",
    ),
    ("unmoved", r"no change in (?P<item>.+) is shown from (?P<other>.+) to (?P<one>.+)"),
    ("higher", rf"(?P<item>.+) was (?P<d>{SIZE}) higher{MORE} for {ONE} than for {OTHER}"),
    ("lower", rf"(?P<item>.+) was (?P<d>{SIZE}) lower{MORE} for {ONE} than for {OTHER}"),
    ("rose", rf"(?P<item>.+) rose (?P<d>{SIZE}){MORE}, from {FROM} to {TO}"),
    ("fell", rf"(?P<item>.+) fell (?P<d>{SIZE}){MORE}, from {FROM} to {TO}"),
    (
        "moved",
        rf"(?P<item>.+) rose for (?P<rose>.+) and fell for (?P<fell>.+) from (?P<other>.+) to (?P<one>.+?){REST_EN}",
    ),
    ("moved", rf"{OF_EN} rose for (?P<rose>.+) from (?P<other>.+) to (?P<one>.+?)"),
    ("moved", rf"{OF_EN} fell for (?P<fell>.+) from (?P<other>.+) to (?P<one>.+?)"),
    ("moved", rf"(?P<item>.+) rose for (?P<rose>.+) from (?P<other>.+) to (?P<one>.+?){REST_EN}"),
    ("moved", rf"(?P<item>.+) fell for (?P<fell>.+) from (?P<other>.+) to (?P<one>.+?){REST_EN}"),
)
_VI = (
    ("apart", rf"{OF_VI} cao nhất ở {HI} và thấp nhất ở {LO}"),
    ("higher_of", rf"{OF_VI} ở {HI} cao hơn ở {LO}"),
    ("highest", rf"{OF_VI} cao nhất ở {HI}"),
    ("lowest", rf"{OF_VI} thấp nhất ở {LO}"),
    ("alike", rf"{NOT_VI} khác nhau giữa hai (?P<one_of>.+) nào trong {KIND_VI}"),
    ("unshown", rf"{NOT_VI} khác nhau giữa (?P<one>.+?) và (?P<other>.+?){GAP_VI}"),
    (
        "moved_none",
        rf"{NOT_VI} thay đổi ở (?P<one_of>.+) nào trong {KIND_VI}"
        r"(?: từ (?P<other>.+) đến (?P<one>.+))?",
    ),
    ("unmoved", rf"{NOT_VI} thay đổi từ (?P<other>.+?) đến (?P<one>.+?){GAP_VI}"),
    ("higher", rf"{ITEM} ở {ONE} cao hơn ở {OTHER} (?P<d>{SIZE}){MORE}"),
    ("lower", rf"{ITEM} ở {ONE} thấp hơn ở {OTHER} (?P<d>{SIZE}){MORE}"),
    ("rose", rf"{ITEM} tăng (?P<d>{SIZE}){MORE}, từ {FROM} lên {TO}"),
    ("fell", rf"{ITEM} giảm (?P<d>{SIZE}){MORE}, từ {FROM} xuống {TO}"),
    (
        "moved",
        rf"từ (?P<other>.+?) đến (?P<one>.+?), {ITEM} tăng ở (?P<rose>.+) và giảm ở (?P<fell>.+?){REST_VI}",
    ),
    ("moved", rf"{OF_VI} ở (?P<rose>.+) tăng từ (?P<other>.+) đến (?P<one>.+?)"),
    ("moved", rf"{OF_VI} ở (?P<fell>.+) giảm từ (?P<other>.+) đến (?P<one>.+?)"),
    ("moved", rf"{ITEM} ở (?P<rose>.+) tăng từ (?P<other>.+) đến (?P<one>.+?){REST_VI}"),
    ("moved", rf"{ITEM} ở (?P<fell>.+) giảm từ (?P<other>.+) đến (?P<one>.+?){REST_VI}"),
)
QUOTED = r"“[^”]+”"
WHICH = r"(?P<which>.+?)"
FIRST_EN, FIRST_VI = rf"(?:(?P<hi>{QUOTED})(?: \((?P<x>{VALUE})\))?)", rf"(?:(?P<lo>{QUOTED})(?: \((?P<y>{VALUE})\))?)"
LEFT_EN = r"(?:; no (?:difference|change) shown for the other (?P<rest>one|\d+))?"
LEFT_VI = r"(?:; chưa đủ bằng chứng về (?:chênh lệch|thay đổi) ở (?P<rest>\d+) kết quả còn lại)?"
HEAD = r"(?:(?P<head>the share [^:]+|tỷ lệ chọn [^:]+): )?"
BOTH = r"(?P<one>.+?)"
TREATED_EN = r"(?P<n>\d+) .+ with the pilot than in the other (?P<rest>\d+)"
_OTHERS_EN = (
    ("undecided", rf"the data do not show which of {KIND_EN} is first on (?P<item>.+)"),
    ("may_be_first", rf"{WHICH} may each be first of {KIND_EN} on (?P<item>.+)"),
    ("some_first", rf"(?P<d>\d+) of {KIND_EN} may be first on (?P<item>.+)"),
    ("first", rf"{WHICH} is first of {KIND_EN} on (?P<item>.+)"),
    ("effect_higher", rf"the change in (?P<item>.+) was (?P<d>{SIZE}) higher in {TREATED_EN}"),
    ("effect_lower", rf"the change in (?P<item>.+) was (?P<d>{SIZE}) lower in {TREATED_EN}"),
    (
        "chance",
        rf"chance cannot be ruled out for (?P<item>[^:]+)(?:: (?P<x>\d+) of (?P<y>\d+) ways to choose gives? "
        rf"a gap as large \(p (?:=|<) (?P<d>{NUMBER})\))?",
    ),
    ("items_apart", rf"{HEAD}of {KIND_EN}, {FIRST_EN} is highest and {FIRST_VI} lowest"),
    ("items_highest", rf"{HEAD}of {KIND_EN}, {FIRST_EN} is highest"),
    ("items_lowest", rf"{HEAD}of {KIND_EN}, {FIRST_VI} is lowest"),
    ("items_higher", rf"{HEAD}(?:of {KIND_EN}, )?{FIRST_EN} is higher than {FIRST_VI}"),
    ("items_alike", rf"{HEAD}the data do not show that any two of {KIND_EN} differ"),
    ("items_alike", rf"{HEAD}the data do not show a difference between {FIRST_EN} and {FIRST_VI}"),
    ("most_frequent", rf"the most frequent answer is {FIRST_EN}"),
    ("sides_mixed", rf"higher for {BOTH} than for (?P<other>.+?): (?P<rose>.+); lower: (?P<fell>.+?){LEFT_EN}"),
    ("sides", rf"(?:of {KIND_EN}, )?higher for {BOTH} than for (?P<other>.+?): (?P<rose>.+?){LEFT_EN}"),
    ("sides", rf"(?:of {KIND_EN}, )?lower for {BOTH} than for (?P<other>.+?): (?P<fell>.+?){LEFT_EN}"),
    ("sides", rf"the data do not show a difference between {BOTH} and (?P<other>.+) in any of {KIND_EN}"),
)
_OTHERS_VI = (
    ("undecided", rf"chưa đủ bằng chứng để kết luận (?P<one_of>.+) nào trong {KIND_VI} đứng đầu về (?P<item>.+)"),
    ("may_be_first", rf"{WHICH} đều có thể đứng đầu trong {KIND_VI} về (?P<item>.+)"),
    ("some_first", rf"(?P<d>\d+) trong {KIND_VI} có thể đứng đầu về (?P<item>.+)"),
    ("first", rf"{WHICH} đứng đầu trong {KIND_VI} về (?P<item>.+)"),
    (
        "effect_higher",
        rf"mức thay đổi của (?P<item>.+) ở (?P<n>\d+) .+ thí điểm cao hơn (?P<rest>\d+) .+ còn lại (?P<d>{SIZE})",
    ),
    (
        "effect_lower",
        rf"mức thay đổi của (?P<item>.+) ở (?P<n>\d+) .+ thí điểm thấp hơn (?P<rest>\d+) .+ còn lại (?P<d>{SIZE})",
    ),
    (
        "chance",
        rf"chưa thể loại trừ ngẫu nhiên ở (?P<item>[^:]+)(?:: (?P<x>\d+) trong (?P<y>\d+) cách chọn cho chênh lệch lớn "
        rf"bằng hoặc hơn \(p (?:=|<) (?P<d>{NUMBER})\))?",
    ),
    ("items_apart", rf"{HEAD}trong {KIND_VI}, {FIRST_EN} cao nhất và {FIRST_VI} thấp nhất"),
    ("items_highest", rf"{HEAD}trong {KIND_VI}, {FIRST_EN} cao nhất"),
    ("items_lowest", rf"{HEAD}trong {KIND_VI}, {FIRST_VI} thấp nhất"),
    ("items_higher", rf"{HEAD}(?:trong {KIND_VI}, )?{FIRST_EN} cao hơn {FIRST_VI}"),
    ("items_alike", rf"{HEAD}chưa đủ bằng chứng để kết luận hai (?P<one_of>.+) nào trong {KIND_VI} khác nhau"),
    ("items_alike", rf"{HEAD}chưa đủ bằng chứng để kết luận {FIRST_EN} khác {FIRST_VI}"),
    ("most_frequent", rf"câu trả lời nhiều nhất là {FIRST_EN}"),
    ("sides_mixed", rf"{BOTH} so với (?P<other>.+?): cao hơn ở (?P<rose>.+), thấp hơn ở (?P<fell>.+?){LEFT_VI}"),
    ("sides", rf"(?:trong {KIND_VI}, )?{BOTH} cao hơn (?P<other>.+?) ở (?P<rose>.+?){LEFT_VI}"),
    ("sides", rf"(?:trong {KIND_VI}, )?{BOTH} thấp hơn (?P<other>.+?) ở (?P<fell>.+?){LEFT_VI}"),
    (
        "sides",
        rf"chưa đủ bằng chứng để kết luận {BOTH} và (?P<other>.+) khác nhau ở (?P<one_of>.+) nào trong {KIND_VI}",
    ),
)
_PATTERNS = {
    lang: [(kind, re.compile(pattern, re.IGNORECASE)) for kind, pattern in patterns]
    for lang, patterns in (("en", (*_EN, *_OTHERS_EN)), ("vi", (*_VI, *_OTHERS_VI)))
}
_MARKS = {"en": "simulated data", "vi": "dữ liệu mô phỏng"}
_NUMBERS = ("x", "y", "d", "n", "rest")


def read(text: str, lang: str) -> Claim:
    """What a title or sentence claims."""
    said = unicodedata.normalize("NFC", text).rstrip(".").strip()
    mark = _MARKS[lang]
    said = re.sub(rf"^{mark}: |\. {mark}$", "", said, flags=re.IGNORECASE)
    for kind, pattern in _PATTERNS[lang]:
        found = pattern.fullmatch(said)
        if found is None:
            continue
        parts = {k: v for k, v in found.groupdict().items() if v is not None}
        numbers = {k: number(parts[k], lang) for k in _NUMBERS if k in parts}
        return Claim(kind, {k: v for k, v in parts.items() if k not in _NUMBERS}, numbers)
    raise AssertionError(f"{lang}: nobody taught the reader to read {text!r}")


def number(text: str, lang: str) -> tuple[float, int]:
    """A number as it is written in a language, and its decimals; "one" is 1."""
    if text == "one":
        return 1.0, 0
    found = re.match(NUMBER, text)
    assert found, text
    plain = found[0].rstrip(".,").replace("−", "-").replace("+", "")
    plain = plain.replace(".", "").replace(",", ".") if lang == "vi" else plain.replace(",", "")
    value = Decimal(plain)
    return float(value), max(0, -int(value.as_tuple().exponent))

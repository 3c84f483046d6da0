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
OF_EN = r"of (?P<n>\d+) groups(?P<some> that can be assessed)?, (?P<item>.+)"
HI, LO = rf"(?P<hi>.+?)(?: \((?P<x>{VALUE})\))?", rf"(?P<lo>.+?)(?: \((?P<y>{VALUE})\))?"
ONE, OTHER = rf"(?P<one>.+) \((?P<x>{VALUE})\)", rf"(?P<other>.+) \((?P<y>{VALUE})\)"
FROM, TO = rf"(?P<y>{VALUE}) \((?P<other>.+)\)", rf"(?P<x>{VALUE}) \((?P<one>.+)\)"
REST_EN = r"(?:; no change shown for the other (?P<rest>one|\d+))?"
ITEM = r"(?P<item>(?:điểm |mức trung bình của |tỷ lệ chọn .+? ở nội dung )“[^”]+”)"
OF_VI = rf"trong (?P<n>\d+) nhóm(?P<some> đủ cơ sở đánh giá)?, {ITEM}"
NOT_VI = rf"chưa đủ bằng chứng để kết luận {ITEM}"
GAP_VI = rf"(?:: chênh lệch ước tính (?P<d>{SIZE}){MORE})?"
REST_VI = r"(?:; chưa đủ bằng chứng về thay đổi ở (?P<rest>\d+) kết quả còn lại)?"
NOT_EN, GAP_EN = r"the data do not show", rf": the estimated difference is (?P<d>{SIZE}){MORE}"


@dataclass(frozen=True)
class Claim:
    """What a sentence says.

    Parameters
    ----------
    kind : str
        "higher", "lower", "rose", "fell", "unshown", "highest", "lowest", "apart", "alike", "some", "value".
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
    ("alike", rf"{NOT_EN} that any two of (?P<n>\d+) groups(?P<some> that can be assessed)? differ in (?P<item>.+)"),
    ("unshown", rf"{NOT_EN} a difference in (?P<item>.+) between (?P<one>.+) and (?P<other>.+){GAP_EN}"),
    ("unshown", r"no difference in (?P<item>.+) between (?P<one>.+) and (?P<other>.+) is shown"),
    ("unmoved", rf"{NOT_EN} a change in (?P<item>.+) from (?P<other>.+) to (?P<one>.+){GAP_EN}"),
    (
        "moved_none",
        r"no change in (?P<item>.+) is shown for any of (?P<n>\d+) groups(?P<some> that can be assessed)?"
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
    ("alike", rf"{NOT_VI} khác nhau giữa hai nhóm nào trong (?P<n>\d+) nhóm(?P<some> đủ cơ sở đánh giá)?"),
    ("unshown", rf"{NOT_VI} khác nhau giữa (?P<one>.+?) và (?P<other>.+?){GAP_VI}"),
    (
        "moved_none",
        rf"{NOT_VI} thay đổi ở nhóm nào trong (?P<n>\d+) nhóm(?P<some> đủ cơ sở đánh giá)?"
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
_PATTERNS = {
    lang: [(kind, re.compile(pattern, re.IGNORECASE)) for kind, pattern in patterns]
    for lang, patterns in (("en", _EN), ("vi", _VI))
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

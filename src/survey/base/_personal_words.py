"""Words, numbers and patterns by which personal data are known, in Vietnamese (with and without marks) and English.

Provinces in ID numbers are those of Circular 59/2021/TT-BCA; prefixes of telephones those of the numbering plan
(Circular 22/2014/TT-BTTTT) before and after the change of 2018.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from types import MappingProxyType

__all__ = [
    "COMMON_FAMILIES",
    "FAMILIES",
    "NAMED_BY",
    "PATTERNS",
    "PEOPLE_NAMED",
    "PLACES",
    "PLACE_NAMED",
    "PLACE_WORDS",
    "PROVINCE_CODES",
    "folded",
]


def folded(text: str) -> str:
    """A text without marks, in small letters, words apart by one space: "HọTên_chủ hộ" is "ho ten chu ho"."""
    text = unicodedata.normalize("NFC", text)
    text = re.sub(r"(?<=[^\W\d_A-Z])(?=[A-Z])", " ", text) if text != text.upper() else text
    parts = unicodedata.normalize("NFD", text.casefold().replace("đ", "d").replace("Đ", "d"))
    bare = "".join(c for c in parts if not unicodedata.combining(c))
    return " ".join(re.findall(r"[a-z0-9]+", re.sub(r"(?<=[a-z])(?=[0-9])|(?<=[0-9])(?=[a-z])", " ", bare)))


NAMED_BY: Mapping[str, re.Pattern[str]] = MappingProxyType({kind: re.compile(rule) for kind, rule in {
    "name": r"\b(ho (va )?(chu )?(dem )?ten|ho ten|hoten|ten (chu ho|nguoi|day du|dap vien|ong|ba|than chu|lien he)"
            r"|full ?names?|fore ?name|first ?name|last ?name|middle ?name|sur ?name|family ?name|given ?name"
            r"|(respondent|interviewer|contact|head|owner|person|your) (s )?(full )?name|nguoi lien he)\b|^(ten|name)$",
    "phone": r"\b(sdt|dtdd|so (dien thoai|dt|di dong|zalo)|dien ?thoai|di dong|zalo|phones?( ?(number|no))?|telephone"
             r"|mobile|cell ?phone|tel|fax)\b",
    "id number": r"\b(cccd|cmnd|cmt|cmtnd|can cuoc|chung minh|so dinh danh|ho chieu|passport|national id"
                 r"|social security|ssn|so bhxh|ma so thue)\b",
    "address": r"\b(dia ?chi|so nha|street|house (no|number)|home address|postal address|address|noi o"
               r"|noi thuong tru)\b",
    "e-mail": r"\b(e ?mail|thu dien tu)\b",
    "exact place": r"\b(gps|lat|latitude|lon|lng|longitude|toa do|kinh do|vi do|geo ?point|coordinates?)\b",
    "date of birth": r"\b(ngay (thang (nam )?)?sinh|dob|date of birth|birth ?(date|day))\b",
    "bank account": r"\b(so tai khoan|stk|bank account|account (no|number)|so the|card number|iban)\b",
    "licence plate": r"\b(bien so|bien kiem soat|licen[cs]e plate)\b",
    "postal code": r"\b(zip|zip ?code|post ?code|postal code|ma buu (chinh|dien))\b",
}.items()})  # fmt: skip
"""By the name of a column, or by its wording, in the form that `folded` gives."""

PLACE_NAMED = re.compile(
    r"\b(phuong|px|xa|thi ?tran|quan|huyen|tinh|thanh pho|duong|pho|khu pho|thon|ap|lang|truong|benh vien"
    r"|wards?|wardname|commune|district|province|city|town|village|streets?|road|schools?|hospital)\b"
)
"""Columns of places, which bear the names of people: "phuong", "ten_duong", "school"; as `folded` gives them."""
PEOPLE_NAMED = re.compile(
    r"\b(nguoi|chu (ho|tich|nha|nhiem|so huu)|can bo|cong chuc|nhan vien|lanh dao|dai dien|giam doc|bi thu"
    r"|dieu tra vien|dap vien"
    r"|giao vien|thay|co giao|hoc sinh|ho (va )?ten|ho ten|hoten|lien he|ai|ong|ba"
    r"|(to|hieu|thon|nhom|doi|ap|lang|ban|phong) truong|(pho )?truong (phong|ban|thon|khu|nhom|doan|to|doi|ap)"
    r"|pho (phong|ban|chu tich|giam doc)|who(m|se)?|head|officers?|officials?|staff|teachers?|principal"
    r"|chair\w*|leader|mayor"
    r"|respondents?|interviewers?|contact|owners?|persons?|(first|last|full|sur|given|family) ?names?)\b"
)
"""Words that make it a column of people after all: "truong_thon", "ward_officer"."""

_GAP = r"[ .\-]?"
_LETTER = r"[^\W\d_]"
_CAPITAL = "[A-ZĂÂĐÊÔƠƯÁÀẢÃẠẮẰẲẴẶẤẦẨẪẬÉÈẺẼẸẾỀỂỄỆÍÌỈĨỊÓÒỎÕỌỐỒỔỖỘỚỜỞỠỢÚÙỦŨỤỨỪỬỮỰÝỲỶỸỴ]"
_MOBILE = r"(?:3[2-9]|5[25689]|7[06-9]|8[1-9]|9\d)"
_OLD_MOBILE = r"(?:12\d|16[2-9]|18[68]|199)"
_START, _END = r"(?<![\d.,/\w])", r"(?![\d\w]|[.,]\d)"
_COUNTRY = rf"(?:(?:\+|00)?84{_GAP}(?:\(0\){_GAP})?|0)"
_LANES = "đường|phố|ngõ|ngách|hẻm|kiệt|duong|ngach|hem"
_STREETS = "Street|St|Avenue|Ave|Road|Rd|Boulevard|Blvd|Drive|Dr|Lane|Ln|Court|Ct"
_DAY = r"\d{1,2}[/.\-]\d{1,2}[/.\-](?:19|20)\d\d"

PATTERNS: Mapping[str, tuple[tuple[str, re.Pattern[str]], ...]] = MappingProxyType({kind: tuple(
    (rule, re.compile(pattern)) for rule, pattern in rules.items()
) for kind, rules in {
    "e-mail": {"address with @": r"(?<![\w.+-])[\w.+-]+@[\w-]+(\.[\w-]+)+"},
    "phone": {
        "Vietnamese mobile": rf"{_START}{_COUNTRY}{_MOBILE}(?:{_GAP}\d){{7}}{_END}",
        "Vietnamese mobile before 2018": rf"{_START}{_COUNTRY}{_OLD_MOBILE}(?:{_GAP}\d){{7}}{_END}",
        "Vietnamese landline": rf"{_START}\(?{_COUNTRY}2\d{{1,2}}\)?(?:{_GAP}\d){{7,8}}{_END}",
        "North American number":
            r"(?<![\d.\w])(?:\+?1[ .\-])?(?:\([2-9]\d\d\) ?|[2-9]\d\d[\-.])\d{3}[\-.]\d{4}(?![\d\w])",
    },
    "licence plate": {
        "Vietnamese plate": r"(?<!\w)[1-9]\d[ -]?[A-Z][A-Z0-9]?[ -]\d{3}\.?\d{2}(?![\d\w])",
    },
    "exact place": {
        "pair of coordinates": r"(?<![\d.])-?\d{1,2}\.\d{4,}[°NSns]?\s*[,; ]\s*-?\d{1,3}\.\d{4,}",
    },
    "address": {
        "house number": r"(?i)\b(?:số nhà|so nha|nhà số|nha so|sn)\s*:?\s*\d+",
        "house number and street":
            rf"\b\d+{_LETTER}?(?:[/\-]\d+{_LETTER}?)*,?\s+(?i:{_LANES})\s+(?:số\s+)?(?:{_CAPITAL}|\d)",
        "lane or alley with its number": r"(?i)\b(?:ngõ|ngách|hẻm|kiệt|ngach|hem)\s+(?:số\s+)?\d+",
        "house number and English street":
            rf"\b\d+\w?\s+(?:[NSEW]\.?\s+)?(?:[A-Z][\w']+\s+){{1,3}}(?:{_STREETS})\b",
    },
    "date of birth": {
        "born on a day": rf"(?i)\b(?:sinh(?: ngày)?|ngày sinh|ngay sinh|sinh ngay|born(?: on)?|dob)\s*:?\s*{_DAY}",
    },
}.items()})  # fmt: skip
"""What is known by its form alone, wherever it stands in a text."""

PROVINCE_CODES = frozenset([
    "001", "002", "004", "006", "008", "010", "011", "012", "014", "015", "017", "019", "020", "022", "024", "025",
    "026", "027", "030", "031", "033", "034", "035", "036", "037", "038", "040", "042", "044", "045", "046", "048",
    "049", "051", "052", "054", "056", "058", "060", "062", "064", "066", "067", "068", "070", "072", "074", "075",
    "077", "079", "080", "082", "083", "084", "086", "087", "089", "091", "092", "093", "094", "095", "096",
])  # fmt: skip
"""First three digits of a citizen's ID number."""

_FAMILIES = [
    "Nguyễn", "Trần", "Lê", "Phạm", "Hoàng", "Huỳnh", "Phan", "Vũ", "Võ", "Đặng", "Bùi", "Đỗ", "Hồ", "Ngô", "Dương",
    "Lý", "Đào", "Đoàn", "Vương", "Trịnh", "Trương", "Đinh", "Lâm", "Phùng", "Mai", "Tô", "Hà", "Tạ", "Cao", "Châu",
    "La", "Lương", "Lưu", "Thái", "Tống", "Triệu", "Chu", "Quách", "Thân", "Nghiêm", "Khuất", "Kiều", "Mạc", "Nông",
    "Lò", "Lường", "Quàng", "Cà", "Vì", "Sùng", "Giàng", "Vàng", "Thào", "Lầu", "Hầu", "Ma", "Hứa", "Bế", "Đàm",
    "Hoa", "Giang", "Tăng", "Từ", "Ông", "Thạch", "Kim", "Danh", "Sơn", "Doãn", "Ninh", "Nhữ", "Cù", "Khổng", "Phí",
    "Văn", "Viên", "Vi", "Lục", "Lại", "Bạch", "Tiêu", "Quan", "Diệp", "Âu", "Ngụy", "Trà", "Hán", "Khúc", "Đồng",
    "Cung", "Mẫn", "Thiều", "Mã", "Bành",
]  # fmt: skip
FAMILIES = frozenset(name.casefold() for name in _FAMILIES) | frozenset(folded(name) for name in _FAMILIES)
"""Family names, with and without marks, in small letters."""

_COMMON = (
    "Nguyễn Trần Lê Phạm Hoàng Huỳnh Phan Vũ Võ Đặng Bùi Đỗ Ngô Dương Trịnh Trương Đinh Đoàn Phùng Lương Lưu Vương"
)
COMMON_FAMILIES = frozenset(name.casefold() for name in _COMMON.split()) | frozenset([
    "nguyen", "tran", "pham", "hoang", "huynh", "phan", "dang", "bui", "duong", "trinh", "truong", "dinh", "doan",
    "phung", "luong", "vuong",
])  # fmt: skip
"""Names that are hardly ever another word; without marks only those that are no English word."""

PLACE_WORDS = frozenset([
    "đường", "phố", "ngõ", "ngách", "hẻm", "kiệt", "phường", "xã", "thị", "trấn", "quận", "huyện", "tỉnh", "thành",
    "tp", "trường", "thcs", "thpt", "tiểu", "học", "chợ", "cầu", "công", "viên", "khu", "tổ", "thôn", "ấp", "bản",
    "làng", "đình", "chùa", "đền", "bệnh", "viện", "ubnd", "hđnd", "sông", "hồ", "núi", "bến", "cảng", "ga",
    "tượng", "đài", "quảng", "trường", "đô", "cư", "street", "road", "avenue", "ward", "district", "school",
    "park", "market", "bridge", "duong", "pho", "phuong", "xa", "quan", "huyen", "tinh", "truong", "cho", "cau",
    "ngo", "hem",
])  # fmt: skip
"""Words before a name that make it the name of a place: "đường Nguyễn Huệ"."""

PLACES = frozenset([
    "hồ chí minh", "thái bình", "hà nội", "hà nam", "hà tĩnh", "hà giang", "cao bằng", "lâm đồng", "lý thường kiệt",
    "trần hưng đạo", "lê lợi", "quang trung", "hai bà trưng", "trần lãm", "bồ xuyên", "lê hồng phong", "đồng nai",
    "đồng tháp", "ninh bình", "ninh thuận", "sơn la", "kim sơn", "thái nguyên", "hà đông", "hà tây", "đình bảng",
    "lê chân", "ngô quyền", "võ nguyên giáp", "hồ tây", "hồ gươm", "phan thiết", "cao lãnh", "mai châu", "kiều mai",
    "đông anh", "lương sơn", "lai châu", "la gi", "vũ thư", "kiến xương", "tiền hải",
])  # fmt: skip
"""Names of places, streets and well-known people that look like those of a person."""

"""Words, numbers and patterns by which personal data are known, in Vietnamese (with and without marks) and English.

Names of people and places stand in `personal_words.toml`. Prefixes of telephones are those of the numbering plan
(Circular 22/2014/TT-BTTTT) before and after the change of 2018.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property, lru_cache
from pathlib import Path
from types import MappingProxyType

from survey.base.toml import parsed

__all__ = [
    "CAPITAL",
    "NAMED_BY",
    "PATTERNS",
    "PEOPLE_NAMED",
    "PLACE_NAMED",
    "Lists",
    "folded",
    "lists",
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
            r"|(respondent|interviewer|contact|head|owner|person|your) (s )?(full )?name|nguoi lien he"
            r"|(primer )?apellidos?|nombres? (completos?|y apellidos?|del? (la )?(jef[ea]|encuestad\w+|entrevistad\w+"
            r"|informante|persona|contacto))|sobrenome|nome (completo|d[oa] \w+)|prenoms?|nom (de famille|complet)"
            r"|vorname|nachname|familienname)\b|^(ten|names?|nombres?|nome|noms?)$",
    "phone": r"\b(sdt|dtdd|so (dien thoai|dt|di dong|zalo)|dien ?thoai|di dong|zalo|phones?( ?(number|no))?|telephone"
             r"|mobile|cell ?phone|tel|fax|telefonos?|telefones?|telefon(nummer)?|numero de tele(fono|fone|phone)"
             r"|portable|celulare?s?|movil|handy(nummer)?|whats ?app|viber|hotline)\b",
    "id number": r"\b(cccd|cmnd|cmt|cmtnd|can cuoc|chung minh|so dinh danh|ho chieu|passport|national id"
                 r"|social security|ssn|so bhxh|ma so thue|pas(s|a|sa)?porte?|reisepass(nummer)?|cedula|dni|curp|cpf"
                 r"|(numero|numero de) (documento|identidad|identificacion|passeport)|documento de identidad"
                 r"|(id|identity|identification) (card|number|no))\b",
    "address": r"\b(dia ?chi|so nha|street|house (no|number)|home address|postal address|address|noi o"
               r"|noi thuong tru|direccion|domicilio|endereco|adresse|anschrift|strasse)\b",
    "e-mail": r"\b(e ?mails?|thu dien tu|correo( electronico)?|courriel)\b",
    "exact place": r"\b(gps|lat|latitude|lon|lng|longitude|latitud|longitud|toa ?do|kinh do|vi do|geo ?point|geo ?shape"
                   r"|geo ?trace|coordinates?|coordenadas?|coordonnees|coords?|points? [xy]|[xy] coords?|[xy] ?vn ?2000"
                   r"|vn ?2000|utm|eastings?|northings?|toado [xy]|[xy] ?(wgs|utm)\w*)\b",
    "date of birth": r"\b(ngay (thang (nam )?)?sinh|dob|date of birth|birth ?(date|day)|fecha de nacimiento"
                     r"|data de nascimento|date de naissance|geburts(datum|tag))\b",
    "bank account": r"\b(so tai khoan|stk|bank account|account (no|number)|so the|card number|iban)\b",
    "licence plate": r"\b(bien so|bien kiem soat|licen[cs]e plate)\b",
    "postal code": r"\b(zip|zip ?code|post ?code|postal code|ma buu (chinh|dien))\b",
}.items()})  # fmt: skip
"""By the name of a column, or by its wording, in the form that `folded` gives."""

PLACE_NAMED = re.compile(
    r"\b(phuong|px|xa|thi ?tran|quan|huyen|tinh|thanh pho|duong|pho|khu pho|thon|ap|lang|truong|benh vien"
    r"|dia ban|khu vuc|dia phuong|noi (o|cu tru|song)|to dan pho|tdp|cho|cau|cong vien"
    r"|wards?|wardname|commune|district|province|city|town|village|streets?|road|schools?|hospital|location|place"
    r"|neighbou?rhood|municipios?|barrios?|distritos?|provincias?|ciudad|calle|colonia)\b"
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
CAPITAL = "[A-ZĂÂĐÊÔƠƯÁÀẢÃẠẮẰẲẴẶẤẦẨẪẬÉÈẺẼẸẾỀỂỄỆÍÌỈĨỊÓÒỎÕỌỐỒỔỖỘỚỜỞỠỢÚÙỦŨỤỨỪỬỮỰÝỲỶỸỴ]"
_MOBILE = r"(?:3[2-9]|5[25689]|7[06-9]|8[1-9]|9\d)"
_OLD_MOBILE = r"(?:12\d|16[2-9]|18[68]|199)"
_START, _END = r"(?<![\d.,/\w])", r"(?![\d\w]|[.,]\d)"
_COUNTRY = rf"(?:(?:\+|00)?84{_GAP}(?:\(0\){_GAP})?|0)"
_LANES = "đường|phố|ngõ|ngách|hẻm|kiệt|duong|ngach|hem"
_STREETS = "Street|St|Avenue|Ave|Road|Rd|Boulevard|Blvd|Drive|Dr|Lane|Ln|Court|Ct"
# metres of VN-2000 and UTM within Vietnam; what is written to the hundred is a sum of money
_EAST = r"(?!\d+00\b(?!\.))[2-8]\d{5}(?:\.\d+)?"
_NORTH = r"(?!\d+00\b(?!\.))(?:9|1\d|2[0-6])\d{5}(?:\.\d+)?"
_BETWEEN = r"[\s,;:/()=_xyenmXYENM]{1,10}"
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
        "pair of coordinates": r"(?<![\d.])-?\d{1,3}\.\d{4,}[°NSns]?\s*[,; ]\s*-?\d{1,3}\.\d{4,}",
        "pair of coordinates of VN-2000 or UTM":
            rf"(?<![\d.,\w])(?:{_EAST}{_BETWEEN}{_NORTH}|{_NORTH}{_BETWEEN}{_EAST})(?![\w.,]*\d)",
    },
    "address": {
        "house number": r"(?i)\b(?:số nhà|so nha|nhà số|nha so|sn)\s*:?\s*\d+",
        "house number and street":
            rf"\b\d+{_LETTER}?(?:[/\-]\d+{_LETTER}?)*,?\s+(?i:{_LANES})\s+(?:số\s+)?(?:{CAPITAL}|\d)",
        "lane or alley with its number": r"(?i)\b(?:ngõ|ngách|hẻm|kiệt|ngach|hem)\s+(?:số\s+)?\d+",
        "house number and English street":
            rf"\b\d+\w?\s+(?:[NSEW]\.?\s+)?(?:[A-Z][\w']+\s+){{1,3}}(?:{_STREETS})\b",
    },
    "date of birth": {
        "born on a day": rf"(?i)\b(?:sinh(?: ngày)?|ngày sinh|ngay sinh|sinh ngay|born(?: on)?|dob)\s*:?\s*{_DAY}",
    },
}.items()})  # fmt: skip
"""What is known by its form alone, wherever it stands in a text."""


@dataclass(frozen=True)
class Lists:
    """The lists of `personal_words.toml`, as sets of words in small letters.

    Parameters
    ----------
    families : frozenset of str
        Family names, with and without marks.
    common_families : frozenset of str
        Those that are hardly ever another word; without marks only where they are no English word.
    place_words : frozenset of str
        Words before a name that make it the name of a place: "đường Nguyễn Huệ".
    place_phrases : frozenset of str
        The same, of two words: "ngã tư Nguyễn Trãi".
    places : frozenset of str
        Names of places, streets and well-known people that look like those of a person.
    titled_places : frozenset of str
        Those that look like a title with a given name: "Cô Giang".
    given_names, given_without_marks : frozenset of str
        Given names, known to be one only after a title.
    no_given_names : frozenset of str
        Words of two parts of which the first looks like a given name: "anh Công an".
    province_codes : frozenset of str
        First three digits of a citizen's ID number.
    """

    families: frozenset[str]
    common_families: frozenset[str]
    place_words: frozenset[str]
    place_phrases: frozenset[str]
    places: frozenset[str]
    titled_places: frozenset[str]
    given_names: frozenset[str]
    given_without_marks: frozenset[str]
    no_given_names: frozenset[str]
    province_codes: frozenset[str]

    @cached_property
    def starts(self) -> frozenset[str]:
        """Words that a name of a person may begin with."""
        return self.families | self.given_names | self.given_without_marks


@lru_cache(maxsize=1)
def lists() -> Lists:
    """The lists of words, read when they are first asked for."""
    raw = parsed(Path(__file__).with_name("personal_words.toml").read_text(encoding="utf-8"))
    families, common, given = (
        [name.casefold() for name in raw[key]] for key in ("families", "common_families", "given_names")
    )
    return Lists(
        families=frozenset(families) | frozenset(map(folded, families)),
        common_families=frozenset(common) | frozenset(raw["common_without_marks"]),
        place_words=frozenset(raw["place_words"]),
        place_phrases=frozenset(raw["place_phrases"]),
        places=frozenset(raw["places"]) | frozenset(raw["people_of_places"]),
        titled_places=frozenset(raw["titled_places"]),
        given_names=frozenset(given),
        given_without_marks=frozenset(map(folded, given)),
        no_given_names=frozenset(raw["no_given_names"]),
        province_codes=frozenset(raw["province_codes"]),
    )

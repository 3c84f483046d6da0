"""Vietnamese from before Unicode: every letter, known words, and the tone mark that stands in two places."""

from __future__ import annotations

import unicodedata
from pathlib import Path

import pytest

from legacy_text import to_legacy
from survey.base.vietnamese import LEGACY, from_legacy, old_tones, share_of_syllables, tones_placed
from survey.errors import ReadError
from survey.io import read

LETTERS = "àáảãạăằắẳẵặâầấẩẫậđèéẻẽẹêềếểễệìíỉĩịòóỏõọôồốổỗộơờớởỡợùúủũụưừứửữựỳýỷỹỵ"

# what the fonts of the time show: the motto of every official letter, and words of forms
TCVN3 = {
    "Céng hoµ x· héi chñ nghÜa ViÖt Nam": "Cộng hoà xã hội chủ nghĩa Việt Nam",
    "§éc lËp - Tù do - H¹nh phóc": "Độc lập - Tự do - Hạnh phúc",
    "ph\xadêng": "phường",
    "NguyÔn": "Nguyễn",
    "§¶ng": "Đảng",
    "B¶o Th¾ng": "Bảo Thắng",
    "B¸t X¸t": "Bát Xát",
    "§¶NG": "ĐẢNG",
    "Ninh B×nh": "Ninh Bình",
}
VNI = {
    "Vieät Nam": "Việt Nam",
    "phöôøng": "phường",
    "Nguyeãn": "Nguyễn",
    "Ñaûng": "Đảng",
    "ÑAÛNG": "ĐẢNG",
    "Ñoäc laäp - Töï do - Haïnh phuùc": "Độc lập - Tự do - Hạnh phúc",
    "AÁn Ñoä": "Ấn Độ",
    "Aán Ñoä": "Ấn Độ",
    "xin chaøo caùc baïn": "xin chào các bạn",
    "thò xaõ": "thị xã",
    "kyõ, lyù, kyø, yù, quyû": "kỹ, lý, kỳ, ý, quỷ",
}

# one byte a letter, from the code chart of TCVN 5712:1993 (VN3)
TCVN3_BYTES = {
    "à": 0xB5,
    "á": 0xB8,
    "ả": 0xB6,
    "ã": 0xB7,
    "ạ": 0xB9,
    "ă": 0xA8,
    "ằ": 0xBB,
    "ắ": 0xBE,
    "ẳ": 0xBC,
    "ẵ": 0xBD,
    "ặ": 0xC6,
    "â": 0xA9,
    "ầ": 0xC7,
    "ấ": 0xCA,
    "ẩ": 0xC8,
    "ẫ": 0xC9,
    "ậ": 0xCB,
    "đ": 0xAE,
    "è": 0xCC,
    "é": 0xD0,
    "ẻ": 0xCE,
    "ẽ": 0xCF,
    "ẹ": 0xD1,
    "ê": 0xAA,
    "ề": 0xD2,
    "ế": 0xD5,
    "ể": 0xD3,
    "ễ": 0xD4,
    "ệ": 0xD6,
    "ì": 0xD7,
    "í": 0xDD,
    "ỉ": 0xD8,
    "ĩ": 0xDC,
    "ị": 0xDE,
    "ò": 0xDF,
    "ó": 0xE3,
    "ỏ": 0xE1,
    "õ": 0xE2,
    "ọ": 0xE4,
    "ô": 0xAB,
    "ồ": 0xE5,
    "ố": 0xE8,
    "ổ": 0xE6,
    "ỗ": 0xE7,
    "ộ": 0xE9,
    "ơ": 0xAC,
    "ờ": 0xEA,
    "ớ": 0xED,
    "ở": 0xEB,
    "ỡ": 0xEC,
    "ợ": 0xEE,
    "ù": 0xEF,
    "ú": 0xF3,
    "ủ": 0xF1,
    "ũ": 0xF2,
    "ụ": 0xF4,
    "ư": 0xAD,
    "ừ": 0xF5,
    "ứ": 0xF8,
    "ử": 0xF6,
    "ữ": 0xF7,
    "ự": 0xF9,
    "ỳ": 0xFA,
    "ý": 0xFD,
    "ỷ": 0xFB,
    "ỹ": 0xFC,
    "ỵ": 0xFE,
    "Ă": 0xA1,
    "Â": 0xA2,
    "Ê": 0xA3,
    "Ô": 0xA4,
    "Ơ": 0xA5,
    "Ư": 0xA6,
    "Đ": 0xA7,
}

TEXT = "họ,nơi ở\nUỷ ban nhân dân phường Đông Hoà,quận Bình Thạnh\nđường Nguyễn Ánh,thị trấn Phước Vĩnh\n"


def test_every_letter_of_tcvn3_by_its_byte() -> None:
    assert len(TCVN3_BYTES) == 67 + 7
    for letter, byte in TCVN3_BYTES.items():
        assert from_legacy(bytes([byte]).decode("latin-1"), "tcvn3") == letter


@pytest.mark.parametrize("known", [("tcvn3", TCVN3), ("vni", VNI)], ids=LEGACY)
def test_known_words(known: tuple[str, dict[str, str]]) -> None:
    encoding, words = known
    for code, text in words.items():
        assert from_legacy(code, encoding) == text


def test_every_letter_there_and_back() -> None:
    for text in (LETTERS, " ".join(LETTERS), LETTERS.upper(), "Ở Ấn Độ, ĐẢNG UỶ", "Ưu tiên"):
        assert from_legacy(to_legacy(text, "vni"), "vni") == text
    for text in (LETTERS, "ĂÂĐÊÔƠƯ", "THỊ TRẤN"):
        assert from_legacy(to_legacy(text, "tcvn3"), "tcvn3") == text


def test_tcvn3_has_no_capitals_with_a_tone() -> None:
    assert from_legacy(to_legacy("Ấn Độ", "tcvn3"), "tcvn3") == "ấn Độ"  # a font told; the text cannot
    assert from_legacy("Vµ", "tcvn3") == "Và"  # one capital alone decides nothing
    assert from_legacy("THÞ X·", "tcvn3") == "THỊ Xã"


@pytest.mark.parametrize("encoding", LEGACY)
def test_text_in_unicode_is_left_alone(encoding: str) -> None:
    assert from_legacy("Nguyễn và phường", encoding) == "Nguyễn và phường"
    assert from_legacy("ward 12", encoding) == "ward 12"


def test_signs_of_windows_stay() -> None:
    assert from_legacy("\x93ViÖt Nam\x94 \x96 x", "tcvn3") == "“Việt Nam” – x"


@pytest.mark.parametrize(
    ("one", "other"),
    [("hoà", "hòa"), ("Thuỷ", "Thủy"), ("khoẻ", "khỏe"), ("UỶ", "ỦY"), ("Hoà Bình, luỹ", "Hòa Bình, lũy")],
)
def test_two_spellings_are_one_word(one: str, other: str) -> None:
    for form in ("NFC", "NFD"):
        assert tones_placed(unicodedata.normalize(form, other)) == one == tones_placed(one)
        assert old_tones(unicodedata.normalize(form, one)) == other == old_tones(other)


@pytest.mark.parametrize("word", ["quý", "quả", "của", "mùa", "hoàng", "toán", "ngoài", "giả", "café", "khuyến"])
def test_words_with_one_place_for_the_tone_stay(word: str) -> None:
    assert tones_placed(word) == word == old_tones(word)


def test_syllables_are_told_from_other_words() -> None:
    assert share_of_syllables([TEXT, "khuỷu nghiêng giếng gì quyển chuyên thuở hoạch xoèn ưỡn"])[0] == 1
    assert share_of_syllables(["Fußgänger São Paulo naïve Ærø"]) == (0.25, 4)  # "são" could be one


class TestFound:
    """An encoding is found by what its words are, said, and never taken where two fit."""

    @pytest.mark.parametrize("encoding", ["tcvn3", "vni"])
    def test_found_and_said(self, tmp_path: Path, encoding: str) -> None:
        path = tmp_path / "a.csv"
        path.write_bytes(to_legacy(TEXT, encoding).encode("latin-1"))
        responses = read(path, encoding="find")
        assert responses.data["nơi ở"].tolist() == ["quận Bình Thạnh", "thị trấn Phước Vĩnh"]
        assert f"encoding {encoding}, found: 100% of 19" in responses.sources[0].notes[0]
        assert f"encoding {encoding}, found" in responses.log["what"].iloc[0]
        table = responses.check().table
        assert table[["rule", "severity"]].to_numpy().tolist() == [["reading", "warning"]]
        assert read(path, encoding=encoding).sources[0].notes == ()

    def test_windows_1258(self, tmp_path: Path) -> None:
        path = tmp_path / "a.csv"
        # the code page has ă â đ ê ô ơ ư and five tone marks that follow their letter
        apart = "".join(unicodedata.normalize("NFD", c) if c.lower() not in "ăâđêôơư" else c for c in TEXT)
        for hat, mark in (
            ("a", "\u0302"),
            ("e", "\u0302"),
            ("o", "\u0302"),
            ("a", "\u0306"),
            ("o", "\u031b"),
            ("u", "\u031b"),
        ):
            for base in (hat, hat.upper()):
                apart = apart.replace(base + mark, unicodedata.normalize("NFC", base + mark))
                for tone in "\u0300\u0301\u0303\u0309\u0323":
                    apart = apart.replace(base + tone + mark, unicodedata.normalize("NFC", base + mark) + tone)
        path.write_bytes(apart.encode("cp1258"))
        responses = read(path, encoding="find")
        assert responses.data["nơi ở"].tolist() == ["quận Bình Thạnh", "thị trấn Phước Vĩnh"]
        assert "windows-1258, found" in responses.sources[0].notes[0]
        assert unicodedata.is_normalized("NFC", responses.data["họ"].iloc[0])

    @pytest.mark.parametrize(
        ("encoding", "said"),
        [
            ("utf-8-sig", "mark"),
            ("utf-16", "mark"),
            ("utf-16-le", "zero"),
            ("utf-16-be", "zero"),
            ("utf-8", "byte fits"),
        ],
    )
    def test_unicode(self, tmp_path: Path, encoding: str, said: str) -> None:
        path = tmp_path / "a.csv"
        path.write_bytes(("id,q\n" + "1,a\n" * 20 + "2,phường\n").encode(encoding))
        responses = read(path, encoding="find")
        assert responses.data["q"].iloc[-1] == "phường"
        assert said in responses.sources[0].notes[0]

    def test_what_is_no_vietnamese_is_not_guessed(self, tmp_path: Path) -> None:
        path = tmp_path / "a.csv"
        path.write_bytes("id,ort\n1,Köln Süd\n2,Fußgängerzone\n3,Weißensee\n".encode("cp1252"))
        with pytest.raises(ReadError, match="The encoding of the file cannot be determined") as caught:
            read(path, encoding="find")
        assert "cp1252 reads 'Köln" in str(caught.value)
        assert read(path, encoding="cp1252").data["ort"].iloc[0] == "Köln Süd"

    def test_the_error_for_another_encoding_names_what_fits(self, tmp_path: Path) -> None:
        path = tmp_path / "a.csv"
        path.write_bytes(to_legacy(TEXT, "tcvn3").encode("latin-1"))
        with pytest.raises(ReadError, match="not in UTF-8") as caught:
            read(path)
        assert 'encoding="tcvn3" reads \'họ nơi ở' in str(caught.value)

    def test_the_wrong_one_is_said(self, tmp_path: Path) -> None:
        path = tmp_path / "a.csv"
        path.write_bytes(to_legacy(TEXT, "tcvn3").encode("latin-1"))
        assert "is VNI right?" in read(path, encoding="vni").sources[0].notes[0]

    def test_codes_saved_as_utf8(self, tmp_path: Path) -> None:
        # what Excel writes when its cells are in .VnTime: the font is lost, the codes are letters of Latin-1
        path = tmp_path / "a.csv"
        path.write_text(to_legacy(TEXT, "tcvn3"), encoding="utf-8")
        responses = read(path)
        assert responses.data.iloc[1].tolist() == ["®\xadêng NguyÔn ¸nh", "thÞ trÊn Ph\xadíc VÜnh"]
        assert 'encoding="tcvn3" would convert it' in responses.sources[0].notes[0]
        converted = read(path, encoding="tcvn3")
        assert converted.data.iloc[1].tolist() == ["đường Nguyễn ánh", "thị trấn Phước Vĩnh"]
        assert converted.sources[0].notes == ("the codes of TCVN3 were saved as UTF-8",)

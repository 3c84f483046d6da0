"""A codebook that is written is the codebook that is read; what TOML cannot hold is refused before a file is there."""

from __future__ import annotations

import math
import unicodedata
from pathlib import Path
from types import MappingProxyType
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from examples import examples
from survey.codebook import DONT_KNOW_POLICIES, MISSING_KINDS, VARIABLE_TYPES, Codebook, MultipleSet, Variable
from survey.errors import CodebookError

RAW = Path(__file__).parents[2] / "data" / "raw"
OTHERS = Path(__file__).parents[2] / "src" / "survey" / "opendata_codebooks"

words = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=12).map(
    lambda t: unicodedata.normalize("NFC", t)
)
names = st.sampled_from(["FR01", "Q 1", "vi", "en", "01", "hoà", "a.b", '"', "-1"])
texts = st.dictionaries(st.sampled_from(["vi", "en", "fr"]), words, max_size=3)
codes = st.one_of(
    st.integers(-(10**18), 10**18),
    st.floats(-1e9, 1e9, allow_nan=False).filter(lambda x: not x.is_integer()),
    st.sampled_from(["1", "01", "-98", "0.5", "vi", "en", "a b", "'", "nan", "", "P01"]),
)


@st.composite
def variables(draw: st.DrawFn, name: str) -> Variable:
    found = draw(st.lists(codes, unique_by=lambda c: (isinstance(c, str), c), max_size=5))
    cut = draw(st.integers(0, len(found)))
    limits = draw(st.none() | st.tuples(st.floats(-1e6, 0), st.floats(0, 1e6) | st.just(math.inf)))
    return Variable(
        name,
        draw(st.sampled_from(VARIABLE_TYPES)),
        draw(texts),
        {c: draw(texts) for c in found[:cut]},
        {c: draw(st.sampled_from(MISSING_KINDS)) for c in found[cut:]},
        {c: {"vi": draw(words)} for c in found[cut:] if draw(st.booleans())},
        draw(st.sampled_from([-1, 0, 1])),
        draw(st.just("") | words),
        draw(st.booleans()),
        draw(st.just("") | words),
        draw(words),
        draw(st.just("") | words),
        limits,
        draw(st.booleans()),
        draw(st.sampled_from(DONT_KNOW_POLICIES)),
        draw(st.just("") | words),
        draw(st.just("") | words),
    )


@st.composite
def books(draw: st.DrawFn) -> Codebook:
    made = {n: draw(variables(n)) for n in draw(st.lists(names, min_size=1, max_size=4, unique=True))}
    sets = {"s": MultipleSet("s", tuple(made), "categories", draw(texts), draw(codes))} if draw(st.booleans()) else {}
    dimensions = {n: draw(texts) for n in draw(st.sets(names, max_size=2))}
    return Codebook(made, dimensions, draw(texts), "", draw(st.booleans()), sets=sets)


@given(books())
@settings(max_examples=examples(200), deadline=None)
@pytest.mark.slow
def test_whatever_is_written_is_read_again_in_the_same_order(
    tmp_path_factory: pytest.TempPathFactory, book: Codebook
) -> None:
    path = tmp_path_factory.mktemp("book") / "book.toml"
    again = Codebook.from_toml(book.to_toml(path))
    assert again == book
    assert list(again.variables) == list(book.variables)
    for name, variable in book.variables.items():
        assert [(type(c), c) for c in again[name].labels] == [(type(c), c) for c in variable.labels]
        assert list(again[name].missing) == list(variable.missing)
    first = path.read_bytes()
    assert again.to_toml(path).read_bytes() == first


@pytest.mark.parametrize("path", [RAW / "codebook.toml", *sorted(OTHERS.glob("*.toml"))], ids=lambda p: p.name)
def test_the_shipped_codebooks_come_back(path: Path, tmp_path: Path) -> None:
    book = Codebook.from_toml(path)
    assert Codebook.from_toml(book.to_toml(tmp_path / "again.toml")) == book


def test_what_is_shared_is_said_once(tmp_path: Path) -> None:
    book = Codebook.from_toml(RAW / "codebook.toml")
    text = book.to_toml(tmp_path / "book.toml").read_text(encoding="utf-8")
    own = [v.name for v in book.variables.values() if v.missing and v.label(-96, "en") != book["OV01"].label(-96, "en")]
    assert len(own) == 7  # "not finished yet", "no fee to pay": codes of their own
    assert text.count("Rất không hài lòng") == 1 and text.count('"refused"') == 1 + len(own)


def test_text_codes_that_look_like_numbers_stay_text(tmp_path: Path) -> None:
    v = Variable("q", "nominal", labels={"1": {"en": "one"}, 2: {"en": "two"}}, missing={"-9": "refused"})
    again = Codebook.from_toml(Codebook({"q": v}).to_toml(tmp_path / "b.toml"))["q"]
    assert again.codes == ("1", 2) and list(again.missing) == ["-9"]


def test_codes_that_are_names_of_languages_are_not_turned_round(tmp_path: Path) -> None:
    labels = {"vi": {"vi": "tiếng Việt", "en": "Vietnamese"}, "en": {"vi": "tiếng Anh", "en": "English"}}
    book = Codebook({"lang": Variable("lang", "nominal", labels=labels)})
    assert Codebook.from_toml(book.to_toml(tmp_path / "b.toml"))["lang"].label("vi", "en") == "Vietnamese"


def test_remarks_stand_above_their_variable_and_change_nothing(tmp_path: Path) -> None:
    book = Codebook({"q": Variable("q"), "r": Variable("r")})
    path = book.to_toml(tmp_path / "b.toml", {"r": ["to be checked: a\nb = [", "\x07"], "": ["a draft"]})
    lines = path.read_text(encoding="utf-8").splitlines()
    assert lines[0] == "# a draft" and lines[lines.index("[variables.r]") - 3] == "# to be checked: a"
    assert Codebook.from_toml(path) == book


@pytest.mark.parametrize(
    "book",
    [
        Codebook(),
        Codebook({"q": Variable("q", labels={1: {}}, missing={1: "refused"})}),
        Codebook({"q": Variable("q", labels={math.nan: {}})}),
        Codebook({"q": Variable("q", labels={"hoà": {}, unicodedata.normalize("NFD", "hoà"): {}})}),
        Codebook({"q": Variable("q", missing_labels={-9: {"en": "?"}})}),
    ],
)
def test_what_would_not_come_back_is_refused_and_no_file_is_left(tmp_path: Path, book: Codebook) -> None:
    with pytest.raises(CodebookError):
        book.to_toml(tmp_path / "b.toml")
    assert list(tmp_path.iterdir()) == []


def test_an_existing_file_stays_when_writing_fails(tmp_path: Path) -> None:
    path = Codebook({"q": Variable("q")}).to_toml(tmp_path / "b.toml")
    before = path.read_bytes()
    with pytest.raises(CodebookError):
        Codebook().to_toml(path)
    assert path.read_bytes() == before


def test_decomposed_letters_are_written_composed(tmp_path: Path) -> None:
    apart: Any = unicodedata.normalize("NFD", "Hài lòng")
    book = Codebook({"q": Variable("q", text=MappingProxyType({"vi": apart}))})
    assert Codebook.from_toml(book.to_toml(tmp_path / "b.toml"))["q"].text["vi"] == "Hài lòng"

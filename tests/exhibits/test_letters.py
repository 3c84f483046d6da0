"""Letters placed without a shaper: where HarfBuzz places them, and as matplotlib outlines them, letter by letter."""

from __future__ import annotations

import random
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import matplotlib
import numpy as np
import pytest
from matplotlib.ft2font import FT2Font, LoadFlags
from matplotlib.textpath import TextPath

import survey
from survey.exhibits import _face
from survey.exhibits.letters import font, outline, unit_width

WEIGHTS = ("normal", "bold", "italic")

ALONE = [c for c in map(chr, range(32, 0x2600)) if _face._PLAIN.fullmatch(c)]
"""Every letter and sign that is taken for plain."""


def sentences() -> Iterator[str]:
    """What the package itself says, in all its languages."""

    def texts(found: Any) -> Iterator[str]:
        if isinstance(found, str):
            yield " ".join(found.split())[:120]
        elif isinstance(found, dict):
            for value in found.values():
                yield from texts(value)

    for path in sorted((Path(survey.__file__).parent / "words").glob("*.toml")):
        yield from texts(tomllib.loads(path.read_text(encoding="utf-8")))


SHAPED = pytest.mark.skipif(
    tuple(int(n) for n in matplotlib.__version__.split(".")[:2]) < (3, 11),
    reason="matplotlib before 3.11 has no HarfBuzz, and rounds kerning",
)


@SHAPED
@pytest.mark.parametrize("weight", WEIGHTS)
def test_a_line_is_as_wide_as_harfbuzz_sets_it(weight: str) -> None:
    """Of every plain letter, of pairs by chance, of what figures say."""
    face = FT2Font(_face.file_of(weight))
    face.set_size(face.units_per_EM, 72)
    rng = random.Random(20261130)
    ours = [c for c in ALONE if _face.advance(c, weight) is not None]
    assert len(ours) > 1000
    runs = ["".join(ours[i : i + 9]) for i in range(0, len(ours), 9)]
    pairs = ["".join(rng.choices(ours, k=rng.choice((2, 3)))) for _ in range(100)]
    said = [s for s in rng.sample(sorted(set(sentences())), 100) if _face.advance(s, weight) is not None]
    assert len(said) > 90
    joins = ["officer", "fl", "ff", "fi", "Affluent", "fifth", "fjord"]
    for text in [*runs, *pairs, *said, *joins]:
        face.set_text(text, flags=LoadFlags.NO_HINTING)
        assert unit_width(text, weight) * face.units_per_EM == pytest.approx(face.get_width_height()[0] / 64), text


@SHAPED
@pytest.mark.parametrize("weight", WEIGHTS)
@pytest.mark.parametrize("text", ["Nhìn chung, ông/bà hài lòng đến đâu?", "−0.5 % (p < 0,001) ≥ AV To", "Ườ Ẵ ở"])
def test_the_outline_of_a_line_is_that_of_the_font(text: str, weight: str) -> None:
    ours = outline(text, weight)
    theirs = TextPath((0, 0), text, size=1.0, prop=font(1.0, weight))
    assert ours is not None and ours.codes is not None and theirs.codes is not None
    np.testing.assert_array_equal(ours.codes, theirs.codes)
    drawn = ours.codes != 79  # where a shape is closed its point is not drawn
    rounded = 0.5 / 64 / 100  # matplotlib's: a place of each letter, at a size of 100
    placed = np.asarray(ours.vertices)[drawn], np.asarray(theirs.vertices)[drawn]
    np.testing.assert_allclose(*placed, atol=(len(text) + 1) * rounded)


@pytest.mark.filterwarnings("ignore:Glyph .* missing", "ignore:Matplotlib currently does not support")
@pytest.mark.parametrize("text", ["مرحبا", "e\u0301", "\u00ad", "漢字", "a\u200db", "\U0001f600", "नमस्ते"])
def test_what_is_not_plain_is_left_to_a_shaper(text: str) -> None:
    assert _face.advance(text, "normal") is None and outline(text, "normal") is None
    assert unit_width(text) >= 0.0


def test_a_line_of_nothing_but_spaces_has_a_width_and_no_outline() -> None:
    spaces = outline("   ", "normal")
    assert spaces is not None and np.asarray(spaces.vertices).size == 0
    assert unit_width("   ") == pytest.approx(3 * 0.318, abs=1e-3)  # hmtx of DejaVu Sans: a space is 651 of 2048
    assert unit_width("") == 0.0 and outline("", "normal") is None

"""Labels joined in one cell: taken apart rightly or refused, for any labels; never taken for other answers."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from survey.errors import ReadError
from survey.io.platforms._answers import CODES, Choices, as_numbers, decoded, guessless, way_of

LABELS = st.lists(
    st.lists(
        st.sampled_from(["nước", "máy", "mưa", "a", "b", "a b", ",", "a, b", "1", "2"]), min_size=1, max_size=3
    ).map(" ".join),
    min_size=1,
    max_size=4,
)


@given(LABELS, st.data(), st.sampled_from([" ", ", ", ";", "; "]))
def test_labels_in_one_cell_are_read_as_chosen_or_refused(labels: list[str], data: st.DataObject, joint: str) -> None:
    choices = Choices.of({i: {"vi": label} for i, label in enumerate(labels, 1)})
    chosen = data.draw(st.lists(st.sampled_from(range(1, len(labels) + 1)), min_size=1, max_size=3, unique=True))
    cell = joint.join(labels[i - 1] for i in chosen)
    try:
        codes = choices.read(cell, "vi", True)
    except LookupError:
        return
    assert codes is not None and {labels[c - 1] for c in codes} == {labels[i - 1] for i in chosen}


@given(LABELS, st.data())
def test_codes_or_labels_is_told_rightly_or_refused(labels: list[str], data: st.DataObject) -> None:
    """A whole column of one way never comes back as something else."""
    options = {str(i): {"vi": label} for i, label in enumerate(labels, 1)}
    choices = Choices.of(options)
    picked = data.draw(st.lists(st.sampled_from(list(options)), min_size=1, max_size=5))
    way = data.draw(st.sampled_from([CODES, "vi"]))
    cells = pd.Series(picked if way == CODES else [labels[int(c) - 1] for c in picked], dtype="str")
    try:
        found = way_of([("q", cells, choices, False)], "a.csv")
        table = decoded("q", cells, choices, False, found, "a.csv", [])
    except ReadError:
        return
    for code, cell in zip(picked, cells, strict=True):
        (got,) = table[cell]
        assert str(got) == code or labels[int(got) - 1] == labels[int(code) - 1]


@pytest.mark.parametrize(
    ("cells", "kept"),
    [
        (["01", "02"], True),
        (["+84912", "1"], True),
        (["1234567890123456", "1"], True),
        (["1e3", "2"], False),
        (["nan", "1"], True),
        (["inf", "1"], True),
        (["1.50", "2"], False),
    ],
)
def test_numbers_that_would_lose_something_stay_text(cells: list[str], kept: bool) -> None:
    column = pd.Series(cells, dtype="str")
    assert (guessless(column) is column) is kept


def test_a_declared_number_is_one_only_if_every_cell_is() -> None:
    np.testing.assert_array_equal(as_numbers(pd.Series(["1", None, "-2.5"], dtype="str")), [1, np.nan, -2.5])
    words = pd.Series(["1", "1,5"], dtype="str")
    assert as_numbers(words) is words

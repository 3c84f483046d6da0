"""Weighting classes in errors and in the log: categories are named, what hardly anybody has is not."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

import survey as sv
from survey.errors import DesignError


def drawn(rare: str) -> sv.Sample:
    """Sixty people drawn, in two wards; one wrote something into the column of the classes, and did not answer."""
    frame = pd.DataFrame(
        {
            "w": 1.0,
            "q": np.tile([1.0, 2, 3], 20),
            "ward": np.repeat(["North", "South"], 30),
            "disposition": ["R", *["I"] * 59],
        }
    )
    frame.loc[0, "ward"] = rare
    return sv.Sample(frame, weights="w")


@pytest.mark.parametrize("rare", ["Bé", "bà Bé bán cá ở chợ", "0912345678"])
@pytest.mark.parametrize("collapse", [None, {"ward": {"nowhere": "North"}}])
def test_an_error_names_the_categories_but_not_what_one_person_wrote(rare: str, collapse: object) -> None:
    with pytest.raises(DesignError) as caught:
        drawn(rare).adjust_nonresponse(by="ward", disposition="disposition", collapse=collapse)
    assert rare not in str(caught.value)
    assert "…" in str(caught.value) or "not shown" in str(caught.value)


def test_the_log_says_which_class_was_joined_without_its_words() -> None:
    adjusted = drawn("Bé").adjust_nonresponse(by="ward", disposition="disposition", collapse="neighbours")
    log = adjusted.responses.log.to_csv()
    assert ("joined to" in log and "North" in log) or "South" in log
    assert "Bé" not in log

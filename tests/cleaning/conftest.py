"""Four respondents, six questions: small enough to check every cell by hand."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from survey.codebook import Codebook
from survey.responses import Responses

RAW = {
    "study": {"title": {"en": "A small survey", "vi": "Khảo sát nhỏ"}},
    "dimensions": {"friendliness": {"en": "Friendliness", "vi": "Thân thiện"}},
    "missing": {
        "-96": {"kind": "not_applicable", "vi": "không áp dụng", "en": "not applicable"},
        "-97": {"kind": "blank", "vi": "bỏ trống", "en": "blank"},
        "-98": {"kind": "dont_know", "vi": "không biết", "en": "don't know"},
        "-99": {"kind": "refused", "vi": "từ chối", "en": "refused"},
    },
    "scales": {
        "F5": {
            "type": "ordinal",
            "labels": {
                "en": {"1": "never", "2": "rarely", "3": "sometimes", "4": "often", "5": "always"},
                "vi": {"1": "không bao giờ", "2": "hiếm khi", "3": "đôi khi", "4": "thường", "5": "luôn luôn"},
            },
        },
        "B": {"type": "binary", "labels": {"en": {"0": "no", "1": "yes"}, "vi": {"0": "không", "1": "có"}}},
    },
    "variables": {
        "resp_id": {"type": "id", "role": "id", "missing": False},
        "contact": {"scale": "B", "role": "frame", "required": True},
        "gentle": {"scale": "F5", "direction": 1, "dimension": "friendliness", "scored": True, "base": "contact == 1"},
        "curt": {"scale": "F5", "direction": -1, "dimension": "friendliness", "scored": True, "base": "contact == 1"},
        "bribes": {"scale": "F5", "direction": -1, "dimension": "friendliness", "scored": True},
        "badge": {"scale": "B", "direction": 1},
        "born": {"type": "number", "limits": [1900, 2006], "role": "frame"},
        "ward": {"type": "nominal", "labels": {"P01": "Phường 1", "P02": "Phường 2"}, "missing": False},
    },
}


@pytest.fixture
def codebook() -> Codebook:
    return Codebook.from_dict(RAW, source="codebook.toml")


@pytest.fixture
def responses(codebook: Codebook) -> Responses:
    data = pd.DataFrame(
        {
            "resp_id": ["R1", "R2", "R3", "R4", "R5"],
            "contact": [1.0, 1.0, 0.0, 1.0, -99.0],
            "gentle": [5.0, 4.0, np.nan, -98.0, np.nan],
            "curt": [1.0, 3.0, np.nan, -96.0, np.nan],
            "bribes": [2.0, -97.0, 1.0, 5.0, 3.0],
            "badge": [1.0, 0.0, 1.0, -98.0, 1.0],
            "born": [1950.0, 1980.0, 2000.0, 1999.0, -98.0],
            "ward": ["P01", "P02", "P01", None, "P02"],
        }
    ).astype({"ward": "str", "resp_id": "str"})
    return Responses(data, codebook)

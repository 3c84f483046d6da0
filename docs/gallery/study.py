"""What the gallery shows exhibits of: the simulated study, and an invented tracking survey of more than two waves."""

from __future__ import annotations

import ast
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

import survey as sv

__all__ = ["SETUP", "names"]

ROOT = Path(__file__).parents[2]

SETUP = """\
import survey as sv

study = sv.Study.open("data/raw/study.toml")
raw = study.read("residents")
clean = (
    raw.recode_missing(outside="blank")
    .collapse_copies(reason="the same interview delivered twice")
    .drop(where="duration_s < 120", reason="done in under 120 seconds")
    .derive("age", "2023 + wave - 1 - birth_year", label={"vi": "Tuổi", "en": "Age"})
    .band("age", [18, 30, 45, 60, float("inf")], into="age_group")
    .declare_select_all(
        "dealings",
        ["ward_error", "filed_complaint", "filed_online"],
        label={"vi": "Trong 12 tháng qua, điều nào đã xảy ra?", "en": "What happened in the last 12 months?"},
    )
    .code_answers(
        "themes",
        "open_comment",
        "docs/gallery/coding.csv",
        key="resp_id",
        labels={
            "people": {"vi": "Thái độ cán bộ", "en": "Manner of staff"},
            "information": {"vi": "Thông tin, liên hệ", "en": "Information, contact"},
            "waiting": {"vi": "Chờ, đi lại", "en": "Waiting, trips"},
            "premises": {"vi": "Nơi tiếp dân", "en": "Premises"},
            "help": {"vi": "Giúp làm hồ sơ", "en": "Help with papers"},
            "on_time": {"vi": "Nhanh, đúng hẹn", "en": "Fast, on time"},
            "none": {"vi": "Không có ý kiến", "en": "Nothing to add"},
        },
    )
    .reverse()
)
for score in ("friendliness", "transparency", "efficiency"):
    clean = clean.score(score, min_answered=2 / 3)
sample = sv.Sample(clean, **study.design("residents")).rake(study.targets("residents"), bounds=(0.3, 3))
"""
"""What every code of the page starts from; run as it stands."""


@cache
def _tracking() -> sv.Sample:
    """An invented survey of four wards that was asked in five waves, 600 interviews each. Simulated data."""
    rng = np.random.default_rng(20240615)
    wards = {f"W{i}": {"vi": f"Phường Mô phỏng {i}", "en": f"Invented ward {i}"} for i in range(1, 5)}
    years = {y: {"vi": f"Năm {y}", "en": str(y)} for y in (2019, 2020, 2022, 2023, 2024)}
    book = sv.Codebook(
        {
            "ward": sv.Variable("ward", "nominal", {"vi": "Phường", "en": "Ward"}, wards),
            "year": sv.Variable("year", "ordinal", {"vi": "Năm", "en": "Year"}, years, role="period"),
            "satisfied": sv.Variable(
                "satisfied",
                "binary",
                {"vi": "Hài lòng với phường?", "en": "Satisfied with the ward?"},
                {0: {"vi": "Không", "en": "No"}, 1: {"vi": "Có", "en": "Yes"}},
                short={"vi": "Hài lòng với phường", "en": "Satisfied with the ward"},
            ),
        },
        title={"vi": "Khảo sát theo dõi giả định", "en": "Invented tracking survey"},
        simulated=True,
    )
    n = 600
    frame = pd.DataFrame(
        {
            "year": np.repeat(list(years), n),
            "ward": np.tile(np.repeat(list(wards), n // len(wards)), len(years)),
        }
    )
    at = frame["year"].map({y: i for i, y in enumerate(years)}) / 4
    of = frame["ward"].str[1:].astype(int)
    frame["satisfied"] = (rng.random(len(frame)) < 0.42 + 0.05 * of + (0.16 - 0.09 * (of - 2)) * at).astype(int)
    frame["block"] = frame["ward"] + "-" + frame["year"].astype(str) + "-" + rng.integers(0, 15, len(frame)).astype(str)
    return sv.Sample(sv.Responses(frame, book), weights=None, strata=["ward", "year"], psu="block")


_OF_THE_STUDY = ("study", "raw", "clean", "sample")


def names(code: str) -> dict[str, Any]:
    """The names that a code uses, and `sv`."""
    used = {node.id for node in ast.walk(ast.parse(code)) if isinstance(node, ast.Name)}
    found: dict[str, Any] = {"sv": sv}
    if used & set(_OF_THE_STUDY):
        found |= _study()
    if "tracking" in used:
        found["tracking"] = _tracking()
    return found


@cache
def _study() -> dict[str, Any]:
    here: dict[str, Any] = {}
    setup = SETUP.replace('"data/', f'"{(ROOT / "data").as_posix()}/')
    exec(setup.replace('"docs/gallery/', f'"{(ROOT / "docs" / "gallery").as_posix()}/'), here)
    return {name: here[name] for name in _OF_THE_STUDY}

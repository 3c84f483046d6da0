"""Exports as people have them, with invented answers: an Excel file of labels, and one of KoboToolbox with its form."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import xlsxwriter

SATISFIED = ("Rất không hài lòng", "Không hài lòng", "Bình thường", "Hài lòng", "Rất hài lòng")
SATISFIED_EN = ("Very dissatisfied", "Dissatisfied", "Neither", "Satisfied", "Very satisfied")
OFTEN = ("Không bao giờ", "Hiếm khi", "Thỉnh thoảng", "Thường xuyên", "Luôn luôn")
OFTEN_EN = ("Never", "Rarely", "Sometimes", "Often", "Always")
UNKNOWN = "Không biết"
WARDS = ("Phường Lê Lợi", "Phường Trần Phú", "Phường Quang Trung")
NAMES = ("Nguyễn Văn An", "Trần Thị Bình", "Lê Thị Chi", "Phạm Văn Dũng")
OVERALL = "Nhìn chung, ông/bà hài lòng với sự phục vụ của phường đến mức nào?"
GREETED = "Cán bộ có chào hỏi ông/bà không?"
TIME = "Ông/bà hài lòng với thời gian giải quyết đến mức nào?"
STAFF = "Ông/bà hài lòng với thái độ của cán bộ đến mức nào?"


def _chosen(random: np.random.Generator, answers: tuple[str, ...], n: int) -> Any:
    weights = np.arange(1.0, len(answers) + 1)
    return random.choice([*answers, UNKNOWN], n, p=[*(0.92 * weights / weights.sum()), 0.08])


def labels(n: int = 120, seed: int = 4) -> pd.DataFrame:
    """Answers as Google Forms or a typist leaves them: wording above labels."""
    random = np.random.default_rng(seed)
    return pd.DataFrame(
        {
            "Họ và tên": random.choice(NAMES, n),
            "Phường": random.choice(WARDS, n),
            "Tổ dân phố": [f"Tổ {i % 12 + 1}" for i in range(n)],
            "Giới tính": random.choice(["Nam", "Nữ"], n),
            "Tuổi": random.integers(18, 80, n),
            GREETED: _chosen(random, OFTEN, n),
            TIME: _chosen(random, SATISFIED, n),
            STAFF: _chosen(random, SATISFIED, n),
            OVERALL: _chosen(random, SATISFIED, n),
            "Quyền số": random.uniform(5, 15, n).round(2),
        }
    )


def workbook(path: Path, **sheets: list[list[Any]]) -> Path:
    """A workbook of sheets, each a list of rows."""
    with xlsxwriter.Workbook(str(path)) as book:
        for title, rows in sheets.items():
            sheet = book.add_worksheet(title)
            for i, row in enumerate(rows):
                for j, cell in enumerate(row):
                    if cell not in ("", None):
                        sheet.write(i, j, cell)
    return path


def table(path: Path, data: pd.DataFrame) -> Path:
    """A frame as a workbook of one sheet."""
    rows = [[None if pd.isna(x) else x for x in row] for row in data.astype(object).values.tolist()]
    return workbook(path, Sheet1=[list(data.columns), *rows])


ANALYSIS = ("survey::dimension", "survey::direction", "survey::breakdown", "survey::primary", "survey::role")
QUESTIONS: list[list[Any]] = [
    ["start", "start", "", ""],
    ["end", "end", "", ""],
    ["text", "ho_ten", "Họ và tên người trả lời", "Name of the respondent"],
    ["select_one ward", "phuong", "Phường", "Ward", "", "", "", "", "ward"],
    ["text", "to", "Tổ dân phố", "Residential group", "", "", "", "", "psu"],
    ["decimal", "w", "Quyền số", "Weight", "", "", "", "", "weight"],
    ["select_one sex", "gioi", "Giới tính", "Sex", "", "", "yes"],
    ["begin_group", "thai_do", "Thái độ phục vụ", "Manner of service"],
    ["select_one often", "chao", "Cán bộ có chào hỏi ông/bà không?", "Did staff greet you?", "than_thien", 1],
    ["select_one often", "hach", "Cán bộ có hách dịch không?", "Were staff overbearing?", "than_thien", -1, "", "yes"],
    ["end_group", "", "", ""],
    ["select_one sat", "chung", OVERALL, "Overall, how satisfied are you?", "", 1, "", "", "overall"],
    ["geopoint", "vi_tri", "Vị trí", "Location"],
]
CODES = {
    "ward": ("le_loi", "tran_phu", "quang_trung"),
    "sex": ("nam", "nu"),
    "often": ("kbg", "hk", "tt", "tx", "ll", "kb"),
    "sat": ("rkhl", "khl", "bt", "hl", "rhl", "kb"),
}
LABELS = {
    "ward": (WARDS, ("Le Loi ward", "Tran Phu ward", "Quang Trung ward")),
    "sex": (("Nam", "Nữ"), ("Male", "Female")),
    "often": ((*OFTEN, UNKNOWN), (*OFTEN_EN, "Don't know")),
    "sat": ((*SATISFIED, UNKNOWN), (*SATISFIED_EN, "Don't know")),
}


def form(path: Path, *, analysis: bool = False) -> Path:
    """The form, in both languages; with what an analysis needs in columns of its own."""
    head: list[Any] = ["type", "name", "label::Tiếng Việt (vi)", "label::English (en)"]
    survey = [[*head, *(ANALYSIS if analysis else ())], *(row if analysis else row[:4] for row in QUESTIONS)]
    choices = [["list_name", "name", *head[2:]]]
    for name, codes in CODES.items():
        choices += [[name, *entry] for entry in zip(codes, *LABELS[name], strict=True)]
    sheets = {"survey": survey, "choices": choices, "settings": [["form_title"], ["Khảo sát phường"]]}
    if analysis:
        sheets["dimensions"] = [["name", *head[2:]], ["than_thien", "Thân thiện", "Friendliness"]]
    return workbook(path, **sheets)


def kobo(n: int = 120, seed: int = 6) -> pd.DataFrame:
    """The answers to it as KoboToolbox exports them with Vietnamese labels above and in the columns."""
    random = np.random.default_rng(seed)
    begun = pd.date_range("2024-06-03 08:00", periods=n, freq="37min")
    columns: dict[str, Any] = {}
    for kind, name, wording, *_ in QUESTIONS:
        if kind.endswith("_group"):
            continue
        options = LABELS.get(kind.removeprefix("select_one "))
        if options is not None:
            answers = options[0]
            columns[wording] = _chosen(random, answers[:-1], n) if UNKNOWN in answers else random.choice(answers, n)
        columns |= {
            "start": {"start": begun.strftime("%Y-%m-%dT%H:%M:%S.000+07:00")},
            "end": {"end": (begun + pd.Timedelta("11min")).strftime("%Y-%m-%dT%H:%M:%S.000+07:00")},
            "ho_ten": {wording: random.choice(NAMES, n)},
            "to": {wording: [f"Tổ {i % 12 + 1}" for i in range(n)]},
            "w": {wording: random.uniform(5, 15, n).round(2)},
            "vi_tri": {wording: [f"20.{i:04} 106.{i:04} 0 0" for i in range(n)]},
        }.get(name, {})
    return pd.DataFrame(
        columns
        | {
            "_id": range(1000, 1000 + n),
            "_uuid": [f"u{i:04}" for i in range(n)],
            "_submission_time": begun.strftime("%Y-%m-%dT%H:%M:%S"),
            "_index": range(1, n + 1),
        }
    )

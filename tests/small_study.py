"""A small study to make reports of: two waves, three wards, two scores of two items, overall satisfaction."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

import survey as sv

CODEBOOK = """
[study]
title = { vi = "Nghiên cứu thử", en = "Trial study" }
simulated = true

[dimensions]
kindness = { vi = "Tử tế", en = "Kindness" }
speed = { vi = "Nhanh chóng", en = "Speed" }
overall = { vi = "Hài lòng chung", en = "Overall satisfaction" }

[scales.S5]
type = "ordinal"
labels.vi = { 1 = "Rất kém", 2 = "Kém", 3 = "Trung bình", 4 = "Tốt", 5 = "Rất tốt" }
labels.en = { 1 = "Very poor", 2 = "Poor", 3 = "Average", 4 = "Good", 5 = "Very good" }

[variables.wave]
type = "ordinal"
role = "period"
short = { vi = "Đợt", en = "Wave" }
labels = { 1 = { vi = "Đợt 1", en = "Baseline" }, 2 = { vi = "Đợt 2", en = "Follow-up" } }

[variables.ward]
type = "nominal"
role = "frame"
short = { vi = "Phường", en = "Ward" }
[variables.ward.labels]
A = { vi = "Phường A", en = "Ward A" }
B = { vi = "Phường B", en = "Ward B" }
C = { vi = "Phường C", en = "Ward C" }

[variables.pilot]
type = "nominal"
role = "frame"
short = { vi = "Thí điểm", en = "Pilot" }
labels = { 0 = { vi = "Phường khác", en = "Other wards" }, 1 = { vi = "Phường thí điểm", en = "Pilot wards" } }

[variables.sex]
type = "nominal"
role = "respondent"
short = { vi = "Giới tính", en = "Sex" }
labels = { 1 = { vi = "Nam", en = "Men" }, 2 = { vi = "Nữ", en = "Women" } }
"""
ITEM = """
[variables.{name}]
scale = "S5"
direction = 1
dimension = "{dimension}"
{scored}
text = {{ vi = "Câu hỏi {name} như thế nào?", en = "How is {name}?" }}
short = {{ vi = "Nội dung {name}", en = "Item {name}" }}
"""
STUDY = """
[study]
id = "trial"
title = { vi = "Nghiên cứu thử", en = "Trial study" }
source = { vi = "Khảo sát thử, 2024", en = "Trial survey, 2024" }
simulated = true
codebook = "codebook.toml"
language = "vi"
processed = "processed"

[surveys.residents]
files = ["answers.csv"]
DESIGN

[specifications.plain]
label = { vi = "Không áp dụng quyền số", en = "Unweighted" }
weights = false

[report]
scores = ["kindness", "speed"]
unit = "ward"
overall = "Q5"
groups = ["sex"]
samples = { residents = "sample" }
pilot = { column = "pilot", treated = 1, untreated = 0 }
"""
ITEMS = {"Q1": "kindness", "Q2": "kindness", "Q3": "speed", "Q4": "speed"}


def answers(*, waves: int = 2, wards: str = "ABC", each: int = 40, seed: int = 7) -> pd.DataFrame:
    """Raw answers: `each` people a ward and wave, in four clusters."""
    random = np.random.default_rng(seed)
    rows = [
        {
            "wave": wave,
            "ward": ward,
            "psu": f"{ward}{wave}{4 * i // each}",
            "stratum": f"{ward}{wave}",
            "sex": 1 + i % 2,
        }
        for wave in range(1, waves + 1)
        for ward in wards
        for i in range(each)
    ]
    frame = pd.DataFrame(rows)
    frame["sex"] = 1 + frame.index % 2
    frame["pilot"] = (frame["ward"] == "A").astype(int)
    frame["weight"] = random.uniform(5, 15, len(frame)).round(2)
    lift = (frame["wave"] == 2) & (frame["ward"] == "A")
    for name in (*ITEMS, "Q5"):
        frame[name] = np.clip(random.integers(1, 6, len(frame)) + lift.to_numpy(int), 1, 5)
    return frame


def study(
    folder: Path, data: pd.DataFrame | None = None, *, design: bool = True, report: str = "", **replaced: str
) -> sv.Study:
    """The study in a folder, its sample saved; `report` is added to study.toml, `replaced` are other texts in it."""
    folder.mkdir(parents=True, exist_ok=True)
    (answers() if data is None else data).to_csv(folder / "answers.csv", index=False)
    items = "".join(ITEM.format(name=n, dimension=d, scored="scored = true") for n, d in ITEMS.items())
    items += ITEM.format(name="Q5", dimension="overall", scored="")
    (folder / "codebook.toml").write_text(CODEBOOK + items, encoding="utf-8")
    told = 'design = { weights = "weight", strata = "stratum", psu = "psu" }' if design else ""
    text = STUDY.replace("DESIGN", told)
    for old, new in replaced.items():
        text = "\n".join(new if line.startswith(f"{old} =") else line for line in text.splitlines())
    (folder / "study.toml").write_text(text + "\n" + report, encoding="utf-8")
    made = sv.Study.open(folder)
    clean: Any = made.read().score("kindness").score("speed")
    made.save("sample", sv.Sample(clean, **made.design()) if design else clean)
    return made

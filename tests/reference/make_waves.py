"""Make waves.csv: invented people of 16 clusters in 4 strata, some of whom answer in two or three waves (simulated)."""

from __future__ import annotations

import sys

import numpy as np
import pandas as pd

rng = np.random.default_rng(20251104)
rows = []
for psu in range(1, 17):
    place = rng.normal()
    for seat in range(7):
        person, taste = f"{psu:02d}{seat}", rng.normal()
        for wave, year in ((1, 2021), (2, 2022), (3, 2025)):
            if rng.uniform() < 0.2:
                person = f"{psu:02d}{seat}{'abc'[wave - 1]}"  # moved away: someone else lives there
                taste = rng.normal()
            if rng.uniform() < 0.2:
                continue
            y = round(50 + 4 * place + 5 * taste + 1.5 * (year - 2021) + 4 * rng.normal(), 2)
            q = int(np.clip(round(3 + 0.4 * place + 0.5 * taste + 0.15 * wave + 0.7 * rng.normal()), 1, 5))
            rows.append((person, psu, (psu - 1) // 4 + 1, "north" if psu % 2 else "south", wave, year,
                         round(rng.uniform(20, 90), 3), y if rng.uniform() > 0.06 else "", q))  # fmt: skip
columns = ["person", "psu", "stratum", "ward", "wave", "year", "w", "y", "q"]
pd.DataFrame(rows, columns=columns).to_csv(sys.argv[1], index=False, lineterminator="\n")

"""Draw the invented respondents of rows.csv (simulated data), on which core.R computes its numbers.

    python make_rows.py rows.csv

Four strata with 4 to 6 clusters each, numbered anew in every stratum, 5 to 10 people a cluster. Kinds and wards are
planted so that some clusters have no member of a domain; answers are missing at random; `minutes` takes many values.
"""

import sys

import numpy as np
import pandas as pd

SEED = 20240820


def draw(seed: int = SEED) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    wards = ["An Hòa", "Bình Minh", "Đông Sơn"]
    rows = []
    for s, (stratum, clusters) in enumerate(zip(["bac", "dong", "nam", "tay"], [4, 5, 6, 4], strict=True)):
        clusters_total = int(rng.integers(14, 30))
        for psu in range(1, clusters + 1):
            people_total, people = int(rng.integers(30, 80)), int(rng.integers(5, 11))
            level = rng.normal(0, 0.5) + 0.2 * s
            own = rng.choice(wards, 2, replace=False)  # no cluster reaches all three wards
            for _ in range(people):
                group, wave = int(s < 2), int(rng.random() < 0.5)
                latent = level + 0.5 * group * wave + rng.normal(0, 1, 3)
                q = 1 + np.searchsorted([-1.2, -0.3, 0.5, 1.4], latent)
                rows.append(
                    {
                        "rid": len(rows) + 1,
                        "stratum": stratum,
                        "psu": psu,
                        "cluster": f"{stratum}{psu}",
                        "clusters_total": clusters_total,
                        "people_total": people_total,
                        "w": round(clusters_total / clusters * people_total / people * rng.uniform(0.7, 1.4), 3),
                        "ward": rng.choice(own),
                        "group": group,
                        "wave": wave,
                        "sex": int(rng.random() < 0.55),
                        "age": int(rng.choice(3, p=[0.3, 0.45, 0.25])),
                        "kind": "business" if psu % 2 and rng.random() < 0.4 else "resident",
                        "minutes": round(float(np.exp(rng.normal(3 - 0.2 * level, 0.6))), 2),
                        "trips": 1 + int(rng.poisson(0.8)),
                        "yes": int(rng.random() < 1 / (1 + np.exp(-level))),
                        "rare": int(rng.random() < 0.04),
                        "q1": int(q[0]),
                        "q2": int(q[1]),
                        "q3": int(q[2]),
                    }
                )
    frame = pd.DataFrame(rows)
    for column in ["minutes", "yes", "q1", "q2", "q3"]:
        frame[column] = (
            frame[column].astype("Int64" if column != "minutes" else float).mask(rng.random(len(frame)) < 0.08)
        )
    return frame


if __name__ == "__main__":
    draw().to_csv(sys.argv[1], index=False)

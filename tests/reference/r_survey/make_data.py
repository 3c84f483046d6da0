"""Draw a small two-stage sample from an invented town, for checking estimators against R `survey`.

    python make_data.py SEED OUT.csv

Every row is one invented respondent: 6 strata, 4-7 sampled clusters (psu) each, 5-14 people (rid) in a cluster.
"""

import sys

import numpy as np
import pandas as pd


def draw(seed: int) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    rows = []
    psu_id = rid = 0
    for stratum in range(1, 7):
        clusters_total = int(rng.integers(18, 40))
        clusters_taken = int(rng.integers(4, 8))
        for _ in range(clusters_taken):
            psu_id += 1
            people_total = int(rng.integers(40, 90))
            people_taken = int(rng.integers(5, 15))
            level = rng.normal(0, 0.35) + 0.12 * stratum
            for _ in range(people_taken):
                rid += 1
                group = int(stratum <= 2)
                wave = int(rng.random() < 0.5)
                sex = int(rng.random() < 0.55)
                age = int(rng.choice(4, p=[0.2, 0.35, 0.3, 0.15]))
                kind = "resident" if rng.random() < 0.8 else "business"
                shift = level + 0.45 * group * wave + 0.15 * sex - 0.08 * age
                items = {}
                for j in range(1, 7):
                    latent = shift + 0.7 * rng.normal() + 0.6 * rng.normal()
                    items[f"q{j}"] = 1 + int(np.searchsorted([-1.2, -0.4, 0.5, 1.4], latent + 0.1 * j - 0.2))
                rows.append(
                    dict(
                        rid=rid,
                        stratum=stratum,
                        psu=psu_id,
                        clusters_total=clusters_total,
                        people_total=people_total,
                        w=round(
                            clusters_total / clusters_taken * people_total / people_taken * rng.uniform(0.8, 1.25), 4
                        ),
                        group=group,
                        wave=wave,
                        sex=sex,
                        age=age,
                        kind=kind,
                        minutes=round(float(np.exp(rng.normal(3.0 - 0.2 * shift, 0.6))), 2),
                        trips=1 + int(rng.poisson(0.8)),
                        yes=int(rng.random() < 1 / (1 + np.exp(-shift))),
                        **items,
                    )
                )
    frame = pd.DataFrame(rows)
    for column in ["minutes", "yes", *[f"q{j}" for j in range(1, 7)]]:
        blank = rng.random(len(frame)) < 0.07
        frame[column] = frame[column].astype(float).mask(blank)
    return frame


if __name__ == "__main__":
    draw(int(sys.argv[1])).to_csv(sys.argv[2], index=False)

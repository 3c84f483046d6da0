"""Every table of the default study's report that its methods annex allows to be made again: see methods_alone."""

from __future__ import annotations

from itertools import combinations
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from tests.reports.methods_alone import ALPHA, CHANGE, SCALES, SETS, Array, Firms, Residents, means, scored, shares

SCORES = tuple(SETS)
FIVE_POINT = [name for names in SETS.values() for name in names if SCALES[name] == (1, 5)]
WARD, WAVE, TIER = "ward_legacy_code", "wave", "pilot_tier"


def tables(folder: Path, items: dict[str, list[str]]) -> dict[str, pd.DataFrame]:
    """By the names of the report's CSV files; `items` are those that each table of answers lists."""
    s = Residents(folder)
    everyone = np.ones(s.cases, bool)
    users, last = (s.data["contact12"] == 1).to_numpy(), (s.data[WAVE] == 2).to_numpy()
    found: dict[str, pd.DataFrame] = {}
    for score in SCORES:
        waves = means(s, [score], [WAVE], users)
        found[f"{score}-waves"], found[f"{score}-change"] = waves.table, waves.contrast(CHANGE)
        wards = means(s, [score], [WARD, WAVE], users)
        found[f"{score}-wards"] = wards.table
        found[f"{score}-wards-change"] = wards.contrast(*np.kron(np.eye(len(wards.table) // 2), CHANGE))
        found[f"{score}-wards-last"] = means(s, [score], [WARD], users & last).table
        tiers = means(s, [score], [TIER, WAVE], users)
        found[f"{score}-tiers"], found[f"{score}-did"] = tiers.table, tiers.contrast([1, -1, 0, 0, -1, 1])
        found[f"{score}-choices"] = pd.DataFrame(choices(s, score, users))
    for name, listed in items.items():
        found[name] = stacked(shares(s, i, [], last, [[c] for c in codes(i)]).table for i in listed)
    found["items-all"] = stacked(shares(s, i, [], last, [[4, 5]]).table for i in FIVE_POINT)
    found["items-wards"] = stacked(shares(s, i, [WARD], last, [[4, 5]]).table for i in FIVE_POINT)
    satisfied = shares(s, "OV01", [WAVE], everyone, [[4, 5]])
    found["overall-satisfied"], found["overall-change"] = satisfied.table, satisfied.contrast(CHANGE)
    found["overall-answers"] = shares(s, "OV01", [WAVE], everyone, [[c] for c in codes("OV01")]).table
    found["overall-wards"] = shares(s, "OV01", [WARD, WAVE], everyone, [[4, 5]]).table
    by = ("sex", "age_group", "educ")
    found["overall-groups"] = stacked(shares(s, "OV01", [g], last, [[4, 5]]).table for g in by)
    for i, ward in enumerate(sorted(s.data[WARD].unique()), 1):
        inside = users & (s.data[WARD] == ward).to_numpy()
        found[f"profile-{i}"] = means(s, SCORES, [WAVE], inside).table
    pilot = users & s.data[TIER].isin([0, 2]).to_numpy()
    found["pilot-effect"] = pd.DataFrame([effect(s, s.data[score], pilot) for score in SCORES])
    f = Firms(folder)
    for score in SCORES:
        waves = means(f, [score], [WAVE], (f.data["contact12"] == 1).to_numpy())
        found[f"{score}-firms"], found[f"{score}-firms-change"] = waves.table, waves.contrast(CHANGE)
    found |= of_weights(s, users)
    adjusted(found)
    return found


def stacked(parts: Any) -> pd.DataFrame:
    """Tables below each other."""
    return pd.concat(list(parts), ignore_index=True)


def codes(item: str) -> range:
    """Those of its scale."""
    low, high = SCALES[item]
    return range(low, high + 1)


def effect(s: Residents, y: pd.Series, who: NDArray[np.bool_], stage: str = "final") -> dict[str, float]:
    """Difference in differences of wards, each counting once; p and interval by permutation."""
    rows = means(s, [y], [WARD, WAVE], who, stage)
    value, weight = (rows.table[c].to_numpy(float).reshape(-1, 2) for c in ("estimate", "weight"))
    wards = sorted(s.data[WARD][who & y.notna().to_numpy()].unique())
    treated = np.array([(s.data[TIER][s.data[WARD] == ward] == 2).all() for ward in wards])
    change, n, k = value[:, 1] - value[:, 0], len(wards), int(treated.sum())

    def gap(chosen: NDArray[np.bool_]) -> Array:
        return np.where(chosen, 1 / k, -1 / (n - k))

    estimate, low, high, large = float(gap(treated) @ change), [], [], 1
    for chosen in (np.isin(np.arange(n), picked) for picked in combinations(range(n), k)):
        if (chosen == treated).all():
            continue
        other, overlap = gap(chosen) @ change, gap(chosen) @ treated
        large += abs(other) >= abs(estimate) - 1e-9
        ends = sorted([(estimate - other) / (1 - overlap), (estimate + other) / (1 + overlap)])
        low.append(ends[0])
        high.append(ends[1])
    ways = len(low) + 1
    more = int(np.floor(ALPHA * ways + 1e-9))  # so many others must be as large as the one that was, or it is rejected
    c = np.kron(gap(treated), CHANGE)
    levels = [(weight[at] * value[at]).sum(axis=0) / weight[at].sum(axis=0) for at in (treated, ~treated)]
    return {
        "estimate": estimate,
        "std_error": float(np.sqrt(c @ rows.covariance @ c)),
        "conf_low": sorted(low)[more - 1],
        "conf_high": sorted(high)[-more],
        "p_value": large / ways,
        "p_floor": 1 / ways,
        "treated": k,
        "units": n,
        "assignments": ways,
        "as_large": large,
        "by_people": float((levels[0] - levels[1]) @ np.array(CHANGE)),
    }


def choices(s: Residents, score: str, users: NDArray[np.bool_]) -> list[dict[str, float]]:
    """The effect under the choices that the annex lists, the planned one first."""
    data, items = s.data, SETS[score]
    pilot = users & data[TIER].isin([0, 2]).to_numpy()
    found = [
        effect(s, data[score], pilot),
        effect(s, data[score], pilot & (data["official_present"] == 0).to_numpy()),
        effect(s, data[score], pilot & (data["duration_s"] >= 600).to_numpy()),
        effect(s, scored(data, s.why, items, 0.83), pilot),
        effect(s, scored(data, s.why, items, 0.33), pilot),
        effect(s, data[score], users),
        effect(s, data[score], pilot, "design"),
        effect(s, data[score], pilot, "equal"),
    ]
    if "FR10" in items:
        found.append(effect(s, scored(data, s.why, items[:-1], 2 / 3), pilot))
    return found


def of_weights(s: Residents, users: NDArray[np.bool_]) -> dict[str, pd.DataFrame]:
    """Spread of the weights, what they change in the first score, and the margins."""
    spread, effects, z = [], [], []
    y = s.data[SCORES[0]].to_numpy(float)
    inside = users & ~np.isnan(y)
    for stage in ("equal", "design", "nonresponse", "final"):
        w = s.weights(stage)
        rows = means(s, [y], [], users, stage)
        u = np.where(inside, (y - rows.table["estimate"][0]) / w[inside].sum(), 0.0)
        z.append(s.clusters(u[:, None], stage)[:, 0])
        row = rows.table.iloc[0].to_dict()
        if stage != "equal":
            row["correlation"] = np.corrcoef(w[inside], y[inside])[0, 1]
            for name, before in (("change", 0), ("step_change", -1)):
                row[name] = row["estimate"] - effects[before]["estimate"]
                both = (z[-1] - z[0 if before == 0 else -2])[:, None]
                variance = sum(
                    len(d) / (len(d) - 1) * ((d - d.mean()) ** 2).sum()
                    for d in (both[s.stratum == h, 0] for h in np.unique(s.stratum))
                )
                row[f"{name}_std_error"] = np.sqrt(variance)
            spread.append(spread_of(w))
        effects.append(row)
    return {
        "weights-steps": pd.DataFrame(spread),
        f"{SCORES[0]}-weights": pd.DataFrame(effects),
        "weights-margins": margins(s),
    }


def spread_of(w: Array) -> dict[str, float]:
    """Of some weights."""
    q = dict(zip(("p01", "p05", "median", "p95", "p99"), np.quantile(w, [0.01, 0.05, 0.5, 0.95, 0.99]), strict=True))
    deff = len(w) * (w**2).sum() / w.sum() ** 2
    size = {"n": len(w), "sum": w.sum(), "min": w.min(), "max": w.max(), "max_to_median": w.max() / q["median"]}
    return {**size, **q, "cv": np.sqrt(deff - 1), "deff_kish": deff, "n_eff": len(w) / deff}


def margins(s: Residents) -> pd.DataFrame:
    """Shares of each margin in its wave: of the population, with design weights, with final weights."""
    rows = []
    for column, target in zip(s.x.T > 0, s.totals, strict=True):
        wave = s.data[WAVE] == s.data[WAVE][column].iloc[0]
        whole = sum(t for c, t in zip(s.x.T > 0, s.totals, strict=True) if (c & ~wave).sum() == 0) / 3
        share = {"target": target / whole, "before": s.w0[column].sum() / s.w0[wave].sum()}
        share["after"] = s.w2[column].sum() / s.w2[wave].sum()
        gaps = {"gap_before": share["before"] - share["target"], "gap": share["after"] - share["target"]}
        relative = {"relative_before": gaps["gap_before"] / share["target"], "relative": gaps["gap"] / share["target"]}
        rows.append({"n": column.sum(), **share, **gaps, **relative})
    return pd.DataFrame(rows)


def adjusted(found: dict[str, pd.DataFrame]) -> None:
    """p-values over their families: Benjamini and Hochberg's of all changes, Holm's of effects and of differences."""
    changes = [name for name in found if name.endswith("-change")]
    p = np.concatenate([found[name]["p_value"] for name in changes])
    order = np.argsort(-p)
    q = np.empty(len(p))
    q[order] = np.minimum.accumulate(np.minimum(1, p[order] * len(p) / np.arange(len(p), 0, -1)))
    for name in changes:
        found[name]["p_adjusted"], q = q[: len(found[name])], q[len(found[name]) :]
    found["pilot-effect"]["p_adjusted"] = holm(found["pilot-effect"]["p_value"].to_numpy(float))
    did = holm(np.array([found[f"{score}-did"]["p_value"][0] for score in SCORES]))
    for score, value in zip(SCORES, did, strict=True):
        found[f"{score}-did"]["p_adjusted"] = value


def holm(p: Array) -> Array:
    """Holm's correction."""
    order = np.argsort(p)
    out = np.empty(len(p))
    out[order] = np.maximum.accumulate(np.minimum(1, p[order] * np.arange(len(p), 0, -1)))
    return out

"""The numbers of the default study's report, made again from its methods annex alone, with numpy and pandas.

It stands for an evaluator who has the annex (English), the raw files that it names, and the names and headings of the
report's tables. What the annex says, and what is used here, is in `ANNEX` word for word; a test looks it up there.
pyreadstat opens the files; scipy has the quantiles of t and Beta.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from pyreadstat import read_sav
from scipy.special import betaincinv, digamma, stdtr, stdtrit

Array = NDArray[np.float64]

ANNEX = (
    "weights before any adjustment: w_design; strata: stratum; clusters: psu",
    "population count in the stratum: list_size",
    "−96 not applicable; −97 left blank; −98 don’t know; −99 refused",
    "Codes outside the scale are treated as blank",
    "duration_s < 120",
    "residents_2023.sav|89, 198, 283, 444, 598, 769, 957, 998, 1189",
    "residents_2024.sav|27, 47, 86, 357, 483, 560, 658, 981, 1078",
    "residents_2024.sav|255, 256, 257, 261, 263, 265, 582, 586, 587, 868, 1082, 1083, 1084, 1088, 1090, 1091, 1093, "
    "1147, 1150, 1152",
    "age = 2023 + wave - 1 - birth_year",
    "age_group: [18; 30), [30; 45), [45; 60), [60; ∞), numbered from 1",
    "4 items turned: FR07, FR08, FR09, FR10",
    "efficiency from 8 items (EF04, EF05, EF06, EF07, EF08, EF09, EF10, EF11)",
    "at least 67% of the applicable items must be answered",
    "TR08|Knowing where to send feedback|0, 1",
    "EF07|Getting the result needed|0–2",
    "16 classes of wave x sex x age_group",
    "unknown: proportional within wave",
    "Wave × Sex, Wave × Age, Wave × Ward: from 0.3 to 3.0",
    "respondents for whom contact12 == 1",
    "respondents for whom wave == 2",
    "OV01 as a share: the two highest codes",
    "only respondents for whom official_present == 0",
    "only respondents for whom duration_s >= 600",
    "at least 83% of the applicable items",
    "at least 33% of the applicable items",
    "respondents for whom contact12 == 1, instead of",
    "weights w_design",
    "scores without FR10",
    "37 tests here, correction: Benjamini-Hochberg",
    "3 tests here, correction: Holm",
)

KINDS = {-96.0: "does not apply", -97.0: "blank", -98.0: "dont_know", -99.0: "refused"}
SETS = {
    "friendliness": [f"FR{i:02d}" for i in range(1, 11)],
    "transparency": [f"TR{i:02d}" for i in range(1, 10)],
    "efficiency": [f"EF{i:02d}" for i in range(4, 12)],
}
SCALES = {name: (1, 5) for names in SETS.values() for name in names} | {"OV01": (1, 5), "FR10": (1, 3)}
SCALES |= {"TR08": (0, 1), "EF07": (0, 2)}
TURNED = ("FR07", "FR08", "FR09", "FR10")
PICKED = {
    "residents_2023.sav": [89, 198, 283, 444, 598, 769, 957, 998, 1189],
    "residents_2024.sav": [
        *(27, 47, 86, 357, 483, 560, 658, 981, 1078),
        *(255, 256, 257, 261, 263, 265, 582, 586, 587, 868, 1082, 1083, 1084, 1088, 1090, 1091, 1093, 1147, 1150, 1152),
    ],
}
CHANGE = (-1.0, 1.0)
ALPHA = 0.05


def cleaned(folder: Path, files: Sequence[str]) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Those who remain, with their scores; and why an item has no answer ("" where it has one)."""
    parts = [read_sav(folder / file, user_missing=True)[0] for file in files]
    picked = [f"{file} {row}" for file in files for row in PICKED.get(file, [])]
    names = [f"{file} {row}" for file, part in zip(files, parts, strict=True) for row in range(1, len(part) + 1)]
    data = pd.concat(parts, ignore_index=True).set_axis(names).drop_duplicates()
    why = pd.DataFrame(index=data.index)
    for name, (low, high) in SCALES.items():
        kind = data[name].map(KINDS).astype(object)
        kind = kind.where(kind.notna(), np.where(data[name].isna(), "not asked", ""))
        why[name] = kind.mask((kind == "") & ~data[name].between(low, high), "blank")
        data[name] = data[name].where(why[name] == "")
    data = data[~(data["duration_s"] < 120)].drop(index=[name for name in picked if name in data.index])
    why = why.loc[data.index]
    for name in TURNED:
        data[name] = sum(SCALES[name]) - data[name]
    for score, items in SETS.items():
        data[score] = scored(data, why, items, 2 / 3)
    data["age_group"] = 1.0 + np.digitize(2023 + data["wave"] - 1 - data["birth_year"], [30, 45, 60])
    return data.reset_index(drop=True), why.reset_index(drop=True)


def scored(data: pd.DataFrame, why: pd.DataFrame, items: Sequence[str], least: float) -> pd.Series:
    """0 to 100 where enough of the applicable items have an answer."""
    points = pd.DataFrame({i: (data[i] - SCALES[i][0]) / (SCALES[i][1] - SCALES[i][0]) * 100 for i in items})
    answered = points.notna().sum(axis=1)
    applicable = (~why[list(items)].isin(["does not apply", "not asked"])).sum(axis=1)
    return points.mean(axis=1).where((answered > 0) & (answered >= least * applicable - 1e-9))


class Residents:
    """The survey of residents: people, weights of every step, and what those who did not answer add to a variance."""

    def __init__(self, folder: Path) -> None:
        files = ["residents_2023.sav", "residents_2024.sav"]
        self.data, self.why = cleaned(folder, files)
        absent = pd.concat([pd.read_csv(folder / f"nonrespondents_{y}.csv") for y in (2023, 2024)], ignore_index=True)
        self.absent = absent.rename(columns={"frame_sex": "sex", "frame_age_group": "age_group"})
        self.held = pd.concat([read_sav(folder / file, user_missing=True)[0] for file in files]).drop_duplicates()
        known = pd.read_csv(folder / "margins_residents.csv")
        order = pd.factorize(known["variable"])[0]
        self.targets = known.iloc[np.lexsort([known.index, known["wave"], order])]
        self.cases = len(self.data)
        drawn = pd.concat([self.data, self.absent])[["stratum", "psu"]].drop_duplicates()
        place = {psu: i for i, psu in enumerate(drawn["psu"])}
        self.cluster = self.data["psu"].map(place).to_numpy()
        self.absent_cluster = self.absent["psu"].map(place).to_numpy()
        self.stratum = pd.factorize(drawn["stratum"])[0]
        self.w0 = self.data["w_design"].to_numpy(float)
        self._respond()
        self._rake()

    def _respond(self) -> None:
        data, absent = self.data, self.absent
        code = absent["disposition"].astype(float)
        unknown, outside = code.between(3, 3.99), code >= 4
        share = pd.Series(1.0, index=absent.index).mask(outside, 0.0)
        for wave in (1, 2):
            there = absent["wave"] == wave
            eligible = self.w0[data["wave"] == wave].sum() + absent["w_design"][there & ~unknown & ~outside].sum()
            known = eligible + absent["w_design"][there & outside].sum()
            share = share.mask(there & unknown, eligible / known)
        self.eligible = (absent["w_design"] * share).to_numpy(float)
        names = ["wave", "sex", "age_group"]
        both = pd.concat([data[names], absent.loc[self.eligible > 0, names]]).astype(float)
        classes = pd.factorize(both.apply(tuple, axis=1))[0]
        self.class_of, self.absent_class = classes[: self.cases], np.full(len(absent), -1)
        self.absent_class[self.eligible > 0] = classes[self.cases :]
        own = np.bincount(self.class_of, self.w0)
        others = np.bincount(classes[self.cases :], self.eligible[self.eligible > 0], len(own))
        self.w1 = self.w0 * ((own + others) / own)[self.class_of]

    def _rake(self) -> None:
        columns, totals = [], []
        for row in self.targets.itertuples():
            category = row.category if row.variable == "ward_legacy_code" else float(row.category)
            columns.append((self.data["wave"] == row.wave) & (self.data[row.variable] == category))
            totals.append(row.total)
        self.x, self.totals = np.array(columns, float).T, np.array(totals, float)
        self.w2 = self.w1.copy()  # the bounds of 0.3 and 3 are not reached, so proportional fitting will do
        while np.abs(self.x.T @ self.w2 / self.totals - 1).max() > 1e-13:
            for column, total in zip(self.x.T > 0, self.totals, strict=True):
                self.w2[column] *= total / self.w2[column].sum()
        assert (self.w2 / self.w1).min() > 0.3
        assert (self.w2 / self.w1).max() < 3
        self.inverse = np.linalg.pinv(self.x.T @ (self.x * self.w1[:, None]))

    def weights(self, stage: str) -> Array:
        """Equal weights, or those of a step."""
        return {"equal": np.ones(self.cases), "design": self.w0, "nonresponse": self.w1, "final": self.w2}[stage]

    def clusters(self, u: Array, stage: str = "final") -> Array:
        """Totals of z in the clusters for values u (people, statistics) that z is w times."""
        out = np.zeros((len(self.stratum), u.shape[1]))
        z = self.weights(stage)[:, None] * u
        if stage == "final":
            z = z - self.w2[:, None] * (self.x @ (self.inverse @ (self.x.T @ (self.w1[:, None] * u))))
        if stage in ("final", "nonresponse"):
            ratio = np.zeros((self.class_of.max() + 1, u.shape[1]))
            np.add.at(ratio, self.class_of, z)
            ratio /= np.bincount(self.class_of, self.w1)[:, None]
            z = z - (self.w1 - self.w0)[:, None] * ratio[self.class_of]
            there = self.absent_class >= 0
            np.add.at(out, self.absent_cluster[there], (self.eligible[:, None] * ratio[self.absent_class])[there])
        np.add.at(out, self.cluster, z)
        return out

    def covariance(self, u: Array, stage: str = "final") -> Array:
        """Covariance of statistics."""
        return between(self.clusters(u, stage), self.stratum, np.zeros(self.stratum.max() + 1))

    def df(self, who: NDArray[np.bool_]) -> int:
        """Clusters less strata with people in them."""
        there = np.unique(self.cluster[who])
        return len(there) - len(np.unique(self.stratum[there]))


def between(z: Array, stratum: NDArray[np.int64], sampled: Array) -> Array:
    """Variance between the units of each stratum."""
    out = np.zeros((z.shape[1], z.shape[1]))
    for h in np.unique(stratum):
        own = z[stratum == h] - z[stratum == h].mean(axis=0)
        out += (1 - sampled[h]) * len(own) / (len(own) - 1) * own.T @ own
    return out


class Firms(Residents):
    """The survey of businesses: a stratified sample of them."""

    def __init__(self, folder: Path) -> None:
        self.data, self.why = cleaned(folder, ["businesses_2023.sav", "businesses_2024.sav"])
        self.cases = len(self.data)
        self.cluster, self.stratum = np.arange(self.cases), pd.factorize(self.data["stratum"])[0]
        self.w2 = self.w0 = self.data["w_design"].to_numpy(float)
        sizes = self.data.groupby(self.stratum)["list_size"].first().to_numpy(float)
        self.sampled = np.bincount(self.stratum) / sizes

    def covariance(self, u: Array, stage: str = "final") -> Array:
        return between(self.w0[:, None] * u, self.stratum, self.sampled)


class Rows:
    """Some statistics: a row each, with their covariance."""

    def __init__(self, survey: Residents, rows: Sequence[dict[str, Any]], u: Sequence[Array], stage: str) -> None:
        self.survey, self.who = survey, [row.pop("who") for row in rows]
        self.table = pd.DataFrame(rows)
        self.covariance = survey.covariance(np.array(u).T, stage)
        error = np.sqrt(np.clip(np.diag(self.covariance), 0, None))
        self.table["std_error"] = error
        self.table["df"] = [survey.df(who) for who in self.who]
        half = stdtrit(self.table["df"], 1 - ALPHA / 2) * error
        self.table["conf_low"], self.table["conf_high"] = self.table["estimate"] - half, self.table["estimate"] + half
        with np.errstate(divide="ignore", invalid="ignore"):
            self.table["deff"] = error**2 / self.table.pop("srs")
            self.table["n_eff"] = self.table["n"] / self.table["deff"]

    def contrast(self, *weights: Iterable[float]) -> pd.DataFrame:
        """Combinations of the rows."""
        found = []
        for c in (np.array(list(w), float) for w in weights):
            estimate, error = c @ self.table["estimate"], np.sqrt(c @ self.covariance @ c)
            who = np.any([self.who[i] for i in np.flatnonzero(c)], axis=0)
            df = self.survey.df(who) + 1 - np.count_nonzero(c)
            half, t = stdtrit(df, 1 - ALPHA / 2) * error, estimate / error
            row = {
                "estimate": estimate,
                "std_error": error,
                "statistic": t,
                "df": df,
                "p_value": 2 * stdtr(df, -abs(t)),
            }
            found.append(row | {"conf_low": estimate - half, "conf_high": estimate + half})
        return pd.DataFrame(found)


def groups(survey: Residents, who: NDArray[np.bool_], by: Sequence[str]) -> list[NDArray[np.bool_]]:
    """Who is in each group, groups in order."""
    if not by:
        return [who]
    keys = survey.data[list(by)].apply(tuple, axis=1)
    return [
        who & (keys == key).to_numpy() for key in sorted(set(keys[who & survey.data[list(by)].notna().all(axis=1)]))
    ]


def means(
    survey: Residents, values: Sequence[Any], by: Sequence[str], who: NDArray[np.bool_], stage: str = "final"
) -> Rows:
    """Means by group, one value after the other."""
    rows, u, w = [], [], survey.weights(stage) if stage != "final" else survey.w2
    for value in values:
        y = survey.data[value].to_numpy(float) if isinstance(value, str) else np.asarray(value, float)
        for inside in groups(survey, who & ~np.isnan(y), by):
            total = w[inside].sum()
            mean = (w[inside] * y[inside]).sum() / total
            srs = (w[inside] * (y[inside] - mean) ** 2).sum() / total / (inside.sum() - 1)
            rows.append({"estimate": mean, "n": inside.sum(), "srs": srs, "weight": total, "who": inside})
            u.append(np.where(inside, (y - mean) / total, 0.0))
    return Rows(survey, rows, u, stage)


def shares(s: Residents, item: str, by: Sequence[str], who: NDArray[np.bool_], sets: Sequence[Sequence[float]]) -> Rows:
    """Shares of sets of codes by group."""
    rows, u, more = [], [], []
    y, kind, clusters = s.data[item].to_numpy(float), s.why[item].to_numpy(str), len(s.stratum)
    for group in groups(s, who, by):
        inside, asked = group & ~np.isnan(y), group & np.isin(kind, ["", "dont_know", "refused", "blank"])
        w, total = s.w2[inside], s.w2[inside].sum()
        weight, squares = (np.bincount(s.cluster[inside], v, clusters) for v in (w, w**2))
        there = squares > 0
        k = weight[there] ** 2 / squares[there]
        g = 3 * (digamma(3 + k) - digamma(3))
        for codes in sets:
            yes = inside & np.isin(y, codes)
            share = s.w2[yes].sum() / total
            row: dict[str, Any] = {
                "estimate": share,
                "n": inside.sum(),
                "srs": share * (1 - share) / (inside.sum() - 1),
            }
            row |= {
                kind_: s.w2[group & (kind == kind_)].sum() / s.w2[asked].sum() for kind_ in ("dont_know", "refused")
            }
            rows.append(row | {"who": inside})
            u.append(np.where(inside, (yes - share) / total, 0.0))
            rare = np.bincount(s.cluster[yes], s.w2[yes], clusters)
            rare = weight - rare if share > 0.5 else rare
            none = share < 1e-12 or share > 1 - 1e-12
            more.append(
                {
                    "kish": total**2 / (w**2).sum(),
                    "s": 0.0 if none else rare.sum() ** 2 / (rare**2).sum(),
                    "b": (weight**2).sum() / (w**2).sum(),
                    "empty": total**2 / (weight[there] ** 2 / g).sum(),
                }
            )
    found = Rows(s, rows, u, "final")
    found.table["conf_low"], found.table["conf_high"] = interval(found.table, pd.DataFrame(more))
    return found


def interval(t: pd.DataFrame, c: pd.DataFrame) -> tuple[Array, Array]:
    """The interval of a share, as the annex spells it out."""
    share = t["estimate"].to_numpy(float)
    r = np.minimum(share, 1 - share)
    kish, s, b, empty = (c[name].to_numpy(float) for name in ("kish", "s", "b", "empty"))
    with np.errstate(divide="ignore", invalid="ignore"):
        d = kish * t["std_error"].to_numpy(float) ** 2 / (r * (1 - r))
        df = t["df"].to_numpy(float)
        fewer = np.maximum(df - 3, (df + 1) / 2)
        q = (stdtrit(fewer, 1 - ALPHA / 2) / stdtrit(t["n"].to_numpy(float) - 1, 1 - ALPHA / 2)) ** 2
        c_ = 0.5 * np.clip(0.55 + d - 1, 0, 1)
        deff = (s * d * q ** (1 - 1 / np.maximum(s, 1) ** 2) + c_ * (1 + 0.25 * (b - 1))) / (s + c_)
        deff = np.maximum(deff, np.where(d > 1, 1 + (d - 1) * q, 0))
        upper, lower = kish / deff, kish / np.maximum(deff, d * q)
        low = np.minimum(betaincinv(r * lower, (1 - r) * lower + 1, ALPHA / 2), r)
        high = np.maximum(betaincinv(r * upper + 1, (1 - r) * upper, 1 - ALPHA / 2), r)
    low, high = np.where(s == 0, 0.0, low), np.where(s == 0, 1 - ALPHA ** (1 / empty), high)
    flip = share > 0.5
    return np.where(flip, 1 - high, low), np.where(flip, 1 - low, high)

"""Exhibits that break layouts, by the kind of figure: what a study has that a drawing in a manual has not.

Twelve items, forty groups, scales of eleven points, long labels, one group, a group that is missing, everything
suppressed. A new figure gets its entry in `HARD`; `tests/figures/test_layout.py` measures every one at every size.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Any

import numpy as np
import pandas as pd

import survey as sv
from exhibit_cases import S5, T11
from survey import Codebook, Estimates, Exhibit, Variable
from survey.quality import Quality

_LONG = (
    "Trong mười hai tháng qua, cán bộ tiếp công dân của phường có hướng dẫn ông/bà đầy đủ hồ sơ ngay từ lần đầu không?",
    "In the past twelve months, did the ward's reception staff tell you about every document needed the first time?",
)
_SHORT = ("Nói năng nhẹ nhàng", "Spoke gently")
_BOTH = ("vi", "en")
ITEMS = tuple(f"Q{i:02d}" for i in range(1, 13))


def _text(vi: str, en: str) -> dict[str, str]:
    return {"vi": vi, "en": en}


@cache
def book() -> Codebook:
    """Twelve items (every other one of two lines and more), a scale of eleven points, forty wards, five waves."""
    five = {i: _text(*pair) for i, pair in enumerate(S5, 1)}
    wards = {i: _text(f"Phường Hòa Thuận Đông số {i}", f"Hòa Thuận Đông ward no. {i}") for i in range(1, 40)}
    wards[40] = _text(
        "Khu kinh tế mở và thương mại tự do Vĩnh Trường – Lạc Viên (tạm quản lý)",
        "Vĩnh Trường – Lạc Viên open economic and free trade zone (provisional administration)",
    )
    waves = {i: _text(f"Tháng {i + 5}/202{i}", f"{m} 202{i}") for i, m in enumerate(("May", "June", "September"), 1)}
    variables = [
        *(
            Variable(name, "ordinal", _text(*(f"{i}. {t}" for t in (_LONG if i % 2 else _SHORT))), five, direction=1)
            for i, name in enumerate(ITEMS, 1)
        ),
        Variable("trust", "ordinal", _text("Tin chính quyền?", "Trust?"), {i: _text(*p) for i, p in enumerate(T11)}),
        Variable("minutes", "number", _text("Chờ bao nhiêu phút?", "Minutes waited?"), unit="minutes"),
        Variable("ward", "nominal", _text("Phường", "Ward"), wards),
        Variable("wave", "ordinal", _text("Đợt", "Wave"), waves, role="period"),
    ]
    title = _text("Khảo sát sự hài lòng của người dân", "Survey of residents' satisfaction")
    return Codebook({v.name: v for v in variables}, title=title, simulated=True)


def made(
    statistic: str,
    items: tuple[str, ...] = ITEMS[:1],
    *,
    answers: tuple[int, ...] = (),
    n: int = 1500,
    missing: bool = False,
    centre: float | None = None,
    **by: list[Any],
) -> Estimates:
    """Estimates of items over the crossing of groups, of made-up numbers that differ from row to row."""
    keys: dict[str, list[Any]] = {"item": list(items), **by}
    if statistic == "distribution":
        keys["answer"] = list(answers)
    table = pd.MultiIndex.from_product(list(keys.values()), names=list(keys)).to_frame(index=False)
    i = np.arange(len(table))
    table["estimate"] = 0.2 + 0.6 * ((7 * i) % 11) / 11
    table["n"] = n
    if missing:
        first = table[next(reversed(by))].iloc[0]
        gone = table[next(reversed(by))] == first
        table.loc[gone, ["estimate", "n"]] = [np.nan, 0]
    if statistic == "distribution":
        groups = table.groupby(["item", *by], sort=False)["estimate"]
        table["estimate"] /= groups.transform("sum").where(lambda x: x > 0)
        table["dont_know"] = np.where(table["n"] > 0, 0.08, np.nan)
    if centre is not None:
        table["estimate"] *= centre
    half = 0.05 * (centre or 1.0)
    table["std_error"], table["df"] = half / 2, 98.0
    table["conf_low"], table["conf_high"] = table["estimate"] - half, table["estimate"] + half
    more = {"answers": (4, 5)} if statistic == "proportion" else {}
    source = "Trial survey (simulated data)"
    return Estimates(table, statistic, tuple(by), codebook=book(), source=source, simulated=True, **more)


WARDS, WAVES = list(range(1, 41)), [1, 2, 3]

SHARES: dict[str, Callable[[], Estimates]] = {
    "twelve items": lambda: made("proportion", ITEMS),
    "forty groups": lambda: made("proportion", ward=WARDS),
    "forty groups, two waves": lambda: made("proportion", ward=WARDS, wave=[1, 2]),
    "items in groups": lambda: made("proportion", ITEMS[:4], ward=WARDS[36:]),
    "one group": lambda: made("proportion", ward=[40]),
    "a missing group": lambda: made("proportion", ward=WARDS[36:], wave=[1, 2], missing=True),
    "all suppressed": lambda: made("proportion", ITEMS[:2], n=12, ward=WARDS[36:]),
    "small bases": lambda: made("proportion", ITEMS[:2], n=41, ward=WARDS[36:]),
}
MEANS: dict[str, Callable[[], Estimates]] = {
    "eleven points": lambda: made("mean", ("trust",), centre=10.0, ward=WARDS[36:]),
    "large numbers": lambda: made("mean", ("minutes",), centre=12_345.6, ward=WARDS[36:], wave=[1, 2]),
}
ANSWERS: dict[str, Callable[[], Estimates]] = {
    "twelve items": lambda: made("distribution", ITEMS, answers=(1, 2, 3, 4, 5)),
    "forty groups": lambda: made("distribution", answers=(1, 2, 3, 4, 5), ward=WARDS),
    "eleven points": lambda: made("distribution", ("trust",), answers=tuple(range(11)), ward=WARDS[34:]),
    "items in groups": lambda: made("distribution", ITEMS[:4], answers=(1, 2, 3, 4, 5), ward=WARDS[36:]),
    "one group": lambda: made("distribution", answers=(1, 2, 3, 4, 5), ward=[40]),
    "a missing group": lambda: made("distribution", answers=(1, 2, 3, 4, 5), missing=True, ward=WARDS[36:]),
    "all suppressed": lambda: made("distribution", answers=(1, 2, 3, 4, 5), n=12, ward=WARDS[36:]),
    "all suppressed, eleven points": lambda: made(
        "distribution", ("trust",), answers=tuple(range(11)), n=12, ward=WARDS[36:]
    ),
}
OVER_WAVES: dict[str, Callable[[], Estimates]] = {
    "four items": lambda: made("proportion", ITEMS[:4], wave=WAVES),
    "four groups": lambda: made("proportion", ward=WARDS[36:], wave=WAVES),
    "one group": lambda: made("proportion", wave=[1]),
    "a missing wave": lambda: made("proportion", ward=WARDS[36:], wave=WAVES, missing=True),
    "all suppressed": lambda: made("proportion", n=12, ward=WARDS[36:], wave=WAVES),
    "large numbers": lambda: made("mean", ("minutes",), centre=12_345.6, wave=WAVES),
}


@cache
def _sample(wards: int) -> sv.Sample:
    rng = np.random.default_rng(7)
    n = 60 * wards
    columns = {"ward": np.arange(n) % wards + 41 - wards, "wave": np.arange(n) // wards % 2 + 1}
    frame = pd.DataFrame({**columns, "w": rng.uniform(5, 2500, n), "minutes": rng.integers(0, 90, n)})
    return sv.Sample(sv.Responses(frame, book()), weights="w", psu="ward")


def _raked(wards: int) -> sv.Sample:
    places = range(41 - wards, 41)
    targets = {("wave", "ward"): {(t, w): 100_000 / wards for t in (1, 2) for w in places}}
    return _sample(wards).rake(targets, within="wave")


WEIGHTED: dict[str, Callable[[], Any]] = {
    "forty groups": lambda: _raked(40).margin_gaps(),
    "one group": lambda: _sample(4).margin_gaps({"wave": {1: 5, 2: 5}}),
    "sums of numbers": lambda: (
        _sample(4).calibrate({"wave": {1: 500, 2: 500}, "minutes": 45_000}, method="raking").margin_gaps()
    ),
}
HISTOGRAMS: dict[str, Callable[[], Any]] = {
    "steps": lambda: _raked(4).weight_distribution(),
    "groups with long names": lambda: _raked(6).weight_distribution(by="ward"),
    "two groupings": lambda: _raked(2).weight_distribution(by=["wave", "ward"]),
}
PLANS: dict[str, Callable[[], Any]] = {
    "one curve": lambda: sv.power("difference", share=0.6, n=[100, 500], effect=0.1),
    "four curves": lambda: sv.power("difference", share=0.6, n=[1000, 5000, 9000], effect=[0.1, 0.11, 0.12, 0.13]),
    "at the foot": lambda: sv.power("difference", share=0.6, n=[10, 20, 30], effect=[0.01, 0.011, 0.012]),
}


@cache
def fieldwork() -> Quality:
    """Two waves, forty interviewers with long names, one of whom rounds minutes and lets an official sit in."""
    rng = np.random.default_rng(4)
    n = 1600
    latent = rng.normal(0, 1, n)[:, None] + rng.normal(0, 1, (n, 12))
    frame = pd.DataFrame(
        {f"Q{k:02d}": 1.0 + np.digitize(latent[:, k - 1], [-1.5, -0.5, 0.5, 1.5]) for k in range(1, 13)}
    )
    frame["wave"] = rng.integers(1, 3, n)
    frame["interviewer_id"] = [f"Nguyễn Thị Hoàng Ứng {i:02d}" for i in rng.integers(0, 20, n)]
    frame["duration_s"], frame["visits"] = rng.lognormal(7, 0.2, n), rng.integers(1, 4, n)
    frame["int_start"] = pd.Timestamp("2024-06-03 08:00") + pd.to_timedelta(rng.integers(0, 20 * 24, n), "h")
    frame["minutes"] = rng.integers(10, 60, n).astype(float)
    rounds = frame["interviewer_id"].str.endswith("07") & frame["wave"].eq(2)
    frame["official_present"] = (rounds & (rng.random(n) < 0.5)).astype(float)
    frame.loc[rounds, "minutes"] = 30.0
    return sv.Responses(frame, book()).quality()


def _squares() -> dict[str, Any]:
    """Forty wards of a town drawn with a ruler, and a park without any."""
    features = []
    for i in range(41):
        x, y = i % 7, i // 7
        ring = [[x, y], [x + 1, y], [x + 1, y + 1], [x, y + 1], [x, y]]
        named = {"type": "Feature", "properties": {"ward": i + 1}}
        features.append(named | {"geometry": {"type": "Polygon", "coordinates": [ring]}})
    return {"type": "FeatureCollection", "features": features}


def _once_each(cases: dict[str, Callable[[], Any]], *names: str) -> dict[str, Callable[[], Any]]:
    return {name: cases[name] for name in names}


MAPPED: dict[str, Callable[[], Estimates]] = {
    "forty groups": lambda: made("proportion", ward=WARDS),
    "all suppressed": lambda: made("proportion", n=12, ward=WARDS),
    "a missing group": lambda: made("proportion", missing=True, ward=WARDS),
    "large numbers": lambda: made("mean", ("minutes",), centre=12_345.6, ward=WARDS),
}
CROSSED = {
    **_once_each(SHARES, "forty groups, two waves", "items in groups", "a missing group", "all suppressed"),
    "five items": lambda: made("proportion", ITEMS[:5], ward=WARDS[36:]),
    "large numbers": MEANS["large numbers"],
}
CLASSES: dict[str, Callable[[], Any]] = {
    "nine bars": lambda: _sample(4).histogram("minutes", 9),
    "uneven bars": lambda: _sample(4).histogram("minutes", [0, 5, 15, 30, 60, float("inf")]),
    "limits": lambda: _sample(4).histogram("minutes", 9, cumulative=True),
    "few answers": lambda: _sample(4).histogram("minutes", 4, where="ward == 40 and minutes < 20"),
}


def _came(by: str | None) -> Any:
    rng = np.random.default_rng(4)
    frame = pd.DataFrame({"ward": rng.integers(1, 41, 900)})
    day = pd.to_timedelta(rng.integers(0, 20, 900), "D") + pd.to_timedelta(200 * rng.integers(0, 2, 900), "D")
    frame["int_start"] = pd.Timestamp("2024-06-03 08:00") + day
    return sv.Responses(frame, book()).by_day(by=by)


DAYS: dict[str, Callable[[], Any]] = {"everyone": lambda: _came(None), "forty groups": lambda: _came("ward")}


def _drawn(verb: Callable[..., Exhibit], cases: dict[str, Callable[[], Any]], **how: Any) -> dict[str, Any]:
    """The exhibits of a verb, made when asked for."""
    return {case: (lambda make=make: verb(make(), lang="vi", **how)) for case, make in cases.items()}


def _maps(e: Estimates) -> Exhibit:
    return sv.figures.panels(e, by="wave", figure=sv.figures.map, regions=_squares(), lang="vi")
def _programme() -> Estimates:
    rng = np.random.default_rng(8)
    n = 400
    frame = pd.DataFrame({"ward": 33 + np.arange(n) % 8, "wave": np.arange(n) // 8 % 2 + 1, "w": 1.0})
    frame["minutes"] = rng.integers(0, 90, n) + 20 * ((frame["ward"] == 40) & (frame["wave"] == 2))
    frame["treated"] = (frame["ward"] == 40).astype(int)
    sample = sv.Sample(sv.Responses(frame, book()), weights="w")
    return sample.effect("minutes", treated="treated", period="wave", unit="ward")


DIFFERENCES: dict[str, Callable[[], Any]] = {
    "pairs of long names": lambda: made("mean", ("trust",), centre=5.0, ward=WARDS[36:]).pairwise(),
    "items": lambda: made("proportion", ITEMS[:4], ward=WARDS[38:]).pairwise(),
    "all suppressed": lambda: made("proportion", n=12, ward=WARDS[37:]).pairwise(),
}
SLOPES: dict[str, Callable[[], Any]] = {
    "forty groups": lambda: made("proportion", ward=WARDS, wave=[1, 2]),
    "items": lambda: made("proportion", ITEMS, wave=[1, 2]),
    "a missing wave": lambda: made("proportion", ward=WARDS[36:], wave=[1, 2], missing=True),
    "all suppressed": lambda: made("proportion", n=12, ward=WARDS[36:], wave=[1, 2]),
    "large numbers": lambda: made("mean", ("minutes",), centre=12_345.6, ward=WARDS[36:], wave=[1, 2]),
}
UNITS: dict[str, Callable[[], Any]] = {
    "forty groups": lambda: made("proportion", ward=WARDS),
    "a missing group": lambda: made("proportion", ward=WARDS[34:], missing=True),
    "large numbers": lambda: made("mean", ("minutes",), centre=12_345.6, ward=WARDS[34:]),
}
_NATION = {"vi": "Cả nước, điều tra của Tổng cục Thống kê năm 2024", "en": "Whole country, survey of the year 2024"}
_MANY = {name: make for name, make in OVER_WAVES.items() if name != "one group"}


def _referred(reference: Any) -> Callable[..., Exhibit]:
    def verb(e: Estimates, lang: str) -> Exhibit:
        return sv.figures.benchmark(
            e, reference, source=_NATION, reference_label=_NATION, reference_error=0.01, lang=lang
        )

    return verb


def _with_other(e: Estimates, lang: str) -> Exhibit:
    other = pd.DataFrame({"ward": e.table["ward"], "value": 40 + np.arange(len(e.table)) % 7, "std_error": 0.5})
    return sv.figures.scatter(e, other, source=_NATION, other_label=_NATION, lang=lang)


HARD: dict[str, dict[str, Callable[[], Exhibit]]] = {
    "likert": _drawn(sv.figures.likert, ANSWERS),
    "intervals": _drawn(sv.figures.intervals, SHARES | MEANS),
    "bars": _drawn(sv.figures.bars, SHARES),
    "waves": _drawn(sv.figures.waves, OVER_WAVES),
    "love": _drawn(sv.figures.love, WEIGHTED),
    "weights": _drawn(sv.figures.weights, HISTOGRAMS),
    "power": _drawn(sv.figures.power, PLANS),
    "quality": _drawn(sv.figures.quality, {"forty interviewers": fieldwork}),
    "map": _drawn(sv.figures.map, MAPPED, regions=_squares()),
    "heat": _drawn(sv.figures.heat, CROSSED),
    "histogram": _drawn(sv.figures.histogram, CLASSES),
    "fieldwork": _drawn(sv.figures.fieldwork, DAYS),
    "panels": _drawn(sv.figures.panels, _once_each(SHARES, "items in groups", "a missing group"), by="ward")
    | {"maps": lambda: _maps(made("proportion", ward=WARDS, wave=[1, 2]))},
    "lines": _drawn(sv.figures.lines, _MANY),
    "slope": _drawn(sv.figures.slope, SLOPES),
    "forest": _drawn(sv.figures.forest, DIFFERENCES),
    "effect": _drawn(sv.figures.effect, {"long names": _programme}),
    "ranking": _drawn(sv.figures.ranking, UNITS),
    "scatter": _drawn(_with_other, {k: v for k, v in UNITS.items() if k != "a missing group"}),
    "benchmark": _drawn(_referred(0.5), {k: v for k, v in SHARES.items() if k != "forty groups, two waves"})
    | _drawn(_referred({"38": 0.5}), {"a value for one": lambda: made("proportion", ward=WARDS[36:])}),
}
"""Figures by the verb of `sv.figures` that makes them, and by what is hard about them."""

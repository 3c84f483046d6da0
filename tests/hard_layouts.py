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
from survey.models.drivers import Drivers
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


LINES: dict[str, Callable[[], Estimates]] = {case: e for case, e in OVER_WAVES.items() if case != "one group"} | {
    "one line": lambda: made("proportion", ward=[40], wave=WAVES),
    "eight groups": lambda: made("proportion", ward=WARDS[32:], wave=WAVES),
    "eleven points": lambda: made("mean", ("trust",), centre=10.0, ward=WARDS[36:], wave=WAVES),
}
TWO_WAVES: dict[str, Callable[[], Estimates]] = {
    "forty groups": lambda: made("proportion", ward=WARDS, wave=[1, 2]),
    "twelve items": lambda: made("proportion", ITEMS, wave=[1, 2]),
    "one group": lambda: made("proportion", ward=[40], wave=[1, 2]),
    "a missing wave": lambda: made("proportion", ward=WARDS[36:], wave=[1, 2], missing=True),
    "all suppressed": lambda: made("proportion", n=12, ward=WARDS[36:], wave=[1, 2]),
    "large numbers": lambda: made("mean", ("minutes",), centre=12_345.6, ward=WARDS[30:], wave=[1, 2]),
}
UNITS: dict[str, Callable[[], Estimates]] = {
    "forty groups": lambda: made("proportion", ward=WARDS),
    "few groups": lambda: made("proportion", ward=WARDS[36:]),
    "all suppressed": lambda: made("proportion", n=12, ward=WARDS[36:]),
    "a missing group": lambda: made("proportion", ward=WARDS[30:], missing=True),
    "large numbers": lambda: made("mean", ("minutes",), centre=12_345.6, ward=WARDS[30:]),
}
TWO_NUMBERS: dict[str, Callable[[], Estimates]] = {
    "forty groups": lambda: made("proportion", ITEMS[:2], ward=WARDS),
    "few groups": lambda: made("proportion", ITEMS[:2], ward=WARDS[36:]),
    "a missing group": lambda: made("proportion", ITEMS[:2], ward=WARDS[30:], missing=True),
}


def _drivers(items: tuple[str, ...] = ITEMS, n: int = 1500) -> Drivers:
    """Drivers with made-up shares and performance, some of them close to each other."""
    e = made("mean", items, centre=100.0, n=n)
    i = np.arange(len(items))
    share = (1 + (5 * i) % 7) / (1 + (5 * i) % 7).sum()
    places = ("improve", "keep", "later", "maintain", "")
    table = e.table.assign(
        estimate=share,
        std_error=0.02,
        conf_low=share - 0.04,
        conf_high=share + 0.04,
        share=share,
        share_low=np.maximum(share - 0.04, 0),
        share_high=share + 0.05,
        performance=e.table["estimate"],
        performance_low=e.table["conf_low"],
        performance_high=e.table["conf_high"],
        quadrant=[places[k % 5] for k in i],
    )
    known = {"codebook": e.codebook, "source": e.source, "simulated": True}
    return Drivers(table, "driver", performance=e, outcome=items[0], **known)


DRIVEN: dict[str, Callable[[], Estimates]] = {
    "twelve items": _drivers,
    "three items": lambda: _drivers(ITEMS[:3]),
    "all suppressed": lambda: _drivers(ITEMS[:4], n=12),
}
CROSSED: dict[str, Callable[[], Estimates]] = {
    "twelve items, forty groups": lambda: made("proportion", ITEMS, ward=WARDS),
    "forty groups, three waves": lambda: made("proportion", ward=WARDS, wave=WAVES),
    "one group": lambda: made("proportion", ITEMS[:3], ward=[40]),
    "a missing group": lambda: made("proportion", ITEMS[:4], ward=WARDS[36:], missing=True),
    "all suppressed": lambda: made("proportion", ITEMS[:4], n=12, ward=WARDS[36:]),
    "large numbers": lambda: made("mean", ("minutes",), centre=12_345.6, ward=WARDS[36:], wave=[1, 2]),
}
NATION = {
    "source": _text(
        "Khảo sát mức sống dân cư toàn quốc năm 2024 (số liệu giả định)",
        "National survey of living standards, 2024 (invented)",
    ),
    "reference_label": _text("Cả nước, các phường đô thị loại một, 2024", "Nation, first-class urban wards, 2024"),
}


def _changes(wards: list[int], n: int = 1500) -> Estimates:
    """The third wave minus the first in each ward."""
    e = made("proportion", n=n, ward=wards, wave=[1, 3])
    one = np.eye(len(e.table))
    return e.contrast({str(w): one[2 * i + 1] - one[2 * i] for i, w in enumerate(wards)})


DIFFERENCES: dict[str, Callable[[], Estimates]] = {
    "forty groups": lambda: _changes(WARDS),
    "few groups": lambda: _changes(WARDS[36:]),
    "all suppressed": lambda: _changes(WARDS[36:], n=12),
}


@cache
def _treated(wards: int, few: bool = False) -> sv.Sample:
    """Three items in two waves, a third of the wards treated; nobody's wards may be shown where there are few."""
    rng = np.random.default_rng(11)
    n = (20 if few else 80) * wards
    ward, wave = np.arange(n) % wards + 41 - wards, np.arange(n) // wards % 2 + 1
    frame = pd.DataFrame({"ward": ward, "wave": wave, "pilot": (ward % 3 == 0).astype(int)})
    for item in ITEMS[:3]:
        frame[item] = np.clip(np.round(rng.normal(3 + 0.4 * frame["pilot"] * (wave - 1), 1)), 1, 5).astype(int)
    frame["odd"], frame["w"] = np.arange(n) // (2 * wards) % 2, 1.0 + np.arange(n) % 3
    return sv.Sample(sv.Responses(frame, book()), weights=None, psu="ward")


@cache
def _effect(wards: int, few: bool = False) -> Any:
    """An effect on three items."""
    return _treated(wards, few).effect(list(ITEMS[:3]), treated="pilot == 1", period="wave", unit="ward")


EFFECTS: dict[str, Callable[[], Estimates]] = {
    "twelve units": lambda: _effect(12),
    "all suppressed": lambda: _effect(12, few=True),
}


@cache
def _choices(few: bool = False, **how: Any) -> Estimates:
    """The effect on two items of twelve wards under choices with long names."""
    sample = _treated(12, few)
    choices: dict[str, dict[str, Any]] = {
        "odd": {"where": "odd == 1", "label": _text(*_LONG)},
        "fewer": {"domain": "ward != 40", "label": _text(*_SHORT)},
        "weighted": {"weights": "w"},
    }
    return sample.specifications(
        list(ITEMS[:2]), treated="pilot == 1", period="wave", unit="ward", choices=choices, **how
    )


SPECIFIED: dict[str, Callable[[], Estimates]] = {
    "long names": _choices,
    "choices together": lambda: _choices(combine="all"),
    "without one ward": lambda: _effect(12).leave_one_out(),
    "all suppressed": lambda: _choices(few=True),
}


@cache
def _grid() -> dict[str, Any]:
    """Forty square areas of a map, five rows of eight, one of them tiny."""
    features = []
    for i, ward in enumerate(WARDS):
        x, y, side = i % 8, i // 8, 0.05 if ward == 3 else 1
        ring = [[x, y], [x + side, y], [x + side, y + side], [x, y + side], [x, y]]
        geometry = {"type": "Polygon", "coordinates": [ring]}
        features.append({"type": "Feature", "properties": {"code": ward}, "geometry": geometry})
    return {"type": "FeatureCollection", "features": features, "attribution": "Ranh giới giả định / invented"}


def _minutes(**how: Any) -> Any:
    return _sample(4).histogram("minutes", **how)


MINUTES: dict[str, Callable[[], Any]] = {
    "equal classes": _minutes,
    "named classes": lambda: _minutes(bins=[0, 5, 30, 60, 90]),
    "all suppressed": lambda: _minutes(where="ward == 37 and minutes < 20"),
    "large numbers": lambda: _answered().histogram("minutes"),
}


@cache
def _days() -> sv.Responses:
    """Interviews of forty days in forty wards, and of two more after a break."""
    rng = np.random.default_rng(3)
    day = np.r_[rng.integers(0, 40, 1990), rng.integers(90, 92, 10)]
    frame = pd.DataFrame({"int_start": pd.Timestamp("2024-06-03") + pd.to_timedelta(day, "D")})
    return sv.Responses(frame.assign(ward=rng.integers(1, 41, 2000)), book())


DAYS: dict[str, Callable[[], Any]] = {
    "everyone": lambda: _days().by_day(),
    "forty groups": lambda: _days().by_day(by="ward"),
}


@cache
def _answered(n: int = 4000) -> sv.Sample:
    """Twelve items and trust of eleven points, answered in forty wards and two waves; a tenth did not know."""
    rng = np.random.default_rng(5)
    ward, wave = rng.integers(1, 41, n), rng.integers(1, 3, n)
    frame = pd.DataFrame({"ward": ward, "wave": wave, "pilot": ward % 2})
    for item in ITEMS:
        frame[item] = np.where(rng.random(n) < 0.1, np.nan, np.clip(rng.integers(1, 6, n) + wave - 1, 1, 5))
    frame["trust"], frame["minutes"] = rng.integers(0, 11, n), rng.integers(0, 12_000, n)
    return sv.Sample(sv.Responses(frame, book()), weights=None)


def _few_wards(*wards: int) -> sv.Sample:
    """The same of some wards only."""
    sample = _answered()
    return sv.Sample(sample.responses.drop(where=f"ward not in {list(wards)}", reason="other wards"), weights=None)


LAST, TINY = "ward in [37, 38, 39, 40]", "ward == 40 and wave == 1 and pilot == 1"
COMPARED: dict[str, Callable[[], Any]] = {
    "twelve items": lambda: _answered().compare(list(ITEMS), by="wave"),
    "eleven points": lambda: _answered().compare("trust", by="ward", where=LAST),
}
TABLES: dict[str, dict[str, Callable[[], Any]]] = {
    "table": SHARES
    | MEANS
    | {f"answers of {case}": e for case, e in ANSWERS.items()}
    | {f"waves of {case}": e for case, e in OVER_WAVES.items()}
    | {f"differences of {case}": e for case, e in DIFFERENCES.items()},
    "banner": {
        "twelve items, forty groups": lambda: _answered().distribution(list(ITEMS[:3]), over=["everyone", "ward"]),
        "eleven points": lambda: _answered().distribution("trust", over=["everyone", "wave"]),
        "one group": lambda: _answered().distribution(ITEMS[0], over=["ward"], where="ward == 40"),
        "large numbers": lambda: _answered().mean("minutes", over=["everyone", "wave"]),
        "all suppressed": lambda: _answered().distribution(ITEMS[0], over=["ward"], where="ward > 36", by="wave"),
    },
    "changes": {case: e for case, e in DIFFERENCES.items()} | {"twelve items": lambda: _answered().change(list(ITEMS))},
    "frequencies": {
        "twelve items": lambda: _answered().frequencies(list(ITEMS)),
        "forty groups": lambda: _answered().frequencies(ITEMS[0], by="ward"),
        "eleven points": lambda: _answered().frequencies("trust"),
        "all suppressed": lambda: _answered(300).frequencies(ITEMS[0], by=["ward", "wave"]),
    },
    "indicators": {
        "twelve items, forty groups": lambda: _answered().mean(list(ITEMS), over=["everyone", "ward"]),
        "large numbers": lambda: _answered().mean("minutes", over=["everyone", "ward"], by="wave"),
        "one group": lambda: _answered().mean(ITEMS[0], over=["everyone", "ward"], where="ward == 40"),
        "all suppressed": lambda: _answered(300).mean(ITEMS[0], over=["everyone", "ward"]),
    },
    "methods": {"forty groups": lambda: _sample(40).methods()},
}
"""Results for tables, by the verb of `sv.tables` that lays them out."""


def _drawn(verb: Callable[..., Exhibit], cases: dict[str, Callable[[], Any]], **how: Any) -> dict[str, Any]:
    """The exhibits of a verb, made when asked for."""
    return {case: (lambda make=make: verb(make(), lang="vi", **how)) for case, make in cases.items()}


HARD: dict[str, dict[str, Callable[[], Exhibit]]] = {
    "likert": _drawn(sv.figures.likert, ANSWERS),
    "intervals": _drawn(sv.figures.intervals, SHARES | MEANS),
    "bars": _drawn(sv.figures.bars, SHARES),
    "waves": _drawn(sv.figures.waves, OVER_WAVES),
    "love": _drawn(sv.figures.love, WEIGHTED),
    "weights": _drawn(sv.figures.weights, HISTOGRAMS),
    "power": _drawn(sv.figures.power, PLANS),
    "quality": _drawn(sv.figures.quality, {"forty interviewers": fieldwork}),
    "lines": _drawn(sv.figures.lines, LINES),
    "slope": _drawn(sv.figures.slope, TWO_WAVES),
    "forest": _drawn(sv.figures.forest, DIFFERENCES | COMPARED),
    "effect": _drawn(sv.figures.effect, EFFECTS),
    "specifications": _drawn(sv.figures.specifications, SPECIFIED),
    "ranking": _drawn(sv.figures.ranking, {case: e for case, e in UNITS.items() if case != "all suppressed"}),
    "benchmark": _drawn(sv.figures.benchmark, UNITS | SHARES, reference=0.45, **NATION),
    "scatter": _drawn(sv.figures.scatter, TWO_NUMBERS),
    "quadrant": _drawn(sv.figures.quadrant, DRIVEN),
    "map": _drawn(sv.figures.map, UNITS, regions=_grid()),
    "heat": _drawn(sv.figures.heat, CROSSED),
    "histogram": _drawn(sv.figures.histogram, MINUTES),
    "fieldwork": _drawn(sv.figures.fieldwork, DAYS),
    "panels": {
        "four wards": lambda: sv.figures.panels(SHARES["items in groups"](), by="ward", lang="vi"),
        "answers": lambda: sv.figures.panels(
            ANSWERS["items in groups"](), by="ward", figure=sv.figures.likert, lang="vi"
        ),
        "all suppressed": lambda: sv.figures.panels(SHARES["all suppressed"](), by="item", lang="vi"),
        "a page of forty groups": lambda: sv.figures.panels(
            CROSSED["twelve items, forty groups"](), by="ward", lang="vi"
        ),
        "eleven points": lambda: sv.figures.panels(
            ANSWERS["eleven points"](), by="ward", figure=sv.figures.likert, lang="vi"
        ),
        "histograms": lambda: sv.figures.panels(
            _sample(4).histogram("minutes", by="ward"), by="ward", figure=sv.figures.histogram, lang="vi"
        ),
    },
}
"""Figures by the verb of `sv.figures` that makes them, and by what is hard about them."""
HARD_TABLES = {kind: _drawn(getattr(sv.tables, kind), made) for kind, made in TABLES.items()}
"""Tables likewise."""

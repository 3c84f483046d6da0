"""Every sentence that the package can say, by example: what `examples.md` shows, for people who read the languages."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd

from survey import Codebook, Finding, Responses, Sample, Variable
from survey.base.catalogue import Note
from survey.codebook import MultipleSet
from survey.compare.stacked_effects import with_labels
from survey.models.dif_result import Dif
from survey.narrative import (
    breakdown,
    comparability,
    compare,
    describe,
    limits,
    permutation,
    ranking,
    received,
    reconcile,
    specifications,
    verdict,
    verdicts,
)

WARDS = [f"P{i:02d}" for i in range(1, 11)]
SHORT = {
    "OV01": ("Hài lòng chung với sự phục vụ của phường", "Overall satisfaction with the ward's service"),
    "TR08": ("Biết nơi gửi phản ánh, kiến nghị", "Knowing where to send feedback"),
    "EF01": ("Thời gian chờ", "Waiting time"),
    "FR02": ("Lắng nghe hết ý kiến", "Hearing people out"),
    "ward": ("Phường", "Ward"),
    "wave": ("Đợt khảo sát", "Wave"),
    "tier": ("Cấp thí điểm", "Pilot tier"),
}
WAVES = {
    1: {"vi": "Đợt 1 (tháng 8/2023)", "en": "Baseline (August 2023)"},
    2: {"vi": "Đợt 2 (tháng 6/2024)", "en": "Follow-up (June 2024)"},
}
TIERS = {
    0: {"vi": "Phường không thí điểm", "en": "Wards without a pilot"},
    2: {"vi": "Phường thí điểm của tỉnh", "en": "Provincial pilot wards"},
}


def book(cases: Any) -> Codebook:
    """The codebook of the cases with short names, and with groups as reports name them."""
    named = cases.book.update(
        Variable("wave", "ordinal", labels=WAVES, role="period"), Variable("tier", "ordinal", labels=TIERS)
    )
    return named.update(*(replace(named[n], short={"vi": vi, "en": en}) for n, (vi, en) in SHORT.items()))


def _breakdowns() -> Iterator[tuple[str, Finding]]:
    """Of breakdowns side by side: groups that differ, that are not shown to, and that cannot be tested."""
    i = np.arange(600)
    rows = pd.DataFrame({"sex": 1 + i % 2, "age": 1 + i // 7 % 2, "here": 1, "psu": i // 10, "row": i})
    rows = rows.assign(score=np.round(40 + i * 37 % 31 + 5.0 * (rows["sex"] == 2), 1))
    labels = {
        "sex": {1: {"vi": "Nam", "en": "Men"}, 2: {"vi": "Nữ", "en": "Women"}},
        "age": {1: {"vi": "Dưới 45 tuổi", "en": "Under 45"}, 2: {"vi": "Từ 45 tuổi", "en": "45 and over"}},
        "here": {1: {"vi": "Thường trú", "en": "Permanent residents"}},
    }
    names = {"sex": ("Giới tính", "Sex"), "age": ("Tuổi", "Age"), "here": ("Cư trú", "Residence")}
    named = [
        Variable(name, "nominal", short=dict(zip(("vi", "en"), names[name], strict=True)), labels=labels[name])
        for name in names
    ]
    score = Variable(
        "score", "number", unit="points", limits=(0, 100), short={"vi": "Thân thiện", "en": "Friendliness"}
    )
    known = Codebook({v.name: v for v in (*named, score)})
    psu = rows.assign(psu=np.where(rows["sex"] == 1, 1, 2 + rows["psu"]))  # all men in one cluster
    e = Sample(Responses(rows, known), weights=None, psu="psu").mean("score", over=["sex", "age", "here"])
    yield "groups of a breakdown that differ", breakdown(e, {"breakdown": "sex"})
    yield "groups of a breakdown that are not shown to differ", breakdown(e, {"breakdown": "age"})
    yield "a breakdown of one group", breakdown(e, {"breakdown": "here"})
    alone = Sample(Responses(psu, known), weights=None, psu="psu").mean("score", over=["sex"])
    yield "groups of a breakdown that cannot be tested", breakdown(alone)


def sentences(cases: Any) -> Iterator[tuple[str, Finding]]:
    """What each example is, and its sentences."""
    known: Mapping[str, Any] = {"codebook": book(cases), "simulated": False}
    waves = {"wave": [1, 2]}

    def made(table: pd.DataFrame, statistic: str, by: tuple[str, ...] = (), **more: Any) -> Any:
        return cases.made(table, statistic, by, **{**known, **more})

    def two(item: str, x: list[float], statistic: str, se: float, **more: Any) -> Any:
        return made(cases.rows(item, x, se=se, **waves), statistic, ("wave",), **more)

    share = two("OV01", [0.614, 0.657], "proportion", 0.015, answers=(4, 5))
    yield "share", describe(share, {"wave": 2})
    yield "share of one answer", describe(made(cases.rows("TR08", 0.608), "mean"))
    yield (
        "share, item without a short name",
        describe(cases.made(cases.rows("OV01", 0.53), "proportion", answers=(4, 5), simulated=False)),
    )
    yield "net share", describe(made(cases.rows("OV01", 0.4), "net", answers=(1, 2, 4, 5)))
    yield (
        "reliability of a scale",
        describe(made(cases.rows("friendliness", 0.82).assign(measure="alpha"), "reliability")),
    )
    yield "an item beside the others", describe(made(cases.rows("FR02", 0.53), "item_rest"))
    yield "effect of a driver, percentage points", describe(made(cases.rows("FR02", 0.06), "driver_points"))
    yield "importance of a driver", describe(made(cases.rows("FR02", 0.21), "driver_share"))
    yield "explained variance", describe(made(cases.rows("OV01", 0.34), "explained"))
    yield from _first(cases)
    yield from _items_in_groups(cases)
    term = {"term": "job[T.2]", "against": "1"}
    yield "coefficient of log odds", describe(made(cases.rows("TR08", 0.41, se=0.1).assign(**term), "log_odds"))
    odds = cases.rows("TR08", 1.5, se=0.1).assign(**term)
    yield "odds ratio", describe(made(odds, "odds_ratio"))
    yield (
        "average marginal effect",
        describe(
            made(
                cases.rows("TR08", 0.07).assign(**term), "marginal_effect", origin=made(cases.rows("TR08", 0.6), "mean")
            )
        ),
    )
    yield "predicted share", describe(made(cases.rows("TR08", 0.61, wave=[2]), "predicted_share", ("wave",)))
    yield "mean of a score", describe(two("friendliness", [67.9, 70.5], "mean", 0.8), {"wave": 2})
    yield "mean of a scale", describe(made(cases.rows("FR02", 3.46, se=0.03), "mean"))
    yield (
        "mean of a scale, item without a short name",
        describe(cases.made(cases.rows("FR01", 3.46, se=0.03), "mean", simulated=False)),
    )
    yield "mean of minutes", describe(made(cases.rows("EF01", 31.6, se=0.8), "mean"))
    yield "median", describe(made(cases.rows("EF01", 25.0, se=2.5).assign(quantile=0.5), "quantile"))
    yield "other quantile", describe(made(cases.rows("EF01", 40.0, se=5).assign(quantile=0.75), "quantile"))
    yield (
        "median, item without a short name",
        describe(cases.made(cases.rows("EF01", 25.0, se=2.5).assign(quantile=0.5), "quantile", simulated=False)),
    )
    yield "people", describe(made(cases.rows("one", 130655.2, se=1000.0), "total"))
    yield "total", describe(made(cases.rows("EF01", 81234.0, se=1000.0), "total"))
    yield (
        "in words of one's own",
        describe(
            made(cases.rows("friendliness", 61.23, se=1.0), "mean"), what={"vi": "điểm thân thiện", "en": "the score"}
        ),
    )
    yield "too few answers", describe(made(cases.rows("OV01", 0.4, n=12), "proportion", answers=(4, 5)))
    yield "few answers", describe(made(cases.rows("OV01", 0.4, n=41), "proportion", answers=(4, 5)))
    yield "simulated", describe(made(cases.rows("TR08", 0.608), "mean", simulated=True))

    yield "change of a score, up", compare(two("friendliness", [67.9, 70.5], "mean", 0.4).contrast([-1, 1]))
    yield "change of a score, down", compare(two("friendliness", [70.5, 67.9], "mean", 0.4).contrast([-1, 1]))
    yield (
        "change of a share",
        compare(two("OV01", [0.55, 0.657], "proportion", 0.015, answers=(4, 5)).contrast([-1, 1])),
    )
    yield "change not shown", compare(two("friendliness", [67.9, 70.0], "mean", 1.0).contrast([-1, 1]))
    yield "change of minutes", compare(two("EF01", [31.0, 25.0], "mean", 0.8).contrast([-1, 1]))
    trend = two("friendliness", [67.9, 70.5], "mean", 0.4).contrast({"trend_per_year": [-0.5, 0.5]})
    yield "trend", compare(trend)
    yield "trend with a departure", compare(trend.with_table(trend.table.assign(p_departure=0.012)))
    wards = cases.rows("friendliness", [70.0, 55.0], se=1.0, ward=["P01", "P02"])
    apart = made(wards, "mean", ("ward",)).contrast([-1, 1])
    yield "two groups, lower", compare(apart)
    yield "two groups, higher", compare(made(wards, "mean", ("ward",)).contrast([1, -1]))
    near = made(cases.rows("friendliness", [70.0, 69.0], se=1.0, ward=["P01", "P02"]), "mean", ("ward",))
    yield "two groups, not shown", compare(near.contrast([-1, 1]))
    strict = made(cases.rows("OV01", [0.5, 0.565], **waves), "proportion", ("wave",), answers=(4, 5)).pairwise()
    yield "not shown after adjustment", compare(strict.with_table(strict.table.assign(p_adjusted=0.2)))
    unknown = near.contrast([-1, 1])
    bare = unknown.table.assign(std_error=np.nan, conf_low=np.nan, conf_high=np.nan, p_value=np.nan)
    yield "two groups, no interval", compare(unknown.with_table(bare))
    for adjust in ("holm", "hochberg", "bonferroni", "bh", "max-t", "none"):
        compared = replace(near.pairwise(adjust), statistic="comparison")
        yield f"comparison, {adjust}", compare(compared)
    for title, low, high, p, judged in (
        ("equivalent", -5.0, 5.0, 0.003, "equivalent"),
        ("not shown to be equivalent", -2.0, 5.0, 0.24, "inconclusive"),
        ("equivalence cannot be judged", -5.0, 5.0, np.nan, "inconclusive"),
    ):
        found = {"margin_low": low, "margin_high": high, "p_equivalence_adjusted": p, "verdict": judged}
        ends = {"equivalence_low": -3.35, "equivalence_high": 1.35}
        yield title, compare(replace(compared, table=compared.table.assign(**found, **ends), adjust="holm"))
    cells = {"tier": [0, 0, 2, 2], "wave": [1, 2, 1, 2]}
    for title, x in (
        ("rose more", [68.5, 68.6, 67.7, 75.6]),
        ("rose less", [60.0, 70.0, 67.7, 69.0]),
        ("fell less", [68.5, 60.0, 67.7, 66.0]),
        ("fell more", [68.5, 67.0, 67.7, 58.0]),
        ("one rose, one fell", [68.5, 66.0, 67.7, 75.0]),
        ("one fell, one rose", [66.0, 68.5, 75.0, 67.7]),
        ("not shown", [68.5, 68.6, 67.7, 69.0]),
    ):
        table = made(cases.rows("friendliness", x, se=0.9, **cells), "mean", ("tier", "wave"))
        yield f"difference in differences, {title}", compare(table.contrast({"did": [1, -1, -1, 1]}))
    named = made(cases.rows("OV01", [0.4, 0.6], **waves), "proportion", ("wave",), answers=(4, 5))
    yield "a ratio", compare(named.contrast({"tỷ số / ratio": "`2` / `1`"}))
    x = 50 + 2.0 * np.arange(10)
    ten = made(cases.rows("friendliness", x, se=2.0, ward=WARDS), "mean", ("ward",))
    yield "ranking", ranking(ten)
    yield "ranking that cannot be made", ranking(near)
    yield "ranking by ranks", ranking(ten.ranks(critical=1.0))
    yield "ranking by ranks that cannot be made", ranking(near.ranks(critical=3.0))
    yield "a rank", describe(ten.ranks(critical=3.0), 3)
    several = pd.concat([cases.rows("FR02", 3.46, se=0.03), cases.rows("OV01", 3.9, se=0.03)], ignore_index=True)
    yield "ranking of items", ranking(made(several, "mean"))
    what = {"vi": "sự phục vụ của phường", "en": "the ward's service"}
    yield "ranking of items, with what they are about", ranking(made(several, "mean"), what=what)
    twice = [cases.rows(item, [x, x + 0.2], se=0.03, **waves) for item, x in (("FR02", 3.4), ("OV01", 3.9))]
    of_waves = made(pd.concat(twice, ignore_index=True), "mean", ("wave",))
    yield "ranking of items in several groups", ranking(of_waves)
    yield "ranking of items in several groups, with what they are about", ranking(of_waves, what=what)
    origin = made(
        cases.rows(
            "friendliness",
            x.repeat(2),
            se=2.0,
            ward=np.repeat(WARDS, 2),
            wave=[1, 2] * 10,
        ),
        "mean",
        ("ward", "wave"),
    )
    effect = pd.DataFrame(
        {
            "item": ["friendliness"],
            "estimate": 7.8,
            "std_error": 2.5,
            "p_value": 1 / 36,
            "p_floor": 1 / 36,
            "treated": 2,
            "units": 9,
            "assignments": 36,
            "as_large": 1,
        }
    )
    yield from _select_all(cases)
    yield from _tests(cases)
    yield from _breakdowns()
    yield "permutation", permutation(made(effect, "effect", origin=origin, behind=np.array([500.0])))
    less = effect.assign(estimate=-1.2, p_value=7 / 36, as_large=7)
    yield "permutation, lower", permutation(made(less, "effect", origin=origin, behind=np.array([500.0])))
    yield from _effects(effect.assign(conf_low=1.2, conf_high=15.1, mde=9.4, by_people=8.4), made, origin)


def _effects(effect: pd.DataFrame, made: Any, origin: Any) -> Iterator[tuple[str, Finding]]:
    """Effects on few units with their intervals, verdicts on several scores, and choices that flip a verdict."""
    people: Mapping[str, Any] = {"origin": origin, "behind": np.array([500.0])}
    yield "permutation, interval", permutation(made(effect, "effect", **people))
    without = effect.assign(conf_low=-np.inf, conf_high=np.inf, p_value=1 / 15, p_floor=1 / 15, units=6, assignments=15)
    yield "permutation, no interval", permutation(made(without, "effect", **people))
    many = effect.assign(assignments=10_000, p_value=1e-4, p_floor=1e-4, units=40, treated=20)
    drawn = made(many, "effect", **people)
    drawn = replace(drawn, notes=(Note("notes.permutation_sampled", n=9_999, seed=1),))
    yield "permutation, random ways", permutation(drawn)
    yield "effect by wards and by people", reconcile(made(effect, "effect", **people))
    yield "effect by wards and by people, same", reconcile(made(effect.assign(by_people=7.8), "effect", **people))
    several = pd.concat([effect, effect.assign(estimate=2.1, p_value=7 / 36)], ignore_index=True)
    for title, p, n in (
        ("verdicts", 1 / 36, 500.0),
        ("verdicts, all together", 0.001, 500.0),
        ("verdicts, one hidden", 1 / 36, 12.0),
    ):
        shown = several.assign(item=["friendliness", "transparency"], p_value=[p, 7 / 36], conf_low=-1.0, conf_high=9.0)
        yield title, verdicts(made(shown, "effect", origin=origin, behind=np.array([500.0, n])))
    named = {
        "main": {"vi": "Theo kế hoạch", "en": "As planned"},
        "quiet": {"vi": "Không có cán bộ nghe được", "en": "No official within earshot"},
        "plain": {"vi": "Không áp dụng quyền số", "en": "Unweighted"},
    }
    rows = pd.concat([effect.assign(specification=name) for name in named], ignore_index=True)
    for title, p in (("specifications", 1 / 36), ("specifications, flipped", 4 / 36)):
        e = made(
            rows.assign(p_value=[1 / 36, 1 / 36, p]),
            "specification",
            ("specification",),
            origin=origin,
            behind=np.full(3, 500.0),
        )
        yield title, specifications(replace(e, codebook=with_labels(e.codebook, named)))


def _tests(cases: Any) -> Iterator[tuple[str, Finding]]:
    """Tests, each of which shows something, does not, or cannot be made."""
    known: Mapping[str, Any] = {"codebook": book(cases), "simulated": False}
    verdicts = {"shown": (2.6, 0.012), "not shown": (0.9, 0.37), "cannot be judged": (np.nan, np.nan)}

    def line(statistic: float, p: float, **columns: Any) -> pd.DataFrame:
        values = {
            "item": "OV01",
            "estimate": 0.1,
            "std_error": np.nan,
            "statistic": statistic,
            "df": 28.0,
            "p_value": p,
        }
        return pd.DataFrame({**values, "n": 1512, **columns}, index=[0])

    for title, (statistic, p) in verdicts.items():
        several = {"with": "ward", "ddf": 88.8}
        e = line(statistic, p, test="F", cramers_v=0.12, **several)
        yield f"test of independence, {title}", verdict(cases.made(e, "independence", **known))
        e = line(statistic, p, test="kruskal", **several)
        yield f"rank test of several groups, {title}", verdict(cases.made(e, "rank_test_groups", **known))
    groups = cases.rows("OV01", [0.45, 0.55], se=0.02, tier=[0, 2])
    two = cases.made(groups, "mean", ("tier",), **known)
    rise = cases.made(
        cases.rows("friendliness", [60.0, 64.0, 68.0], se=1.0, wave=[1, 2, 3]), "mean", ("wave",), **known
    )
    score = cases.made(cases.rows("friendliness", [66.0], se=1.5), "mean", **known)
    shares = pd.concat([cases.rows(i, x, se=0.02) for i, x in (("OV01", 0.61), ("FR02", 0.55))], ignore_index=True)
    both = cases.made(shares, "proportion", answers=(4, 5), **known)
    for sign, which in ((1, "higher"), (-1, "lower")):
        for title, (t, p) in verdicts.items():
            if sign < 0 and title != "shown":
                continue
            named = f"{which}, shown" if title == "shown" else title
            t = sign * t
            e = line(t, p, test="wilcoxon", estimate=sign * 0.06, std_error=0.02, superiority=0.5 + sign * 0.06)
            one = cases.made(e.assign(contrast="2 − 0"), "rank_test", origin=two, **known)
            yield f"rank test, {named}", verdict(replace(one, contrast_matrix=np.array([[-1.0, 1.0]])))
            half = 1.5 if title == "shown" else 5.0 if title == "not shown" else np.nan
            ends = {"conf_low": sign * 4.0 - half, "conf_high": sign * 4.0 + half}
            e = line(t, p, item="friendliness", value=66.0 - 4 * sign, estimate=4.0 * sign, std_error=1.0, **ends)
            yield f"one mean, {named}", verdict(cases.made(e, "one_mean", origin=score, **known))
            e = line(t, p, item="friendliness", estimate=4.0 * sign, std_error=1.0, test="linear", **ends)
            e = e.assign(**{"with": "wave"}, p_departure=0.03 if title == "shown" else 0.4)
            yield f"trend, {named}", verdict(cases.made(e, "trend", origin=rise, **known))
            e = line(t, p, estimate=0.03 * sign, std_error=0.01, test="rank").assign(**{"with": "wave"})
            yield f"trend of ranks, {named}", verdict(cases.made(e, "rank_trend", **known))
            ends = {k: v / 100 for k, v in ends.items()}
            e = line(t, p, estimate=0.06 * sign, std_error=0.02, test="paired", **ends).assign(**{"with": "FR02"})
            one = cases.made(e, "gap", origin=both, **known)
            yield f"gap between items, {named}", verdict(replace(one, contrast_matrix=sign * np.array([[1.0, -1.0]])))


def _items_in_groups(cases: Any) -> Iterator[tuple[str, Finding]]:
    """Whether groups may be compared: on all items, on some, on none; of a score of the codebook or of a list."""
    kind = Variable("kind", "nominal", short={"vi": "Loại người trả lời", "en": "Kind of respondent"})
    score = Variable("friendliness_all", dimension="manner", scored=True, short={"vi": "Xin lỗi", "en": "Apologies"})
    named = book(cases)
    care = {"manner": {"vi": "Thân thiện", "en": "Friendliness"}}
    known = replace(named, dimensions={**named.dimensions, **care}).update(kind, score)
    rows = pd.concat(
        [cases.rows(i, x) for i, x in (("FR02", 0.012), ("TR08", 0.004), ("OV01", 0.052), ("EF01", np.nan))]
    )
    rows = rows.assign(p_value=0.5 + rows["estimate"])
    whole = {"statistic": "dif", "codebook": known, "group": ("kind",), "scale_name": "manner"}
    for title, chosen, flagged, more in (
        ("all items", [0, 1], (), {}),
        ("some items, and others that were not judged", [0, 1, 2, 3], ("OV01",), {}),
        ("no items", [2], ("OV01",), {}),
        ("all items of a list", [0, 1], (), {"scale_name": ""}),
        ("no items of a list", [2], ("OV01",), {"scale_name": ""}),
    ):
        made: dict[str, Any] = {**whole, **more, "flagged": flagged}
        e = Dif(rows.iloc[chosen].reset_index(drop=True), **made)
        yield f"groups that may be compared on {title}", comparability(e)


def _first(cases: Any) -> Iterator[tuple[str, Finding]]:
    """What is said before anything is estimated."""
    answers = Responses(pd.DataFrame({"q": [1.0, 2.0] * 617}))
    yield "rows received, none rejected", received(answers)
    yield "rows received, some rejected", received(answers.drop(where="q == 1", reason="a trial interview"))
    for finding in limits(Sample(answers, weights=None)):
        yield f"what a sample does not allow to say ({finding.id.removeprefix('limits_')})", finding


def _select_all(cases: Any) -> Iterator[tuple[str, Finding]]:
    """Options of a select-all question, and how many were chosen."""
    known = book(cases)
    options = {"counter": ("Bộ phận một cửa", "One-stop counter"), "phone": ("Điện thoại", "Phone")}
    known = known.update(
        Variable(
            "contact12",
            "binary",
            short={"vi": "Đã liên hệ phường", "en": "Contacted the ward"},
            labels={1: {"vi": "Có", "en": "Yes"}},
        ),
        *(Variable(n, "binary", text={"vi": vi, "en": en}) for n, (vi, en) in options.items()),
    )
    question = {"vi": "Ông/bà liên hệ phường qua kênh nào?", "en": "How did you contact the ward?"}
    for base in ("everyone", "contact12 == 1", "any chosen", ""):
        asked = MultipleSet("how", tuple(options), label=question, base=base)
        more = {"codebook": replace(known, sets={"how": asked}), "simulated": False}
        rows = pd.concat([cases.rows(n, x, se=0.02) for n, x in zip(options, (0.61, 0.34), strict=True)])
        e = cases.made(rows.reset_index(drop=True), "select_all", **more)
        yield f"option of a select-all question ({base or 'answered'})", describe(e, 0)
        if base == "everyone":
            yield "two options", compare(e.contrast([1, -1]))
            groups = cases.made(cases.rows("phone", [0.3, 0.42], se=0.02, wave=[1, 2]), "select_all", ("wave",), **more)
            yield "one option, two periods", compare(groups.contrast([-1, 1]))
            number = cases.made(
                cases.rows("how", [1.71, 1.9], se=0.02, wave=[1, 2]), "options_chosen", ("wave",), **more
            )
            yield "number of options chosen", describe(number, 0)
            yield "number of options chosen, change", compare(number.contrast([-1, 1]))


def page(examples: Iterable[tuple[str, Finding]]) -> str:
    """The examples as Markdown."""
    parts = [
        "# Sentences by example",
        "Every template of `narrative`, in both languages, with invented numbers. Read them aloud: whoever changes a "
        "template sets SURVEY_WRITE_EXAMPLES=1, runs the tests of this folder, looks at what changed in this file, "
        "and commits both.",
    ]
    for title, finding in examples:
        parts.append(f"**{title}**\n\n- {finding.vi}\n- {finding.en}".replace("\N{NO-BREAK SPACE}", " "))
    return "\n\n".join(parts) + "\n"

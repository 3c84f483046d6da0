"""Verdicts of tests, of equivalence and of ranks read back from their sentences, over random answers.

What is true is computed here from the answers, by scipy or by hand: simple random samples without weights.
"""

from __future__ import annotations

import re
import unicodedata
from typing import Any

import numpy as np
import pandas as pd
import pytest
from scipy import stats

import survey as sv
from survey import Codebook, Variable
from tests.exhibits.test_titles_read_back import close, folded
from tests.narrative.test_sentences_read_back import LANGS, MANNER, SCORE, SEEDS, p_holds
from tests.sentence_reader import NUMBER, VALUE, Claim, number

pytestmark = pytest.mark.sampled

AGE = {i: {"vi": f"Nhóm {i}", "en": f"Group {i}"} for i in range(4)}
WAITING = {"vi": "Thời gian", "en": "Waiting"}

_P = rf"p (?P<p_sign>=|<) (?P<p>{NUMBER})"
_T = rf"t\((?P<df>{NUMBER})\) = (?P<t>{NUMBER}); {_P}; n = (?P<n>{NUMBER})"
_F = rf"F\((?P<q>[\d.,]+); (?P<df>{NUMBER})\) = (?P<f>{NUMBER}); {_P}"
_F_EN = _F.replace("; (?P<df>", "[,;] (?P<df>", 1)
_CI = {
    "en": rf"95% confidence interval: (?P<low>{NUMBER}) to (?P<high>{NUMBER})",
    "vi": rf"khoảng tin cậy 95%: từ (?P<low>{NUMBER}) đến (?P<high>{NUMBER})",
}
_MEAN = {"en": "the mean of “{}”", "vi": "mức trung bình của “{}”"}
ONE, OTHER = ({k: _MEAN[k].format(name[k]) for k in LANGS} for name in (MANNER, WAITING))
SENTENCES: dict[str, dict[str, dict[str, str]]] = {
    "gap": {
        "en": {
            "higher": rf"among the same people, {ONE['en']} was (?P<d>{NUMBER}) points higher than {OTHER['en']}, "
            rf"(?P<x>{NUMBER}) against (?P<y>{NUMBER}) \({_CI['en']}; paired t test; {_T}\)",
            "lower": rf"among the same people, {ONE['en']} was (?P<d>{NUMBER}) points lower than {OTHER['en']}, "
            rf"(?P<x>{NUMBER}) against (?P<y>{NUMBER}) \({_CI['en']}; paired t test; {_T}\)",
            "not": rf"the data do not show a difference between {ONE['en']} \((?P<x>{NUMBER})\) and {OTHER['en']} "
            rf"\((?P<y>{NUMBER})\) among the same people: the estimated difference is (?P<d>{NUMBER}) points "
            rf"\({_CI['en']}, which includes zero; paired t test; {_T}\)",
        },
        "vi": {
            "higher": rf"xét cùng những người trả lời, {ONE['vi']} cao hơn {OTHER['vi']} (?P<d>{NUMBER}) điểm, "
            rf"(?P<x>{NUMBER}) so với (?P<y>{NUMBER}) \({_CI['vi']}; kiểm định t bắt cặp; {_T}\)",
            "lower": rf"xét cùng những người trả lời, {ONE['vi']} thấp hơn {OTHER['vi']} (?P<d>{NUMBER}) điểm, "
            rf"(?P<x>{NUMBER}) so với (?P<y>{NUMBER}) \({_CI['vi']}; kiểm định t bắt cặp; {_T}\)",
            "not": rf"xét cùng những người trả lời, chưa đủ bằng chứng để kết luận {ONE['vi']} \((?P<x>{NUMBER})\) "
            rf"khác {OTHER['vi']} \((?P<y>{NUMBER})\): chênh lệch ước tính (?P<d>{NUMBER}) điểm "
            rf"\({_CI['vi']}, có chứa 0; kiểm định t bắt cặp; {_T}\)",
        },
    },
    "trend": {
        "en": {
            "higher": rf"the “Manner” score rises with “Age”, by (?P<d>{NUMBER}) points per step "
            rf"\({_CI['en']}; test for linear trend; {_T}\)",
            "lower": rf"the “Manner” score falls with “Age”, by (?P<d>{NUMBER}) points per step "
            rf"\({_CI['en']}; test for linear trend; {_T}\)",
            "not": r"the data do not show a linear trend in the “Manner” score over “Age”: the estimated change per "
            rf"step is (?P<d>{NUMBER}) points \({_CI['en']}, which includes zero; test for linear trend; {_T}\)",
        },
        "vi": {
            "higher": rf"điểm “Thái độ” tăng theo “Tuổi”, mỗi bậc tăng (?P<d>{NUMBER}) điểm "
            rf"\({_CI['vi']}; kiểm định xu hướng tuyến tính; {_T}\)",
            "lower": rf"điểm “Thái độ” giảm theo “Tuổi”, mỗi bậc giảm (?P<d>{NUMBER}) điểm "
            rf"\({_CI['vi']}; kiểm định xu hướng tuyến tính; {_T}\)",
            "not": r"chưa đủ bằng chứng để kết luận điểm “Thái độ” có xu hướng tuyến tính theo “Tuổi”: thay đổi ước "
            rf"tính mỗi bậc (?P<d>{NUMBER}) điểm \({_CI['vi']}, có chứa 0; kiểm định xu hướng tuyến tính; {_T}\)",
        },
    },
    "independence": {
        "en": {
            "shown": rf"“Manner” and “Age” are associated \(Rao–Scott test, second order; {_F_EN}; "
            rf"Cramér’s V = (?P<v>{NUMBER}); n = (?P<n>{NUMBER})\)",
            "not": rf"the data do not show an association between “Manner” and “Age” \(Rao–Scott test, second order; "
            rf"{_F_EN}; Cramér’s V = (?P<v>{NUMBER}); n = (?P<n>{NUMBER})\)",
        },
        "vi": {
            "shown": rf"“Thái độ” và “Tuổi” có liên hệ với nhau \(kiểm định Rao–Scott bậc hai; {_F}; "
            rf"V của Cramér = (?P<v>{NUMBER}); n = (?P<n>{NUMBER})\)",
            "not": rf"chưa đủ bằng chứng để kết luận “Thái độ” và “Tuổi” có liên hệ với nhau "
            rf"\(kiểm định Rao–Scott bậc hai; {_F}; V của Cramér = (?P<v>{NUMBER}); n = (?P<n>{NUMBER})\)",
        },
    },
    "equivalence": {
        "en": {
            "same": rf"the two are equivalent within ±(?P<m>{NUMBER}) points \(two one-sided tests, 90% CI: "
            rf"(?P<low>{NUMBER})(?: to |–)(?P<high>{NUMBER}); {_P}, adjusted by Holm’s method\)",
            "not": rf"the data do not show that the two are equivalent within ±(?P<m>{NUMBER}) points \(two one-sided "
            rf"tests, 90% CI: (?P<low>{NUMBER})(?: to |–)(?P<high>{NUMBER}); {_P}, adjusted by Holm’s method\)",
        },
        "vi": {
            "same": rf"hai bên tương đương trong biên ±(?P<m>{NUMBER}) điểm \(hai kiểm định một phía, KTC 90%: "
            rf"(?P<low>{NUMBER})(?: đến |–)(?P<high>{NUMBER}); {_P}, hiệu chỉnh theo Holm\)",
            "not": rf"dữ liệu chưa cho thấy hai bên tương đương trong biên ±(?P<m>{NUMBER}) điểm \(hai kiểm định một "
            rf"phía, KTC 90%: (?P<low>{NUMBER})(?: đến |–)(?P<high>{NUMBER}); {_P}, hiệu chỉnh theo Holm\)",
        },
    },
    "ranks": {
        "en": {
            "ranks": rf"of (?P<k>\d+) groups, the “Manner” score is highest in (?P<hi>.+?), (?P<x>{VALUE}) points "
            rf"\(rank 1; 95% confidence interval: 1(?: to (?P<hi_high>\d+))?\) and lowest in (?P<lo>.+?), "
            rf"(?P<y>{VALUE}) points \(rank (?P<last>\d+); 95% confidence interval: (?P<lo_low>\d+)(?: to \d+)?\)"
            r"(?P<alike>; the two are not told apart, so they cannot be ranked)?"
            r"(?:; (?P<first>\d+) others? may be first as well)?(?:; (?P<end>\d+) others? may be last as well)?",
        },
        "vi": {
            "ranks": rf"trong (?P<k>\d+) nhóm, điểm “Thái độ” cao nhất ở (?P<hi>.+?), (?P<x>{VALUE}) điểm "
            rf"\(hạng 1; khoảng tin cậy 95%: (?:từ )?1(?: đến (?P<hi_high>\d+))?\) và thấp nhất ở (?P<lo>.+?), "
            rf"(?P<y>{VALUE}) điểm \(hạng (?P<last>\d+); khoảng tin cậy 95%: (?:từ )?(?P<lo_low>\d+)(?: đến \d+)?\)"
            r"(?P<alike>; chưa phân biệt được hai kết quả này nên chưa thể xếp hạng)?"
            r"(?:; (?P<first>\d+) nhóm khác cũng có thể đứng đầu)?(?:; (?P<end>\d+) nhóm khác cũng có thể đứng cuối)?",
        },
    },
}

BEFORE = {"equivalence": r"(?:.+\. )?"}
AFTER = {
    ("trend", "en"): rf"(?:; the groups depart from a straight line \(p (?:=|<) {NUMBER}\))?",
    ("trend", "vi"): rf"(?:; các nhóm lệch khỏi đường thẳng \(p (?:=|<) {NUMBER}\))?",
    ("ranks", "en"): r"(?:; in the first quarter whatever the rank: (?P<quarter>.+))?",
    ("ranks", "vi"): r"(?:; thuộc nhóm tứ phân đứng đầu ở mọi hạng có thể: (?P<quarter>.+))?",
}


def read(text: str, verb: str, lang: str) -> Claim:
    """What a sentence of a verb claims; of two sentences, the last."""
    said = unicodedata.normalize("NFC", text).replace("\N{NO-BREAK SPACE}", " ").rstrip(".").strip()
    for kind, pattern in SENTENCES[verb][lang].items():
        found = re.fullmatch(BEFORE.get(verb, "") + pattern + AFTER.get((verb, lang), ""), said, re.IGNORECASE)
        if found is not None:
            parts = {k: v for k, v in found.groupdict().items() if v is not None}
            words = {k: v for k, v in parts.items() if k in ("p_sign", "hi", "lo", "alike", "quarter")}
            return Claim(kind, words, {k: number(v, lang) for k, v in parts.items() if k not in words})
    raise AssertionError(f"{lang}: nobody taught the reader to read {text!r}")


def answers(seed: int, n: int = 400) -> pd.DataFrame:
    """Answers to two questions by the same people and a score, which move with age by much, little or not at all."""
    rng = np.random.default_rng(seed)
    age, shift = rng.integers(0, 4, n), float(rng.choice([-0.8, -0.1, 0.0, 0.1, 0.8]))
    own = rng.normal(size=n)
    cuts = [-1.2, -0.4, 0.4, 1.2]
    return pd.DataFrame(
        {
            "q": 1 + np.digitize(own + shift * (age - 1.5), cuts),
            "r": 1 + np.digitize(0.6 * own + rng.normal(shift, 0.8, n), cuts),
            "y": np.clip(50 + 6 * shift * age + rng.normal(0, 10, n), 0, 100),
            "age": age,
        }
    )


def sample_of(frame: pd.DataFrame) -> sv.Sample:
    steps = {i: {"vi": f"Mức {i}", "en": f"Step {i}"} for i in range(1, 6)}
    book = Codebook(
        {
            "y": SCORE,
            "q": Variable("q", "ordinal", short=MANNER, labels=steps, direction=1),
            "r": Variable("r", "ordinal", short=WAITING, labels=steps, direction=1),
            "age": Variable("age", "ordinal", short={"vi": "Tuổi", "en": "Age"}, labels=AGE),
        }
    )
    return sv.Sample(sv.Responses(frame, book), weights=None)


def direction(p: float, estimate: float) -> str:
    return "not" if p >= 0.05 else "higher" if estimate > 0 else "lower"


@pytest.mark.parametrize("seeds", SEEDS)
@pytest.mark.parametrize("lang", LANGS)
def test_a_gap_between_two_items(lang: str, seeds: range) -> None:
    """Student's paired test (scipy.stats.ttest_rel)."""
    kinds = set()
    for seed in seeds:
        frame = answers(seed)
        claim = read(sv.narrative.verdict(sample_of(frame).gap("q", "r")).text(lang), "gap", lang)
        true = stats.ttest_rel(frame["q"], frame["r"])
        gap, ends = float((frame["q"] - frame["r"]).mean()), true.confidence_interval(0.95)
        assert claim.kind == direction(true.pvalue, gap)
        kinds.add(claim.kind)
        p_holds(claim, float(true.pvalue))
        assert close(claim.numbers["t"], float(true.statistic))
        assert (claim.numbers["df"][0], claim.numbers["n"][0]) == (true.df, len(frame))
        assert close(claim.numbers["x"], frame["q"].mean()) and close(claim.numbers["y"], frame["r"].mean())
        shown_as(claim, gap, ends.low, ends.high)
    assert len(kinds) > 1


def shown_as(claim: Claim, estimate: float, low: float, high: float) -> None:
    """The size, and its interval: turned round where a fall is told without its sign."""
    sign = -1.0 if claim.kind == "lower" else 1.0
    ends = sorted((sign * low, sign * high))
    assert close(claim.numbers["d"], sign * estimate)
    assert close(claim.numbers["low"], ends[0]) and close(claim.numbers["high"], ends[1])


@pytest.mark.parametrize("seeds", SEEDS)
@pytest.mark.parametrize("lang", LANGS)
def test_a_trend_over_ordered_groups(lang: str, seeds: range) -> None:
    """Least squares on the step, its variance linearised (Fuller 1975): sums of squared x (y - a - b x)."""
    kinds = set()
    for seed in seeds:
        frame = answers(seed)
        claim = read(sv.narrative.verdict(sample_of(frame).trend("y", "age")).text(lang), "trend", lang)
        x, y, n = frame["age"] - frame["age"].mean(), frame["y"], len(frame)
        slope = float((x * y).sum() / (x**2).sum())
        rest = x * (y - y.mean() - slope * x)
        error = float(np.sqrt((rest**2).sum() * n / (n - 1)) / (x**2).sum())
        p, reach = 2 * float(stats.t.sf(abs(slope) / error, n - 2)), float(stats.t.ppf(0.975, n - 2)) * error
        assert claim.kind == direction(p, slope)
        kinds.add(claim.kind)
        p_holds(claim, p)
        assert close(claim.numbers["t"], slope / error)
        assert (claim.numbers["df"][0], claim.numbers["n"][0]) == (n - 2, n)
        shown_as(claim, slope, slope - reach, slope + reach)
    assert len(kinds) > 1


@pytest.mark.parametrize("seeds", SEEDS)
@pytest.mark.parametrize("lang", LANGS)
def test_an_association(lang: str, seeds: range) -> None:
    """Cramér's V without its bias (Bergsma 2013, J. Korean Stat. Soc. 42:323), and a p-value that belongs to its F."""
    kinds = set()
    for seed in seeds:
        frame = answers(seed)
        finding = sv.narrative.verdict(sample_of(frame).independence("q", "age"))
        claim = read(finding.text(lang), "independence", lang)
        kinds.add(claim.kind)
        counts = pd.crosstab(frame["q"], frame["age"]).to_numpy()
        rows, columns, rest = *counts.shape, len(frame) - 1
        phi = stats.contingency.association(
            counts, "pearson"
        )  # the coefficient of contingency, C: phi² = C² / (1 - C²)
        excess = max(0.0, phi**2 / (1 - phi**2) - (rows - 1) * (columns - 1) / rest)
        sides = (side - (side - 1) ** 2 / rest for side in counts.shape)
        assert close(claim.numbers["v"], float(np.sqrt(excess / (min(sides) - 1))))
        assert claim.numbers["n"][0] == len(frame)
        f, df = claim.numbers["f"][0], (claim.numbers["q"][0], claim.numbers["df"][0])
        p = claim.numbers["p"][0]
        # F is told to two decimals, its degrees of freedom to one or none
        near = sorted(
            float(stats.f.sf(f + step, df[0] + turn, df[1])) for step in (0.0051, -0.0051) for turn in (-0.06, 0.06)
        )
        if claim.names["p_sign"] == "<":
            assert near[0] < 0.001
        else:
            assert near[0] - 0.0005 <= p <= near[-1] + 0.0005
        # under simple random sampling Rao and Scott's test is close to Pearson's
        pearson = float(stats.chi2_contingency(counts, correction=False).pvalue)
        if not 0.03 < pearson < 0.08:
            assert claim.kind == ("shown" if pearson < 0.05 else "not")
    assert len(kinds) == 2


@pytest.mark.parametrize("seeds", SEEDS)
@pytest.mark.parametrize("lang", LANGS)
def test_equivalence(lang: str, seeds: range) -> None:
    """Two one-sided tests (Schuirmann 1987) of a difference of domain means, linearised (Cochran 1977, 5A.14)."""
    kinds = set()
    for seed in seeds:
        frame = answers(seed)
        frame["age"] = frame["age"] // 2
        y, n = frame["y"].to_numpy(), len(frame)
        one, other = (frame["age"].to_numpy() == v for v in (1, 0))
        gap = y[one].mean() - y[other].mean()
        parts = (((y[g] - y[g].mean()) ** 2).sum() / g.sum() ** 2 for g in (one, other))
        error, margin = float(np.sqrt(sum(parts) * n / (n - 1))), (3.0, 12.0)[seed % 2]
        finding = sv.narrative.compare(sample_of(frame).compare("y", by="age", margin=margin), 0)
        claim = read(finding.text(lang), "equivalence", lang)
        p = max(float(stats.t.sf((gap + margin) / error, n - 2)), float(stats.t.cdf((gap - margin) / error, n - 2)))
        reach = float(stats.t.ppf(0.95, n - 2)) * error
        kinds.add(claim.kind)
        assert claim.kind == ("same" if p < 0.05 else "not") and close(claim.numbers["m"], margin)
        p_holds(claim, p)
        assert close(claim.numbers["low"], gap - reach) and close(claim.numbers["high"], gap + reach)
    assert len(kinds) == 2


@pytest.mark.parametrize("seeds", SEEDS)
@pytest.mark.parametrize("lang", LANGS)
def test_ranks(lang: str, seeds: range) -> None:
    """Who is first and last, and whether the two are told apart; how many may stand there is the table's."""
    unsure = 0
    for seed in seeds:
        frame = answers(seed)
        means = frame.groupby("age")["y"].mean()
        ranks = sample_of(frame).mean("y", by="age").ranks()
        claim = read(sv.narrative.ranking(ranks).text(lang), "ranks", lang)
        assert folded(claim.names["hi"]) == folded(AGE[means.idxmax()][lang])
        assert folded(claim.names["lo"]) == folded(AGE[means.idxmin()][lang])
        assert close(claim.numbers["x"], means.max()) and close(claim.numbers["y"], means.min())
        assert (claim.numbers["k"][0], claim.numbers["last"][0]) == (4, 4)
        table: Any = ranks.table
        first = int((table["conf_low"] == 1).sum()) - 1
        last = int((table["conf_high"] == 4).sum()) - 1
        told = [int(claim.numbers.get(key, (0, 0))[0]) for key in ("first", "end")]
        ends = [frame.loc[frame["age"] == at, "y"] for at in (means.idxmax(), means.idxmin())]
        apart = (means.max() - means.min()) / np.sqrt(sum(y.var() / len(y) for y in ends))
        # 2.65 is what Holm's method asks of the largest of six differences
        assert apart < 2.9 if "alike" in claim.names else apart > 2.4
        assert told == ([0, 0] if "alike" in claim.names else [first, last])
        unsure += "alike" in claim.names or first > 0
    assert unsure

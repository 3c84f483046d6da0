"""What cannot be met says why: every proof is checked row by row here, and everything proposed is done and works."""

from __future__ import annotations

import copy
import pickle
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import linprog

import survey as sv
from examples import examples

Targets = dict[Any, Any]


@dataclass(frozen=True)
class Case:
    """Data, targets and how they are calibrated."""

    data: pd.DataFrame
    targets: Targets
    verb: str = "rake"
    options: dict[str, Any] = field(default_factory=dict)
    low: float = 0.0
    high: float = np.inf

    @property
    def sample(self) -> sv.Sample:
        return sv.Sample(self.data, weights="w")

    def run(self, sample: sv.Sample | None = None, targets: Targets | None = None, **options: Any) -> sv.Sample:
        verb: Callable[..., sv.Sample] = getattr(self.sample if sample is None else sample, self.verb)
        return verb(self.targets if targets is None else targets, **{**self.options, **options})

    def refused(self) -> sv.ConvergenceError:
        """The error, after which the sample is as it was."""
        sample = self.sample
        data, design = sample.data.copy(), sample.design
        with pytest.raises(sv.ConvergenceError) as caught:
            self.run(sample)
        pd.testing.assert_frame_equal(sample.data, data)
        assert sample.design == design and len(sample.responses.log) == 0
        assert isinstance(caught.value.explanation, sv.weighting.Explanation)
        return caught.value


# --- checking by hand -------------------------------------------------------------------------------------------------


def rows_of(data: pd.DataFrame, targets: Targets) -> dict[str, tuple[np.ndarray, float]]:
    """{label: (what each row adds, total)} of every target, from the data themselves."""
    found = {}
    for key, totals in targets.items():
        names = (key,) if isinstance(key, str) else key
        if not isinstance(totals, dict):
            found[f"sum of {key}"] = (data[key].to_numpy(float), float(totals))
            continue
        for category, total in totals.items():
            values = category if isinstance(category, tuple) else (category,)
            inside = np.logical_and.reduce([data[n].to_numpy() == v for n, v in zip(names, values, strict=True)])
            label = ", ".join(f"{n} = {v}" for n, v in zip(names, values, strict=True))
            found[label] = (inside.astype(float), float(total))
    return found


def proved(case: Case, proof: Any, targets: Targets | None = None) -> None:
    """The most that the combination can be with any allowed weights, over the rows: less than what is asked."""
    known = rows_of(case.data, case.targets if targets is None else targets)
    times = dict(zip(proof.labels, proof.multipliers, strict=True))
    assert set(times) == set(known)
    asked = sum(times[label] * total for label, (_, total) in known.items())
    value = sum(times[label] * row for label, (row, _) in known.items()) * case.data["w"].to_numpy()
    if "unit" in case.options:
        value = pd.Series(value).groupby(case.data[case.options["unit"]].to_numpy()).sum().to_numpy()
    value = np.where(np.abs(value) < 1e-7 * np.abs(value).max(initial=1e-9), 0.0, value)
    with np.errstate(invalid="ignore"):
        most = np.where(value > 0, value * case.high, np.where(value < 0, value * case.low, 0.0)).sum()
    assert proof.asked == pytest.approx(asked, rel=1e-7)
    assert proof.attainable == pytest.approx(most, rel=1e-7, abs=1e-7 * abs(asked))
    assert most < asked


def merged(case: Case, one: str, other: str) -> Case:
    """Two categories of a margin made one, in the data and in the targets."""
    for key, totals in case.targets.items():
        names = (key,) if isinstance(key, str) else key
        if not isinstance(totals, dict):
            continue
        by_label = {
            ", ".join(f"{n} = {v}" for n, v in zip(names, c if isinstance(c, tuple) else (c,), strict=True)): c
            for c in totals
        }
        if one in by_label and other in by_label:
            kept, gone = by_label[one], by_label[other]
            values = gone if isinstance(gone, tuple) else (gone,)
            inside = np.logical_and.reduce([case.data[n] == v for n, v in zip(names, values, strict=True)])
            data = case.data.copy()
            data.loc[inside, names[-1]] = kept[-1] if isinstance(kept, tuple) else kept
            joined = {c: t for c, t in totals.items() if c not in (kept, gone)} | {kept: totals[kept] + totals[gone]}
            return Case(data, {**case.targets, key: joined}, case.verb, case.options, case.low, case.high)
    raise AssertionError(f"no margin has {one} and {other}")


def done(case: Case, proposal: str) -> sv.Sample:
    """What a proposal says, done by hand; fails if the calibration still does."""
    if found := re.fullmatch("merge (.*) with (.*)", proposal):
        return merged(case, *found.groups()).run()
    if found := re.fullmatch("leave (?:the margin|the sum of) (.*) out", proposal):
        left = {k: t for k, t in case.targets.items() if (k if isinstance(k, str) else " x ".join(k)) != found[1]}
        assert len(left) == len(case.targets) - 1
        return case.run(targets=left)
    if found := re.fullmatch(
        r"scale the weights first: sample\.scale_weights\((.*?)\)(?:, then (.*) or wider)?", proposal
    ):
        sample = case.sample.scale_weights(float(found[1]))
        return case.run(sample, **({"bounds": bounds_in(found[2])} if found[2] else {}))
    if proposal.startswith("bounds="):
        return case.run(bounds=bounds_in(proposal))
    if proposal.startswith('method="raking"'):
        return case.run(method="raking")
    if proposal.startswith("give members of a household"):
        return case.run(unit=None)
    if found := re.fullmatch("tolerance=(.*), if this is rounding", proposal):
        return case.run(tolerance=float(found[1]))
    raise AssertionError(f"what does this mean: {proposal}")


def bounds_in(text: str) -> tuple[float, float]:
    low, high = re.findall(r"[\d.e+-]+", text.removeprefix("bounds="))
    return float(low), float(high)


def cells(**columns: list[Any]) -> pd.DataFrame:
    return pd.DataFrame(columns).assign(w=1.0)


def grid(*sizes: int, without: Callable[[pd.DataFrame], Any] | None = None, times: int = 1) -> pd.DataFrame:
    """Every combination of categories, some left out."""
    frame = pd.DataFrame(
        np.stack(np.unravel_index(np.arange(np.prod(sizes)), sizes), axis=1), columns=list("abcd")[: len(sizes)]
    )
    if without is not None:
        frame = frame[~without(frame)]
    return pd.concat([frame] * times, ignore_index=True).assign(w=1.0)


# --- the cases --------------------------------------------------------------------------------------------------------

CONFOUNDED = Case(
    cells(sex=["m", "f"] * 20, age=["old", "young"] * 20), {"sex": {"m": 10, "f": 30}, "age": {"old": 30, "young": 10}}
)
EMPTY = Case(
    cells(sex=["m", "m", "f"], age=["old", "young", "young"]),
    {"sex": {"m": 40, "f": 60}, "age": {"old": 50, "young": 50}},
)
EMPTY_CORNER = Case(
    grid(3, 4, without=lambda f: (f["a"] == 2) & (f["b"] == 3)),
    {"a": {0: 10, 1: 10, 2: 80}, "b": {0: 20, 1: 20, 2: 20, 3: 40}},
)
PARITY = Case(  # only a + b + c even: any two margins can be met, all three cannot
    grid(2, 2, 2, without=lambda f: (f["a"] + f["b"] + f["c"]) % 2 == 1), {v: {0: 10, 1: 90} for v in "abc"}
)
NUMBER = Case(cells(a=[0, 1] * 10, m=list(range(1, 6)) * 4), {"a": {0: 10, 1: 10}, "m": 200.0})
NUMBER_LINEAR = Case(NUMBER.data, NUMBER.targets, "calibrate")
ALL_ZERO = Case(cells(a=[0, 1] * 10, m=[0.0] * 20), {"a": {0: 10, 1: 10}, "m": 45.0})
HOUSEHOLDS = Case(
    cells(hh=[1, 1, 2, 2, 3, 3], sex=[0, 1] * 3, age=[0, 1, 0, 2, 1, 2]),
    {"sex": {0: 20, 1: 20}, "age": {0: 25, 1: 10, 2: 5}},
    options={"unit": "hh"},
)
COUPLES = Case(HOUSEHOLDS.data, {"sex": {0: 20, 1: 30}}, options={"unit": "hh"})
SIGNED = Case(CONFOUNDED.data, CONFOUNDED.targets, "calibrate", low=-np.inf)
INFEASIBLE = {
    "confounded": CONFOUNDED,
    "empty cell": EMPTY,
    "empty corner": EMPTY_CORNER,
    "three margins": PARITY,
    "sum of a number": NUMBER,
    "linear, sum of a number": NUMBER_LINEAR,
    "a number that is zero": ALL_ZERO,
    "households": HOUSEHOLDS,
    "couples": COUPLES,
    "linear, any sign": SIGNED,
}


@pytest.mark.parametrize("name", INFEASIBLE)
@pytest.mark.sampled
def test_the_proof_holds_for_every_row_by_hand(name: str) -> None:
    case = INFEASIBLE[name]
    found = case.refused().explanation
    assert found.possible is False
    proved(case, found.proof)


@pytest.mark.parametrize("name", INFEASIBLE)
@pytest.mark.sampled
def test_everything_proposed_works_when_it_is_done(name: str) -> None:
    case = INFEASIBLE[name]
    proposals = case.refused().explanation.proposals
    assert proposals
    for proposal in proposals:
        assert (done(case, proposal).weights > 0).all()


def test_confounded_margins_are_called_so_and_the_proof_is_two_categories() -> None:
    found = CONFOUNDED.refused().explanation
    assert "sex and age are confounded" in found.reason and "30 and 10" in found.reason
    assert np.count_nonzero(found.proof.multipliers) == 2
    assert (found.proof.asked, found.proof.attainable) == (20.0, 0.0)


def test_the_empty_cell_is_named() -> None:
    found = EMPTY.refused().explanation
    assert "there are no respondents in (sex = f, age = old)" in found.reason
    assert found.cells.to_dict("records") == [{"cell": "sex = f, age = old", "respondents": 0}]
    assert str(found.proof) == "(age = old) less (sex = m) is at most 0.0 with any weights; the targets make it 10.0"


def test_an_empty_corner_is_mended_by_a_neighbour() -> None:
    assert EMPTY_CORNER.refused().explanation.proposals[0] == "merge a = 1 with a = 2"


def test_a_contradiction_that_needs_three_margins_is_proved_by_three() -> None:
    found = PARITY.refused().explanation
    named = [label[0] for label, times in zip(found.proof.labels, found.proof.multipliers, strict=True) if times]
    assert set(named) == {"a", "b", "c"}
    assert "confounded" not in found.reason and len(found.cells) == 0
    for left in "abc":
        PARITY.run(targets={v: t for v, t in PARITY.targets.items() if v != left})


def test_a_sum_beyond_the_largest_value_reads_as_one_would_say_it() -> None:
    """20 people of at most 5 minutes have at most 100 minutes, not 200."""
    proof = NUMBER.refused().explanation.proof
    assert dict(zip(proof.labels, proof.multipliers, strict=True)) == pytest.approx(
        {"a = 0": -5, "a = 1": -5, "sum of m": 1}
    )
    assert proof.asked == pytest.approx(100) and proof.attainable == pytest.approx(0, abs=1e-9)
    assert "leave the sum of m out" in NUMBER.refused().explanation.proposals


def test_couples_of_one_man_and_one_woman_cannot_be_thirty_women_and_twenty_men() -> None:
    assert COUPLES.refused().explanation.proposals == ("give members of a household weights of their own (no unit=)",)


# --- weights that would have to be zero -------------------------------------------------------------------------------

BOUNDARY = {
    "two by two": Case(EMPTY.data, {"sex": {"m": 40, "f": 60}, "age": {"old": 40, "young": 60}}),
    "corner": Case(EMPTY_CORNER.data, {"a": {0: 10, 1: 10, 2: 80}, "b": {0: 20, 1: 30, 2: 30, 3: 20}}),
    "number at its least": Case(NUMBER.data, {"a": {0: 10, 1: 10}, "m": 20.0}),
    "household": Case(HOUSEHOLDS.data, {"sex": {0: 20, 1: 20}, "age": {0: 20, 1: 10, 2: 10}}, options={"unit": "hh"}),
    "raking by Newton": Case(
        EMPTY.data, {"sex": {"m": 40, "f": 60}, "age": {"old": 40, "young": 60}}, "calibrate", {"method": "raking"}
    ),
    "bounded from zero": Case(
        EMPTY.data.assign(w=30.0),
        {"sex": {"m": 40, "f": 60}, "age": {"old": 40, "young": 60}},
        "rake",
        {"bounds": (0, 3)},
        high=3,
    ),
}


@pytest.mark.parametrize("name", BOUNDARY)
@pytest.mark.sampled
def test_totals_that_hold_only_without_some_respondents_are_refused(name: str) -> None:
    """Raking comes as near to them as it likes, with weights of 1e-10: people left out without a word."""
    case = BOUNDARY[name]
    error = case.refused()
    assert "hold only with zero weight in" in str(error)
    assert error.explanation.proof is None and error.explanation.possible is False
    forced = forced_to_zero(case)
    assert error.explanation.cells["respondents"].sum() == forced.sum() > 0
    for proposal in error.explanation.proposals:
        assert done(case, proposal).weights.min() > 1e-6


def forced_to_zero(case: Case) -> np.ndarray:
    """Rows that can have no weight whatever the others have, by one linear programme a row."""
    known = rows_of(case.data, case.targets)
    x, totals = np.stack([row for row, _ in known.values()]), [total for _, total in known.values()]
    w = case.data["w"].to_numpy()
    if "unit" in case.options:
        members = pd.get_dummies(case.data[case.options["unit"]]).to_numpy(float)
        x, w = x @ members, members.T @ w / members.sum(axis=0)
    most = []
    for i in range(x.shape[1]):
        cost = -np.eye(x.shape[1])[i]
        most.append(-linprog(cost, A_eq=x, b_eq=totals, bounds=[(0, case.high * v) for v in w]).fun)
    zero = np.array(most) < 1e-9
    return members @ zero if "unit" in case.options else zero


def test_the_cells_that_would_be_zero_are_named_with_their_numbers_and_households() -> None:
    assert BOUNDARY["two by two"].refused().explanation.cells["cell"].tolist() == ["sex = m, age = young"]
    named = BOUNDARY["number at its least"].refused().explanation.cells["cell"].tolist()
    assert named == [f"a = {a}, m = {m}" for a in (0, 1) for m in (2, 3, 4, 5)]
    assert BOUNDARY["household"].refused().explanation.cells["cell"].tolist() == ["hh = 3"]


def test_a_small_weight_that_the_targets_ask_for_is_no_zero() -> None:
    """A group of one in a million keeps its one."""
    s = sv.Sample(cells(a=[0, 1] * 5, b=[0, 0, 1, 1, 0] * 2), weights="w")
    w = s.rake({"a": {0: 1, 1: 1e9}, "b": {0: 5e8, 1: 5e8 + 1}}).weights
    assert w[s.data["a"] == 0].sum() == pytest.approx(1)
    w = s.calibrate({"a": {0: 1, 1: 1e9}}, method="raking").weights
    assert w[s.data["a"] == 0].sum() == pytest.approx(1)


# --- bounds -----------------------------------------------------------------------------------------------------------


def tight(verb: str = "rake", **options: Any) -> Case:
    low, high = options["bounds"]
    data = cells(a=[0, 1, 1] * 10, b=[0, 0, 1] * 10)
    return Case(data, {"a": {0: 20, 1: 10}, "b": {0: 25, 1: 5}}, verb, options, low, high)


@pytest.mark.parametrize(
    "case",
    [
        tight(bounds=(0.7, 1.5)),  # factors are 2, 1/2 and 1/2: both bounds are in the way
        tight(bounds=(0.3, 1.5)),
        tight(bounds=(0.7, 4)),
        tight("calibrate", method="logit", bounds=(0.3, 1.5)),
        tight("calibrate", method="linear", bounds=(0.7, 1.5)),
        tight("calibrate", method="raking", bounds=(0, 1.9)),
    ],
    ids=str,
)
@pytest.mark.sampled
def test_proposed_bounds_work_and_are_nearly_the_least_that_do(case: Case) -> None:
    error = case.refused()
    found = error.explanation
    assert "leave no room" in str(error) and found.bounds is not None
    proved(case, found.proof)
    low, high = found.bounds
    factors = case.run(bounds=(low, high)).weights
    assert factors.min() >= low - 1e-12 and factors.max() <= high + 1e-12
    # the two weights before are determined: 2 and 1/2
    given_low, given_high = case.options["bounds"]
    assert low == given_low if given_low <= 0.5 else 0.48 <= low <= 0.5
    assert high == given_high if given_high >= 2 else 2 <= high <= 2.05
    assert f"bounds=({low:g}, {high:g}) or wider" in str(error)


def scaled(bounds: tuple[float, float], times: float, verb: str = "rake", **options: Any) -> Case:
    data = cells(a=[0, 1, 1] * 10, b=[0, 0, 1] * 10)
    targets = {"a": {0: 10 * times, 1: 20 * times}, "b": {0: 20.5 * times, 1: 9.5 * times}}
    return Case(data, targets, verb, {"bounds": bounds, **options}, *bounds)


@pytest.mark.parametrize(
    "case",
    [
        scaled((0.7, 1.5), 100),
        scaled((0.97, 1.02), 100),  # too tight after scaling too
        scaled((0.7, 1.5), 100, "calibrate", method="logit"),
        scaled((0.7, 1.5), 0.01),
        scaled((0.7, 1.5), 1e6, "calibrate"),
    ],
    ids=str,
)
@pytest.mark.sampled
def test_bounds_on_weights_of_another_scale_than_the_population_say_to_scale_first(case: Case) -> None:
    error = case.refused()
    found = error.explanation
    proved(case, found.proof)
    assert "the weights add up to 30 and the population is" in found.reason
    assert found.proposals[0].startswith("scale the weights first: sample.scale_weights(")
    assert found.bounds is None  # bounds of a thousand mend nothing
    for proposal in found.proposals:
        done(case, proposal)


# --- negative weights -------------------------------------------------------------------------------------------------

STEEP = cells(a=[0] * 10 + [1] * 10, b=[0] * 9 + [1] + [0] * 2 + [1] * 8)


@pytest.mark.parametrize(
    "case",
    [
        Case(STEEP, {"a": {0: 10, 1: 100}, "b": {0: 100, 1: 10}}, "calibrate"),
        Case(STEEP, {"a": {0: 6, 1: 14}, "b": {0: 16, 1: 4}}, "calibrate"),
        Case(NUMBER.data, {"a": {0: 10, 1: 10}, "m": 95.0}, "calibrate"),
    ],
    ids=["steep", "of the scale of the weights", "number"],
)
def test_negative_weights_of_linear_calibration_say_what_has_none(case: Case) -> None:
    error = case.refused()
    assert "weights that are not positive" in str(error)
    greg = linear_by_hand(case)
    assert f"rows {', '.join(map(str, np.flatnonzero(greg <= 0)[:8]))}" in str(error)
    assert f"{greg.min():.3g}" in str(error)
    for proposal in error.explanation.proposals:
        assert (done(case, proposal).weights > 0).all()
    assert error.explanation.proposals[0].startswith('method="raking"')


def linear_by_hand(case: Case) -> np.ndarray:
    """d (1 + x' B) with the totals' gap regressed on x (Deville & Sarndal 1992)."""
    known = rows_of(case.data, case.targets)
    x = np.stack([row for row, _ in known.values()], axis=1)
    d = case.data["w"].to_numpy()
    gap = np.array([total for _, total in known.values()]) - d @ x
    return d * (1 + x @ (np.linalg.pinv(x.T @ (x * d[:, None])) @ gap))


def test_negative_weights_where_no_positive_ones_exist_do_not_send_people_to_raking() -> None:
    error = NUMBER_LINEAR.refused()
    assert "weights that are not positive" in str(error) and "raking" not in str(error)


# --- groups with a population of their own ----------------------------------------------------------------------------


def waves(hole: bool = True) -> Case:
    """Three waves; in 2024 no man is old, yet the old outnumber the women."""
    frame = pd.concat([grid(2, 3, times=4).assign(wave=wave) for wave in (2023, 2024, 2025)], ignore_index=True)
    if hole:
        frame = frame[~((frame["wave"] == 2024) & (frame["a"] == 0) & (frame["b"] == 2))].reset_index(drop=True)
    a = {(wave, i): 50.0 for wave in (2023, 2024, 2025) for i in (0, 1)}
    b = {(wave, i): t for wave in (2023, 2024, 2025) for i, t in enumerate((20.0, 20.0, 60.0))}
    return Case(frame, {("wave", "a"): a, ("wave", "b"): b}, options={"within": "wave"})


@pytest.mark.parametrize("verb", ["rake", "calibrate"])
def test_within_groups_the_proof_is_short_and_of_the_failing_wave_alone(verb: str) -> None:
    case = waves()
    case = Case(
        case.data, case.targets, verb, {**case.options, **({"method": "raking"} if verb == "calibrate" else {})}
    )
    error = case.refused()
    proof = error.explanation.proof
    proved(case, proof)
    named = [label for label, times in zip(proof.labels, proof.multipliers, strict=True) if times]
    assert sorted(named) == ["wave = 2024, a = 1", "wave = 2024, b = 2"]
    assert "there are no respondents in (wave = 2024, a = 0, b = 2)" in str(error)
    assert "2023" not in str(error) and "2025" not in str(error)
    for proposal in error.explanation.proposals:
        done(case, proposal)
    waves(hole=False).run()


def test_without_within_crossed_margins_give_the_same_proof() -> None:
    case = Case(waves().data, waves().targets)
    assert str(case.refused().explanation.proof) == str(waves().refused().explanation.proof)


def test_confounded_in_one_wave_only() -> None:
    frame = pd.concat(
        [
            pd.DataFrame({"wave": 1, "a": [0, 1, 0, 1], "b": [0, 0, 1, 1]}),
            pd.DataFrame({"wave": 2, "a": [0, 1], "b": [0, 1]}),
        ],
        ignore_index=True,
    ).assign(w=1.0)
    a = {(w, i): 50.0 for w in (1, 2) for i in (0, 1)}
    b = {(w, i): t for w in (1, 2) for i, t in enumerate((40.0, 60.0))}
    case = Case(frame, {("wave", "a"): a, ("wave", "b"): b}, options={"within": "wave"})
    found = case.refused().explanation
    assert "confounded" in found.reason and "wave = 2" in found.reason and "wave = 1" not in found.reason
    proved(case, found.proof)


def test_nested_margins_that_differ_by_rounding_are_told_apart_from_too_few_iterations() -> None:
    """District totals rounded to hundreds and their wards': both margins cannot hold to 1e-10, and are near enough."""
    frame = cells(ward=list(range(30)) * 2, district=[i // 3 for i in range(30)] * 2)
    ward = {i: 10_000.0 + 37 * i for i in range(30)}
    district = {j: sum(ward[3 * j + i] for i in range(3)) for j in range(10)}
    district[0] += 0.01
    district[1] -= 0.01
    case = Case(frame, {"ward": ward, "district": district})
    error = case.refused()
    assert "ward and district are confounded" in str(error) and "iterations (max" not in str(error)
    assert "30,111 and 30,111.01" in str(error)
    for proposal in error.explanation.proposals:
        done(case, proposal)


# --- how it reads, and where it goes ----------------------------------------------------------------------------------


@pytest.mark.parametrize("name", [*INFEASIBLE, *BOUNDARY])
@pytest.mark.sampled
def test_the_error_tells_what_where_got_expected_and_how_to_mend_it(name: str) -> None:
    error = (INFEASIBLE | BOUNDARY)[name].refused()
    lines = str(error).splitlines()
    assert [line.split(":")[0].strip() for line in lines[1:]] == ["where", "got", "expected", "fix"]
    assert all(line.split(":", 1)[1].strip() for line in lines[1:])
    assert "nan" not in str(error) and "np.float64" not in str(error) and "inf" not in str(error)


def test_gaps_are_shown_the_largest_first_with_digits_that_differ() -> None:
    with pytest.raises(sv.ConvergenceError) as caught:
        sv.Sample(grid(2, 2, times=3).assign(w=np.arange(1.0, 13)), weights="w").rake(
            {"a": {0: 40, 1: 60}, "b": {0: 70, 1: 30}}, max_iterations=1, tolerance=1e-12
        )
    pairs = re.findall(r"[ab] = \d: ([\d.,]+) for ([\d.,]+)", str(caught.value.got))
    assert pairs and all(a != b for a, b in pairs)
    assert caught.value.explanation.possible is True
    assert "max_iterations=1000" in str(caught.value.fix)


@pytest.mark.parametrize(
    "send", [lambda e: pickle.loads(pickle.dumps(e)), copy.copy, copy.deepcopy], ids=["pickle", "copy", "deepcopy"]
)
def test_the_explanation_survives_a_process_boundary(send: Callable[[Any], Any]) -> None:
    error = EMPTY.refused()
    other = send(error)
    assert str(other) == str(error) and type(other) is sv.ConvergenceError
    assert other.explanation.reason == error.explanation.reason
    assert other.explanation.proposals == error.explanation.proposals
    np.testing.assert_array_equal(other.explanation.proof.multipliers, error.explanation.proof.multipliers)
    pd.testing.assert_frame_equal(other.explanation.cells, error.explanation.cells)


def test_more_cells_than_can_be_looked_at_are_said_to_be_so() -> None:
    n = 21_000
    frame = pd.DataFrame({"hh": np.arange(n), "a": np.arange(n) % 2, "b": np.arange(n) % 2, "w": 1.0})
    error = Case(frame, {"a": {0: 1, 1: 2}, "b": {0: 2, 1: 1}}, options={"unit": "hh", "max_iterations": 5}).refused()
    assert error.explanation.possible is None and "21,000 cells" in str(error)


# --- properties -------------------------------------------------------------------------------------------------------


@st.composite
def problems(draw: st.DrawFn) -> Case:
    """Two or three margins with holes, and targets that may or may not be met."""
    sizes = draw(st.lists(st.integers(2, 4), min_size=2, max_size=3))
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    frame = grid(*sizes)
    frame = frame[rng.random(len(frame)) < draw(st.sampled_from([0.4, 0.6, 0.9]))].reset_index(drop=True)
    if len(frame) < 2:
        frame = grid(*sizes)
    frame["w"] = rng.uniform(0.5, 2, len(frame))
    targets = {}
    for v in list("abcd")[: len(sizes)]:
        there = sorted(frame[v].unique())
        part = rng.dirichlet(np.ones(len(there)) * draw(st.sampled_from([1.0, 20.0])))
        targets[v] = {int(c): float(t) for c, t in zip(there, 100 * part, strict=True)}
    return Case(frame, targets)


def possible(case: Case) -> float:
    """The largest share of every starting weight that weights meeting the totals can keep: negative if none exist."""
    known = rows_of(case.data, case.targets)
    x, totals = np.stack([row for row, _ in known.values()]), np.array([total for _, total in known.values()])
    d = case.data["w"].to_numpy() * totals[: len(case.targets["a"])].sum() / case.data["w"].sum()
    system = np.column_stack([x, x @ d])
    cost = np.append(np.zeros(len(d)), -1.0)
    solved = linprog(cost, A_eq=system, b_eq=totals, bounds=[*[(0, None)] * len(d), (-1e3, None)])
    return float(solved.x[-1]) if solved.status == 0 else -np.inf


@pytest.mark.slow
@settings(max_examples=examples(60), deadline=None)
@given(problems())
def test_weights_are_found_wherever_they_exist_and_a_proof_wherever_they_do_not(case: Case) -> None:
    room = possible(case)
    if room > 1e-4:
        w = case.run(max_iterations=5000).weights
        for row, total in rows_of(case.data, case.targets).values():
            assert w @ row == pytest.approx(total, rel=1e-9)
    elif room < -1e-4:
        found = case.refused().explanation
        proved(case, found.proof)
        for proposal in found.proposals:
            done(case, proposal)


@pytest.mark.slow
@settings(max_examples=examples(40), deadline=None)
@given(problems(), st.sampled_from(["rake", "logit", "linear"]), st.floats(0.3, 0.95), st.floats(1.05, 3))
def test_bounds_that_are_proposed_work_wherever_they_are_proposed(
    case: Case, how: str, low: float, high: float
) -> None:
    case = Case(
        case.data.assign(w=lambda d: d["w"] * 100 / d["w"].sum()),
        case.targets,
        "rake" if how == "rake" else "calibrate",
        {"bounds": (low, high), **({} if how == "rake" else {"method": how})},
        low,
        high,
    )
    try:
        w = case.run(max_iterations=1000).weights / case.data["w"]
    except sv.ConvergenceError as error:
        found = error.explanation
        if found.proof is not None:
            proved(case, found.proof)
        if found.bounds is not None:
            factors = case.run(bounds=found.bounds, max_iterations=1000).weights / case.data["w"]
            assert factors.min() >= found.bounds[0] - 1e-9 and factors.max() <= found.bounds[1] + 1e-9
        for proposal in found.proposals:
            done(case, proposal)
        assert not found.possible
    else:
        assert w.min() >= low - 1e-9 and w.max() <= high + 1e-9

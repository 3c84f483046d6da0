"""One effect under declared choices: each row is the effect of its choice alone, and verdicts follow a rule."""

from __future__ import annotations

import re
from typing import Any

import numpy as np
import pandas as pd
import pytest

import survey as sv
from compare.wards import ASKED, city, effect, sample
from survey.core.effect_verdict import effect_verdict

CHANGES = {"A": 9.0, "B": 7.0, "C": 1.0, "D": 0.0, "E": 2.0, "F": -1.0, "G": 0.5}
TREATED = "ward in ['A', 'B']"
SAME = ["estimate", "conf_low", "conf_high", "p_value", "p_floor", "units", "assignments"]


def people() -> pd.DataFrame:
    """Forty a ward and wave; every fourth overheard and more content afterwards; another score and other weights."""
    frame = city(CHANGES, people=40)
    number = frame.groupby(["ward", "wave"]).cumcount()
    frame["overheard"] = (number % 4 == 0).astype(int)
    frame["y"] += 6 * frame["overheard"] * (frame["wave"] == 2) * (frame["ward"] == "C")
    frame["z"] = frame["y"] - 3 * (frame["ward"] == "A") * (frame["wave"] == 2)
    return frame.assign(w2=1.0 + (number % 3))


CHOICES: dict[str, dict[str, Any]] = {
    "quiet": {"where": "overheard == 0", "label": {"en": "Not overheard", "vi": "Không bị nghe"}},
    "few": {"domain": "ward not in ['F', 'G']", "label": "Five wards"},
    "other": {"items": {"y": "z"}},
    "weighted": {"weights": "w2"},
    "plain": {"weights": None},
}


def table(**options: Any) -> Any:
    return sample(people()).specifications("y", TREATED, **ASKED, choices=CHOICES, **options)


def test_each_row_is_the_effect_that_its_choice_alone_would_give() -> None:
    frame = people()
    by_hand = {
        "main": sample(frame).effect("y", TREATED, **ASKED),
        "quiet": sample(frame[frame["overheard"] == 0]).effect("y", TREATED, **ASKED),
        "few": sample(frame[frame["ward"] < "F"]).effect("y", TREATED, **ASKED),
        "other": sample(frame).effect("z", TREATED, **ASKED),
        "weighted": sv.Sample(frame, weights="w2").effect("y", TREATED, **ASKED),
        "plain": sv.Sample(frame, weights=None).effect("y", TREATED, **ASKED),
    }
    got = table().table.set_index("specification")
    assert got.index.tolist() == list(by_hand)
    for name, e in by_hand.items():
        np.testing.assert_allclose(got.loc[name, SAME].astype(float), e.table[SAME].iloc[0].astype(float), atol=1e-9)
    # by hand: 8 less the mean of 1 + 6/4, 0, 2, -1, 0.5; without the overheard less that of 1, 0, 2, -1, 0.5
    assert got.loc["main", "estimate"] == pytest.approx(8 - 4 / 5)
    assert got.loc["quiet", "estimate"] == pytest.approx(8 - 2.5 / 5)
    assert got.loc["other", "estimate"] == pytest.approx(6.5 - 4 / 5)


def test_the_choices_that_flip_the_verdict_are_named() -> None:
    """Among five wards p cannot be below 1/10: the verdict as planned (p = 1/21) is lost there, and only there."""
    told = sv.narrative.specifications(table())
    assert "(probably yes) changes in 1 of 5 other specifications: “Five wards” (cannot be told)" in told.en
    assert "(nhiều khả năng có) thay đổi ở 1 trong 5 cách tính khác" in told.vi
    assert told.numbers["flips"] == 1 and told.numbers["others"] == 5
    held = sample(people()).specifications("y", TREATED, **ASKED, choices={"quiet": CHOICES["quiet"]})
    assert "holds in the other specification" in sv.narrative.specifications(held).en


def test_choices_are_combined_unless_they_change_the_same_thing() -> None:
    """Of quiet, weighted and plain: three alone, quiet with each of the two weights; never both weights."""
    chosen = {k: CHOICES[k] for k in ("quiet", "weighted", "plain")}
    e = sample(people()).specifications("y", TREATED, **ASKED, choices=chosen, combine="all")
    names = e.table["specification"].tolist()
    assert names == ["main", "quiet", "weighted", "plain", "quiet + weighted", "quiet + plain"]
    both = sv.Sample(people().query("overheard == 0"), weights="w2").effect("y", TREATED, **ASKED)
    assert e.table["estimate"].iloc[4] == pytest.approx(both.table["estimate"].item())
    drawn = sv.figures.specifications(e, lang="en", sort=True)
    said = [t.get_text() for t in drawn.figure().texts]
    assert said.count("●") == 7 and {"1 + 2", "1 + 3", "As planned"} <= set(said)
    assert "Choices: 1 Not overheard; 2 weighted; 3 plain" in " ".join(drawn.notes)


def test_several_items_and_verbs_that_make_another_score() -> None:
    frame = people()
    choice = {
        "doubled": {"verbs": lambda r: r.derive("twice", "2 * y"), "items": {"y": "twice"}},
        "quiet": {"where": "overheard == 0"},
    }
    e = sample(frame).specifications(["y", "z"], TREATED, **ASKED, choices=choice)
    assert e.table["item"].tolist() == ["y", "y", "y", "z", "z"]  # z has no other score
    assert e.table["estimate"].iloc[1] == pytest.approx(2 * e.table["estimate"].iloc[0])
    with pytest.raises(sv.EstimationError, match="exactly one item"):
        sv.narrative.specifications(e)
    assert "z" in sv.narrative.specifications(e, "z").en


def scored() -> tuple[pd.DataFrame, sv.Sample]:
    """Three items of a score, of which a third of the answers to the last are missing, more so in one ward."""
    frame = people()
    number = frame.groupby(["ward", "wave"]).cumcount()
    low = frame["y"].min()
    for k in range(3):
        frame[f"i{k}"] = np.clip(np.round((frame["y"] - low) / 8 + (number * (k + 3)) % 5 / 2), 0, 9) % 5 + 1
    frame.loc[(number % 3 == 0) | ((frame["ward"] == "A") & (number % 2 == 0)), "i2"] = np.nan
    steps = {i: {"en": str(i), "vi": str(i)} for i in range(1, 6)}
    items = {
        f"i{k}": sv.Variable(f"i{k}", "ordinal", labels=steps, direction=1, dimension="care", scored=True)
        for k in range(3)
    }
    book = sv.Codebook(items, {"care": {"en": "Care", "vi": "Chăm sóc"}})
    return frame, sv.Sample(sv.Responses(frame, book).score("care", min_answered=1 / 3), weights=None)


def test_scores_are_computed_again_as_a_choice_says() -> None:
    """Means of the items on 0-100 by pandas; whoever left out the last one has no score where all are asked for."""
    frame, responses = scored()
    points = (frame[["i0", "i1", "i2"]] - 1) * 25
    by_hand = {
        "strict": points.mean(axis=1).where(points.notna().all(axis=1)),
        "two": points[["i0", "i1"]].mean(axis=1),
        "strict + two": points[["i0", "i1"]].mean(axis=1),
    }
    choices = {"strict": {"min_answered": 1}, "two": {"without": "i2"}}
    e = responses.specifications("care", TREATED, **ASKED, choices=choices, combine="all")
    got = e.table.set_index("specification")
    assert got.index.tolist() == ["main", *by_hand]
    for name, score in by_hand.items():
        alone = sv.Sample(frame.assign(care=score), weights=None).effect("care", TREATED, **ASKED)
        np.testing.assert_allclose(got.loc[name, SAME].astype(float), alone.table[SAME].iloc[0].astype(float))
    both = responses.specifications(["care", "y"], TREATED, **ASKED, choices=choices)
    assert both.table["item"].tolist() == ["care"] * 3 + ["y"]  # y is no score


@pytest.mark.parametrize(
    ("choice", "message", "advice"),
    [
        ({"where": "overhear == 0"}, "no column 'overhear'", "overheard"),
        ({"weights": "w22"}, "names weights", "w2"),
        ({"items": {"y": "zz"}}, "data do not have", "'z'|z"),
        ({"without": "i22"}, "in no score", "i2"),
        ({"wher": "overheard == 0"}, "something unknown", "where"),
        ({"min_answered": 2}, "out of range", None),
        ({"without": ["i0", "i1", "i2"]}, "every item of a score", None),
    ],
)
def test_what_is_misspelt_is_named_with_what_is_near(choice: dict[str, Any], message: str, advice: str | None) -> None:
    _, responses = scored()
    with pytest.raises(sv.EstimationError, match=message) as caught:
        responses.specifications("care", TREATED, **ASKED, choices={"odd one": choice})
    assert "odd one" in str(caught.value.where)
    if advice is not None:
        assert re.search(rf"did you mean .*({advice})", str(caught.value.fix))


def test_scores_cannot_be_computed_again_for_an_outcome_that_is_none() -> None:
    with pytest.raises(sv.EstimationError, match="no outcome is a score"):
        sample(people()).specifications("y", TREATED, **ASKED, choices={"strict": {"min_answered": 0.9}})


def test_a_result_says_when_its_choices_were_declared() -> None:
    choices = {k: {**CHOICES[k], "declared": "before"} for k in ("quiet", "few")}
    asked = {**ASKED, "choices": choices}
    assert "the choices: before" in sample(people()).specifications("y", TREATED, **asked).notes
    choices["other"] = {**CHOICES["other"], "declared": "afterwards"}
    notes = sample(people()).specifications("y", TREATED, **asked).notes
    assert {"Not overheard; Five wards: before", "other: afterwards"} <= set(notes)


@pytest.mark.parametrize(
    ("choices", "message"),
    [
        ({}, "no choices"),
        ({"a": "overheard == 0"}, "must say what it changes"),
        ({"a": {"wher": "overheard == 0"}}, "something unknown"),
        ({"a": {"label": "A"}}, "changes nothing"),
        ({"main": {"weights": None}}, "name of its own"),
        ({"a": {"where": "ward == 'A'"}}, "cannot be estimated under a choice"),
        ({"a": {"items": {"v": "z"}}}, "data do not have"),
        ({"a": {"verbs": lambda r: r.drop(where="ward == 'A'", reason="x")}}, "same rows"),
    ],
)
def test_choices_that_say_nothing_are_refused_by_name(choices: dict[str, Any], message: str) -> None:
    with pytest.raises(sv.EstimationError, match=message):
        sample(people()).specifications("y", TREATED, **ASKED, choices=choices)


def test_too_many_combinations_are_refused() -> None:
    many = {f"c{i}": {"where": f"y > {i}"} for i in range(7)}
    with pytest.raises(sv.EstimationError, match="too many specifications"):
        sample(people()).specifications("y", TREATED, **ASKED, choices=many, combine="all")


# --- verdicts ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("estimate", "p", "low", "high", "mde", "margin", "verdict"),
    [
        (5, 0.05, 0.1, 9, 8, np.nan, "higher"),
        (-5, 0.01, -9, -1, 8, np.nan, "lower"),
        (5, 0.051, -0.1, 9, 8, np.nan, "unclear"),
        (0.1, 0.9, -1, 1, 0.5, np.nan, "unclear"),  # without a margin nothing is "no sign"
        (0.1, 0.9, -1, 1, 3, 1.5, "no_sign"),  # the interval lies within the margin
        (0.1, 0.9, -4, 4, 1.2, 1.5, "no_sign"),  # such an effect would have been found
        (0.1, 0.9, -4, 4, 3, 1.5, "unclear"),
        (0.1, 1.0, -np.inf, np.inf, np.nan, 1.5, "unclear"),  # units are too few
        (np.nan, np.nan, np.nan, np.nan, np.nan, 1, "unknown"),
    ],
)
def test_the_rule_of_verdicts(
    estimate: float, p: float, low: float, high: float, mde: float, margin: float, verdict: str
) -> None:
    assert effect_verdict(estimate, p, low, high, mde, margin, 0.05) == verdict


def test_one_line_tells_each_score_and_what_is_left_of_all_together() -> None:
    """p = 1/21 and 1/21 alone; Holm doubles the first to 0.095."""
    frame = people().assign(none=lambda d: 50.0 + (-1.0) ** d.groupby(["ward", "wave"]).cumcount())
    e = sample(frame).effect(["y", "z", "none"], TREATED, **ASKED, margin=2)
    told = sv.narrative.verdicts(e, labels={"y": {"en": "Kind", "vi": "Tử tế"}})
    assert told.en.startswith("“Kind”: probably yes (p = 0.048)") and "none: no sign" in told.en.replace(
        "“none”", "none"
    )
    assert "Each is judged on its own at 5%" in told.en and "none of 3 effects is shown" in told.en
    assert told.vi.startswith("“Tử tế”: nhiều khả năng có (p = 0,048)") and "chưa thấy dấu hiệu" in told.vi
    with pytest.raises(sv.EstimationError, match="no such sentence"):
        sv.narrative.verdicts(sample(frame).mean("y"))


def test_both_effects_are_reconciled_in_one_sentence() -> None:
    """A has six times the people: (6 x 9 + 7) / 7 against 8 with each ward counting once."""
    frame = city({"A": 9.0, "B": 7.0, "C": 1.0, "D": 0.0}, people=40)
    frame = pd.concat([frame, *[frame[frame["ward"] == "A"]] * 5], ignore_index=True)
    told = sv.narrative.reconcile(sample(frame).effect("y", TREATED, **ASKED))
    assert told.numbers["difference"] == pytest.approx((6 * 9 + 7) / 7 - 8)
    assert "+7.50 with each unit counting once" in told.en and "+8.21 with units counting by their people" in told.en
    even = sv.narrative.reconcile(effect({"A": 9.0, "B": 7.0, "C": 1.0, "D": 0.0}, "AB", people=40))
    assert "whether each unit counts once or" in even.en


# --- without each unit, and before the start --------------------------------------------------------------------------


def test_an_effect_without_each_ward_is_that_of_the_others() -> None:
    e = effect(CHANGES, "AB", people=40)
    left = e.leave_one_out().table.set_index("specification")
    assert left.index.tolist() == ["all", *"ABCDEFG"]
    for ward in CHANGES:
        rest = {w: x for w, x in CHANGES.items() if w != ward}
        own = effect(rest, "AB".replace(ward, ""), people=40).table.iloc[0]
        np.testing.assert_allclose(left.loc[ward, SAME].astype(float), own[SAME].astype(float), atol=1e-9)
    assert left.loc["C", "estimate"] == pytest.approx(8 - 1.5 / 4)
    assert left.loc["A", "verdict"] == "unclear" and left.loc["G", "units"] == 6


def test_ways_that_are_drawn_without_a_ward_have_the_seed_of_the_effect() -> None:
    """Four of fourteen wards: 1,001 ways, of which 99 are drawn."""
    changes = {chr(65 + i): float((7 * i) % 9 + 4 * (i < 4)) for i in range(14)}

    def drawn(without: str, seed: int) -> Any:
        rest = {ward: change for ward, change in changes.items() if ward != without}
        return effect(rest, "ABCD".replace(without, ""), people=40, permutations=99, seed=seed)

    five, six = (drawn("-", seed).leave_one_out().table.set_index("specification") for seed in (5, 6))
    for ward in "CN":
        own = drawn(ward, 5).table.iloc[0]
        np.testing.assert_allclose(five.loc[ward, SAME].astype(float), own[SAME].astype(float), atol=1e-9)
    assert (five["p_value"] != six["p_value"]).any()


def test_the_only_treated_ward_cannot_be_left_out() -> None:
    left = effect(CHANGES, "A", people=40).leave_one_out()
    assert "A" not in left.table["specification"].tolist() and len(left.table) == 7
    assert any("have no row: 1" in n for n in left.notes)
    with pytest.raises(sv.EstimationError, match="No unit can be left out"):
        effect({"A": 1.0, "B": 2.0}, "A").leave_one_out()


def test_waves_before_the_start_are_compared_with_the_last_of_them() -> None:
    """A and B rise by 2 from wave 1 to 2, the others by 0; from 2 to 3 by 8 on average, the others by 0.5."""
    frame = city(CHANGES, people=40, waves=(1, 2, 3))
    frame["y"] += 2 * (frame["ward"].isin(["A", "B"]) & (frame["wave"] >= 2))
    s = sample(frame)
    e = s.pretrends("y", TREATED, **ASKED, start=3)
    assert e.table["specification"].tolist() == ["1 → 2", "2 → 3"]
    assert e.table["estimate"].tolist() == pytest.approx([2.0, 8 - 2.5 / 5])
    assert "does not prove" in e.to_text("en") and "Trước khi bắt đầu" in e.to_text("vi")
    with pytest.raises(sv.EstimationError, match="two waves before it"):
        s.pretrends("y", TREATED, **ASKED, start=2)
    with pytest.raises(sv.EstimationError, match="no such wave"):
        s.pretrends("y", TREATED, **ASKED, start=4)

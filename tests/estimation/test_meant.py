"""What people meant: scales that nobody declared, names that are no numbers, and those who did not say."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest

import survey as sv

ORDERED = {1: {"en": "low"}, 2: {"en": "middle"}, 3: {"en": "high"}}


def people(**columns: Any) -> pd.DataFrame:
    i = np.arange(200)
    base = {"w": 1.0 + i % 4, "g": np.where(i % 2, "a", "b"), "y": (i * 7 % 13).astype(float)}
    return pd.DataFrame(base | columns)


NINE = np.where(np.arange(200) % 10 == 0, 9, 1 + np.arange(200) % 5)


def test_a_share_of_an_undeclared_scale_says_which_answers_it_counts() -> None:
    e = sv.Sample(people(q=NINE), weights="w").proportion("q", top=2)
    assert any("answers counted as top 2: 5 and 9" in n for n in e.notes)
    assert any("9 looks like a non-answer" in n and "declare_missing()" in n for n in e.notes)
    assert all(n.in_language("vi") != str(n) for n in e.notes)  # type: ignore[attr-defined]


def test_a_share_of_named_answers_says_what_else_stands_in_its_base() -> None:
    answers = np.where(NINE == 9, "No answer", np.where(NINE > 3, "Good", "Bad"))
    s = sv.Sample(people(q=NINE, t=answers), weights="w")
    assert any("9 looks like a non-answer" in n for n in s.proportion("q", levels=[4, 5]).notes)
    assert any("“No answer” looks like a non-answer" in n for n in s.proportion("t", levels=["Good"]).notes)
    assert s.proportion("t", levels=["No answer"]).notes == s.proportion("q", levels=[9]).notes == ()


@pytest.mark.parametrize("verb", ["mean", "distribution", "quantile", "variance"])
def test_a_summary_of_an_undeclared_scale_says_which_answers_it_takes(verb: str) -> None:
    e = getattr(sv.Sample(people(q=NINE), weights="w"), verb)("q")
    assert any("answers counted: 1, 2, 3, 4, 5, 9" in n for n in e.notes)


def test_nothing_is_said_of_declared_scales_shares_of_yes_and_measures() -> None:
    book = sv.Codebook(variables={"q": sv.Variable("q", "ordinal", labels=ORDERED)})
    rows = people(q=1 + np.arange(200) % 3, b=np.arange(200) % 2)
    s = sv.Sample(sv.Responses(rows, codebook=book), weights="w")
    assert s.mean(["q", "b"]).notes == s.proportion("q", top=1).notes == s.distribution("q").notes == ()
    assert s.mean("y").notes == ()


NAMES = {"n": sv.Variable("n", "nominal", labels=ORDERED), "t": sv.Variable("t", "text"), "i": sv.Variable("i", "id")}


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize(
    "call",
    [
        lambda s, q: s.mean(q),
        lambda s, q: s.total(q),
        lambda s, q: s.quantile(q, 0.5),
        lambda s, q: s.variance(q),
        lambda s, q: s.correlation([q, "y"]),
        lambda s, q: s.ratio(q, "y"),
        lambda s, q: s.proportion(q, top=1),
        lambda s, q: s.proportion(q, net=1),
        lambda s, q: s.bounds(q, bottom=1),
        lambda s, q: s.linear(f"{q} ~ y"),
        lambda s, q: s.linear(f"y ~ {q}"),
        lambda s, q: s.weight_effects(q),
        lambda s, q: s.trimming_errors(q),
        lambda s, q: sv.Imputations([s, s]).mean(q),
        lambda s, q: s.effect(q, treated="p", period="wave", unit="ward"),
    ],
)
def test_names_are_no_numbers(name: str, call: Any) -> None:
    i = np.arange(200)
    rows = people(p=(i // 50 == 0).astype(int), ward=i // 50, wave=1 + i // 5 % 2, **{name: 1 + i % 3})
    s = sv.Sample(sv.Responses(rows, codebook=sv.Codebook(variables={name: NAMES[name]})), weights="w")
    with pytest.raises(sv.EstimationError, match=r"no mean, quantile or order|have no order") as caught:
        call(s, name)
    assert name in str(caught.value.where) and caught.value.fix and caught.value.expected


def test_a_score_takes_no_nominal_item() -> None:
    book = sv.Codebook(variables={"n": NAMES["n"]})
    with pytest.raises(sv.CleaningError, match="no mean, quantile or order"):
        sv.Responses(people(n=1 + np.arange(200) % 3), codebook=book).score("s", items=["n"])


def test_binary_items_and_nominal_ones_of_0_and_1_have_a_mean_and_factors_are_welcome() -> None:
    binary = sv.Variable("b", "binary", labels={1: {"en": "no"}, 2: {"en": "yes"}})
    dummy = sv.Variable("d", "nominal", labels={0: {"en": "no"}, 1: {"en": "yes"}})
    book = sv.Codebook(variables={"b": binary, "d": dummy, "n": NAMES["n"]})
    i = np.arange(200)
    s = sv.Sample(sv.Responses(people(b=1 + i % 2, d=i % 2, n=1 + i % 3), codebook=book), weights=None)
    assert s.mean(["b", "d"]).table["estimate"].tolist() == [1.5, 0.5]
    assert len(s.linear("y ~ C(n)").table) == 3


def silent(rows: pd.DataFrame, kinds: Any, **variable: Any) -> sv.Sample:
    """`q` with gaps where `kinds` (a code of a kind of missing answer, 0 for an answer) says why."""
    q = pd.Series(np.where(kinds > 0, np.nan, 1 + np.arange(len(rows)) % 3))
    book = sv.Codebook(variables={"q": sv.Variable("q", "ordinal", labels=ORDERED, **variable)})
    missing = pd.DataFrame({"q": kinds.astype(np.uint8)})
    return sv.Sample(sv.Responses(rows.assign(q=q), codebook=book, missing=missing), weights="w")


KINDS = np.array([0, 0, 3, 0, 4, 0, 5, 0, 1, 0, 2, 0, 3, 0, 0, 0, 0, 0, 0, 0] * 10)
"""0 an answer, 1 not applicable, 2 blank, 3 don't know, 4 refused, 5 not asked."""


@pytest.mark.parametrize("by", [None, "g"])
def test_dont_know_and_refused_are_shares_of_those_asked_with_their_errors(by: str | None) -> None:
    """By hand: the mean of an indicator over those asked, sum(w y) / sum(w), with the variance of svymean, rows as
    clusters: n / (n - 1) times the sum of squares of w (y - p) / sum(w), n the whole sample."""
    rows = people()
    s = silent(rows, KINDS)
    for e in (s.proportion("q", top=1, by=by), s.distribution("q", by=by)):
        beside = e.nonresponse
        assert beside is not None
        for group in [None] if by is None else ["a", "b"]:
            inside = np.ones(200, bool) if group is None else (rows["g"] == group).to_numpy()
            asked = inside & ~np.isin(KINDS, [1, 5])
            w = np.where(asked, rows["w"], 0.0)
            for reason, code in (("dont_know", 3), ("refused", 4)):
                y = (code == KINDS).astype(float)
                p = (w * y).sum() / w.sum()
                u = w * (y - p) / w.sum()
                table, other = e.table, beside.table.query("reason == @reason")
                if group is not None:
                    table, other = table[table["g"] == group], other[other["g"] == group]
                assert table[reason].to_numpy() == pytest.approx(p)
                assert other["estimate"].item() == pytest.approx(p)
                assert other["std_error"].item() == pytest.approx(np.sqrt(200 / 199 * (u**2).sum()) if p else 0.0)
                assert other["n"].item() == asked.sum()
    response = s.item_response("q", by=by)
    assert response["share_dont_know"].to_numpy() == pytest.approx(s.proportion("q", top=1, by=by).table["dont_know"])


def test_nothing_stands_beside_where_nobody_knows_why_cells_are_empty() -> None:
    for kinds in (np.zeros(200), np.where(KINDS > 0, 2, 0)):
        e = silent(people(), kinds).distribution("q")
        assert not {"dont_know", "refused"} & set(e.table.columns) and e.nonresponse is None


def test_a_group_called_refused_keeps_its_column() -> None:
    s = silent(people().assign(refused=lambda d: d["g"]), KINDS)
    table = s.proportion("q", top=1, by="refused").table
    assert table["refused"].tolist() == ["a", "b"] and "dont_know" in table


def test_answers_filled_in_are_no_longer_unknown() -> None:
    s = silent(people(), KINDS)
    filled = sv.Responses(s.data.assign(q=s.data["q"].fillna(2)), codebook=s.codebook, missing=s.responses.missing)
    pooled = sv.Imputations([sv.Sample(filled, weights="w")] * 2).proportion("q", top=1)
    assert "dont_know" not in pooled.table


def test_a_likert_figure_shows_both_without_a_line_of_code() -> None:
    s = silent(people(), np.where(KINDS == 2, 4, KINDS))
    exhibit = sv.figures.likert(s.distribution("q"), lang="en")
    assert any("Don’t know and Refused: % of everyone asked" in n for n in exhibit.notes)
    texts = {t.get_text() for t in exhibit.figure().findobj(lambda a: hasattr(a, "get_text"))}
    assert {"Don’t know", "Refused"} <= texts
    exhibit.html()


def test_text_without_a_declared_order_is_no_likert_figure() -> None:
    answers = np.array(["Đồng ý", "Không đồng ý", "Trung lập"])[np.arange(200) % 3]
    with pytest.raises(sv.ExportError, match="ordered answers") as caught:
        sv.figures.likert(sv.Sample(people(q=answers), weights="w").distribution("q"))
    assert "set_scale" in str(caught.value.fix)
    for ordered in (
        pd.Categorical(answers, ["Không đồng ý", "Trung lập", "Đồng ý"], ordered=True),
        1 + np.arange(200) % 3,
    ):
        sv.figures.likert(sv.Sample(people(q=ordered), weights="w").distribution("q"))


def test_items_of_mixed_direction_say_that_direction_is_the_cause() -> None:
    turned = dict(zip(ORDERED, list(ORDERED.values())[::-1], strict=True))
    book = sv.Codebook(
        variables={
            "up": sv.Variable("up", "ordinal", labels=ORDERED, direction=1),
            "also": sv.Variable("also", "ordinal", labels=ORDERED, direction=1),
            "down": sv.Variable("down", "ordinal", labels=turned, direction=-1),
        }
    )
    q = 1 + np.arange(200) % 3
    s = sv.Sample(sv.Responses(people(up=q, also=q, down=q), codebook=book), weights="w")
    with pytest.raises(sv.ExportError, match="mixed direction") as caught:
        sv.figures.likert(s.distribution(["up", "down", "also"]))
    assert caught.value.where == "down" and "reverse(['down'])" in str(caught.value.fix)


MEDIA = ["radio"] * 8 + ["radio;tv"] * 6 + ["tv"] * 5 + ["tv;web"] * 4 + ["web;radio;tv"] * 2


@pytest.mark.parametrize("separator", [";", "|", ", ", " ", "\n"])
def test_a_share_of_one_option_of_answers_that_list_several_says_so(separator: str) -> None:
    answers = [a.replace(";", separator) for a in MEDIA]
    if separator == " ":
        answers = [a.replace("radio", "m_1").replace("tv", "m_2").replace("web", "m_3") for a in answers]
    radio = "m_1" if separator == " " else "radio"
    responses = sv.Responses(pd.DataFrame({"media": answers}))
    result = sv.Sample(responses, weights=None).proportion("media", levels=[radio])
    assert result.table["estimate"].iloc[0] == 8 / 25  # those who named the radio alone
    (note,) = [n for n in result.notes if "list several options" in n]
    declared = responses.declare_select_all("media", separator=separator.strip() or separator, base="everyone")
    assert f"separator={separator.strip() or separator!r}" in note and "sample.select_all('media')" in note
    # by hand: 8 alone, 6 with the television, 2 with both others
    shares = sv.Sample(declared, weights=None).select_all("media").table["estimate"]
    assert max(shares) == 17 / 25 and 16 / 25 in shares.tolist()
    whole = sv.Sample(responses, weights=None).distribution("media")
    assert any("list several options" in n for n in whole.notes)


def test_one_list_is_enough_where_its_separator_can_be_nothing_else() -> None:
    sample = sv.Sample(pd.DataFrame({"media": ["radio", "tv", "radio;tv", "radio"]}), weights=None)
    assert any("list several" in n for n in sample.proportion("media", levels=["radio"]).notes)
    assert not any("list several" in n for n in sample.proportion("media", levels=["radio;tv"]).notes)
    plain = sv.Sample(pd.DataFrame({"q": ["Yes", "No", "Yes, always", "No, never"] * 5}), weights=None)
    assert not any("list several" in n for n in plain.proportion("q", levels=["Yes"]).notes)


def test_an_option_that_nobody_named_alone_is_refused_with_the_verb_that_counts_it() -> None:
    sample = sv.Sample(pd.DataFrame({"media": ["tv", "radio;tv", "radio;web"] * 5}), weights=None)
    with pytest.raises(sv.EstimationError, match="not on the item's scale") as refused:
        sample.proportion("media", levels=["radio"])
    assert "declare_select_all('media', separator=';', base='everyone')" in str(refused.value.fix)

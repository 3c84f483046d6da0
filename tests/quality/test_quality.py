"""`responses.quality()`: what it must see, whom it must leave in peace, and data that break it."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from survey import Codebook, Responses, Variable
from survey.errors import CleaningError
from survey.quality import Quality

Made = Callable[..., Responses]
Drawn = Callable[..., pd.DataFrame]
GRID = [f"Q{k:02d}" for k in range(1, 25)]


def copied(frame: pd.DataFrame, hand: str, copies: int, changes: int = 2, seed: int = 5) -> list[int]:
    """One interview of a hand written out again and again, a few answers moved by a step."""
    rng = np.random.default_rng(seed)
    own = frame.index[frame["interviewer_id"] == hand][:copies]
    template = frame.loc[own[0], GRID].to_numpy(float)
    for row in own:
        answers = template.copy()
        at = rng.choice(len(GRID), changes, replace=False)
        answers[at] = np.clip(answers[at] + rng.choice([-1, 1], changes), 1, 5)
        frame.loc[row, GRID] = answers
    return list(own)


class TestNearDuplicates:
    def test_an_inventor_is_found_and_nobody_else(self, made: Made, honest: Drawn) -> None:
        frame = honest(600)
        invented = copied(frame, "I03", 15)
        q = made(frame).quality()
        assert list(q.respondents.index[q.rows("near_duplicate")]) == invented
        alerts = q.alerts()
        assert set(alerts.loc[alerts["check"] == "near_duplicate", "interviewer"]) == {"I03"}
        twins = q.respondents.loc[invented, "twin"].tolist()
        assert set(twins) <= set(invented) and q.respondents.loc[invented, "twin_share"].min() > 0.7

    def test_content_people_are_left_in_peace_where_85_percent_condemns_them(self, made: Made, honest: Drawn) -> None:
        """Trap 14: on a grid of 24 satisfaction items many honest people agree on 85 % with somebody."""
        frame = honest(600, content=2.5)
        given = frame[GRID].to_numpy()
        alike = (given[:, None, :] == given[None, :, :]).mean(axis=2)
        np.fill_diagonal(alike, 0)
        assert (alike >= 0.85).any(axis=1).mean() > 0.3
        q = made(frame).quality()
        assert q.rows("near_duplicate").sum() == 0
        assert not (q.alerts()["check"] == "near_duplicate").any()

    @pytest.mark.slow
    def test_the_chance_told_is_the_chance_there_is(self, made: Made, honest: Drawn) -> None:
        p = np.concatenate(
            [made(honest(500, seed=s)).quality().respondents["twin_p"].dropna().to_numpy() for s in range(4)]
        )
        # twins of one person hang together, so the correction for their number is a little too strict
        for level in (0.5, 0.1, 0.01):
            assert 0.5 * level < (p < level).mean() < 1.3 * level

    @pytest.mark.slow
    def test_one_copy_of_one_interview_is_found_too(self, made: Made, honest: Drawn) -> None:
        frame = honest(1500, items=24, teams=10)
        two = copied(frame, "I04", 2, changes=1)
        q = made(frame).quality()
        assert set(two) <= set(q.respondents.index[q.respondents["twin_p"] < 0.001])

    def test_a_form_sent_twice_is_no_near_duplicate(self, made: Made, honest: Drawn) -> None:
        frame = honest(300)
        frame = pd.concat([frame, frame.iloc[:20]], ignore_index=True)
        q = made(frame).quality()
        assert q.rows("near_duplicate").sum() == 0

    @pytest.mark.slow
    def test_two_who_tick_one_column_for_different_hands_do_not_hide_an_inventor(
        self, made: Made, honest: Drawn
    ) -> None:
        frame = honest(600)
        invented = copied(frame, "I03", 15)
        others = frame.index[frame["interviewer_id"] != "I03"][:12]
        frame[GRID[19:]] = 6 - frame[GRID[19:]]
        frame.loc[others, GRID] = 5.0
        q = made(frame, reversed_from=20).quality()
        assert set(invented) <= set(q.respondents.index[q.rows("near_duplicate")])
        assert q.rows("straight_line").sum() == 12

    @pytest.mark.slow
    def test_the_same_seed_gives_the_same_answer_and_order_does_not_matter(self, made: Made, honest: Drawn) -> None:
        frame = honest(300)
        one = made(frame).quality(seed=4)
        pd.testing.assert_frame_equal(one.interviewers, made(frame).quality(seed=4).interviewers)
        mixed = made(frame.sample(frac=1, random_state=1)).quality(seed=4).respondents.loc[frame.index]
        np.testing.assert_allclose(mixed["twin_p"].to_numpy(), one.respondents["twin_p"].to_numpy(), rtol=1e-6)


class TestLines:
    def row(self, *codes: float) -> pd.DataFrame:
        return pd.DataFrame([dict(zip([f"Q{k:02d}" for k in range(1, len(codes) + 1)], codes, strict=True))])

    @pytest.mark.parametrize(
        ("codes", "flagged"),
        [
            ((5, 5, 5, 5, 5, 5), True),  # always gentle and always overbearing
            ((3, 3, 3, 3, 3, 3), False),  # the middle contradicts nothing
            ((5, 5, 5, 5, 1, 1), False),  # consistent: reversed items answered the other way
            ((5, 5, 5, 5, np.nan, np.nan), False),  # no reversed item answered
            ((5, 5, 5, np.nan, 5, np.nan), True),
            ((5, np.nan, np.nan, np.nan, 5, 5), False),  # three answers may agree by chance
            ((4, 4, 4, 4, 4, 5), False),
        ],
    )
    def test_only_a_contradiction_counts(self, made: Made, codes: tuple[float, ...], flagged: bool) -> None:
        q = made(self.row(*codes), reversed_from=5).quality()
        assert q.rows("straight_line").tolist() == [flagged]

    def test_one_direction_only_is_never_flagged_and_is_told(self, made: Made) -> None:
        q = made(self.row(5, 5, 5, 5, 5, 5)).quality()
        assert "straight_line" in q.skipped and "straight_line" not in q.checks
        assert q.respondents["longest_run"].tolist() == [6]

    def test_after_reversing_it_says_that_it_comes_too_late(self, made: Made) -> None:
        late = made(self.row(5, 5, 5, 5, 5, 5), reversed_from=5).reverse().quality()
        assert "before reverse()" in late.skipped["straight_line"]

    def test_response_variability_by_hand(self, made: Made) -> None:
        # codes 1 and 5 on 0-1 are 0 and 1: sd of 0, 1, 0, 1 is sqrt(1/3)
        assert made(self.row(1, 5, 1, 5)).quality().respondents["irv"][0] == pytest.approx(np.sqrt(1 / 3))


class TestDurations:
    def test_a_short_path_is_not_a_fast_interview(self, made: Made, honest: Drawn) -> None:
        frame = honest(400).assign(used=1.0)
        away = frame.index[:200]
        frame.loc[away, "used"] = 0.0
        frame.loc[away, GRID[4:]] = np.nan
        frame.loc[away, "duration_s"] /= 4.0  # 5 questions instead of 25
        frame.loc[away[0], "duration_s"] = 60.0
        frame.loc[399, "duration_s"] = 240.0  # unremarkable for four questions, far too fast for 24
        book = made(frame).codebook
        from dataclasses import replace

        routed = [replace(book[n], base="used == 1") for n in GRID[4:]]
        q = Responses(frame, book.update(*routed, Variable("used", role="respondent"))).quality()
        assert set(q.respondents.index[q.rows("fast")]) == {away[0], 399}
        assert q.respondents["questions_asked"].value_counts().to_dict() == {4: 200, 24: 200}

    @pytest.mark.slow
    def test_an_interviewer_who_is_always_quick_is_told_as_such(self, made: Made, honest: Drawn) -> None:
        frame = honest(400)
        hand = frame["interviewer_id"] == "I02"
        frame.loc[hand, "duration_s"] *= 0.6
        q = made(frame).quality()
        assert q.alerts()[["interviewer", "check"]].values.tolist() == [["I02", "short"]]
        assert q.interviewers.set_index("interviewer").loc["I02", "short"] == pytest.approx(0.6, abs=0.06)
        assert not q.rows("fast")[hand].any()

    def test_nobody_reads_a_question_in_less_than_two_seconds(self, made: Made, honest: Drawn) -> None:
        frame = honest(60)
        frame["duration_s"] = 47.0  # 24 questions: all alike, so no z
        assert made(frame).quality().rows("fast").all()
        assert not made(frame.assign(duration_s=49.0)).quality().rows("fast").any()

    def test_one_interview_begins_before_the_other_has_ended(self, made: Made) -> None:
        frame = pd.DataFrame(
            {
                "resp_id": list("abcde"),
                "interviewer_id": ["1", "1", "1", "2", "1"],
                "Q01": 1.0,
                "int_start": pd.to_datetime(
                    ["2024-06-03 09:00", "2024-06-03 09:20", "2024-06-03 09:40", "2024-06-03 09:05", "2024-06-03 23:30"]
                ),
                "duration_s": [3600, 600, 600, 600, 600],
            }
        )
        q = made(frame).quality()
        # b and c lie within a, which ended at 10:00; d is another interviewer's
        assert q.respondents["overlap_s"].tolist() == [0, 2400, 1200, 0, 0]
        assert q.rows("overlap").tolist() == [False, True, True, False, False]
        assert q.rows("odd_hour").tolist() == [False, False, False, False, True]
        day = q.days.set_index("interviewer").loc["1"]
        assert (day["interviews"], day["minutes"], day["overlaps"]) == (4, 90, 2)

    def test_a_day_far_beyond_all_others_is_told(self, made: Made, honest: Drawn) -> None:
        frame = honest(200)
        day = pd.to_datetime("2024-06-03") + pd.to_timedelta(np.arange(200) % 10, "D")
        frame["int_start"] = day + pd.to_timedelta(9, "h")
        crowd = frame.index[frame["interviewer_id"] == "I01"][:15]
        frame.loc[crowd, "int_start"] = pd.Timestamp("2024-06-20 10:00")
        q = made(frame).quality()
        assert q.days.loc[q.days["too_many"], ["interviewer", "interviews"]].values.tolist() == [["I01", 15]]


class TestPeople:
    def test_not_asked_is_no_silence_and_dont_know_is(self, made: Made, honest: Drawn) -> None:
        frame = honest(300)
        frame.loc[:99, GRID[10:]] = np.nan
        frame.loc[5, GRID[:6]] = -98.0
        from dataclasses import replace

        book = made(frame).codebook
        frame["used"] = (frame.index > 99).astype(float)
        routed = [replace(book[n], base="used == 1") for n in GRID[10:]]
        q = Responses(frame, book.update(*routed, Variable("used", role="respondent"))).quality()
        assert q.respondents["unanswered"].to_dict() == {i: 0.6 if i == 5 else 0.0 for i in range(300)}
        assert list(q.respondents.index[q.rows("nonresponse")]) == [5]

    @pytest.mark.slow
    def test_recoding_missing_answers_first_changes_nothing(self, made: Made, honest: Drawn) -> None:
        frame = honest(200)
        frame.loc[3, GRID[:9]] = -98.0
        before, after = made(frame).quality(), made(frame).recode_missing().quality()
        pd.testing.assert_series_equal(before.respondents["unanswered"], after.respondents["unanswered"])
        pd.testing.assert_series_equal(before.rows("nonresponse"), after.rows("nonresponse"))

    def test_an_interviewer_who_skips_questions(self, made: Made, honest: Drawn) -> None:
        frame = honest(400)
        rng = np.random.default_rng(2)
        blank = rng.random((400, 24)) < np.where(frame["interviewer_id"] == "I05", 0.25, 0.05)[:, None]
        frame[GRID] = frame[GRID].mask(blank, -98.0)
        alerts = made(frame).quality().alerts()
        assert set(alerts.loc[alerts["check"] == "nonresponse", "interviewer"]) == {"I05"}

    def test_round_minutes_by_hand(self, made: Made, honest: Drawn) -> None:
        frame = honest(500)
        rng = np.random.default_rng(3)
        frame["minutes"] = rng.integers(10, 60, 500).astype(float)
        hand = frame["interviewer_id"] == "I07"
        frame.loc[hand, "minutes"] = 5 * np.rint(frame.loc[hand, "minutes"] / 5)
        q = made(frame, minutes=Variable("minutes", "number", unit="minutes")).quality()
        table = q.interviewers.set_index("interviewer")
        assert table.loc["I07", "heaping"] == 500  # all are multiples of five
        other = frame.loc[frame["interviewer_id"] == "I01", "minutes"]
        assert table.loc["I01", "heaping"] == pytest.approx(500 * (other % 5 == 0).mean())
        assert set(q.alerts()["interviewer"]) == {"I07"}

    def test_an_official_in_earshot_and_what_it_does_to_answers(self, made: Made, honest: Drawn) -> None:
        frame = honest(400).assign(official_present=0.0)
        heard = frame.index[frame["interviewer_id"] == "I04"][:14]
        frame.loc[heard, "official_present"] = 1.0
        frame.loc[heard, GRID] = frame.loc[heard, GRID].clip(upper=4) + 1
        q = made(frame).quality()
        assert list(q.respondents.index[q.rows("official")]) == list(heard)
        row = q.interviewers.set_index("interviewer").loc["I04"]
        assert row["official_p"] < 0.001 and 10 < row["official_difference"] < 35
        assert q.interviewers["official_difference"].notna().sum() == 1

    def test_first_visits_only(self, made: Made, honest: Drawn) -> None:
        frame = honest(400)
        frame["visits"] = np.random.default_rng(1).integers(1, 4, 400)
        frame.loc[frame["interviewer_id"] == "I06", "visits"] = 1
        assert made(frame).quality().alerts()[["interviewer", "check"]].values.tolist() == [["I06", "one_call"]]


class TestPlaces:
    @pytest.fixture
    def placed(self, honest: Drawn) -> pd.DataFrame:
        frame = honest(100).assign(psu=np.arange(100) % 5)
        rng = np.random.default_rng(1)
        frame["latitude"] = 20.4 + 0.05 * frame["psu"] + rng.normal(0, 1e-4, 100)
        frame["longitude"] = 106.3 + rng.normal(0, 1e-4, 100)
        return frame

    def test_far_away_and_twice_the_same_point(self, made: Made, placed: pd.DataFrame) -> None:
        placed.loc[7, "latitude"] += 0.03  # 3.3 km north
        own = placed.index[placed["interviewer_id"] == placed.loc[20, "interviewer_id"]]
        two = [i for i in own if i != 7][:2]
        placed.loc[two, ["latitude", "longitude"]] = placed.loc[two[0], ["latitude", "longitude"]].to_numpy()
        placed.loc[two[1], "psu"] = placed.loc[two[0], "psu"]
        placed.loc[50, ["latitude", "longitude"]] = 0.0  # no fix
        q = made(placed).quality()
        assert list(q.respondents.index[q.rows("far")]) == [7]
        assert q.respondents.loc[7, "distance_m"] == pytest.approx(3336, abs=60)
        assert list(q.respondents.index[q.rows("same_point")]) == two
        assert np.isnan(q.respondents.loc[50, "distance_m"])

    def test_places_themselves_are_never_shown(self, made: Made, placed: pd.DataFrame, tmp_path: Path) -> None:
        q = made(placed).quality()
        q.to_html(tmp_path / "q.html")
        assert not {"latitude", "longitude"} & {*q.respondents.columns, *q.interviewers.columns}
        assert not re.search(r"106[.,]3", (tmp_path / "q.html").read_text(encoding="utf-8") + q.respondents.to_csv())


class TestTheResult:
    def test_counts_are_told_in_a_language(self, made: Made, honest: Drawn) -> None:
        q = made(honest(100)).quality()
        table, shown = q.counts(), q.counts("vi")
        assert list(table.columns) == ["check", "flagged", "share"] and "fast" in set(table["check"])
        assert list(shown.columns) == ["Kiểm tra", "Số phiếu có cảnh báo", "% số phiếu"]
        assert "Phiếu quá nhanh" in set(shown["Kiểm tra"]) and not set(shown["Kiểm tra"]) & set(table["check"])
        assert shown["% số phiếu"].tolist() == (100 * table["share"]).tolist()
        assert list(q.counts("en")["Check"]) != list(table["check"])

    def test_nothing_is_dropped_and_a_person_can(self, made: Made, honest: Drawn) -> None:
        frame = honest(600)
        invented = copied(frame, "I03", 15)
        answers = made(frame)
        q = answers.quality()
        assert len(answers) == 600 and len(q.respondents) == 600
        clean = answers.drop(where=q.rows("near_duplicate"), reason="households called back: nobody was there")
        assert set(clean.rejected.index) == set(invented)

    def test_rows_of_several_flags_and_of_none(self, made: Made, honest: Drawn) -> None:
        q = made(honest(100)).quality()
        both = q.rows(["fast", "near_duplicate"])
        assert (both == (q.rows("fast") | q.rows("near_duplicate"))).all()
        with pytest.raises(CleaningError, match="no flag 'straight_line'") as caught:
            q.rows("straight_line")
        assert "before reverse()" in str(caught.value)

    def test_the_number_of_flags_is_the_sum_of_the_flags(self, made: Made, honest: Drawn) -> None:
        q = made(honest(200)).quality()
        assert (q.respondents[list(q.checks)].sum(axis=1) == q.respondents["flags"]).all()
        assert len(q.flagged()) == (q.respondents["flags"] > 0).sum()

    def test_it_reads_in_both_languages(self, made: Made, honest: Drawn, tmp_path: Path) -> None:
        frame = honest(600)
        copied(frame, "I03", 15)
        q = made(frame).quality()
        assert "Near-duplicates" in q.to_text() and "Phiếu gần trùng nhau" in q.to_text("vi")
        assert "no interview was dropped" in q.to_text() and "không phiếu nào bị loại" in q._repr_html_()
        q.to_html(tmp_path / "q.html", lang="vi")
        page = (tmp_path / "q.html").read_text(encoding="utf-8")
        assert '<html lang="vi">' in page and "I03" in page and page.count("<h1>") == 1

    def test_a_name_that_is_code_stays_text(self, made: Made, honest: Drawn) -> None:
        frame = honest(400)
        hand = frame["interviewer_id"] == "I02"
        frame.loc[hand, "duration_s"] *= 0.5
        frame.loc[hand, "interviewer_id"] = "<b>Hoà</b>"
        shown = made(frame).quality()._repr_html_()
        assert "<b>" not in shown and "&lt;b&gt;Hoà" in shown


class TestAwkwardData:
    def quality(self, answers: Responses) -> Quality:
        q = answers.quality()
        assert len(q.respondents) == len(answers) and q.to_text() and q._repr_html_()
        assert len(q.estimates().table) >= 0
        return q

    def test_without_any_paradata(self, made: Made, honest: Drawn) -> None:
        q = self.quality(made(honest(50).drop(columns=["interviewer_id", "duration_s"])))
        assert {"near_duplicate", "fast", "short", "official", "overlap", "far", "heaping"} <= set(q.skipped)
        assert len(q.interviewers) == 0 and len(q.days) == 0 and len(q.icc) == 0

    def test_a_column_named_must_be_there(self, made: Made, honest: Drawn) -> None:
        answers = made(honest(50))
        with pytest.raises(CleaningError, match="'duration_sec'") as caught:
            answers.quality(duration="duration_sec")
        assert "duration_s" in str(caught.value)
        with pytest.raises(CleaningError, match="codes"):
            answers.quality(items=["Q01", "duration_s"])
        with pytest.raises(CleaningError, match="limit"):
            answers.quality(fdr=5)

    def test_one_interviewer(self, made: Made, honest: Drawn) -> None:
        q = self.quality(made(honest(80, teams=1)))
        assert "different interviewers" in q.skipped["near_duplicate"] and q.interviewers["alerts"].tolist() == [0]
        assert q.icc["icc"].isna().all()

    def test_two_respondents(self, made: Made, honest: Drawn) -> None:
        q = self.quality(made(honest(2)))
        assert q.respondents["flags"].tolist() == [0, 0]

    def test_nobody(self, made: Made, honest: Drawn) -> None:
        q = self.quality(made(honest(50).iloc[:0]))
        assert len(q.respondents) == 0 and len(q.interviewers) == 0

    def test_everybody_says_the_same(self, made: Made, honest: Drawn) -> None:
        frame = honest(120)
        frame[GRID] = 4.0
        q = self.quality(made(frame))
        assert "near_duplicate" in q.skipped and q.icc["icc"].isna().all()

    def test_one_item(self, made: Made, honest: Drawn) -> None:
        q = self.quality(made(honest(100, items=1)))
        assert "fewer than 10" in q.skipped["near_duplicate"]

    def test_no_codebook_at_all(self, honest: Drawn) -> None:
        q = self.quality(Responses(honest(100), Codebook()))
        assert {"near_duplicate", "straight_line", "nonresponse"} <= set(q.skipped) and "fast" in q.checks

    def test_nobody_answered_anything(self, made: Made, honest: Drawn) -> None:
        frame = honest(100)
        frame[GRID] = np.nan
        frame["duration_s"] = np.nan
        q = self.quality(made(frame))
        assert not q.rows("fast").any()

    def test_interviews_without_an_interviewer_are_told_and_kept(self, made: Made, honest: Drawn) -> None:
        frame = honest(200)
        frame.loc[:9, "interviewer_id"] = None
        frame.loc[10, "interviewer_id"] = "  "
        q = self.quality(made(frame))
        assert q.interviewers["n"].sum() == 189 and "11 interviews without an interviewer" in q.notes[0]
        assert q.respondents.loc[:10, "interviewer"].isna().all()

    def test_one_name_in_two_unicode_forms_is_one_interviewer(self, made: Made, honest: Drawn) -> None:
        frame = honest(200, teams=2)
        names = {"I00": "Nguyễn Thị Hòa", "I01": "Đặng Ứng"}
        frame["interviewer_id"] = [
            unicodedata.normalize("NFD" if i % 2 else "NFC", names[w]) + (" " if i % 3 else "")
            for i, w in enumerate(frame["interviewer_id"])
        ]
        q = self.quality(made(frame))
        assert q.interviewers["interviewer"].tolist() == sorted(names.values())

    def test_numbers_as_names_and_a_strange_index(self, made: Made, honest: Drawn) -> None:
        frame = honest(200)
        frame["interviewer_id"] = frame["interviewer_id"].str[1:].astype(float)
        frame.index = pd.Index(range(900, 700, -1))
        q = self.quality(made(frame))
        assert set(q.interviewers["interviewer"]) == {str(i) for i in range(10)}
        assert list(q.rows("fast").index) == list(frame.index)

    @pytest.mark.slow
    def test_waves_are_compared_within_themselves(self, made: Made, honest: Drawn) -> None:
        frame = honest(400).assign(wave=np.repeat([1.0, 2.0], 200))
        frame.loc[:199, "duration_s"] *= 0.5
        frame.loc[0, "wave"] = np.nan
        q = self.quality(made(frame))
        assert q.within == ("wave",) and len(q.interviewers) == 20
        assert not (q.alerts()["check"] == "short").any() and "1 interview without" in q.notes[0]

    @pytest.mark.slow
    def test_moments_as_forms_write_them(self, made: Made, honest: Drawn) -> None:
        """ODK and KoboToolbox write the local time with its offset; the interviewer's clock is what counts."""
        frame: Any = honest(100)
        frame["int_start"] = "2024-06-03T21:30:00.000+07:00"
        assert self.quality(made(frame)).respondents["hour"].unique().tolist() == [21.5]
        frame["int_start"] = pd.to_datetime(frame["int_start"])
        assert self.quality(made(frame)).rows("odd_hour").all()
        assert not self.quality(made(frame.assign(int_start=None))).rows("odd_hour").any()
        for wrong in ("hôm qua", 20240603.0):
            with pytest.raises(CleaningError, match="needs interview times as dates with a time") as caught:
                made(frame.assign(int_start=wrong)).quality()
            assert "int_start" in str(caught.value)
        with pytest.raises(CleaningError, match="hours"):
            made(frame).quality(hours=(21, 7))

    def test_categories_and_nullable_numbers(self, made: Made, honest: Drawn) -> None:
        frame = honest(300)
        plain = self.quality(made(frame.assign(wave=np.tile([1, 2], 150), official_present=0.0)))
        other: Any = frame.assign(wave=pd.Categorical(np.tile([1, 2], 150), [1, 2, 3]), official_present=0)
        other = other.astype({"interviewer_id": "category", "Q01": "Int64", "Q02": "int8", "official_present": "Int64"})
        other["duration_s"] = pd.to_timedelta(other["duration_s"], "s")
        found = self.quality(made(other))
        np.testing.assert_allclose(found.respondents["twin_p"], plain.respondents["twin_p"])
        assert found.interviewers["n"].tolist() == plain.interviewers["n"].tolist()
        assert found.respondents["seconds"].tolist() == plain.respondents["seconds"].tolist()

    def test_durations_as_text_are_refused(self, made: Made, honest: Drawn) -> None:
        frame: Any = honest(50)
        frame["duration_s"] = "10 phút"
        with pytest.raises(CleaningError, match="durations as numbers"):
            made(frame).quality()

"""Wards across a reorganisation: new codes reuse old ones, and only the day tells which is meant."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import survey as sv
from survey.codebook import Codebook
from survey.errors import CleaningError
from survey.responses import Responses

COLUMNS = ["code", "name", "valid_from", "valid_to", "successor_code", "successor_valid_from", "kind"]
# Bồ Xuyên (12436) and six units became phường Thái Bình, tỉnh Hưng Yên, with the code 13225 that was xã Tân Bình's
# until then; what became of Tân Bình is left open here. The first days are invented.
REAL = pd.DataFrame(
    [
        ["12436", "Bồ Xuyên", "2000-01-01", "2025-06-30", "13225", "2025-07-01", "merged"],
        ["13225", "xã Tân Bình", "2000-01-01", "2025-06-30", "", "", ""],
        ["13225", "phường Thái Bình", "2025-07-01", "", "", "", ""],
    ],
    columns=COLUMNS,
)
# invented: A renamed, B and C merged into a unit that takes B's code, D split, E split into old and new
INVENTED = pd.DataFrame(
    [
        ["A", "A cũ", "2000-01-01", "2025-06-30", "A", "2025-07-01", "renamed"],
        ["B", "B cũ", "2000-01-01", "2025-06-30", "B", "2025-07-01", "merged"],
        ["C", "C cũ", "2000-01-01", "2025-06-30", "B", "2025-07-01", "merged"],
        ["D", "D cũ", "2000-01-01", "2025-06-30", "D", "2025-07-01", "split"],
        ["D", "D cũ", "2000-01-01", "2025-06-30", "E", "2025-07-01", "split"],
        ["E", "E cũ", "2000-01-01", "2019-12-31", "F", "2020-01-01", "renamed"],
        ["F", "F", "2020-01-01", "2025-06-30", "G", "2025-07-01", "renamed"],
        *([c, f"{c} mới", "2025-07-01", "", "", "", ""] for c in "ABDEG"),
    ],
    columns=COLUMNS,
)


def of(codes: list[object], **others: list[object]) -> Responses:
    return Responses(pd.DataFrame({"ward": codes, **others}))


def mapped(responses: Responses, **arguments: object) -> list[object]:
    given = {"lineage": INVENTED, "date": "2024-06-30", "to": "2025-07-01", "into": "new", **arguments}
    column = responses.map_wards("ward", **given).data["new"]  # type: ignore[arg-type]
    return [None if isinstance(v, float) else v for v in column]


@pytest.mark.parametrize("codes", [["12436", "12436"], [12436, 12436], [12436.0, 12436.0]])
def test_the_day_decides_what_a_code_means(codes: list[object]) -> None:
    after = of(codes).map_wards("ward", lineage=REAL, date="2024-06-18", to="2025-07-01", into="ward_2025")
    assert after.data["ward_2025"].tolist() == ["13225", "13225"]
    assert after.codebook["ward_2025"].label("13225", "vi") == "phường Thái Bình"
    assert after.entries[-1].what.endswith("1 unit became 1 (merged 1)")


def test_a_reused_code_is_another_unit_before_and_after() -> None:
    with pytest.raises(
        CleaningError, match="The ward of some rows on that day cannot be determined"
    ) as caught:  # xã Tân Bình: a join on the code would pass
        of(["13225"]).map_wards("ward", lineage=REAL, date="2024-06-18", to="2025-07-01", into="new")
    assert "xã Tân Bình" in str(caught.value) and "no successor" in str(caught.value)
    stays = of(["13225"]).map_wards("ward", lineage=REAL, date="2025-09-01", to="2026-01-01", into="new")
    assert stays.data["new"].tolist() == ["13225"]
    with pytest.raises(
        CleaningError, match="The ward of some rows on that day cannot be determined"
    ) as caught:  # Bồ Xuyên is no code of today
        of(["12436"]).map_wards("ward", lineage=REAL, date="2025-09-01", to="2026-01-01", into="new")
    assert "Bồ Xuyên (2000-01-01 to 2025-06-30)" in str(caught.value)


def test_renamed_and_merged_units_forward() -> None:
    assert mapped(of(["A", "B", "C", None, "F"])) == ["A", "B", "B", None, "G"]


def test_two_changes_in_a_row() -> None:
    assert mapped(of(["E"]), date="2010-01-01") == ["G"]
    assert mapped(of(["G"]), date="2025-07-01", to="2010-01-01") == ["E"]
    assert mapped(of(["G"]), date="2025-07-01", to="2024-01-01") == ["F"]


def test_a_split_unit_is_never_guessed() -> None:
    with pytest.raises(CleaningError, match="The ward of some rows on that day cannot be determined") as caught:
        mapped(of(["A", "D", "B", "D"]))
    message = str(caught.value)
    assert "2 rows: 1, 3" in message and "2 successors" in message and "D mới" in message and "E mới" in message
    one_part = INVENTED.drop(index=4)
    with pytest.raises(CleaningError, match="one of its parts"):
        mapped(of(["D"]), lineage=one_part)


def test_back_where_it_is_unique_and_only_there() -> None:
    back = {"date": "2025-07-01", "to": "2024-06-30"}
    assert mapped(of(["A", "D", "E"]), **back) == ["A", "D", "D"]
    with pytest.raises(CleaningError, match="2 predecessors"):
        mapped(of(["B"]), **back)


def test_the_day_may_stand_in_a_column_and_then_each_row_has_its_own() -> None:
    days = pd.to_datetime(["2024-06-30 17:00", "2025-07-01 00:00", "2025-06-30 23:59"])
    assert mapped(of(["F", "E", "F"], day=list(days)), date="day") == ["G", "E", "G"]
    assert mapped(of(["F", "E"], day=["2024-06-30", "2025-07-02"]), date="day") == ["G", "E"]
    with pytest.raises(CleaningError, match="Some rows have a ward but no date") as caught:
        mapped(of(["F", "E"], day=["2024-06-30", None]), date="day")
    assert "1 row: 1" in str(caught.value)
    assert mapped(of(["F", None], day=["2024-06-30", None]), date="day") == ["G", None]


def test_the_day_may_come_from_the_vintage_of_the_codes() -> None:
    vintage = {"code_vintage": {1: "2025-06-30", 2: "2025-07-01"}}
    # F of before became G; E of after is E, though E of before 2020 became F
    assert mapped(of(["F", "E"], code_vintage=[1.0, 2.0]), date=vintage) == ["G", "E"]
    with pytest.raises(CleaningError, match="Some rows have a ward but no date"):
        mapped(of(["F", "E"], code_vintage=[1.0, 3.0]), date=vintage)


def test_an_unknown_code_is_named_with_its_rows() -> None:
    with pytest.raises(CleaningError, match="no such code") as caught:
        mapped(of(["A", "Z", "A"]))
    assert "1 row: 1" in str(caught.value) and "Z on its day" in str(caught.value)


def test_numbers_find_codes_that_begin_with_zero() -> None:
    zero = INVENTED.replace({"A": "00123"})
    assert mapped(of([123.0, np.nan]), lineage=zero) == ["00123", None]
    with pytest.raises(CleaningError, match="no such code"):
        mapped(of(["123"]), lineage=zero)


def test_kinds_of_missing_wards_are_kept() -> None:
    book = Codebook.from_dict({"variables": {"ward": {"type": "nominal", "missing": {"-99": "refused"}}}})
    raw = Responses(pd.DataFrame({"ward": [12436.0, -99]}), book)
    given = {"lineage": REAL, "date": "2024-06-18", "to": "2025-07-01", "into": "new"}
    with pytest.raises(CleaningError, match="recode_missing"):
        raw.map_wards("ward", **given)
    clean = raw.recode_missing().map_wards("ward", **given)
    assert clean.missing["new"].tolist() == clean.missing["ward"].tolist() and clean.missing["new"][1] > 0


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda t: t.drop(columns="valid_to"), "The lineage table is missing columns"),
        (lambda t: t.assign(valid_from="năm 2000"), "A date in the lineage table cannot be read"),
        (
            lambda t: pd.concat([t, t.iloc[:1].assign(valid_from="2010-01-01")]),
            "A code of the lineage table has two meanings on the same day",
        ),
        (lambda t: t.replace({"successor_code": {"G": "H"}}), "A successor is not a unit of the lineage table"),
        (lambda t: t.replace({"kind": {"merged": "eaten"}}), "unknown kind"),
        (lambda t: t.assign(valid_to="1999-01-01"), "ends before it begins"),
        (lambda t: pd.concat([t, t.iloc[:1].assign(name="other")]), "disagree"),
        (lambda t: t.assign(code=""), "has no code"),
    ],
)
def test_a_lineage_table_that_contradicts_itself(change: object, words: str) -> None:
    with pytest.raises(CleaningError, match=words):
        mapped(of(["A"]), lineage=change(INVENTED.copy()))  # type: ignore[operator]


def test_a_table_from_a_file_and_one_with_real_dates_and_empty_cells_are_the_same(tmp_path: Path) -> None:
    INVENTED.to_csv(tmp_path / "lineage.csv", index=False, encoding="utf-8-sig")
    frame = INVENTED.replace({"": None})
    frame["valid_from"] = pd.to_datetime(frame["valid_from"])
    frame["valid_to"] = pd.to_datetime(frame["valid_to"])
    from_file = of(["A", "C"]).map_wards(
        "ward", lineage=tmp_path / "lineage.csv", date="2024-01-01", to="2025-07-01", into="n"
    )
    from_frame = of(["A", "C"]).map_wards("ward", lineage=frame, date="2024-01-01", to="2025-07-01", into="n")
    assert from_file.entries == from_frame.entries
    with pytest.raises(CleaningError, match="does not exist"):
        mapped(of(["A"]), lineage=tmp_path / "none.csv")


@pytest.mark.parametrize("encoding", ["utf-16", "utf-8-sig", "utf-8"])
@pytest.mark.parametrize("sep", [",", ";", "\t"])
def test_a_table_in_utf_16_or_with_semicolons_is_the_same(tmp_path: Path, encoding: str, sep: str) -> None:
    """As Excel saves it: "Unicode text" is UTF-16 with tabs, and a Vietnamese Windows writes semicolons."""
    path = tmp_path / "lineage.csv"
    INVENTED.to_csv(path, index=False, encoding=encoding, sep=sep)
    got = of(["A", "C"]).map_wards("ward", lineage=path, date="2024-01-01", to="2025-07-01", into="n")
    whole = of(["A", "C"]).map_wards("ward", lineage=INVENTED, date="2024-01-01", to="2025-07-01", into="n")
    pd.testing.assert_frame_equal(got.data, whole.data)
    assert got.entries == whole.entries


def test_the_log_keeps_the_rows_of_the_table_that_matter() -> None:
    done = of(["A"]).map_wards("ward", lineage=INVENTED, date="2024-01-01", to="2025-07-01", into="n")
    assert {row["code"] for row in done.entries[-1].arguments["lineage"]} == {"A"}
    done = of(["F"]).map_wards("ward", lineage=INVENTED, date="2024-01-01", to="2025-07-01", into="n")
    assert {row["code"] for row in done.entries[-1].arguments["lineage"]} == {"D", "E", "F", "G"}


def test_nobody_and_nobody_with_a_ward() -> None:
    assert mapped(of([])) == []
    assert mapped(of([None, None])) == [None, None]


def test_the_simulated_study_has_a_lineage_that_gives_its_own_new_codes() -> None:
    home = Path(__file__).parents[2] / "data" / "raw"
    raw = sv.Study.open(home / "study.toml").read("residents")
    vintage = {"code_vintage": {1: "2025-06-30", 2: "2025-07-01"}}
    done = raw.map_wards("ward_legacy_code", lineage=home / "lineage.csv", date=vintage, to="2025-07-01", into="new")
    assert done.data["new"].tolist() == raw.data["ward_2025_code"].tolist()
    # new P02 is not old P02: a join on the code alone would leave P02 where it was and P03 without a match
    assert set(done.data.loc[done.data["new"] == "P02", "ward_legacy_code"]) == {"P01", "P02", "P03"}
    with pytest.raises(CleaningError, match="3 predecessors"):
        done.map_wards("new", lineage=home / "lineage.csv", date="2025-07-01", to="2024-06-30", into="old")

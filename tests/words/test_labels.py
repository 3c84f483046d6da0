"""What rows are called and measured in, and which of them may be shown."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest

from survey import ExportError
from survey.words import labels as _labels


def test_fewer_than_30_are_suppressed_fewer_than_50_flagged(cases: Any) -> None:
    e = cases.made(cases.rows("OV01", np.full(6, 0.5), n=[0, 1, 29, 30, 49, 50]), "proportion")
    assert list(_labels.statuses(e)) == ["empty", "suppressed", "suppressed", "flagged", "flagged", "shown"]
    shown = _labels.labelled(e, "en")
    assert (
        shown.loc[shown["status"] == "suppressed", ["estimate", "std_error", "conf_low", "deff"]]
        .isna()
        .to_numpy()
        .all()
    )
    assert shown.loc[3:, "estimate"].notna().all()
    assert e.table["estimate"].notna().all()  # the result itself is not touched


def test_a_difference_stands_on_the_smaller_of_its_groups(cases: Any) -> None:
    e = cases.made(cases.rows("OV01", [0.4, 0.5, 0.6], n=[20, 40, 90], wave=[1, 2, 3]), "proportion", ("wave",))
    made = e.contrast({"a": [-1, 1, 0], "b": [0, -1, 1], "c": [0, 0, 1]})
    assert list(_labels.statuses(made)) == ["suppressed", "flagged", "shown"]


@pytest.mark.parametrize(
    ("statistic", "item", "axis", "written"),
    [
        ("proportion", "OV01", "%", "72,4"),
        ("mean", "TR08", "%", "72,4"),  # the mean of yes and no is a share
        ("mean", "friendliness", "điểm (thang 0–100)", "0,7"),
        ("mean", "OV01", "điểm (thang 1–5)", "0,72"),
        ("mean", "EF01", "phút", "0,7"),
        ("quantile", "EF01", "phút", "0,7"),
        ("total", "one", "người", "1"),
        ("net", "OV01", "điểm phần trăm", "+72,4"),
        ("ratio", "EF01/one", "", "0,72"),
        ("coefficient", "OV01", "", "0,72"),
    ],
)
def test_the_unit_comes_from_the_statistic_and_the_codebook(
    cases: Any, statistic: str, item: str, axis: str, written: str
) -> None:
    measure = _labels.measure_at(cases.made(cases.rows(item, 0.724), statistic), 0)
    assert measure.axis("vi") == axis
    assert measure.value(0.724, "vi") == written


def test_a_rescaled_mean_is_on_the_new_scale(cases: Any) -> None:
    e = cases.made(cases.rows("OV01", 70.1), "mean", scale=(0, 100))
    assert _labels.measure_at(e, 0).axis("en") == "points (scale 0–100)"


def test_a_difference_an_average_and_a_ratio_are_told_apart(cases: Any) -> None:
    e = cases.made(cases.rows("OV01", [0.4, 0.6], wave=[1, 2]), "proportion", ("wave",))
    made = e.contrast({"difference": "`2` - `1`", "average": "(`1` + `2`) / 2", "ratio": "`2` / `1`"})
    measures = _labels.measures(made)
    assert [m.value(float(x), "en") for m, x in zip(measures, made.table["estimate"], strict=True)] == [
        "+20.0",
        "50.0",
        "1.50",
    ]
    assert [m.axis("en") for m in measures] == ["percentage points", "%", ""]
    with pytest.raises(ExportError, match="different units"):
        _labels.common_measure(made)


def test_a_plain_difference_is_named_by_its_groups(cases: Any) -> None:
    e = cases.wards()
    made = e.contrast(
        {"x": np.eye(20)[1] - np.eye(20)[0], "y": np.eye(20)[2] - np.eye(20)[0], "did": "`P02:2` - `P02:1`"}
    )
    assert _labels.contrast_parts(made, 0, "vi") == ("Phường Đông Hải", ("Tháng 6/2024", "Tháng 8/2023"))
    assert _labels.contrast_parts(made, 1, "en") == ("August 2023", ("An Phú ward", "Đông Hải ward"))
    assert _labels.contrast_parts(made, 2, "vi")[0] == "Khác biệt trong khác biệt"


def test_an_unlabelled_number_is_named_after_its_variable(cases: Any) -> None:
    e = cases.made(cases.rows("OV01", [0.4, 0.6], tier=[0.0, 1.0], place=["a", "b"]), "proportion", ("tier", "place"))
    shown = _labels.labelled(e, "en")
    assert shown["tier"].tolist() == ["tier 0", "tier 1"]
    assert shown["place"].tolist() == ["a", "b"]


def test_labels_of_ones_own_by_name(cases: Any) -> None:
    labels = {"OV01": {"vi": "Hài lòng chung", "en": "Overall"}}
    assert _labels.labelled(cases.wards(), "vi", labels)["item"].unique().tolist() == ["Hài lòng chung"]


def test_a_table_may_hold_an_index_twice(cases: Any) -> None:
    table = cases.wards().table
    e = cases.made(pd.concat([table.iloc[:2], table.iloc[:2]]), "proportion", ("ward", "wave"))
    assert _labels.labelled(e, "en")["wave"].tolist() == ["August 2023", "June 2024"] * 2


class TestASlashInAName:
    """Only a ratio is made of two variables; questions ("Ông/Bà ...?") and Kobo's groups have slashes of their own."""

    @pytest.mark.parametrize("item", ["1. Ông/Bà hài lòng thế nào?", "part_a/q1", "a/b/c"])
    def test_a_name_is_shown_as_it_is_written(self, cases: Any, item: str) -> None:
        e = cases.made(cases.rows(item, [0.4, 0.5], wave=[1, 2]), "proportion", ("wave",))
        assert set(_labels.labelled(e, "vi")["item"]) == {item}
        assert _labels.item_label(e.contrast({"rise": [-1, 1]}), item, "vi") == item

    def test_a_ratio_has_two_sides_and_so_has_what_is_made_of_it(self, cases: Any) -> None:
        e = cases.made(cases.rows("EF01/OV01", [0.4, 0.5], wave=[1, 2]), "ratio", ("wave",))
        names = " / ".join(e.codebook.short_name(name, "en") for name in ("EF01", "OV01"))
        assert set(_labels.labelled(e, "en")["item"]) == {names}
        assert _labels.item_label(e.contrast({"rise": [-1, 1]}), "EF01/OV01", "en") == names

    def test_a_ratio_of_names_with_slashes_is_cut_where_the_codebook_knows_both(self, cases: Any) -> None:
        from survey.words.group_labels import sides_of

        made = sv_sample({"part/minutes": [10.0, 20.0, 30.0], "trips": [1.0, 2.0, 2.0]}).ratio("part/minutes", "trips")
        assert sides_of(made, "part/minutes/trips") == ("part/minutes", "trips")


def sv_sample(columns: dict[str, list[float]]) -> Any:
    import survey as sv

    book = sv.Codebook.from_dict({"variables": {name: {"type": "number"} for name in columns}})
    return sv.Sample(sv.Responses(pd.DataFrame(columns), book), weights=None)

"""What a notebook shows of results and samples."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

import survey as sv
from survey import Codebook, Estimates
from survey.words import screen


def test_labels_units_and_intervals_in_place_of_codes(cases: Any) -> None:
    frame = screen.rounded(cases.wards(), "en")
    assert list(frame.columns) == ["Item", "Ward", "Wave", "Estimate", "95% CI", "df", "n", "deff"]
    assert frame.iloc[0].tolist() == [
        "Overall satisfaction?",
        "Đông Hải ward",
        "August 2023",
        "50.0%",
        "46.0–54.0",
        "98",
        "150",
        "1.60",
    ]


def test_the_result_itself_is_not_rounded(cases: Any) -> None:
    e = cases.made(cases.rows("OV01", 1 / 3), "proportion")
    screen.to_html(e)
    assert e.table["estimate"].iloc[0] == 1 / 3


def test_who_analyses_sees_small_numbers_marked(cases: Any) -> None:
    frame = screen.rounded(cases.hard(), "en")
    assert frame["Estimate"].iloc[5] == "12.3%"
    assert frame["n"].iloc[[3, 5, 8, 9]].tolist() == ["0†", "22†", "41*", "150"]
    assert frame["Estimate"].iloc[3] == "–"
    html = screen.to_html(cases.hard(), "en")
    assert "† Fewer than 30 answers: not for publication." in html
    assert "* From 30 to 49 answers: small sample, read with caution." in html


def test_p_values_are_read_as_in_a_paper(cases: Any) -> None:
    e = cases.differences()
    e = e.with_table(e.table.assign(p_value=[0.00001, 0.0123, np.nan, *[0.5] * 7]))
    shown = screen.rounded(e, "en")["p-value"].str.replace("\N{NO-BREAK SPACE}", " ").tolist()
    assert shown[:4] == ["< 0.001", "0.012", "–", "0.500"]


def test_the_language_is_the_codebooks(cases: Any) -> None:
    assert screen.language_of(cases.book) == "vi"
    english = Codebook.from_dict({"variables": {"q": {"text": {"en": "Q"}}}})
    assert screen.language_of(english) == "en"
    assert "Nguồn: Khảo sát thử (dữ liệu mô phỏng)." in screen.to_text(cases.wards())
    assert "Source: Trial survey (simulated data)." in screen.to_text(cases.wards(), "en")


def test_what_all_rows_share_stands_above_the_table(cases: Any) -> None:
    html = screen.to_html(cases.wards(), "en")
    assert html.count("Overall satisfaction?") == 1
    assert "<caption style='text-align:left'>Overall satisfaction?</caption>" in html
    assert html.count("An Phú ward") == 1  # one cell over both waves
    assert "<th scope='rowgroup' rowspan='2'" in html


def test_labels_cannot_break_out_of_the_page(cases: Any) -> None:
    e = cases.made(cases.rows("<script>", [0.4, 0.5], place=["<i>", "&"]), "proportion", ("place",))
    html = screen.to_html(e, "en")
    assert "<script>" not in html
    assert "<i>" not in html


def test_long_tables_are_cut_and_say_so(cases: Any) -> None:
    e = cases.made(
        cases.rows("OV01", np.linspace(0, 1, 100), place=[f"x{i}" for i in range(100)]), "proportion", ("place",)
    )
    html = screen.to_html(e, "en")
    assert "40 more rows are not shown here." in html
    assert html.count("<tr>") == 61
    assert len(screen.to_text(e, "en").splitlines()) > 100


def test_results_without_a_codebook_or_groups(cases: Any) -> None:
    bare = Estimates(cases.rows("x", 2.5), "mean")
    assert "2.50" in screen.to_text(bare)
    assert "<caption style='text-align:left'>x</caption>" in screen.to_html(bare)
    empty = Estimates(cases.rows("x", 2.5).iloc[:0], "mean")
    assert "<table" in screen.to_html(empty)


def test_coefficients_quantiles_and_answers_have_headings(cases: Any) -> None:
    quantiles = cases.made(cases.rows("EF01", [10.0, 20.0]).assign(quantile=[0.25, 0.5]), "quantile")
    assert screen.rounded(quantiles, "en")["Quantile"].tolist() == ["25% quantile", "Median"]
    answers = screen.rounded(cases.answers(["OV01"]), "vi")
    assert answers["Câu trả lời"].tolist()[0] == "rất không hài lòng"
    model = cases.made(cases.rows("y", [1.0, 2.0]).assign(term=["Intercept", "x"]), "coefficient")
    assert screen.rounded(model, "en")["Term"].tolist() == ["Intercept", "x"]


def test_infinite_degrees_of_freedom(cases: Any) -> None:
    e = cases.made(cases.rows("OV01", 0.5).assign(df=np.inf), "proportion")
    assert screen.rounded(e, "en")["df"].tolist() == ["∞"]


def test_a_sample_in_five_lines() -> None:
    data = pd.DataFrame({"w": [1.0, 1.0, 2.0, 2.0], "s": [1, 1, 2, 2], "y": [1, 2, 3, 4]})
    html = sv.Sample(data, weights="w", strata="s")._repr_html_()
    # Kish (1965): 4 * (1 + 1 + 4 + 4) / 6^2 = 1.11, and 4 / 1.11 = 3.6
    assert "1.11 (n_eff = 4)" in html
    assert ">4</td>" in html
    assert "strata s" in html

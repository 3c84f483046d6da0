"""Two real surveys through the whole road: published numbers hold, and repeated rows are not taken for people."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import survey as sv
from survey.core.log import KIND_CODES
from survey.opendata.codebooks import codebook
from survey.study import published

pytestmark = pytest.mark.real

PUBLISHED_ITEMS = ["Q1_1", "Q1_2", "Q1_6", "Q3_5", "Q3_6", "Q3_12", "Q8_3"]


@pytest.fixture(scope="module")
def san_diego_raw(data_home: Path) -> pd.DataFrame:
    return pd.read_csv(data_home / "sandiego2015" / "resident_survey_weighted_datasd.csv", low_memory=False)


@pytest.fixture(scope="module")
def san_diego(data_home: Path) -> sv.Responses:
    folder = data_home / "sandiego2015"
    return sv.read(folder / "resident_survey_weighted_datasd.csv", codebook("sandiego2015", folder))


@pytest.fixture(scope="module")
def collapsed(san_diego: sv.Responses) -> sv.Responses:
    reason = "weighted by repeating rows"
    return san_diego.recode_missing().collapse_copies(ignore="Num", adjacent=True, reason=reason)


@pytest.fixture(scope="module")
def brazil(data_home: Path) -> sv.Sample:
    folder = data_home / "lapop_bra23"
    responses = sv.read(folder / "bra23.csv", codebook("lapop_bra23", folder))
    assert not responses.check().broken
    return sv.Sample(responses.recode_missing(), weights="wt", strata="strata", psu="upm", nest=True)


class TestSanDiego:
    def test_zip_and_words_of_respondents_are_never_kept(self, san_diego: sv.Responses) -> None:
        for name in ("ZIP", "Q24_other", "Q25_other"):
            assert name not in san_diego.data and name not in san_diego.codebook
            assert name in san_diego.log.loc[1, "what"]

    def test_only_the_column_that_the_file_lacks_breaks_the_codebook(self, san_diego: sv.Responses) -> None:
        errors = [b for b in san_diego.check().broken if b.severity == "error"]
        assert [b.variable for b in errors] == ["Q15_1"]

    def test_no_dont_know_is_left_to_be_averaged(self, san_diego: sv.Responses, san_diego_raw: pd.DataFrame) -> None:
        recoded = san_diego.recode_missing()
        ratings = [n for n, v in recoded.codebook.variables.items() if v.type == "ordinal" and n in recoded.data]
        assert len(ratings) > 90
        for name in ratings:
            assert not recoded.data[name].isin([9, 99]).any(), name
            said = san_diego_raw[name].isin([9, 99]).to_numpy()
            np.testing.assert_array_equal(recoded.data[name].isna().to_numpy(), said)
            assert (recoded.missing.loc[said, name] == KIND_CODES["dont_know"]).all()

    def test_copies_collapse_to_the_respondents_that_differ(self, collapsed: sv.Responses) -> None:
        # 2,477 rows, 795 of them exact copies of a neighbour: counted outside the project
        assert len(collapsed) == 1682
        assert collapsed.data["copies"].sum() == 2477
        assert len(collapsed.rejected) == 795
        assert collapsed.log.iloc[-1]["reason"] == "weighted by repeating rows"

    def test_repeating_the_rows_again_gives_the_file_back(
        self, san_diego: sv.Responses, collapsed: sv.Responses
    ) -> None:
        again = collapsed.data.loc[np.repeat(collapsed.data.index, collapsed.data["copies"].astype(int))]
        before = san_diego.recode_missing().data.drop(columns="Num")
        pd.testing.assert_frame_equal(
            again.drop(columns=["Num", "copies"]).reset_index(drop=True), before.reset_index(drop=True)
        )

    def test_without_zip_only_neighbours_are_copies(self, san_diego: sv.Responses) -> None:
        # two people far apart in the file agree in all but their ZIP: without it they would become one
        everywhere = san_diego.recode_missing().collapse_copies(ignore="Num")
        assert len(everywhere) == 1681

    def test_published_percentages(self, collapsed: sv.Responses) -> None:
        sample = sv.Sample(collapsed, weights="copies")
        comparison = published.compare(
            "sandiego2015",
            satisfied=sample.proportion(PUBLISHED_ITEMS, top=2),
            better=sample.proportion("Q5", top=2),
            same=sample.proportion("Q5", levels=[3]),
            worse=sample.proportion("Q5", bottom=2),
        )
        assert len(comparison) == 10  # eight results, the last of them three shares
        assert comparison.all_within, comparison.to_text()

    def test_repeated_rows_understate_standard_errors(self, san_diego: sv.Responses, collapsed: sv.Responses) -> None:
        """With f copies of each of n respondents and N = sum f, a share of p has by hand

        repeated rows:   V = N / (N - 1) * sum f (y - p)^2 / N^2
        collapsed rows:  V = n / (n - 1) * sum f^2 (y - p)^2 / N^2

        so that, where the answer has nothing to do with f, the second is sum f^2 / sum f times the first.
        """
        repeated = sv.Sample(san_diego.recode_missing(), weights=None).proportion(PUBLISHED_ITEMS, top=2).table
        honest = sv.Sample(collapsed, weights="copies").proportion(PUBLISHED_ITEMS, top=2).table
        np.testing.assert_allclose(honest["estimate"], repeated["estimate"], rtol=1e-12)
        for i, name in enumerate(PUBLISHED_ITEMS):
            valid = collapsed.data[name].notna()
            f = collapsed.data.loc[valid, "copies"].to_numpy()
            y = (collapsed.data.loc[valid, name] >= 4).to_numpy(float)
            p, total, n = f @ y / f.sum(), f.sum(), len(collapsed)
            rows = len(san_diego)  # those who did not answer count as rows with an influence of zero
            by_hand = n / (n - 1) * (f**2 @ (y - p) ** 2) / total**2
            naive = rows / (rows - 1) * (f @ (y - p) ** 2) / total**2
            assert honest["std_error"].iloc[i] == pytest.approx(by_hand**0.5, rel=1e-9)
            assert repeated["std_error"].iloc[i] == pytest.approx(naive**0.5, rel=1e-9)
            inflation = (f**2).sum() / f.sum()
            ratio = honest["std_error"].iloc[i] / repeated["std_error"].iloc[i]
            assert 1.3 < ratio == pytest.approx(inflation**0.5, rel=0.05)

    def test_districts_are_domains_of_one_sample(self, collapsed: sv.Responses) -> None:
        sample = sv.Sample(collapsed, weights="copies")
        table = sample.proportion("Q3_8", top=2, by="Q28").table
        assert table["Q28"].tolist() == list(range(1, 10))
        assert table["n"].sum() == collapsed.data["Q3_8"].notna().sum()
        whole = sample.proportion("Q3_8", top=2).table["estimate"].iloc[0]
        weights = collapsed.data["copies"].where(collapsed.data["Q3_8"].notna(), 0).groupby(collapsed.data["Q28"]).sum()
        assert table["estimate"].to_numpy() @ weights.to_numpy() / weights.sum() == pytest.approx(whole, rel=1e-12)


class TestBrazil:
    def test_published_shares_with_intervals_and_both_regressions(self, brazil: sv.Sample) -> None:
        comparison = published.compare(
            "lapop_bra23",
            trust=brazil.proportion(["b12", "b13"], levels=[5, 6, 7], interval="plain"),
            additive=brazil.linear("ing4 ~ wealth + idio2"),
            interaction=brazil.linear("ing4 ~ wealth * idio2"),
        )
        assert len(comparison) == 12
        assert comparison.all_within, comparison.to_text()

    def test_the_codebook_decides_the_reference_group(self, brazil: sv.Sample) -> None:
        terms = brazil.linear("ing4 ~ wealth + idio2").table["term"].tolist()
        assert terms == ["Intercept", "wealth", "idio2[T.Igual]", "idio2[T.Peor]"]

    def test_degrees_of_freedom_are_clusters_minus_strata(self, brazil: sv.Sample) -> None:
        # 125 primary units in 5 strata; the model with six coefficients has 125 - 5 + 1 - 6
        assert brazil.proportion("b12", top=3).table["df"].iloc[0] == 120
        assert brazil.linear("ing4 ~ wealth * idio2").table["df"].iloc[0] == 115

    def test_leaving_the_design_out_gives_other_intervals(self, brazil: sv.Sample) -> None:
        naive = sv.Sample(brazil.responses, weights="wt").proportion(["b12", "b13"], levels=[5, 6, 7], interval="plain")
        comparison = published.compare("lapop_bra23", trust=naive)
        assert not comparison.all_within


def test_a_data_set_without_a_codebook(tmp_path: Path) -> None:
    with pytest.raises(sv.CodebookError) as error:
        codebook("atlantis", tmp_path)
    assert "lapop_bra23" in str(error.value.expected)


class TestNew:
    """`survey new` on files of numbers without labels and without a codebook: published results at once."""

    def cleaned(self, study: sv.Study) -> sv.Responses:
        return study.read().recode_missing().number_scales().recode_missing(outside="blank")

    def test_san_diego_without_an_edited_line(self, data_home: Path, tmp_path: Path) -> None:
        """Codes 4 and 5, don't-knows (9) left out; published as whole percentages."""
        file = data_home / "sandiego2015" / "resident_survey_weighted_datasd.csv"
        study = sv.new(tmp_path / "s", data=file, lang="en")
        shares = study.sample(self.cleaned(study)).proportion(["Q1_1", "Q3_6", "Q8_3"], top=2).table["estimate"]
        assert (100 * shares).to_numpy() == pytest.approx([87, 76, 24], abs=0.5)

    def test_brazil_with_one(self, data_home: Path, tmp_path: Path) -> None:
        """The share of 5 to 7 in b12, with its interval (lapop package, reference pages): 57.4 (54.6-60.2)."""
        study = sv.new(tmp_path / "s", data=data_home / "lapop_bra23" / "bra23.csv", lang="en")
        text = study.path.read_text(encoding="utf-8")
        waiting = '# design = { weights = "wt", strata = "strata", psu = "upm" }'
        assert waiting in text and study.design() == {}
        study.path.write_text(text.replace(waiting, waiting.removeprefix("# ")), encoding="utf-8")
        study = sv.Study.open(study.path)
        e = study.sample(self.cleaned(study)).proportion("b12", top=3, interval="plain").table.iloc[0]
        assert [100 * e[c] for c in ("estimate", "conf_low", "conf_high")] == pytest.approx(
            [57.4, 54.6, 60.2], abs=0.06
        )

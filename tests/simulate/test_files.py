"""What is committed is what the generator writes, twice the same, and agrees with the city it was drawn from."""

from __future__ import annotations

import tomllib
from pathlib import Path

import numpy as np
import pandas as pd
import pyreadstat
import pytest

import survey as sv
from survey.simulate import DEFAULT_SEED, World, build, write_study
from survey.simulate.fieldwork import systematic_pps

FILES = {
    "README.md",
    "businesses_2023.sav",
    "businesses_2024.sav",
    "codebook.toml",
    "lineage.csv",
    "lineage_groups.csv",
    "margins_residents.csv",
    "mottos.csv",
    "nonrespondents_2023.csv",
    "nonrespondents_2024.csv",
    "questionnaire_businesses.xlsx",
    "questionnaire_residents.xlsx",
    "residents_2023.sav",
    "residents_2024.sav",
    "sampling_frame.csv",
    "study.toml",
}


@pytest.mark.slow
def test_committed_files_are_what_the_generator_writes(raw: Path, written: Path) -> None:
    # the published results, which `survey publish` writes, and what of them cells can tell, which people write
    made = {p.name for p in raw.iterdir()} - {"ledger.json", "cells.toml"}
    assert made == {p.name for p in written.iterdir()} == FILES
    differing = [name for name in sorted(FILES) if (raw / name).read_bytes() != (written / name).read_bytes()]
    assert differing == [], "write them again with `survey simulate`"


def test_spss_files_hold_a_date_that_is_always_the_same(written: Path) -> None:
    assert (written / "residents_2024.sav").read_bytes()[92:109] == b"01 Jul 2400:00:00"


@pytest.mark.slow  # what is committed was written by another run
def test_a_second_run_gives_the_same_bytes_although_spss_files_hold_a_date(written: Path, tmp_path: Path) -> None:
    paths = write_study(tmp_path)
    assert {p.name for p in paths} == FILES
    for path in paths:
        assert path.read_bytes() == (written / path.name).read_bytes(), path.name


@pytest.mark.slow
def test_another_seed_gives_another_sample_and_says_so(tmp_path: Path, written: Path) -> None:
    write_study(tmp_path, seed=1)
    assert (tmp_path / "residents_2023.sav").read_bytes() != (written / "residents_2023.sav").read_bytes()
    assert "from seed\n1;" in (tmp_path / "README.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("seed", [-1, 1.5, "2023", True, None])
def test_a_seed_that_is_no_whole_number_is_refused(seed: object) -> None:
    with pytest.raises(sv.SurveyError, match="seed"):
        build(seed)  # type: ignore[arg-type]


def test_files_stay_small(raw: Path) -> None:
    assert max(p.stat().st_size for p in raw.iterdir()) < 1_500_000


def test_every_file_says_that_it_is_simulated(raw: Path) -> None:
    for path in raw.glob("*.csv"):
        if path.name != "mottos.csv":  # sayings of real programmes: sourced, inferred or not found
            told = pd.read_csv(path)["source"]
            if path.name == "margins_residents.csv":  # shown below figures, each language by itself
                marked = r"\[vi\] dữ liệu mô phỏng: .+ \[en\] simulated data: "
                assert told.str.match(marked).all()
            else:
                assert told.str.startswith("dữ liệu mô phỏng / simulated data").all(), path.name
    for path in raw.glob("*.sav"):
        meta = pyreadstat.read_sav(path, metadataonly=True)[1]
        assert meta.file_label.startswith("dữ liệu mô phỏng / simulated data"), path.name
    for name in ("study.toml", "codebook.toml"):
        assert tomllib.loads((raw / name).read_text(encoding="utf-8"))["study"]["simulated"] is True
    assert str(DEFAULT_SEED) in (raw / "README.md").read_text(encoding="utf-8")


def test_no_real_place_is_named_in_data(raw: Path) -> None:
    for path in raw.iterdir():
        if path.name != "mottos.csv":
            text = path.read_bytes().decode("utf-8", errors="ignore").lower()
            assert "thái bình" not in text and "bồ xuyên" not in text, path.name


def test_mottos_keep_their_marks(raw: Path) -> None:
    mottos = pd.read_csv(raw / "mottos.csv", dtype=str)
    assert list(mottos.columns) == ["motto_id", "province", "element", "vi", "en", "source", "verified"]
    assert mottos["motto_id"].is_unique and set(mottos["verified"]) == {"[S]", "[I]", "[?]"}
    # what has a source names one that can be opened
    assert mottos.loc[mottos["verified"].eq("[S]"), "source"].str.contains(r"[a-z]\.[a-z]+/\S+").all()
    # a star says that the element is unverified for the pilot
    assert not (mottos["element"].str.endswith("*") & mottos["verified"].eq("[S]")).any()
    named = tomllib.loads((raw / "codebook.toml").read_text(encoding="utf-8"))["variables"].values()
    elements = {part for v in named for part in v.get("element", "").split(", ") if part}
    assert elements <= set(mottos["element"]) and len(elements) == 10


def test_study_names_files_that_are_there(raw: Path) -> None:
    study = tomllib.loads((raw / "study.toml").read_text(encoding="utf-8"))
    assert (raw / study["study"]["codebook"]).is_file()
    for survey in study["surveys"].values():
        columns = set(pyreadstat.read_sav(raw / survey["files"][0], metadataonly=True)[1].column_names)
        assert set(survey["design"].values()) <= columns
        assert all((raw / name).is_file() for name in survey["files"])
    assert (raw / study["surveys"]["residents"]["targets"]["file"]).is_file()


def test_margins_are_the_city(raw: Path, world: World) -> None:
    table = pd.read_csv(raw / "margins_residents.csv")
    assert table.groupby(["wave", "variable"])["total"].sum().groupby("wave").nunique().eq(1).all()
    targets = sv.Targets.from_csv(raw / "margins_residents.csv", within="wave")
    adults = world.census[world.census["resp_type"] == 1]
    age = adults["wave"].map({1: 2023, 2: 2024}) - adults["birth_year"]
    assert age.min() == 18
    margins = {m.name: m.totals for m in targets.margins}
    assert targets.total == len(adults)
    for wave in (1, 2):
        now = adults["wave"] == wave
        assert margins["wave x sex"][wave, 2] == (now & (adults["sex"] == 2)).sum()
        assert margins["wave x age_group"][wave, 1] == (now & (age < 30)).sum()
        assert margins["wave x age_group"][wave, 4] == (now & (age >= 60)).sum()
        assert margins["wave x ward_legacy_code"][wave, "P08"] == (now & (adults["ward_legacy_code"] == "P08")).sum()


def test_the_drawn_are_the_interviewed_and_the_others(raw: Path, world: World) -> None:
    for wave, year in ((1, 2023), (2, 2024)):
        others = pd.read_csv(raw / f"nonrespondents_{year}.csv")
        held = world.files["residents", wave].drop_duplicates()
        assert len(held) + len(others) == 1800
        assert not set(held["resp_id"]) & set(others["resp_id"])
        assert set(held["disposition"]) == {1.1, 1.2}
        assert set(others["disposition"]) == {2.1, 2.2, 3.1, 4.6}
        assert others.loc[others["disposition"] == 4.6, "frame_sex"].isna().all()
        clusters = pd.concat([held[["stratum", "psu"]], others[["stratum", "psu"]]])
        assert (clusters.groupby("stratum")["psu"].nunique() == 12).all() and clusters["stratum"].nunique() == 10
        assert (clusters.groupby("psu").size() == 15).all()


def test_probabilities_are_the_product_of_three_stages(raw: Path, world: World) -> None:
    frame = pd.read_csv(raw / "sampling_frame.csv").set_index("tdp_legacy")
    lists = frame.groupby("ward_legacy_code")["households_listed"].sum()
    for wave, year in ((1, 2023), (2, 2024)):
        rows = world.files["residents", wave]
        assert frame.loc[rows["tdp_legacy"], f"drawn_{year}"].eq(1).all()
        assert frame.groupby("ward_legacy_code")[f"drawn_{year}"].sum().eq(12).all()
        # 12 x list / all lists x 15 / list: households of a ward are equally likely, only the adults differ
        households = 12 * 15 / rows["ward_legacy_code"].map(lists)
        adults = households / rows["sel_prob"]
        assert np.allclose(adults, adults.round(), rtol=0, atol=1e-9) and adults.round().between(1, 5).all()
        assert np.allclose(rows["w_design"] * rows["sel_prob"], 1, rtol=1e-12)
        firms = world.files["businesses", wave]
        assert np.allclose(firms["w_design"], firms["list_size"] / 30, rtol=1e-12)
        assert (firms["pop_size"] == firms["list_size"]).all()


def test_weights_of_all_who_were_drawn_add_up_to_the_city(world: World) -> None:
    for wave in (1, 2):
        drawn = pd.concat([world.files["residents", wave].drop_duplicates(), world.nonrespondents[wave]])
        people = drawn.loc[drawn["disposition"] != 4.6, "w_design"]
        adults = (world.census["resp_type"].eq(1) & world.census["wave"].eq(wave)).sum()
        # 1,750 draws, weights with a coefficient of variation of about 0.45: about 1.1 % standard error
        assert people.sum() == pytest.approx(adults, rel=0.035)


def test_systematic_pps_draws_each_unit_as_often_as_it_says() -> None:
    sizes, rng = np.array([10, 20, 30, 40, 50, 60, 70, 120]), np.random.default_rng(5)
    times, draws = np.zeros(8), 4000
    for _ in range(draws):
        chosen, probability = systematic_pps(sizes, 3, rng)
        assert len(set(chosen)) == 3
        times[chosen] += 1
    assert np.allclose(probability, 3 * sizes / 400)  # by hand: n x size / sum of sizes
    spread = np.sqrt(probability * (1 - probability) / draws)
    assert (np.abs(times / draws - probability) < 4 * spread).all()


def test_units_inside_a_ward_have_a_lineage_as_wards_do(raw: Path) -> None:
    """Every residential group has one successor, in the ward that follows its own; no two have the same."""
    answers = sv.read(raw / "residents_2024.sav", codebook=raw / "codebook.toml")
    mapped = answers.map_wards(
        "tdp_legacy", lineage=raw / "lineage_groups.csv", date="2024-06-30", to="2025-07-01", into="tdp_2025"
    )
    table = mapped.data[["tdp_legacy", "tdp_2025", "ward_2025_code"]].drop_duplicates()
    assert table["tdp_2025"].is_unique and table["tdp_legacy"].is_unique
    assert (table["tdp_2025"].str[:3] == table["ward_2025_code"]).all()
    # P04 is the first ward of the new P05, whose 40 groups come first: its group 07 is there the 7th
    assert table.set_index("tdp_legacy")["tdp_2025"].filter(like="P04-").map(lambda c: c[:4]).eq("P05-").all()

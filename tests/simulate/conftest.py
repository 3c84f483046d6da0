"""One shipped world for all tests of the simulated study, and the road from its files to a raked sample."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

import survey as sv
from simulated import shipped_world
from survey.simulate import World, write_world

SCORES = ("friendliness", "transparency", "efficiency")


@pytest.fixture(scope="session")
def raw() -> Path:
    """The committed folder."""
    return Path(__file__).parents[2] / "data" / "raw"


@pytest.fixture(scope="session")
def world() -> World:
    return shipped_world()


@pytest.fixture(scope="session")
def written(world: World, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("study")
    write_world(folder, world)
    return folder


@pytest.fixture(scope="session")
def cleaned() -> Callable[[Path, str], sv.Responses]:
    """From a folder to answers that can be analysed: what the notebooks do, in short."""

    def clean(folder: Path, kind: str = "residents") -> sv.Responses:
        files = [folder / f"{kind}_{year}.sav" for year in (2023, 2024)]
        answers = sv.read(files, codebook=folder / "codebook.toml").recode_missing()
        for name, variable in answers.codebook.variables.items():
            if variable.type == "ordinal":
                impossible = set(answers.data[name].dropna()) - set(variable.codes)
                if impossible:
                    answers = answers.recode(name, dict.fromkeys(impossible), reason="out of range")
        answers = answers.collapse_copies().drop(where="duration_s < 120", reason="speeder")
        for score in SCORES:
            answers = answers.score(score)
        return answers

    return clean


@pytest.fixture(scope="session")
def raked(cleaned: Callable[..., sv.Responses]) -> Callable[[Path], sv.Sample]:
    """The residents' sample, raked to the city's margins in each wave."""

    def rake(folder: Path) -> sv.Sample:
        answers = cleaned(folder).derive("age", "2023 + (wave == 2) - birth_year")
        answers = answers.band("age", [18, 30, 45, 60, 120], into="age_group")
        sample = sv.Sample(answers, weights="w_design", strata="stratum", psu="psu")
        return sample.rake(sv.Targets.from_csv(folder / "margins_residents.csv", within="wave"))

    return rake

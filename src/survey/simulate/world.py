"""One simulated study from seed to data files, with the truth behind it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

import pandas as pd

from survey.codebook import Codebook
from survey.errors import SurveyError
from survey.simulate.answers import answer
from survey.simulate.fieldwork import draw_businesses, draw_residents, frame_table, interview
from survey.simulate.plant import merged, plant
from survey.simulate.population import age_group, build_city
from survey.simulate.settings import SIMULATED, YEARS, Effects, instrument
from survey.simulate.truth import population_values

__all__ = ["World", "build"]

_REGISTER = (
    "[vi] dữ liệu mô phỏng: sổ đăng ký của thành phố mô phỏng [en] simulated data: register of the simulated city"
)
_UNANSWERED = [
    "resp_id",
    "wave",
    "ward_legacy_code",
    "stratum",
    "psu",
    "disposition",
    "frame_sex",
    "frame_age_group",
    "sel_prob",
    "w_design",
]


@dataclass(frozen=True)
class World:
    """A simulated city, the samples drawn from it, and what is true in it.

    Parameters
    ----------
    seed : int
    codebook : Codebook
    census : DataFrame
        Every adult and business at both waves, with the answers they would give.
    files : mapping of (kind, wave) to DataFrame
        The interviews as delivered, planted problems included; kind is "residents" or "businesses".
    nonrespondents : mapping of wave to DataFrame
        Residents drawn and not interviewed, with AAPOR dispositions.
    frame : DataFrame
        List of residential groups.
    planted : mapping of str to tuple of str
        Problem to the resp_ids that have it.
    """

    seed: int
    codebook: Codebook
    census: pd.DataFrame
    files: Mapping[tuple[str, int], pd.DataFrame]
    nonrespondents: Mapping[int, pd.DataFrame]
    frame: pd.DataFrame
    planted: Mapping[str, tuple[str, ...]]

    def truth(self, by: Sequence[str] = ("pilot_tier", "wave"), where: str | None = "resp_type == 1") -> pd.DataFrame:
        """Population means of every item and score; see `population_values`."""
        return population_values(self.census, self.codebook, by, where)

    def margins(self) -> pd.DataFrame:
        """Adults of the city by sex, by age group and by ward, a wave: what the residents are raked to."""
        adults = self.census[self.census["resp_type"] == 1]
        adults = adults.assign(age_group=age_group(adults["birth_year"].to_numpy(), adults["wave"].to_numpy()))
        tables = []
        for variable in ("sex", "age_group", "ward_legacy_code"):
            totals = adults.groupby(["wave", variable]).size().rename("total").reset_index()
            totals = totals.rename(columns={variable: "category"})
            totals["category"] = [c if isinstance(c, str) else str(int(c)) for c in totals["category"]]
            totals.insert(1, "variable", variable)
            tables.append(totals)
        table = pd.concat(tables, ignore_index=True).sort_values("wave", kind="stable", ignore_index=True)
        return table.assign(source=_REGISTER, date=table["wave"].map(YEARS).astype(str) + "-06-30")


def build(seed: int, effects: Effects | None = None) -> World:
    """Make the whole study in memory.

    Parameters
    ----------
    seed : int
        0 or more.
    effects : Effects, optional
        What the pilot does; the study's own if not given.

    Returns
    -------
    World

    Raises
    ------
    SurveyError
        If the seed is not a non-negative whole number.
    """
    if isinstance(seed, bool) or not isinstance(seed, int) or seed < 0:
        raise SurveyError(
            "The seed must be a non-negative whole number.", got=seed, expected="0, 1, 2, …", fix="give another seed"
        )
    codebook, city = instrument(), build_city(seed)
    census = pd.concat([city.census, answer(city.census, codebook, seed, effects or Effects())], axis=1)
    city = type(city)(city.households, census)
    residents, businesses = draw_residents(city, seed), draw_businesses(city, seed)
    files: dict[tuple[str, int], pd.DataFrame] = {}
    problems = []
    for kind, sample in (("residents", residents), ("businesses", businesses)):
        held = interview(sample, city, seed)
        for wave in YEARS:
            rows = held[held["wave"] == wave].reset_index(drop=True)
            rows, found = plant(rows, codebook, seed, kind, wave)
            files[kind, wave] = rows.reindex(columns=list(codebook.variables))
            problems.append(found)
    silent = residents[residents["disposition"] >= 2]
    return World(
        seed=seed,
        codebook=codebook,
        census=census,
        files=MappingProxyType(files),
        nonrespondents=MappingProxyType(
            {w: silent.loc[silent["wave"] == w, _UNANSWERED].assign(source=SIMULATED) for w in YEARS}
        ),
        frame=frame_table(city, residents, SIMULATED),
        planted=MappingProxyType(merged(problems)),
    )

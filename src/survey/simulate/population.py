"""The people and businesses of the simulated city, everyone, at both waves."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from survey.simulate.settings import GROUPS, TIERS, WARDS, YEARS, stream

__all__ = ["City", "age_group", "build_city"]

AGE_BREAKS = (18, 30, 45, 60)
# share of age groups 17-29, 30-44, 45-59, 60-92 by adults in the household: the old live alone, the young do not
_AGES = {1: (0.12, 0.28, 0.26, 0.34), 2: (0.16, 0.36, 0.25, 0.23), 3: (0.30, 0.27, 0.30, 0.13)}
_AGE_FROM, _AGE_TO = (17, 30, 45, 60), (29, 44, 59, 92)
# highest education, by age group
_EDUC = (
    (0.01, 0.09, 0.34, 0.24, 0.32),
    (0.03, 0.19, 0.31, 0.21, 0.26),
    (0.07, 0.32, 0.33, 0.15, 0.13),
    (0.22, 0.40, 0.22, 0.09, 0.07),
)
_CONTACT = (0.62, 0.72, 0.68, 0.60)
_ONLINE = (0.40, 0.30, 0.15, 0.05)


@dataclass(frozen=True, slots=True)
class City:
    """The register behind the samples.

    Parameters
    ----------
    households : DataFrame
        One row an entry of the household lists: household (its number), ward, group (0-399), vacant.
    census : DataFrame
        One row an adult and wave, then one row a business and wave; residents sorted by wave and household.
    """

    households: pd.DataFrame
    census: pd.DataFrame


def build_city(seed: int) -> City:
    """Everyone who could be drawn, without their answers.

    Parameters
    ----------
    seed : int

    Returns
    -------
    City
        About 85,000 adults and 2,000 businesses, each at both waves.
    """
    rng = stream(seed, "population")
    households = _households(rng)
    residents = _residents(rng, households)
    census = pd.concat([residents, _businesses(rng)], ignore_index=True)
    return City(households, census.assign(**_place(census["ward"].to_numpy())))


def age_group(birth_year: np.ndarray, wave: np.ndarray) -> np.ndarray:
    """1 = 18-29, 2 = 30-44, 3 = 45-59, 4 = 60 and over, at the year of the wave; 0 = under 18."""
    group: np.ndarray = np.digitize(np.where(wave == 1, YEARS[1], YEARS[2]) - birth_year, AGE_BREAKS)
    return group


def _households(rng: np.random.Generator) -> pd.DataFrame:
    sizes = np.clip(np.rint(rng.lognormal(np.log(82), 0.32, len(WARDS) * GROUPS)), 35, 190).astype(int)
    group = np.repeat(np.arange(sizes.size), sizes)
    vacant = rng.random(group.size) < 0.03
    return pd.DataFrame({"household": np.arange(group.size), "ward": group // GROUPS, "group": group, "vacant": vacant})


def _residents(rng: np.random.Generator, households: pd.DataFrame) -> pd.DataFrame:
    lived_in = households[~households["vacant"]]
    size = rng.choice(np.arange(1, 6), len(lived_in), p=[0.14, 0.46, 0.20, 0.14, 0.06])
    people = lived_in.loc[lived_in.index.repeat(size), ["household", "ward", "group"]].reset_index(drop=True)
    n = len(people)
    band = np.zeros(n, dtype=int)
    u, lives_with = rng.random(n), np.minimum(np.repeat(size, size), 3)
    for count, shares in _AGES.items():
        these = lives_with == count
        band[these] = np.searchsorted(np.cumsum(shares)[:-1], u[these], side="right")
    low, high = np.array(_AGE_FROM)[band], np.array(_AGE_TO)[band]
    age = np.floor(low + rng.random(n) ** np.where(band == 3, 2.0, 1.0) * (high - low + 1)).astype(int)
    first = ~people["household"].duplicated().to_numpy()
    age = np.where(first, np.maximum(age, 20), age)  # someone in every dwelling is an adult at both waves
    people["sex"] = 1 + (rng.random(n) < np.where(band == 3, 0.57, 0.51))
    people["birth_year"] = YEARS[1] - age
    people["educ"] = 1 + (rng.random(n)[:, None] > np.cumsum(_EDUC, axis=1)[band][:, :-1]).sum(axis=1)
    people["residence_status"] = 1 + (rng.random(n) < np.array([0.20, 0.12, 0.06, 0.03])[band])
    people["person"] = np.arange(n)
    waves = []
    for wave, year in YEARS.items():
        adults = people[year - people["birth_year"] >= AGE_BREAKS[0]].copy()
        waves.append(_contacts(rng, adults.assign(wave=wave, resp_type=1, resid_since=1), wave))
    return pd.concat(waves, ignore_index=True)


def _contacts(rng: np.random.Generator, adults: pd.DataFrame, wave: int) -> pd.DataFrame:
    """Dealings with the ward office in the twelve months before a wave."""
    n = len(adults)
    band = age_group(adults["birth_year"].to_numpy(), adults["wave"].to_numpy()) - 1
    contact = rng.random(n) < np.array(_CONTACT)[band]
    online = contact & (rng.random(n) < np.array(_ONLINE)[band] + 0.03 * (wave - 1))
    channel = np.where(online & (rng.random(n) < 0.45), 2, np.where(rng.random(n) < 0.04, 3, 1))
    moved_in = rng.random(n) < 0.04
    return adults.assign(
        contact12=contact.astype(int),
        contact_channel=np.where(contact, channel, np.nan),
        proc_type=np.where(contact, rng.choice([1, 2, 3, 4, 6], n, p=[0.42, 0.22, 0.15, 0.12, 0.09]), np.nan),
        filed_complaint=(rng.random(n) < np.where(contact, 0.13, 0.03)).astype(int),
        filed_online=online.astype(int),
        resid_since=np.where(moved_in & (wave == 2), 2, 1),
    )


def _businesses(rng: np.random.Generator) -> pd.DataFrame:
    sizes = rng.integers(140, 300, len(WARDS))
    ward = np.repeat(np.arange(len(WARDS)), sizes)
    n = ward.size
    firms = pd.DataFrame(
        {
            "ward": ward,
            "group": ward * GROUPS + rng.integers(0, GROUPS, n),
            "person": -1 - np.arange(n),  # apart from the residents' numbers
            "resp_type": 2,
            "firm_size": rng.choice([1, 2, 3], n, p=[0.72, 0.22, 0.06]),
            "firm_sector": rng.choice([1, 2, 3, 4], n, p=[0.63, 0.15, 0.14, 0.08]),
            "resp_role": rng.choice([1, 2, 3], n, p=[0.52, 0.20, 0.28]),
        }
    )
    waves = []
    for wave in YEARS:
        contact = rng.random(n) < 0.86
        online = contact & (rng.random(n) < 0.55)
        channel = np.where(online & (rng.random(n) < 0.5), 2, np.where(rng.random(n) < 0.06, 3, 1))
        waves.append(
            firms.assign(
                wave=wave,
                contact12=contact.astype(int),
                contact_channel=np.where(contact, channel, np.nan),
                proc_type=np.where(contact, rng.choice([1, 3, 5, 6], n, p=[0.28, 0.17, 0.40, 0.15]), np.nan),
                filed_complaint=(rng.random(n) < np.where(contact, 0.15, 0.02)).astype(int),
                filed_online=online.astype(int),
            )
        )
    return pd.concat(waves, ignore_index=True)


def _place(ward: np.ndarray) -> dict[str, np.ndarray]:
    codes = np.array(WARDS, dtype=object)[ward]
    return {"ward_legacy_code": codes, "pilot_tier": np.array([TIERS[w] for w in WARDS])[ward]}

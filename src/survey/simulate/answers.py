"""What everyone in the simulated city would answer if asked: a latent disposition, cut into codes."""

from __future__ import annotations

from statistics import NormalDist

import numpy as np
import pandas as pd

from survey.base.expressions import mask
from survey.codebook import Codebook, Variable
from survey.simulate.items import ITEMS, NOTICED
from survey.simulate.population import age_group
from survey.simulate.settings import DIMENSIONS, GROUPS, MISSING, WARDS, Effects, stream

__all__ = ["answer", "dispositions"]

_WARD_SD, _WARD_WAVE_SD, _GROUP_SD, _GROUP_WAVE_SD, _PERSON_SD = 0.12, 0.04, 0.20, 0.08, 0.95
_BETWEEN_DIMENSIONS = 0.5
_AGE, _FEMALE, _WAVE, _BUSINESS = (-0.45, -0.15, 0.15, 0.50), 0.12, 0.05, -0.10
# over the telephone or online there is no greeting, badge, waiting or furniture to speak of
_FACE_TO_FACE = ("FR06", "FR11", "EF01", "EF08")
_PARTIAL = 0.02


def dispositions(census: pd.DataFrame, seed: int, effects: Effects) -> np.ndarray:
    """Latent friendliness, transparency and efficiency as each person finds them.

    A sum of ward, ward x wave, residential group, group x wave and person, with age, sex, the wave and the pilot.

    Parameters
    ----------
    census : DataFrame
        From `build_city`.
    seed : int
    effects : Effects

    Returns
    -------
    array (people, 3)
    """
    rng = stream(seed, "latent")
    wards, groups, k = len(WARDS), len(WARDS) * GROUPS, len(DIMENSIONS)
    mix = np.linalg.cholesky(np.full((k, k), _BETWEEN_DIMENSIONS) + (1 - _BETWEEN_DIMENSIONS) * np.eye(k))
    ward, group, wave, tier = (census[c].to_numpy() for c in ("ward", "group", "wave", "pilot_tier"))
    theta = _PERSON_SD * rng.standard_normal((len(census), k)) @ mix.T
    theta += _WARD_SD * rng.standard_normal((wards, k))[ward]
    theta += _WARD_WAVE_SD * rng.standard_normal((2, wards, k))[wave - 1, ward]
    theta += _GROUP_SD * rng.standard_normal((groups, k))[group]
    theta += _GROUP_WAVE_SD * rng.standard_normal((2, groups, k))[wave - 1, group]
    resident = census["resp_type"].to_numpy() == 1
    band = age_group(np.where(resident, census["birth_year"], 1980), wave) - 1
    theta += np.where(resident, np.array(_AGE)[band] + _FEMALE * (census["sex"] == 2), _BUSINESS)[:, None]
    theta += (_WAVE * (wave - 1))[:, None]
    latent: np.ndarray = theta + effects.share(tier, wave)[:, None] * [getattr(effects, d) for d in DIMENSIONS]
    return latent


def answer(census: pd.DataFrame, codebook: Codebook, seed: int, effects: Effects) -> pd.DataFrame:
    """Everyone's answers, with the missing codes they would give.

    The same random numbers are used whatever the effects, so that two worlds differ only by them.

    Parameters
    ----------
    census : DataFrame
        From `build_city`.
    codebook : Codebook
        Its labels give the codes, its directions which way they run, its bases who is asked.
    seed : int
    effects : Effects

    Returns
    -------
    DataFrame
        One column an item, and `partial`: whether the person would break off.
    """
    theta, rng = dispositions(census, seed, effects), stream(seed, "answers")
    share = effects.share(census["pilot_tier"].to_numpy(), census["wave"].to_numpy())
    answers: dict[str, np.ndarray] = {}
    for name, item in ITEMS.items():
        load = np.array(item.loadings)
        noise = rng.standard_normal(len(census))
        latent = theta @ load + np.sqrt(1 - load @ load) * noise
        if name in NOTICED:
            everywhere, pilot = NOTICED[name]
            latent += everywhere * (census["wave"] == 2) + pilot * effects.implementation * share
        answers[name] = _coded(codebook[name], latent, item.shares)
    _leave_out(answers, census, codebook, stream(seed, "missing"))
    partial = _break_off(answers, stream(seed, "partial"))
    return pd.DataFrame({**answers, "partial": partial}, index=census.index)


def _coded(variable: Variable, latent: np.ndarray, shares: tuple[float, ...]) -> np.ndarray:
    if variable.name == "EF01":  # minutes: skewed, and people round to five
        minutes = np.clip(np.exp(3.2 - 0.75 * latent), 1, 300)
        return np.where(minutes > 10, 5 * np.rint(minutes / 5), np.rint(minutes))
    cuts = [NormalDist().inv_cdf(c) for c in np.cumsum(shares)[:-1]]
    place = np.digitize(latent, cuts)
    codes = variable.codes or range(1, len(shares) + 1)
    falling = variable.direction < 0 or variable.name == "EF03"  # a low code is the good one
    answers: np.ndarray = np.array(codes, dtype=float)[:: -1 if falling else 1][place]
    return answers


def _leave_out(
    answers: dict[str, np.ndarray], census: pd.DataFrame, codebook: Codebook, rng: np.random.Generator
) -> None:
    schooling = np.array([1.0, 1.5, 1.2, 1.0, 0.8, 0.7])[census["educ"].fillna(0).astype(int)]  # 0 = a business
    remote = census["contact_channel"].isin([2, 3]).to_numpy()
    for name, values in answers.items():
        item, u = ITEMS[name], rng.random(len(values))
        from_here = 0.0
        for kind in ("dont_know", "refused", "blank", "not_applicable"):
            rate = getattr(item, kind) * (schooling if kind == "dont_know" else 1.0)
            values[(u >= from_here) & (u < from_here + rate)] = MISSING[kind]
            from_here = from_here + rate
        if name in _FACE_TO_FACE:
            values[remote] = MISSING["not_applicable"]
        if base := codebook[name].base:
            values[~mask(base, census)] = np.nan


def _break_off(answers: dict[str, np.ndarray], rng: np.random.Generator) -> np.ndarray:
    """Some stop after an item of the last third; what follows is blank."""
    names = list(answers)
    people = len(answers[names[0]])
    last = np.where(rng.random(people) < _PARTIAL, rng.integers(22, 31, people), len(names))
    for place, name in enumerate(names):
        values = answers[name]
        values[(place >= last) & ~np.isnan(values)] = MISSING["blank"]
    return last < len(names)

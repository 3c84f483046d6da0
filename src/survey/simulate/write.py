"""Writing the simulated study to a folder, ready for `survey reproduce`."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from pathlib import Path

import pandas as pd

from survey.base.files import making_raw_data, together, writing
from survey.codebook import Codebook
from survey.simulate.form import FORMS, write_form
from survey.simulate.sav import write_sav
from survey.simulate.settings import DEFAULT_SEED, MERGED_ON, NEW_CODE, SIMULATED, WARDS_FROM, YEARS, packaged
from survey.simulate.world import World, build

__all__ = ["planted", "truth", "write_study", "write_world"]


def write_study(folder: str | os.PathLike[str], seed: int = DEFAULT_SEED) -> tuple[Path, ...]:
    """Write the simulated study: SPSS files, codebook, questionnaires, frame, margins, nonrespondents and the rest.

    The same seed gives the same bytes. The truth is not written: see `truth`.

    Parameters
    ----------
    folder : path
        Made if it is not there; files of the same names are not replaced by others. All files appear, or none.
    seed : int

    Returns
    -------
    tuple of Path
        The files written.

    Raises
    ------
    SurveyError
        If the seed is not a non-negative whole number.
    ExportError
        If the folder holds other files of these names: raw data are never changed.
    """
    return write_world(folder, build(seed))


def write_world(folder: str | os.PathLike[str], world: World) -> tuple[Path, ...]:
    """Write a study that was built already; see `write_study`."""
    with making_raw_data(), together(fresh=True):
        return _written(Path(folder), world)


def _written(home: Path, world: World) -> tuple[Path, ...]:
    written = [_copy(home, "codebook.toml", "instrument.toml", {})]
    seed = {"{seed}": str(world.seed)}
    written += [_copy(home, name, name, seed) for name in ("study.toml", "mottos.csv", "README.md")]
    for (kind, wave), rows in world.files.items():
        path = home / f"{kind}_{YEARS[wave]}.sav"
        write_sav(path, rows, world.codebook, title=f"{SIMULATED} {YEARS[wave]}", form=kind)
        written.append(path)
    for form in FORMS:
        written.append(write_form(world.codebook, home / f"questionnaire_{form}.xlsx", form))
    tables = {"sampling_frame.csv": world.frame, "margins_residents.csv": world.margins()}
    tables["lineage.csv"] = _lineage(world.codebook)
    tables["lineage_groups.csv"] = _lineage_of_groups(world.frame)
    tables |= {f"nonrespondents_{YEARS[wave]}.csv": rows for wave, rows in world.nonrespondents.items()}
    written += [_csv(home / name, table) for name, table in tables.items()]
    return tuple(written)


def truth(
    seed: int = DEFAULT_SEED,
    by: Sequence[str] = ("pilot_tier", "wave"),
    where: str | None = "resp_type == 1",
) -> pd.DataFrame:
    """What is true in the simulated population: means of every item and score over everyone.

    Parameters
    ----------
    seed : int
    by : sequence of str
        Groups: wave, pilot_tier, ward_legacy_code, resp_type, sex, contact12, ...
    where : str, optional
        Domain as an expression; residents by default.

    Returns
    -------
    DataFrame
        item, <by...>, value, people.

    Examples
    --------
    >>> from survey.simulate import truth
    >>> truth(by=["wave"], where="resp_type == 1 and contact12 == 1")  # doctest: +SKIP
    """
    return build(seed).truth(by, where)


def planted(seed: int = DEFAULT_SEED) -> Mapping[str, tuple[str, ...]]:
    """The resp_ids of each planted problem.

    Parameters
    ----------
    seed : int

    Returns
    -------
    mapping of str to tuple of str
        copies, speeders, straight_liners, out_of_range, invented, official_present, mixed_unicode.
    """
    return build(seed).planted


def _lineage(book: Codebook) -> pd.DataFrame:
    """Which ward followed which on the invented merger: the table that `map_wards` asks for."""
    last = str((pd.Timestamp(MERGED_ON) - pd.Timedelta(days=1)).date())
    old, new = book["ward_legacy_code"], book["ward_2025_code"]
    rows = [
        (code, old.label(code, "vi"), WARDS_FROM, last, after, MERGED_ON, "merged") for code, after in NEW_CODE.items()
    ]
    rows += [(code, new.label(code, "vi"), MERGED_ON, "", "", "", "") for code in new.codes]
    columns = ["code", "name", "valid_from", "valid_to", "successor_code", "successor_valid_from", "kind"]
    return pd.DataFrame(rows, columns=columns).assign(source=SIMULATED)


def _lineage_of_groups(frame: pd.DataFrame) -> pd.DataFrame:
    """The same for residential groups: they were numbered anew in the ward that theirs was merged into."""
    last = str((pd.Timestamp(MERGED_ON) - pd.Timedelta(days=1)).date())
    after = frame["ward_2025_code"]
    number = (frame.groupby("ward_2025_code").cumcount() + 1).map("{:03d}".format)
    old = pd.DataFrame({"code": frame["tdp_legacy"], "name": "Tổ dân phố " + frame["tdp_legacy"].str[-2:]})
    old = old.assign(
        valid_from=WARDS_FROM,
        valid_to=last,
        successor_code=after + "-" + number,
        successor_valid_from=MERGED_ON,
        kind="renamed",
    )
    new = pd.DataFrame({"code": old["successor_code"], "name": "Tổ dân phố " + number, "valid_from": MERGED_ON})
    both = pd.concat([old, new], ignore_index=True).fillna("")
    return both.assign(source=SIMULATED)


def _copy(home: Path, name: str, packed: str, filled: Mapping[str, str]) -> Path:
    text = packaged(packed).decode("utf-8")
    for blank, value in filled.items():
        text = text.replace(blank, value)
    return _text(home / name, text)


def _csv(path: Path, table: pd.DataFrame) -> Path:
    whole = table.copy()
    for column in whole.select_dtypes("float"):
        if (whole[column].dropna() % 1 == 0).all():  # a sex of 1, not of 1.0
            whole[column] = whole[column].astype("Int64")
    return _text(path, whole.to_csv(index=False, lineterminator="\n"))


def _text(path: Path, text: str) -> Path:
    with writing(path) as temporary:
        temporary.write_bytes(text.encode("utf-8"))  # bytes: Windows would change the ends of lines
    return path

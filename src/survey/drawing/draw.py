"""The verb that draws, and what it gives: a sample with its reserves, log, sheets and weights."""

from __future__ import annotations

import datetime as dt
import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import MappingProxyType
from typing import Any

import numpy as np
import pandas as pd

from survey.base.arguments import explained, explained_verbs
from survey.base.names import columns_named
from survey.base.suggestions import did_you_mean
from survey.drawing import storage, summary, workbook
from survey.drawing.design import DrawDesign
from survey.drawing.drawn import DrawData
from survey.drawing.households import household_list
from survey.drawing.listing import content_hash, listing_of
from survey.drawing.random_numbers import SCHEME
from survey.drawing.sample_rows import draw_sample
from survey.errors import DesignError, shorten
from survey.responses import Responses
from survey.weighting.base import SRS, Stage, base_weights
from survey.weighting.drawn import DrawnUnits

__all__ = ["Draw", "draw", "drawn_by"]


@explained_verbs(DesignError)
class Draw(DrawData):
    """A sample drawn by its design: `sv.draw` makes it, `sv.Draw.open` reads one that was written.

    Fields are `table`, `reserves`, `log` and `design`; see `sv.draw`.
    """

    write = storage.write
    to_excel = workbook.to_excel
    to_docx = storage.to_docx
    to_text = summary.to_text

    @classmethod
    def open(cls, folder: str | os.PathLike[str]) -> Draw:
        """Read a draw from the folder that `write` or `survey draw` made.

        Parameters
        ----------
        folder : path
            The folder, or its draw-log.json.

        Raises
        ------
        DesignError
            If it holds no draw, or its sample or reserves were changed since.
        """
        table, reserves, log, design = storage.read(Path(folder))
        return cls(table, reserves, MappingProxyType(dict(log)), design)

    @property
    def unit(self) -> tuple[str, ...]:
        """Columns that name what was drawn last: strata, unit, household."""
        d = self.design
        return (*d.strata, *d.unit, *([d.households.unit] if d.households else []))

    def stage(self) -> DrawnUnits:
        """All stages but the adult, for `sv.base_weights`: every unit drawn, reserves too, with its probability."""
        every = pd.concat([self.table, self.reserves], ignore_index=True)
        unit = list(dict.fromkeys(self.unit))
        reserve = np.arange(len(every)) >= len(self.table)
        return DrawnUnits(every[unit], tuple(unit), every["prob"].to_numpy(float), reserve)

    def base_weights(
        self,
        data: Responses | pd.DataFrame,
        *,
        adults: str | None = None,
        into: str = "w_design",
        probability: str = "sel_prob",
    ) -> Responses:
        """Compute base weights of answers: 1 over the probability of the unit drawn, times the adults of the household.

        Parameters
        ----------
        data : Responses or DataFrame
            One row per person, with the columns that name strata, unit and household as in the draw.
        adults : str, optional
            Column with the number of adults that was written down at the door. Needed where one adult was chosen.
        into, probability : str
            Names of the new columns.

        Returns
        -------
        Responses
            As `sv.base_weights` gives them.

        Raises
        ------
        DesignError
            For rows whose unit was not drawn; no `adults` where the design chooses one; numbers that are not positive.
        """
        if self.design.adult and adults is None:
            raise DesignError(
                "One adult of a household was chosen, so the weights need the number of adults.",
                where="adults",
                got="nothing",
                expected="the column with the number of adults in the household",
                fix='name it: drawn.base_weights(answers, adults="n_adults")',
            )
        stages: list[Stage] = [self.stage()]
        if adults is not None:
            stages.append(SRS(1, adults))
        return base_weights(data, stages, into=into, probability=probability)

    def __repr__(self) -> str:
        return self.to_text()


@explained(DesignError)
def draw(
    frame: pd.DataFrame | Responses,
    *,
    unit: str | Sequence[str],
    n: int | str | Mapping[Any, int],
    seed: int,
    strata: str | Sequence[str] = (),
    size: str | None = None,
    method: str | None = None,
    sort: str | Sequence[str] = (),
    reserves: int = 0,
    households: int | Mapping[str, Any] | None = None,
    household_frame: pd.DataFrame | Responses | None = None,
    adult: str | None = None,
    show: str | Sequence[str] = (),
    expect: Mapping[str, int] | None = None,
    thousands: str | None = None,
    title: str | Mapping[str, str] = "",
    labels: Mapping[str, Any] | None = None,
) -> Draw:
    """Draw a sample by its design: units of a list, households of each, and a rule for one adult.

    Parameters
    ----------
    frame : DataFrame or Responses
        The whole list, one row per unit: residential groups, businesses, households.
    unit : str or sequence of str
        Columns that name a unit within its stratum.
    n : int, str or mapping of stratum to int
        Units of each stratum: a number, a column of the frame, or a number by stratum ("P01 / urban" for two columns).
    seed : int
        The same seed, frame and design give the same sample on any machine and with any version of numpy. A new draw
        from the same frame takes a new seed.
    strata : str or sequence of str, optional
        Columns; each stratum is drawn from on its own.
    size : str, optional
        Column of whole numbers: units are drawn systematically with probability n * size / total. Units that reach the
        interval are drawn with certainty, and the rest from the rest. Without it all units of a stratum are alike.
    method : {"systematic", "random"}, optional
        "systematic" with `size`, else "random": a simple random sample.
    sort : str or sequence of str, or {"listed", "random"}, optional
        Order of the list for a systematic draw: columns; as it is listed; at random. By default the units' names.
    reserves : int
        Units of each stratum that may take the place of one that cannot be visited, in their order.
    households : int or mapping, optional
        Second stage: households of every unit, systematically by number. A mapping has the keys n, method, reserves,
        count (column of the frame with their number, if not `size`), and for a list unit, sort, show.
    household_frame : DataFrame or Responses, optional
        The list of households, with the columns that name their unit.
    adult : {"kish", "number", "last birthday", "next birthday"}, optional
        The rule by which the interviewer chooses one adult of a household.
    show : str or sequence of str, optional
        Columns of the frame that the sample and the sheets show, such as an address.
    expect : mapping, optional
        What the frame must add up to, {"units": 400, "size": 30000}: a list cut short is refused.
    thousands : str, optional
        The sign that separates thousands in sizes that are text.
    title : str or mapping of language to str
        Stands at the top of the sheets.
    labels : mapping of column to (str or mapping of language to str), optional
        What the sheets call the columns: {"ward": {"vi": "Phường", "en": "Ward"}}.

    Returns
    -------
    Draw
        `table` (with the probability of inclusion at each stage and base weights), `reserves`, `log`; `write`,
        `to_docx`, `to_excel`, `base_weights`.

    Raises
    ------
    DesignError
        For a design that contradicts itself or the frame: columns that do not exist, units listed twice, sizes that
        are missing, 0 or no whole numbers, strata with fewer units than are to be drawn.

    References
    ----------
    Sarndal, Swensson & Wretman (1992), sections 3.4 and 3.6; Madow (1949); Kish (1949, 1965); Ohlsson (1995).
    """
    given = {
        "unit": unit,
        "n": n,
        "seed": seed,
        "strata": strata,
        "size": size,
        "method": method,
        "sort": sort,
        "reserves": reserves,
        "households": households,
        "adult": adult,
        "show": show,
        "expect": expect,
        "thousands": thousands,
        "title": title,
        "labels": labels,
    }
    lists = [table.data if isinstance(table, Responses) else table for table in (frame, household_frame)]
    return drawn_by(DrawDesign.of(given), *lists)


def drawn_by(
    design: DrawDesign,
    frame: pd.DataFrame,
    household_frame: pd.DataFrame | None = None,
    *,
    files: Mapping[str, Any] | None = None,
    date: str | None = None,
    notes: Sequence[str] = (),
) -> Draw:
    """Draw by a design.

    Parameters
    ----------
    design : DrawDesign
    frame, household_frame : DataFrame
    files : mapping, optional
        What the log says of the files they come from.
    date : str, optional
        Of the log, yyyy-mm-dd; today's if not given.
    notes : sequence of str
        What there is to say of the files.
    """
    from survey import __version__

    if household_frame is not None and design.households is None:
        raise DesignError(
            "There is a list of households, and the design draws none.",
            where="households",
            expected="households = n",
            fix="say how many are drawn of each unit, or leave the list out",
        )
    _refuse_idle_labels(design, frame, household_frame)
    listing = listing_of(frame, design, by_number=household_frame is None)
    homes = None if household_frame is None else household_list(household_frame, design, listing)
    found = draw_sample(listing, design, homes)
    tables = {"frame": frame} | ({} if household_frame is None else {"households": household_frame})
    named = files or {}
    log = {
        "scheme": SCHEME,
        "survey": __version__,
        "date": date or dt.date.today().isoformat(),
        "seed": design.seed,
        "design_sha256": design.sha256(),
        "design": design.as_dict(),
        "frames": {
            name: {**named.get(name, {}), "rows": len(table), "content_sha256": content_hash(table)}
            for name, table in tables.items()
        },
        "drawn": {"rows": len(found.table), "reserves": len(found.reserves)},
        "notes": [str(note) for note in (*notes, *found.notes)],
        "strata": found.strata,
    }
    return Draw(found.table, found.reserves, MappingProxyType(log), design)


def _refuse_idle_labels(design: DrawDesign, *lists: pd.DataFrame | None) -> None:
    """Raise for words for a column that no list has."""
    known = [c for table in lists if isinstance(table, pd.DataFrame) for c in table.columns]
    known += [design.households.unit] if design.households else []
    idle = [
        c
        for c, found in zip(design.labels, columns_named(list(design.labels), known), strict=True)
        if found not in known
    ]
    if idle:
        raise DesignError(
            "The design has words for a column that the list does not have.",
            where="labels",
            got=shorten(idle),
            expected=shorten(map(str, known), 20),
            fix=did_you_mean(idle, known, "correct or remove it"),
        )

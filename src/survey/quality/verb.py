"""`responses.quality(...)`: every check of the fieldwork that the data allow, at once."""

from __future__ import annotations

from collections.abc import Iterable

from survey.base.arguments import in_range, listed
from survey.core.responses_data import ResponsesData
from survey.errors import CleaningError
from survey.quality._checks import FieldChecks
from survey.quality._table import Default, Table, column, item_names
from survey.quality.result import Quality

__all__ = ["quality"]


def quality(
    self: ResponsesData,
    items: str | Iterable[str] | None = None,
    *,
    interviewer: str | None = Default("interviewer_id"),
    within: str | Iterable[str] | None = Default("wave"),
    duration: str | None = Default("duration_s"),
    start: str | None = Default("int_start"),
    end: str | None = Default("int_end"),
    official: str | None = Default("official_present"),
    visits: str | None = Default("visits"),
    latitude: str | None = Default("latitude"),
    longitude: str | None = Default("longitude"),
    accuracy: str | None = Default("gps_accuracy"),
    cluster: str | None = Default("psu"),
    fdr: float = 0.01,
    alpha: float = 0.01,
    speed_z: float = 3.5,
    seconds_per_question: float = 2.0,
    hours: tuple[float, float] = (7.0, 21.0),
    far: float = 1000.0,
    seed: int = 0,
) -> Quality:
    """Find interviews and interviewers that need a follow-up. Nothing is dropped.

    A column that stands below by default is looked at where the data have it; one that is named must be there; None
    leaves its checks out. `Quality.skipped` says what could not be looked at, and why.

    Parameters
    ----------
    items : str or list of str, optional
        Items with codes; every such item of the codebook when not given.
    interviewer : str
    within : str or list of str
        Wave, or wave and region: interviewers are compared with others of the same. Where each interviewer works in
        one region only, name it: what is common to a region says nothing about an interviewer.
    duration : str
        Seconds.
    start, end : str
        When the interview began and ended. Without `end`, the beginning and the duration.
    official : str
        1 where an official was in earshot.
    visits : str
        Number of the visit at which the interview was held.
    latitude, longitude, accuracy : str
        Degrees and metres. Distances are reported, places never.
    cluster : str
        Whose middle a place is compared with.
    fdr : float
        Of the interviews flagged as near-duplicates, or for unanswered questions, this share may be flagged by chance
        (Benjamini & Hochberg 1995): over all interviews, and once more within interviewers whose near-duplicates are
        too many together.
    alpha : float
        An interviewer is to be looked at where p, adjusted by Holm for the number of interviewers, is smaller.
    speed_z : float
        Flagged where log(duration), given the path and the interviewer, is so many robust standard deviations below
        the median (Iglewicz & Hoaglin 1993: 3.5; if logs are normal, 1 interview in 4,300).
    seconds_per_question : float
        Or where it took less than this for a question asked (Huang et al. 2012, Curran 2016: 2 seconds).
    hours : tuple of two floats
        Interviews that begin outside are flagged: hours of the day, first included, last not.
    far : float
        Metres from the middle of the cluster.
    seed : int
        For what is drawn at random: pairs for a slope, workloads for the near-duplicates.

    Returns
    -------
    Quality

    Raises
    ------
    CleaningError
        For a named column that is missing or of another type; an item without codes; an invalid limit.

    References
    ----------
    Kuriakose & Robbins (2016), Statistical Journal of the IAOS 32, 283-291, whose 85 % rule this replaces; Simmons,
    Mercer, Schwarzer & Kennedy (2016), ibid. 327-338, for the reasons; Curran (2016), Journal of Experimental Social
    Psychology 66, 4-19, on careless answers.
    """
    _check_limits(fdr=fdr, alpha=alpha, speed_z=speed_z, seconds_per_question=seconds_per_question, far=far)
    if not (len(hours) == 2 and 0 <= hours[0] < hours[1] <= 24):
        raise CleaningError(
            "`quality` needs a first and a last hour of the day.", where="hours=", got=hours, expected="(7, 21)"
        )
    named = {
        "interviewer": interviewer,
        "duration": duration,
        "start": start,
        "end": end,
        "official": official,
        "visits": visits,
        "latitude": latitude,
        "longitude": longitude,
        "accuracy": accuracy,
        "cluster": cluster,
    }
    at = {argument: column(self, name, argument) for argument, name in named.items()}
    cells = tuple(name for name in listed(within) if column(self, name, "within") is not None)
    table = Table.make(self, item_names(self, items), at["interviewer"], cells)
    looking = FieldChecks(table, at, fdr, alpha, seed)
    looking.lines()
    looking.near()
    looking.durations(speed_z, seconds_per_question)
    looking.unanswered()
    looking.heaping()
    looking.circumstances(hours)
    looking.places(far)
    return looking.result(cells)


def _check_limits(**limits: float) -> None:
    for name, value in limits.items():
        share = name in ("fdr", "alpha")
        in_range(
            value,
            "`quality` has an invalid limit.",
            CleaningError,
            where=f"{name}=",
            expected="more than 0 and less than 1" if share else "0 or more",
            fits=(lambda v: 0 < v < 1) if share else (lambda v: v >= 0),
        )

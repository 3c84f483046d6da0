"""What distinguishes the platforms of the ODK family: the columns they add, and how they write options and times."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

__all__ = ["KOBO", "ODK", "SURVEYCTO", "Family"]

Added = tuple[str, str, str]
"""Name, type and role of a column that the platform adds."""


def _paradata(text: str, kind: str = "text", role: str = "paradata") -> dict[str, Added]:
    """`header` or `header=name` in a row of words."""
    pairs = [word.partition("=") for word in text.split()]
    return {header: (name or header, kind, role) for header, _, name in pairs}


@dataclass(frozen=True, slots=True)
class Family:
    """One platform.

    `meta` are the columns it adds, by header; `utc` those it writes in UTC without saying so; `wide` whether options
    and repeats are written as `name_1`; `keys` the columns that tell submissions apart, the best first; `refused` the
    values of a column by which a reviewer refused a submission.
    """

    name: str
    meta: Mapping[str, Added]
    utc: tuple[str, ...] = ()
    wide: bool = False
    keys: tuple[str, ...] = ()
    refused: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


KOBO = Family(
    "KoboToolbox",
    {
        **_paradata("_submission_time _submission__submission_time end start", "date"),
        **_paradata("_id _index _parent_index _submission__id _version", "number"),
        **_paradata(
            "_uuid _validation_status _notes _status _submitted_by _tags _attachments __version__ _xform_id "
            "_xform_id_string _parent_table_name _submission__uuid _submission__validation_status _submission__notes "
            "_submission__status _submission__submitted_by _submission___version__ _submission__tags "
            "_bamboo_dataset_id _media_count _media_all_received _total_media meta/instanceID=instanceID "
            "meta/rootUuid=rootUuid meta/instanceName=instanceName meta/deprecatedID=deprecatedID meta/audit=audit "
            "formhub/uuid=formhub_uuid instanceID rootUuid instanceName deprecatedID"
        ),
        **_paradata("_geolocation", role="personal"),
    },
    utc=("_submission_time", "_submission__submission_time"),
    keys=("_uuid", "_id", "instanceID", "_index"),
    refused={"_validation_status": ("Not Approved", "Not approved", "validation_status_not_approved")},
)

ODK = Family(
    "ODK",
    {
        **_paradata("SubmissionDate start end", "date"),
        **_paradata("AttachmentsPresent AttachmentsExpected Edits", "number"),
        **_paradata(
            "KEY PARENT_KEY SubmitterID SubmitterName Status ReviewState DeviceID FormVersion DeletedDate "
            "meta-instanceID=instanceID meta/instanceID=instanceID instanceID meta-instanceName=instanceName "
            "meta-rootUuid=rootUuid meta-audit=audit meta-deprecatedID=deprecatedID __id __version__ isValidated"
        ),
    },
    utc=(),
    keys=("KEY", "instanceID"),
    refused={"ReviewState": ("rejected",)},
)

SURVEYCTO = Family(
    "SurveyCTO",
    {
        **_paradata("SubmissionDate CompletionDate starttime endtime", "date"),
        **_paradata("duration", "number"),
        **_paradata(
            "KEY PARENT_KEY instanceID formdef_version review_status review_comments review_corrections review_quality "
            "caseid deviceid username device_info instancename instanceName text_audit comments"
        ),
        **_paradata("devicephonenum subscriberid simid", role="personal"),
    },
    wide=True,
    keys=("KEY", "instanceID"),
    refused={"review_status": ("rejected", "REJECTED")},
)

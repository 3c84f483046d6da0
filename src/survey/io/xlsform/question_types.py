"""Types of questions as forms write them: the names of the standard, and the older ones that pyxform knows."""

from __future__ import annotations

import re

__all__ = ["NO_ANSWER", "PERSONAL", "SELECTS", "is_known", "parsed"]

NO_ANSWER = ("note", "audit", "xml-external", "csv-external")
"""What has no column in the data."""
PERSONAL = (
    "deviceid",
    "username",
    "phonenumber",
    "subscriberid",
    "simserial",
    "email",
    "geopoint",
    "geotrace",
    "geoshape",
    "start-geopoint",
    "background-geopoint",
    "osm",
    "image",
    "audio",
    "background-audio",
    "video",
    "file",
)
"""What names or shows a person, a device or a place."""
SELECTS = ("select_one", "select_multiple", "rank", "select_one_external")
"""Selections from a list of the form."""
_FROM_FILE = ("select_one_from_file", "select_multiple_from_file")
_OLDER = {
    "text": "string, q string, add text prompt",
    "note": "q note, add note prompt",
    "integer": "int, q int, add integer prompt, percentage, number of days in last month, "
    "number of days in last six months, number of days in last year",
    "decimal": "q decimal, add decimal prompt",
    "date": "q date, add date prompt",
    "time": "",
    "dateTime": "datetime, date time, q date time, q datetime, add date time prompt, add datetime prompt",
    "geopoint": "gps, location, q geopoint, q location, add location prompt",
    "geotrace": "q geotrace",
    "geoshape": "q geoshape",
    "image": "photo, q picture, q image, add image prompt, add photo prompt",
    "audio": "q audio, add audio prompt",
    "video": "q video, add video prompt",
    "file": "add file prompt",
    "barcode": "q barcode, add barcode prompt",
    "acknowledge": "trigger, q acknowledge, add acknowledge prompt",
    "calculate": "q calculate, add calculate prompt",
    "deviceid": "imei, device id, get device id, uri:deviceid",
    "subscriberid": "subscriber id, get subscriber id, uri:subscriberid",
    "simserial": "sim id, get sim id, uri:simserial",
    "phonenumber": "phone number, get phone number, uri:phonenumber",
    "username": "uri:username",
    "email": "uri:email",
    "start": "start time, get start time",
    "end": "end time, get end time",
    "today": "get today",
    "select_one": "select1, select one, select one from, select one using, q select1, add select one prompt using",
    "select_multiple": "select multiple, select multiple from, select multiple using, q select, "
    "select all that apply, select all that apply from, add select multiple prompt using",
    "select_one_external": "select one external",
    "select_one_from_file": "select one from file",
    "select_multiple_from_file": "select multiple from file",
    "rank": "",
    "range": "",
    "hidden": "",
    "osm": "",
    "audit": "",
    "xml-external": "",
    "csv-external": "",
    "start-geopoint": "",
    "background-audio": "",
    "background-geopoint": "",
}
_KINDS = {
    name.replace("_", " ").lower(): kind
    for kind, older in _OLDER.items()
    for name in (kind, *older.split(", "))
    if name
}
_CONTROL = re.compile(r"(begin|end)[ _](group|lgroup|repeat|loop|looped[ _]group)(?: (?:over )?(\S+))?", re.IGNORECASE)
_OTHER = re.compile(r" (?:or_other|or specify other|or other)$", re.IGNORECASE)
_LONGEST = 300  # characters; no type is as long
_SETTINGS = ("form title", "set form title", "form id", "set form id", "prefix")


def is_known(written: str) -> bool:
    """Whether a text is the type of a question, or begins or ends a group."""
    kind, _, _ = parsed(written)
    return kind in _OLDER or kind.partition(" ")[0] in ("begin", "end")


def parsed(written: str) -> tuple[str, str, bool]:
    """A type, its list of choices and whether "other" may be specified.

    "select_one yes_no or_other" is (select_one, yes_no, True); "begin_group" is (begin group, "", False); a remark and
    a setting in the sheet survey are of the type "".
    """
    joined = " ".join(written.split())
    if not joined or joined.startswith("#") or joined.lower().replace("_", " ") in _SETTINGS:
        return "", "", False
    if len(joined) > _LONGEST:
        return joined[:_LONGEST], "", False
    control = _CONTROL.fullmatch(joined)
    if control:
        what = control[2].lower().replace("_", " ")
        what = "repeat" if what in ("lgroup", "looped group") else what
        return f"{control[1].lower()} {what}", (control[3] or "") if what == "loop" else "", False
    rest = _OTHER.sub("", joined)
    words = rest.split()
    for size in range(len(words) - 1, 0, -1):
        kind = _KINDS.get(" ".join(words[:size]).lower().replace("_", " "), "")
        if kind in SELECTS or kind in _FROM_FILE or kind == "osm":
            return kind, " ".join(words[size:]), rest != joined and kind in SELECTS
    plain = joined.lower().replace("_", " ")
    return _KINDS.get(plain, joined.lower().replace(" ", "_")), "", False

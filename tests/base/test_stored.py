"""A stored file that somebody changed is refused with one error, whatever was changed in it."""

from __future__ import annotations

import json
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

import survey as sv
from survey.study import storage

STORED = Path(__file__).parents[1] / "corpus" / "0.1" / "samples" / "bootstrap_raked.zip"


@pytest.fixture
def changed(tmp_path: Path) -> Callable[..., Path]:
    """The stored sample, with another `survey.json` or another part."""

    def make(text: bytes | None = None, packed: int = zipfile.ZIP_STORED, **other: bytes) -> Path:
        path = tmp_path / "changed.zip"
        with zipfile.ZipFile(STORED) as old, zipfile.ZipFile(path, "w", packed) as new:
            for name in old.namelist():
                content = old.read(name) if text is None or name != "survey.json" else text
                new.writestr(name, other.get(name.removesuffix(".parquet"), content))
        return path

    return make


def refused(path: Path) -> sv.ReadError:
    with pytest.raises(sv.ReadError) as caught:
        storage.load(path)
    told = caught.value
    assert told.what and told.where and told.got and told.expected and told.fix
    assert len(str(told)) < 1500
    return told


@pytest.mark.parametrize(
    "text",
    [
        b"null",
        b"[]",
        b"5",
        b'"x"',
        b"",
        b"\xff",
        b"{}",
        b'{"format": NaN}',
        b'{"format": 2}',
        b'{"format": ' + b"9" * 100_000 + b"}",
        b"[" * 100_000 + b"]" * 100_000,
        b'{"format": 2, "entries": 1, "design": 1, "codebook": ' + b'{"tuple": [' * 450 + b"]}" * 450 + b"}",
    ],
    ids=lambda text: text[:16].decode("latin-1"),
)
def test_text_that_says_nothing_of_answers(text: bytes, changed: Callable[..., Path]) -> None:
    refused(changed(text))


@pytest.mark.parametrize(
    ("place", "value"),
    [
        (("codebook",), None),
        (("design",), 10**30),
        (("entries",), 1.5),
        (("sources",), {"map": []}),
        (("codebook", "of", "title"), [[]]),
        (("design", "of", "psu"), "x"),
        (("design", "of", "psu", "tuple", 0), []),
        (("design", "of", "adjustments"), True),
        (("design", "of", "replicates"), {"kind": "Variable", "of": {"name": "q"}}),
        (("design", "of", "replicates", "of", "scale"), 10**60),
        (("design", "of", "weights"), {"kind": "os", "of": {}}),
        (("design", "of", "replicates", "of", "multipliers", "array", 0), "U900000000"),
        (("design", "of", "replicates", "of", "multipliers", "array", 0), "O"),
        (("design", "of", "replicates", "of", "multipliers", "array", 1), [10**9, 10**9]),
        (("design", "of", "adjustments", "tuple", 0), {"float": "nan"}),
        (("design", "of", "adjustments", "tuple", 0, "of", "margins"), {"float": "nan"}),
        (("design", "of", "adjustments", "tuple", 0, "of", "targets"), "all"),
        (("design", "of", "adjustments", "tuple", 0, "of", "targets", "of", "margins", "tuple"), ["x"]),
    ],
    ids=str,
)
def test_a_part_of_another_type(place: tuple[Any, ...], value: Any, changed: Callable[..., Path]) -> None:
    with zipfile.ZipFile(STORED) as archive:
        told = json.loads(archive.read("survey.json"))
    part = told
    for key in place[:-1]:
        part = part[key]
    assert part[place[-1]] != value
    part[place[-1]] = value
    refused(changed(json.dumps(told).encode()))


def test_nothing_is_unpacked_that_would_fill_the_memory(changed: Callable[..., Path]) -> None:
    """60 MB of spaces or zeros pack to 60 kB; what a sample needs packs to a tenth at most."""
    assert "would take" in str(refused(changed(b" " * 60_000_000, zipfile.ZIP_DEFLATED)))
    assert "would take" in str(refused(changed(None, zipfile.ZIP_DEFLATED, data=b"\0" * 60_000_000)))
    assert isinstance(storage.load(changed(None, zipfile.ZIP_DEFLATED)), sv.Sample)


def test_a_version_of_zip_that_is_not_known(tmp_path: Path) -> None:
    path = tmp_path / "odd.zip"
    content = bytearray(STORED.read_bytes())
    at = content.rfind(b"PK\x01\x02")
    content[at + 6] = 161  # needs version 16.1 of the format
    path.write_bytes(content)
    refused(path)


@pytest.mark.parametrize(
    ("place", "value"),
    [
        (("steps", 1, "verb"), []),
        (("steps", 1, "rows_touched"), True),
        (("steps", 4, "arguments", "edges"), [10**400, 1]),
        (("steps", 2, "arguments", "mapping", 1, 1), []),
        (("steps", 6, "arguments", "scale"), []),
        (("steps", 2, "arguments", "mapping", 2, 0), 10**400),
        (("steps", 5, "arguments"), {"rows": 5, "reason": "x"}),
    ],
    ids=str,
)
def test_a_log_with_a_changed_step_is_one_error(place: tuple[Any, ...], value: Any, tmp_path: Path) -> None:
    folder = STORED.parents[1] / "logs"
    for name in ("answers.csv", "codebook.toml"):
        (tmp_path / name).write_bytes((folder / name).read_bytes())
    told = json.loads((folder / "cleaning.json").read_bytes())
    part = told
    for key in place[:-1]:
        part = part[key]
    part[place[-1]] = value
    log = tmp_path / "log.json"
    log.write_text(json.dumps(told), encoding="utf-8")
    with pytest.raises(sv.SurveyError) as caught:
        sv.replay(log)
    assert len(str(caught.value)) < 1500


def test_words_of_a_log_that_are_not_compared_do_not_come_back(tmp_path: Path) -> None:
    """What a step did is told anew; a log that tells something else of it is not repeated."""
    folder = STORED.parents[1] / "logs"
    for name in ("answers.csv", "codebook.toml"):
        (tmp_path / name).write_bytes((folder / name).read_bytes())
    told = json.loads((folder / "cleaning.json").read_bytes())
    before = [step["what"] for step in told["steps"]]
    for step in told["steps"]:
        step["what"] = "nothing was changed"
    log = tmp_path / "log.json"
    log.write_text(json.dumps(told), encoding="utf-8")
    assert [entry.what for entry in sv.replay(log).entries] == before


@pytest.mark.parametrize(
    "expression", ["-" * 5000 + "a", "+".join(["a"] * 4000), "9" * 4500 + "*a", "(" * 300 + "a" + ")" * 300]
)
def test_contrasts_that_no_one_would_write_are_refused(expression: str) -> None:
    from survey.core.contrast_expressions import evaluate

    with pytest.raises(sv.EstimationError) as caught:
        evaluate(expression, ["a", "b"], np.array([1.0, 2.0]))
    assert len(str(caught.value)) < 1500


def test_a_design_that_contradicts_itself_is_refused_when_it_is_opened(tmp_path: Path) -> None:
    """Every part has the type it is declared with, but a step starts from weights that no column holds."""
    frame = pd.DataFrame({"q": [1.0, 2, 3, 4] * 10, "sex": [0, 1] * 20, "w": 1.0})
    sample = sv.Sample(frame, weights="w").rake({"sex": {0: 30, 1: 50}})
    storage.save(sample, tmp_path / "raked.zip")
    with zipfile.ZipFile(tmp_path / "raked.zip") as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    text = parts["survey.json"].decode()
    assert '"weights_before": "w"' in text
    parts["survey.json"] = text.replace('"weights_before": "w"', '"weights_before": "v"').encode()
    with zipfile.ZipFile(tmp_path / "changed.zip", "w") as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    with pytest.raises(sv.SurveyError):
        storage.load(tmp_path / "changed.zip")

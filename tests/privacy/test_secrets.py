"""Answers, names and numbers of people, fed in wrong places: no error, warning, log or report repeats them."""

from __future__ import annotations

import json
import re
import traceback
import unicodedata
import warnings
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

import survey as sv
from examples import a_quarter
from survey import cli
from survey.cli import commands
from survey.codebook import Variable
from survey.codebook.told import describe_groups, describe_rows, said
from survey.errors import SurveyError
from survey.io.drafting import draft_codebook
from survey.study import storage

pytestmark = pytest.mark.sampled

N = 60
LONG = "bà Bé bán cá ở cổng chợ bị mất đất"
REST = ["3"] * (N - 1)
SECRETS: dict[str, Any] = {
    "long": [LONG, *REST],
    "own": [f"{LONG} {i}" for i in range(N)],
    "lines": ["đói\nbán cá", *REST],
    "nfd": [unicodedata.normalize("NFD", LONG), *REST],
    "short": ["Bé", *REST],
    "person": ["Trần Thị Bé"] * 30 + ["Lê Văn Tý"] * 30,
    "phone": ["0912345678"] * N,
    "called": [912345678.0] + [3.0] * (N - 1),
    "numbers": [912345678 + i for i in range(N)],
    "card": ["079190012345", *REST],
    "mail": ["be@example.vn", *REST],
    "born": [pd.Timestamp("1990-02-17")] * N,
    "birth": ["1990-02-17", *REST],
    "mixed": pd.Series([LONG, 912345678, *[3.0] * (N - 2)], dtype=object),
}
TOLD = re.compile(
    r"bán cá|Bé\b|Tý\b|đói|912[ .,]?345|9\.12\d*e\+?0?8|79190012345|be@example|1990-02-17|17/0?2/1990|\b1990\b"
)
"""What would be found of them, in any format."""


def frame(kind: str = "plain") -> pd.DataFrame:
    data = pd.DataFrame(
        {
            "q": np.tile([1.0, 2, 3, 4, 5, 1], 10),
            "q2": np.tile([1.0, 2, 3, 4, 5, 5], 10),
            "w": 1.0,
            "g": np.tile(["Nam", "Nữ"], 30),
            "t": np.repeat([1, 2], 30),
            "d": np.tile([0.0, 1.0], 30),
            "psu": np.repeat(np.arange(20), 3),
            "fpc": 100.0,
            "disposition": "complete",
        }
    )
    for name, values in SECRETS.items():
        column = pd.Series(values)
        if kind == "category":
            column = column.astype("category")
        elif kind == "pyarrow" and name != "mixed":
            import pyarrow as pa

            column = column.astype(pd.ArrowDtype(pa.array(column).type))
        data[name] = column
    if kind == "index":
        data.index = pd.Index([f"{LONG} {i}" for i in range(N)])
    return data


SCALE = {i: {"en": str(i)} for i in range(1, 6)}
BOOKS: dict[str, Callable[[str], Variable]] = {
    "scale": lambda n: Variable(n, "ordinal", {}, SCALE),
    "limits": lambda n: Variable(n, "number", limits=(0, 100)),
    "text": lambda n: Variable(n, "text"),
    "personal": lambda n: Variable(n, "text", role="personal"),
    "missing": lambda n: Variable(n, "nominal", {}, {1: {"en": "a"}}, missing={3: "refused"}),
}


def responses(kind: str = "plain", book: str = "") -> sv.Responses:
    own = [Variable(n, "ordinal", {}, SCALE, scored=True, dimension="D") for n in ("q", "q2")]
    declared = [BOOKS[book](name) for name in SECRETS] if book else []
    return sv.Responses(frame(kind), sv.Codebook().update(*own, *declared))


MARGIN = {"g": {"Nam": 30, "Nữ": 30}}
OF_RESPONSES: dict[str, dict[str, Any]] = {
    "band": {"column": "q", "edges": [0, 3, 6], "into": "b"},
    "collapse_copies": {"columns": ["q"], "ignore": []},
    "k_anonymity": {"quasi": ["g"], "sensitive": "q"},
    "map_wards": {
        "column": "g",
        "to": "2024-02-01",
        "date": "2024-01-01",
        "into": "z",
        "lineage": [
            {
                "code": "a",
                "name": "A",
                "valid_from": "2020-01-01",
                "valid_to": "",
                "successor_code": "",
                "successor_valid_from": "",
            }
        ],
    },
    "merge_categories": {"column": "g", "groups": {"Nam": "x"}, "into": "z"},
    "pseudonymise": {"columns": ["g"], "key_variable": "SECRETS_TEST_KEY"},
    "quality": {"items": ["q"], "interviewer": "psu", "within": "t", "duration": "q", "start": "q", "latitude": "q"},
    "recode": {"column": "g", "mapping": {"3": 5, "Nam": 1}},
    "recode_missing": {"columns": ["q"]},
    "reverse": {"columns": ["q"]},
    "rename": {"names": {"g": "other"}},
    "select": {"columns": ["q", "g"]},
    "to_number": {"columns": ["g"], "others": "blank"},
    "reshape": {"id": "t", "question": "g", "answer": "q", "repeats": "first", "absent": "blank"},
    "score": {"name": "new", "items": ["q", "q2"]},
    "check": {"across": "t"},
}
OF_SAMPLE: dict[str, dict[str, Any]] = {
    **{
        name: {"items": ["q"], "by": "g"}
        for name in (
            "mean",
            "total",
            "variance",
            "distribution",
            "quantile",
            "cells",
            "item_response",
            "weight_effects",
        )
    },
    "covariance": {"items": ["q", "q2"], "by": "g"},
    "correlation": {"items": ["q", "q2"], "by": "g"},
    "proportion": {"items": ["q"], "top": 1, "by": "g"},
    "bounds": {"items": ["q"], "top": 1, "by": "g"},
    "ratio": {"numerator": "q", "denominator": "q2", "by": "g"},
    "effect": {"items": ["q"], "treated": "d", "period": "t", "unit": "psu"},
    "weight_diagnostics": {"by": "g"},
    "weight_distribution": {"by": "g"},
    "rake": {"targets": MARGIN, "within": "t", "unit": "psu"},
    "calibrate": {"targets": MARGIN, "unit": "psu"},
    "poststratify": {"targets": MARGIN},
    "margin_gaps": {"targets": MARGIN},
    "scale_weights": {"to": {"Nam": 2.0, "x": 1.0}, "by": "g"},
    "trim": {"mse": ["q"], "by": "g"},
    "trimming_errors": {"items": "q"},
    "adjust_nonresponse": {"by": "g", "disposition": "disposition"},
}
EXPRESSIONS = ["{} > 2", "{} == 3", "{} in [1, 2]", "{} + 1 > 2", "{}", "{} >= '2024-01-01'", "{} < q", "{} == g"]
FORMULAS = ["{} ~ q", "q ~ {}", "q ~ C({})", "q ~ log({})", "q ~ poly({}, 2)", "q ~ C({}, levels=[1, 2])", "q ~ {}:g"]


def wrong(arguments: dict[str, Any], verb: str) -> Iterator[dict[str, Any]]:
    """The arguments with each name of a column replaced by each secret column, or by a quarter of them in turn."""
    first = zlib.crc32(verb.encode())
    for turn, (key, value) in enumerate(arguments.items(), first):
        for name in a_quarter(SECRETS, turn):
            if isinstance(value, str) and key not in ("into", "name", "key_variable"):
                yield {**arguments, key: name}
            elif isinstance(value, list) and value and isinstance(value[0], str):
                yield {**arguments, key: [*value, name]}
            elif key == "targets":
                yield {**arguments, key: {name: {"3": 30, "x": 30}}}
                yield {**arguments, key: {name: 60.0}}


def chain(error: BaseException | None) -> Iterator[BaseException]:
    """An error and what a traceback prints before it."""
    while error is not None:
        yield error
        error = error.__cause__ or (None if error.__suppress_context__ else error.__context__)


def spoken(call: Callable[[], Any]) -> str:
    """Everything that a call says: its error with causes, warnings, log, notes, findings."""
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        try:
            result = call()
            said = ""
            if isinstance(result, sv.Responses):
                said = result.to_text() + result.log.to_csv() + repr(result)
            elif type(result).__name__ == "Report":
                said = result.summary() + result.table.to_csv(index=False) + result._repr_html_()
                result.raise_if_failed()
            elif isinstance(result, sv.Estimates):
                said = " ".join(result.notes)
        except AttributeError:
            raise  # no such verb: nothing was tried
        except Exception as error:
            said = "\n".join("".join(traceback.format_exception_only(e)) for e in chain(error))
    return said + "\n".join(str(w.message) for w in caught)


def silent(call: Callable[[], Any], where: object) -> None:
    text = unicodedata.normalize("NFC", spoken(call))
    found = TOLD.search(text)
    assert found is None, (
        f"{where} tells {found and found[0]!r}: {text[max(0, found.start() - 500) : found.end() + 300]}"
    )


KINDS = [
    ("plain", ""),
    *(("plain", b) for b in BOOKS),
    ("category", ""),
    ("pyarrow", ""),
    ("index", ""),
    ("index", "scale"),
]


@pytest.mark.parametrize(("kind", "book"), [KINDS[0], *(pytest.param(*k, marks=pytest.mark.slow) for k in KINDS[1:])])
@pytest.mark.parametrize(
    "verb", [pytest.param(v, marks=pytest.mark.slow if v in ("check", "quality") else ()) for v in OF_RESPONSES]
)
def test_verbs_of_responses(verb: str, kind: str, book: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SECRETS_TEST_KEY", "x" * 40)
    made = responses(kind, book)
    for arguments in ({**OF_RESPONSES[verb]}, *wrong(OF_RESPONSES[verb], verb)):
        silent(lambda a=arguments: getattr(made, verb)(**a), arguments)


@pytest.mark.parametrize(
    ("kind", "book"),
    [
        ("plain", ""),
        pytest.param("plain", "scale", marks=pytest.mark.slow),
        pytest.param("pyarrow", "personal", marks=pytest.mark.slow),
        pytest.param("index", "", marks=pytest.mark.slow),
    ],
)
@pytest.mark.parametrize("verb", OF_SAMPLE)
def test_verbs_of_samples(verb: str, kind: str, book: str) -> None:
    made = sv.Sample(responses(kind, "" if book == "missing" else book), weights="w")
    for arguments in wrong(OF_SAMPLE[verb], verb):
        silent(lambda a=arguments: getattr(made, verb)(**a), arguments)


@pytest.mark.slow
@pytest.mark.parametrize(("kind", "book"), [KINDS[0], KINDS[1], KINDS[-2]])
def test_expressions_formulas_and_designs(kind: str, book: str) -> None:
    made = responses(kind, book)
    sample = sv.Sample(made, weights="w")
    for name in SECRETS:
        for written in (e.format(name) for e in EXPRESSIONS):
            silent(lambda e=written: made.drop(e, reason="r"), written)
            silent(lambda e=written: made.derive("new", e), written)
            silent(lambda e=written: made.check({"r": e}), written)
            silent(lambda e=written: sample.mean("q", where=e), written)
        for written in (f.format(name) for f in FORMULAS):
            silent(lambda f=written: sample.linear(f), written)
        for design in (
            {"weights": name},
            {"weights": "w", "strata": name},
            {"weights": "w", "psu": name, "strata": "g"},
            {"weights": "w", "psu": "psu", "fpc": name},
            {"weights": "w", "strata": name, "psu": name},
            {"weights": "w", "psu": ["psu", name], "fpc": ["fpc", name]},
            {"weights": "w", "replicates": sv.Replicates(method="BRR", columns=(name, "q"))},
        ):
            silent(lambda d=design: sv.Sample(made, **d).mean("q"), design)
        silent(lambda n=name: sv.Sample(made, weights="w", strata=n, psu="psu").replicates("BRR"), name)


@pytest.mark.slow
def test_frames_stages_rates_and_those_who_did_not_answer() -> None:
    made = responses()
    data, sample = made.data, sv.Sample(made, weights="w")
    away = data.assign(disposition="refused")
    for name in SECRETS:
        listed = pd.DataFrame({"unit": range(20), "size": 10.0, "psu": range(20), name: data[name].to_numpy()[:20]})
        for keys in (
            {"unit": name, "size": "size"},
            {"unit": "unit", "size": name},
            {"unit": "unit", "size": "size"},
            {"unit": "unit", "size": "size", "within": name},
            {"unit": ["unit", name], "size": "size", "draws": name},
        ):
            for n in (5, 100, name, {"3": 2}):
                silent(lambda n=n, k=keys, f=listed: sv.base_weights(made, sv.PPS.from_frame(f, n=n, **k)), (keys, n))
        for stage in (sv.SRS(name, 100), sv.SRS(5, name), sv.PPS(5, name, 1000), sv.PPS(5, "fpc", name)):
            silent(lambda s=stage: sv.base_weights(made, s), stage)
        for keys in ({"unit": ["psu", name]}, {"by": name}, {"weights": name}, {"size": name}):
            asked = {"weights": "w", "size": "size", "unit": "psu", **keys}
            silent(lambda a=asked, f=listed: sv.frame_check(made, f, **a), asked)
        for keys in ({"disposition": name}, {"by": name}, {"weights": name}, {"by": name, "e": {"x": 0.5}}):
            silent(lambda k=keys: sv.response_rates(made, **k), keys)
        for keys in ({"smallest": 40}, {"smallest": 40, "collapse": "neighbours"}, {"collapse": {name: {"4": "5"}}}):
            silent(lambda n=name, k=keys: sample.adjust_nonresponse(by=n, nonrespondents=away, **k), (name, keys))
        silent(lambda n=name: sample.adjust_nonresponse(model=f"~ C({n})", nonrespondents=away.head(9)), name)
        silent(lambda n=name: sample.adjust_nonresponse(by="g", disposition=n, nonrespondents=away), name)


def test_a_column_that_is_no_column_of_a_file(tmp_path: Path) -> None:
    made = responses()
    for name in SECRETS:
        only = sv.Responses(made.data[["q", name]])
        for ending in (".sav", ".dta", ".xlsx", ".csv", ".parquet"):
            silent(lambda o=only, e=ending: o.write(tmp_path / f"out{e}"), (name, ending))
        silent(lambda o=only: storage.save(o, tmp_path / "out.zip"), name)


@pytest.mark.slow
@pytest.mark.parametrize("ending", [".csv", ".xlsx", ".parquet", ".sav"])
def test_files_and_the_commands(tmp_path: Path, ending: str, capsys: pytest.CaptureFixture[str]) -> None:
    for name in SECRETS:
        if name == "mixed" and ending in (".parquet", ".sav"):
            continue
        path = tmp_path / f"{name}{ending}"
        table = frame()[["q", name]]
        if ending == ".csv":
            table.to_csv(path, index=False)
        elif ending == ".xlsx":
            table.to_excel(path, index=False)
        elif ending == ".parquet":
            table.to_parquet(path)
        else:
            import pyreadstat

            pyreadstat.write_sav(table, str(path))
        book = tmp_path / "book.toml"
        for kind in ("ordinal", "number", "date"):
            labels = 'labels = {1 = "a", 2 = "b"}' if kind == "ordinal" else ""
            book.write_text(f'[variables.q]\ntype = "number"\n[variables.{name}]\ntype = "{kind}"\n{labels}\n', "utf-8")
            page = tmp_path / "report.html"
            asked = [
                ["check", path, "--codebook", book, "--html", page],
                ["check", path, "--codebook", book, "--across", "q"],
                ["convert", path, tmp_path / f"out-{name}-{kind}.dta", "--codebook", book],
                ["codebook", path, "--diff", book],
            ]
            if kind != "date":  # these name no codebook: before there is one beside the file, and after
                asked += [["check", path, "--across", name], ["codebook", path]]
            for command in asked:
                silent(lambda c=command: cli.main([*map(str, c)]), command)
                printed = capsys.readouterr()
                said = unicodedata.normalize("NFC", printed.out + printed.err)
                if command[0] != "privacy":
                    assert not TOLD.search(said), f"{command}: {said[:2000]}"
            assert not page.exists() or not TOLD.search(unicodedata.normalize("NFC", page.read_text("utf-8")))
        silent(lambda p=path: sv.read(p, locale="vi"), path)
        book_, remarks = draft_codebook(path)
        assert not TOLD.search(unicodedata.normalize("NFC", str(remarks) + str(book_))), name


@pytest.mark.parametrize(
    "text",
    [
        f'q,free\n1,"{LONG}\n2,x\n',
        f"{LONG};0912345678\n1;2\n",
        f"q,free\n1,{LONG},{LONG}\n",
        f"q,free\n1,{LONG}\0\n",
    ],
)
def test_files_that_are_no_tables(tmp_path: Path, text: str) -> None:
    path = tmp_path / "a.csv"
    path.write_text(text, encoding="utf-8")
    for how in ({}, {"separator": "find"}, {"decimal": "find"}):
        silent(lambda h=how: sv.read(path, **h), how)


def test_a_log_holds_what_was_typed_and_no_answers(tmp_path: Path) -> None:
    made = responses().recode("long", {"3": "4"}).recode("short", {"3": "4"}).drop("q == 1", reason="trial")
    log = json.loads(made.save_log(tmp_path / "log.json").read_text("utf-8"))
    assert not TOLD.search(unicodedata.normalize("NFC", json.dumps(log, ensure_ascii=False)))


def test_rows_and_groups_keep_what_helps() -> None:
    index = pd.Index(["R018", 25, LONG, "Bé", 912345678], dtype=object)
    assert describe_rows(index, [0, 1, 2, 3, 4]) == "R018, 25, 2 (by position), 3 (by position), 4 (by position)"
    assert (
        describe_groups([("P01", 3), ("Nam", 1), ("Bé", 2)], [1, 9, 1]) == "P01 / 3, Nam / 1, 1 other group (not shown)"
    )
    assert describe_groups([LONG]) == "1 group (not shown)"


def test_an_error_of_a_library_is_told_without_what_it_quotes() -> None:
    assert said(ValueError(f"could not convert string to float: '{LONG}'")) == (
        "ValueError: could not convert string to float: …"
    )
    assert "0912345678" not in said(ValueError("no number: 0912345678"))
    with pytest.raises(SurveyError):
        raise sv.ReadError(said(OSError("no room")))


def test_a_fault_of_the_program_shows_no_answers(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def fail(options: object) -> int:
        raise ValueError(f"could not convert string to float: '{LONG}'")

    monkeypatch.setattr(commands, "privacy", fail)
    assert cli.main(["privacy", str(tmp_path / "a.csv")]) == cli.BAD_INPUT
    printed = capsys.readouterr().err
    assert "please report it" in printed and "ValueError" in printed and not TOLD.search(printed)

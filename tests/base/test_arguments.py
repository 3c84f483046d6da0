"""Whatever comes as an argument, a public verb gives a result or a SurveyError: never one of Python's own errors."""

from __future__ import annotations

import inspect
import shutil
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

import survey as sv
from examples import a_quarter
from survey.base.arguments import columns_exist, in_range, listed, one_of
from survey.codebook import MultipleSet
from survey.compare.scheme_file import scheme_of
from survey.errors import EstimationError
from survey.estimation.imputation import pool
from survey.imputations import POOLED
from survey.study import storage

pytestmark = pytest.mark.sampled

WRONG: dict[str, Callable[[], Any]] = {
    "None": lambda: None,
    "5": lambda: 5,
    "text": lambda: "x",
    "empty text": lambda: "",
    "[]": lambda: [],
    "{}": lambda: {},
    "Series": lambda: pd.Series([1.0, 2.0]),
    "array": lambda: np.arange(3.0),
    "frame": lambda: pd.DataFrame({"a": [1]}),
    "nan": lambda: np.nan,
    "-1": lambda: -1,
    "inf": lambda: np.inf,
    "object": object,
    "True": lambda: True,
    "[None]": lambda: [None],
    "[[]]": lambda: [[]],
    "tuple": lambda: (1, "x"),
    "bytes": lambda: b"x",
    "function": lambda: len,
    "{1: None}": lambda: {1: None},
}


@cache
def frame() -> pd.DataFrame:
    rng = np.random.default_rng(1)
    n = 80
    return pd.DataFrame(
        {
            "w": rng.uniform(1, 3, n),
            "psu": np.repeat(range(20), 4),
            "q": rng.integers(1, 6, n),
            "yes": [0, 1] * 40,
            "g": ["a", "b"] * 40,
            "t": [0, 1, 1, 0] * 20,
            "ward": np.repeat(range(4), 20),
            "y": rng.normal(size=n),
            "disposition": "complete",
        }
    )


@cache
def sample() -> sv.Sample:
    return sv.Sample(frame(), weights="w", psu="psu")


def responses() -> sv.Responses:
    scale = sv.Variable("q", type="ordinal", labels={i: {"en": str(i)} for i in range(1, 6)})
    return sv.Responses(frame(), sv.Codebook({"q": scale}))


@cache
def means() -> sv.Estimates:
    return sample().mean(["y", "q"], by="g")


@cache
def drawn() -> sv.Sample:
    codes = np.where(frame()["y"].to_numpy() > 0.7, "refusal", "complete")
    return sv.Sample(frame().assign(disposition=codes), weights="w", psu="psu")


@cache
def replicated() -> sv.Sample:
    return sample().replicates("jackknife")


@cache
def chosen() -> sv.Sample:
    """A sample with a select-all question."""
    sets = {"how": MultipleSet("how", ("how_1", "how_2"), base="everyone")}
    rows = frame().assign(how_1=frame()["t"] % 2, how_2=1)
    return sv.Sample(sv.Responses(rows, sv.Codebook(sets=sets)), weights="w", psu="psu")


@cache
def completed() -> sv.Imputations:
    return sv.Imputations([sample(), sv.Sample(frame().assign(y=frame()["y"] + 1), weights="w", psu="psu")])


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with what verbs read, written once; each test gets a copy, which a verb may write over."""
    folder = tmp_path_factory.mktemp("files")
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)  # a log names its sources as they were named
        frame().to_csv("answers.csv", index=False)
        sv.read("answers.csv").derive("z", "q + 1").save_log("log.json")
        storage.save(responses(), "stored.zip")
        pd.DataFrame({"g": ["a", "b"], "total": [1, 2]}).to_csv("targets.csv", index=False)
        with open("audit.csv", "w") as stream:
            stream.write("event,node,start,end,instance ID\nquestion,/data/q,1700000000000,1700000005000,1\n")
    return folder


@cache
def table() -> sv.Exhibit:
    return sv.tables.table(means(), title="t", name="t")


@cache
def shares() -> sv.Estimates:
    return sample().proportion("q", levels=[5], by="ward")


INDEX = scheme_of(
    {"scheme": {"name": "made", "range": [0, 100], "aggregation": "mean_of_components"}, "components": {"c": {}}},
    "made.toml",
)
GOOD: dict[str, tuple[Callable[[], Any], dict[str, Any]]] = {
    "Sample": (lambda: sv.Sample, {"data": frame(), "weights": "w"}),
    "Replicates": (lambda: sv.Replicates, {"method": "bootstrap", "columns": ("w",)}),
    **{
        f"Sample.{verb}": (lambda verb=verb: getattr(sample(), verb), good)
        for verb, good in {
            "mean": {"items": "y"},
            "total": {"items": "y"},
            "proportion": {"items": "q", "levels": [5]},
            "distribution": {"items": "q"},
            "ratio": {"numerator": "y", "denominator": "w"},
            "quantile": {"items": "y"},
            "variance": {"items": "y"},
            "covariance": {"items": ["y", "q"]},
            "correlation": {"items": ["y", "q"]},
            "cells": {"items": "q"},
            "item_response": {"items": "q"},
            "bounds": {"items": "q", "levels": [5]},
            "replicates": {"method": "bootstrap", "n": 4, "seed": 1},
            "linear": {"formula": "y ~ q"},
            "effect": {"items": "y", "treated": "ward == 1", "period": "t", "unit": "ward"},
            "rake": {"targets": {"g": {"a": 1, "b": 1}}},
            "poststratify": {"targets": {"g": {"a": 1, "b": 1}}},
            "calibrate": {"targets": {"g": {"a": 1, "b": 1}}},
            "trim": {"upper": 2.9},
            "trimming_errors": {"items": "y"},
            "scale_weights": {"to": 100.0},
            "weight_diagnostics": {},
            "weight_distribution": {},
            "weight_effects": {"items": "y"},
            "margin_gaps": {"targets": {"g": {"a": 1, "b": 1}}},
        }.items()
    },
    "Sample.select_all": (lambda: chosen().select_all, {"questions": "how"}),
    "Sample.options_chosen": (lambda: chosen().options_chosen, {"questions": "how"}),
    "Imputations.select_all": (lambda: sv.Imputations([chosen(), chosen()]).select_all, {"questions": "how"}),
    "Imputations.options_chosen": (lambda: sv.Imputations([chosen(), chosen()]).options_chosen, {"questions": "how"}),
    "Sample.index": (lambda: sample().index, {"scheme": INDEX, "columns": {"c": "q"}, "scale": (1, 5)}),
    "Imputations.index": (lambda: completed().index, {"scheme": INDEX, "columns": {"c": "q"}, "scale": (1, 5)}),
    "power": (lambda: sv.power, {"of": "mean", "sd": 1.0, "margin": 0.1}),
    "figures.power": (lambda: sv.figures.power, {"e": sv.power("mean", sd=1.0, n=[50, 100], effect=0.3)}),
    "Sample.adjust_nonresponse": (lambda: drawn().adjust_nonresponse, {"by": "g"}),
    "Sample.adjust_nonresponse, a model": (lambda: drawn().adjust_nonresponse, {"model": "q", "classes": 3}),
    "Sample.replicate": (lambda: replicated().replicate, {"statistic": lambda w: float(w.sum()), "progress": False}),
    **{
        f"Imputations.{verb}": (
            lambda verb=verb: getattr(completed(), verb),
            {
                k: v
                for k, v in {
                    "items": ["y", "q"],
                    "numerator": "y",
                    "denominator": "w",
                    "formula": "y ~ q",
                    "levels": [5],
                    "by": "g",
                }.items()
                if k in inspect.signature(getattr(sv.Sample, verb)).parameters
            },
        )
        for verb in POOLED
        if verb not in ("select_all", "options_chosen", "index")
    },
    **{
        f"Responses.{verb}": (lambda verb=verb: getattr(responses(), verb), good)
        for verb, good in {
            "check": {},
            "recode_missing": {},
            "recode": {"column": "q", "mapping": {1: 2}},
            "merge_categories": {"column": "q", "groups": {1: [1, 2], 2: [3, 4, 5]}, "into": "m"},
            "derive": {"name": "z", "expression": "q + 1"},
            "band": {"column": "y", "edges": [-9, 0, 9], "into": "b"},
            "reverse": {"columns": []},
            "drop": {"where": "q == 1", "reason": "none"},
            "collapse_copies": {},
            "rename": {"names": {"q": "question"}},
            "select": {"columns": ["q", "g"]},
            "append": {"other": responses(), "columns": "common"},
            "reshape": {"id": "y", "question": "g", "answer": "q", "repeats": "first"},
            "to_number": {"columns": "q", "others": "blank"},
            "score": {"name": "s", "items": ["q"]},
            "scan_personal": {},
            "k_anonymity": {"quasi": "g"},
            "quality": {"items": "q", "interviewer": "psu", "within": None},
            "map_wards": {
                "column": "g",
                "lineage": [{"from": "a", "to": "c", "date": "2025-07-01"}],
                "date": "2025-01-01",
                "to": "2025-08-01",
                "into": "g2",
            },
            "join_audit": {"path": "audit.csv", "on": "t"},
            "pseudonymise": {"columns": "g", "key": "key.bin"},
            "write": {"path": "out.csv", "quasi": ["g"], "k": 1},
            "save_log": {"path": "log2.json"},
            "replay": {"sources": "answers.csv"},
        }.items()
    },
    "Estimates.contrast": (lambda: means().contrast, {"weights": [1, -1, 0, 0]}),
    "Estimates.pairwise": (lambda: means().pairwise, {}),
    "Estimates.to_text": (lambda: means().to_text, {}),
    "figures.intervals": (lambda: sv.figures.intervals, {"e": shares()}),
    "figures.likert": (lambda: sv.figures.likert, {"e": sample().distribution("q")}),
    "figures.love": (lambda: sv.figures.love, {"e": sample().margin_gaps({"g": {"a": 1, "b": 1}})}),
    "figures.weights": (lambda: sv.figures.weights, {"e": sample().weight_distribution()}),
    "tables.table": (lambda: sv.tables.table, {"e": means()}),
    "figures.quality": (lambda: sv.figures.quality, {"q": responses().quality("q", interviewer="psu")}),
    "export": (lambda: sv.export, {"exhibit": table(), "name": "t", "formats": ["csv"], "folder": "out"}),
    "tables.to_docx": (lambda: sv.tables.to_docx, {"exhibits": table(), "path": "t.docx"}),
    "tables.to_xlsx": (lambda: sv.tables.to_xlsx, {"exhibits": table(), "path": "t.xlsx"}),
    "tables.to_pptx": (lambda: sv.tables.to_pptx, {"exhibits": table(), "path": "t.pptx"}),
    "tables.to_html": (lambda: sv.tables.to_html, {"exhibit": table()}),
    "tables.export_codebook": (
        lambda: sv.tables.export_codebook,
        {"book": responses().codebook, "path": "book.html", "languages": ["en"]},
    ),
    "narrative.describe": (lambda: sv.narrative.describe, {"e": means(), "row": 0}),
    "narrative.compare": (lambda: sv.narrative.compare, {"e": means().pairwise(), "row": 0}),
    "narrative.ranking": (lambda: sv.narrative.ranking, {"e": shares()}),
    "narrative.permutation": (
        lambda: sv.narrative.permutation,
        {"e": sample().effect("y", treated="ward == 1", period="t", unit="ward")},
    ),
    "Targets.from_frame": (lambda: sv.Targets.from_frame, {"frame": pd.DataFrame({"g": ["a", "b"], "total": [1, 2]})}),
    "Targets.from_csv": (lambda: sv.Targets.from_csv, {"path": "targets.csv"}),
    "Targets.of": (lambda: sv.Targets.of, {"value": {"g": {"a": 1, "b": 1}}}),
    "Targets": (lambda: sv.Targets, {"margins": (sv.Margin(("g",), {("a",): 1.0}),)}),
    "Margin": (lambda: sv.Margin, {"variables": ("g",), "totals": {("a",): 1.0}}),
    "base_weights": (lambda: sv.base_weights, {"data": frame(), "stages": [sv.SRS(2, 4)]}),
    "SRS": (lambda: sv.SRS, {"n": 2, "of": 4}),
    "PPS": (lambda: sv.PPS, {"n": 2, "size": "w", "total": 100}),
    "frame_check": (
        lambda: sv.frame_check,
        {
            "data": frame(),
            "frame": pd.DataFrame({"ward": range(4), "size": 50}),
            "weights": "w",
            "size": "size",
            "unit": "ward",
        },
    ),
    "response_rates": (lambda: sv.response_rates, {"data": frame(), "by": "g"}),
    "read": (lambda: sv.read, {"path": "answers.csv"}),
    "read, nothing there": (lambda: sv.read, {"path": "nothing-here.csv"}),
    "read_codebook": (lambda: sv.read_codebook, {"path": "answers.csv"}),
    "read_audit": (lambda: sv.read_audit, {"path": "audit.csv"}),
    "read_log": (lambda: sv.read_log, {"path": "log.json"}),
    "replay": (lambda: sv.replay, {"log": "log.json"}),
    "storage.save": (lambda: storage.save, {"value": responses(), "path": "s.zip"}),
    "storage.load": (lambda: storage.load, {"path": "stored.zip"}),
    "fetch": (lambda: sv.fetch, {"name": "no-such-data"}),
    "Study.open": (lambda: sv.Study.open, {"path": "study.toml"}),
    "Responses": (lambda: sv.Responses, {"data": frame()}),
    "Codebook": (lambda: sv.Codebook, {"variables": {"q": sv.Variable("q")}}),
    "Codebook.from_dict": (lambda: sv.Codebook.from_dict, {"raw": {"variables": {"q": {"type": "number"}}}}),
    "Codebook.from_toml": (lambda: sv.Codebook.from_toml, {"path": "book.toml"}),
    **{
        f"Codebook.{verb}": (lambda verb=verb: getattr(responses().codebook, verb), good)
        for verb, good in {
            "diff": {"other": sv.Codebook({"q": sv.Variable("q")})},
            "merge": {"other": sv.Codebook({"z": sv.Variable("z")})},
            "select": {"names": ["q"]},
            "table": {"lang": "en"},
            "to_html": {"lang": "en"},
            "to_toml": {"path": "made.toml"},
            "label": {"name": "q", "code": 1},
            "wording": {"name": "q"},
            "items": {"dimension": "d"},
            "read_from": {},
        }.items()
    },
    "Variable": (lambda: sv.Variable, {"name": "q", "type": "ordinal", "labels": {1: {"en": "one"}}}),
    "Finding": (lambda: sv.Finding, {"id": "one", "vi": "một", "en": "one"}),
    "language": (lambda: sv.language, {"lang": "vi"}),
    "show": (lambda: sv.show, {"frame": means().table}),
    "pool": (lambda: pool, {"completed": [means(), means()]}),
    "Imputations": (lambda: sv.Imputations, {"samples": [sample(), sample()]}),
}


SLOW = ("Responses.quality", "Responses.write", "tables.table", "figures.quality")
"""Verbs that take seconds for each wrong argument."""


@pytest.mark.parametrize("verb", [pytest.param(v, marks=pytest.mark.slow) if v in SLOW else v for v in GOOD])
@pytest.mark.filterwarnings("ignore")
def test_a_wrong_argument_ends_in_a_result_or_an_error_of_ours(
    verb: str, files: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("SURVEY_DATA_HOME", raising=False)
    find, good = GOOD[verb]
    taken = inspect.signature(find()).parameters.values()
    names = [p.name for p in taken if p.kind not in (p.VAR_KEYWORD, p.VAR_POSITIONAL)]
    bare = []
    for turn, name in enumerate(dict.fromkeys([*good, *names]), list(GOOD).index(verb)):
        monkeypatch.chdir(shutil.copytree(files, tmp_path / name))
        for kind, make in a_quarter(WRONG.items(), turn):
            try:
                result = find()(**{**good, name: make()})
                if isinstance(result, sv.Exhibit) and result.kind == "table":
                    result.html()
                elif isinstance(result, sv.Exhibit):
                    assert result.alt
                    result.notes  # noqa: B018
            except sv.SurveyError:
                pass
            except Exception as problem:
                bare.append(f"{name}={kind}: {type(problem).__name__}: {str(problem)[:80]}")
    assert not bare, "\n".join(bare)


def test_an_argument_of_the_wrong_kind_is_named_with_what_was_expected() -> None:
    with pytest.raises(sv.EstimationError) as failed:
        sample().mean("y", level="0.95")  # type: ignore[arg-type]
    assert failed.value.where == "level=" and failed.value.expected == "between 0 and 1, such as 0.95"
    assert "0.95" in str(failed.value.got)


def test_an_error_names_the_kind_of_a_column_and_none_of_its_values() -> None:
    with pytest.raises(sv.SurveyError) as failed:
        sv.Sample(frame(), weights=pd.Series(["Nguyễn Văn A"]))  # type: ignore[arg-type]
    assert "Nguyễn" not in str(failed.value) and "Series" in str(failed.value)


def test_a_fault_of_ours_stays_what_it_is(monkeypatch: pytest.MonkeyPatch) -> None:
    """Only arguments of the wrong type are blamed: with right ones an error of Python's is not dressed up."""
    from survey.estimation import means as estimate

    def broken(*_: Any, **__: Any) -> None:
        raise KeyError("ours")

    monkeypatch.setattr(estimate, "groupings_of", broken)
    with pytest.raises(KeyError, match="ours"):
        sample().mean("y")
    with pytest.raises(sv.SurveyError, match="wrong type"):
        sample().mean(5)  # type: ignore[arg-type]


EMPTY: dict[str, Callable[[], Any]] = {
    'linear("")': lambda: sample().linear(""),
    'linear("y ~ ")': lambda: sample().linear("y ~ "),
    'linear("~ y")': lambda: sample().linear("~ y"),
    "drop(None)": lambda: responses().drop(None, reason="none"),  # type: ignore[arg-type]
    "drop without a reason": lambda: responses().drop("q == 1", reason=" "),
    'mean("")': lambda: sample().mean(""),
    "mean([])": lambda: sample().mean([]),
    'by=""': lambda: sample().mean("y", by=""),
    'where=""': lambda: sample().mean("y", where=""),
    "levels=[]": lambda: sample().proportion("q", levels=[]),
    "q=[]": lambda: sample().quantile("y", []),
    'variance=""': lambda: sample().mean("y", variance=""),
    "no replicates": lambda: sample().mean("y", variance="replicate"),
    'replicates("")': lambda: sample().replicates(""),
    "rake({})": lambda: sample().rake({}),
    "rake({g: {}})": lambda: sample().rake({"g": {}}),
    "trim()": lambda: sample().trim(),
    "trim(by=)": lambda: sample().trim(median=5, by=""),
    "adjust_nonresponse()": lambda: sample().adjust_nonresponse(),
    'adjust_nonresponse(model="")': lambda: sample().adjust_nonresponse(model=""),
    'contrast("")': lambda: means().contrast(""),
    "contrast([])": lambda: means().contrast([]),
    'derive("")': lambda: responses().derive("", "q"),
    'derive("z", "")': lambda: responses().derive("z", ""),
    "a name that is taken": lambda: responses().derive("q", "y"),
    'recode("")': lambda: responses().recode("", {1: 2}),
    "recode({})": lambda: responses().recode("q", {}),
    "merge_categories({})": lambda: responses().merge_categories("q", {}, into="z"),
    "band([])": lambda: responses().band("y", [], into="b"),
    "pseudonymise([])": lambda: responses().pseudonymise([]),
    "k_anonymity([])": lambda: responses().k_anonymity([]),
    'scan_personal([""])': lambda: responses().scan_personal([""]),
    'join_audit("")': lambda: responses().join_audit(""),
    'write("")': lambda: responses().write(""),
    'save_log("")': lambda: responses().save_log(""),
    'read("")': lambda: sv.read(""),
    'read_codebook("")': lambda: sv.read_codebook(""),
    'read_log("")': lambda: sv.read_log(""),
    'replay("")': lambda: sv.replay(""),
    'fetch("")': lambda: sv.fetch(""),
    'Targets.from_csv("")': lambda: sv.Targets.from_csv(""),
    "a category that is no tuple": lambda: sv.Margin(("g",), {"ab": 1.0}),  # type: ignore[dict-item]
}


@pytest.mark.parametrize("call", [pytest.param(c, id=name) for name, c in EMPTY.items()])
def test_what_is_empty_or_missing_is_an_error_of_five_parts(
    call: Callable[[], Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(sv.SurveyError) as failed:
        call()
    absent = [part for part in ("what", "where", "got", "expected", "fix") if not getattr(failed.value, part)]
    assert not absent, f"{failed.value}\nlacks {absent}"


def test_one_of_those_that_are_known() -> None:
    one_of("wald", ("wald", "logit"), "interval for a share", sv.EstimationError)
    with pytest.raises(sv.EstimationError, match="unknown interval for a share") as caught:
        one_of("walt", ("wald", "logit"), "interval for a share", sv.EstimationError, fix="choose one of these")
    assert (caught.value.got, caught.value.expected) == ("walt", "wald, logit")
    assert caught.value.fix == "did you mean wald?"
    with pytest.raises(sv.EstimationError) as caught:
        one_of("beta", ("wald", "logit"), "interval for a share", sv.EstimationError, fix="choose one of these")
    assert caught.value.fix == "choose one of these"


class TestNames:
    @pytest.mark.parametrize(
        ("names", "as_list"), [(None, []), ("ward", ["ward"]), (("a", "b"), ["a", "b"]), ([2, 3], [2, 3])]
    )
    def test_one_name_is_a_list_of_one(self, names: object, as_list: list[object]) -> None:
        assert listed(names) == as_list

    def test_columns_that_are_there_pass(self) -> None:
        columns_exist(["q1", 3], ["q1", "q2", 3], "No such column.", EstimationError)

    def test_a_slip_is_told_before_other_advice(self) -> None:
        with pytest.raises(EstimationError, match="No such column") as caught:
            columns_exist(["WARDS", "zz"], ["ward", "sex"], "No such column.", EstimationError, fix="add it.")
        assert caught.value.got == "'WARDS', 'zz'"
        assert caught.value.expected == "ward, sex"
        assert caught.value.fix == "did you mean ward? Otherwise add it."

    def test_where_no_name_is_near_the_advice_stands_alone(self) -> None:
        with pytest.raises(EstimationError) as caught:
            columns_exist(["zz"], ["ward", "sex"], "No such column.", EstimationError)
        assert caught.value.fix == "correct the name"


class TestNumbers:
    @pytest.mark.parametrize("value", [float("nan"), float("inf"), True, "0.5", 1.0, [0.5, 2.0]])
    def test_what_is_no_number_in_the_range_is_refused(self, value: object) -> None:
        with pytest.raises(EstimationError, match="A share"):
            in_range(value, "A share.", EstimationError, expected="above 0, below 1", fits=lambda v: 0 < v < 1)

    @pytest.mark.parametrize("value", [0.5, np.float64(0.5), [0.1, 0.9]])
    def test_numbers_in_the_range_pass(self, value: object) -> None:
        in_range(value, "A share.", EstimationError, expected="above 0, below 1", fits=lambda v: 0 < v < 1)


SLIPS: dict[str, tuple[Callable[[], Any], str]] = {
    "a label for a code": (lambda: labelled().proportion("q", levels=["good"]), "levels= takes codes: 2"),
    "a number in quotes": (lambda: sample().proportion("q", levels=["4"]), "numbers go without quotes: 4"),
    "marks left out": (lambda: words().proportion("g", levels=["nu"]), "did you mean nữ?"),
    "a level of C()": (lambda: words().linear("y ~ C(g, Treatment('nu'))"), "did you mean nữ?"),
    "a group of a contrast": (lambda: words().mean("y", by="g").contrast("nu - nam"), "did you mean nữ?"),
    "an interval": (lambda: sample().proportion("q", levels=[5], interval="wilsen"), "did you mean wilson?"),
    "an adjustment": (lambda: means().pairwise("hlom"), "did you mean holm?"),
    "a category of targets": (lambda: words().rake({"g": {"nu": 1, "nam": 1}}), "nu meant by it"),
    "a merged category": (
        lambda: words().responses.merge_categories("g", {"a": ["nu"], "b": ["nam", "nữ"]}, into="m"),
        "nữ",
    ),
    "a column in a function": (lambda: sample().mean("y", where=lambda d: d["qq"] == 1), "did you mean q?"),
    "an unknown argument": (lambda: sample().mean("y", levle=0.9), "did you mean level?"),  # type: ignore[call-arg]
    "an argument that is not there": (lambda: sv.Sample(frame()), "weights=None"),  # type: ignore[call-arg]
    "a quantile in quotes": (lambda: sample().quantile("y", "0.5"), "without quotes"),  # type: ignore[arg-type]
    "quantiles in quotes": (lambda: sample().quantile("y", ["0.25", "0.5"]), "without quotes"),  # type: ignore[list-item]
    "a row of a sentence": (
        lambda: sv.narrative.describe(words(100).mean("y", by="g"), row={"g": "nu"}),
        "did you mean 'nữ'?",
    ),
    "nothing returned": (lambda: sample().mean("y", where=lambda d: None), "return the condition"),
}


def labelled() -> sv.Sample:
    scale = sv.Variable("q", type="ordinal", labels={1: {"en": "bad"}, 2: {"en": "good"}})
    return sv.Sample(sv.Responses(pd.DataFrame({"q": [1, 2] * 8}), sv.Codebook({"q": scale})), weights=None)


def words(pairs: int = 8) -> sv.Sample:
    return sv.Sample(pd.DataFrame({"g": ["nữ", "nam"] * pairs, "y": range(2 * pairs)}), weights=None)


@pytest.mark.parametrize("slip", SLIPS)
def test_an_error_says_what_is_meant(slip: str) -> None:
    call, meant = SLIPS[slip]
    with pytest.raises(sv.SurveyError) as failed:
        call()
    assert meant in str(failed.value.fix)


@pytest.mark.parametrize("given", [{"items": frame()["y"]}, {"items": "y", "by": frame()["g"]}], ids=["items", "by"])
def test_values_where_names_are_meant_are_refused(given: dict[str, Any]) -> None:
    with pytest.raises(sv.EstimationError) as failed:
        sample().mean(**given)
    assert failed.value.what == "An argument has the wrong type." and failed.value.got == "a Series"

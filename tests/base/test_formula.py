"""Model formulas are data: the grammar, what it refuses, what it costs, and that nothing of it is ever run."""

from __future__ import annotations

import json
import unicodedata
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import survey as sv
from examples import but_one_slow, examples
from survey.base._formula_tree import text_of
from survey.base.formula import parse
from survey.calibration.model_matrix import factor_column, is_number, model_matrix
from survey.study import storage
from work import at_most

RNG = np.random.default_rng(5)
N = 60
FRAME = pd.DataFrame(
    {
        "y": RNG.normal(size=N),
        "x": RNG.uniform(1, 9, N),
        "z": RNG.uniform(1, 2, N),
        "age": RNG.integers(0, 4, N),
        "g": RNG.choice(list("abc"), N),
        "h": RNG.choice(list("pq"), N),
        "a": RNG.normal(size=N),
        "b": RNG.normal(size=N),
        "c": RNG.normal(size=N),
        "w": 1.0,
    }
)
SAMPLE = sv.Sample(FRAME, weights="w")
NFC, NFD = (lambda text, form=form: unicodedata.normalize(form, text) for form in ("NFC", "NFD"))


def matrix(formula: str, frame: pd.DataFrame = FRAME) -> Any:
    parsed = parse(formula)
    columns = {v: frame[v] if is_number(frame[v]) else factor_column(frame[v], v) for v in parsed.variables}
    return model_matrix(parsed, columns, len(frame))


# --- the grammar ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "formula",
    [
        "y ~ x",
        "y ~ 0 + g",
        "y ~ x*g",
        "y ~ g*h + x",
        "y ~ C(age) + x:g",
        "y ~ 0 + g:h",
        "y ~ (g + h + x)**2 - g:h",
        "y ~ g*h*x",
        "np.log(x) ~ log(z) + exp(z) + I(x**2) + I(2*x/z - 1)",
        "y ~ -1 + x",
        "y ~ 1",
        "y ~ poly(x, 2) + bs(z, df=5)",
        "y ~ poly(x, 2, raw=True)",
        "y ~ scale(x) + center(z)",
        "y ~ C(g, Treatment('b'))",
        "y ~ C(g, contr.treatment('b')) + C(age, Treatment(reference=2))",
        "y ~ C(g, levels=['b', 'c', 'a'])",
        "y ~ x:z + z:x + z",
        "y ~ x + g - x",
        "y ~ g:x + h:x + 0",
        "y ~ C(g, contr.sum)*x + h",
        "y ~ 0 + C(g, Sum)",
        "y ~ bs(x, df=4):h",
        "y ~ I(-x**2) + I((x + z)*x)",
        "y ~ I(x - (z - 1)) + I((x - z) - 1) + I(x**-1) + I((-x)**2)",
    ],
)
def test_a_formula_means_what_formulaic_takes_it_to_mean(formula: str) -> None:
    """formulaic's own reading of these harmless texts is the oracle: columns, their order and their names."""
    from formulaic import Formula

    expected = Formula(formula).get_model_matrix(FRAME, na_action="ignore")
    got = matrix(formula)
    assert got.names == [str(c) for c in expected.rhs.columns]
    np.testing.assert_allclose(got.values, expected.rhs.to_numpy(float), atol=1e-12)
    assert [got.outcome_name] == [str(c) for c in expected.lhs.columns]
    np.testing.assert_allclose(got.outcome, expected.lhs.to_numpy(float)[:, 0])


def test_natural_splines_are_those_of_r() -> None:
    """R 4: library(splines); x <- c(1, 2, 3.5, 4, 6, 7, 7, 9, 10, 13); ns(x, df = 3); ns(x, knots = c(3, 8))."""
    frame = pd.DataFrame({"x": [1, 2, 3.5, 4, 6, 7, 7, 9, 10, 13]})
    first = [0, -0.095130605169, -0.139819118652, -0.106178294555, 0.250454068381]
    np.testing.assert_allclose(matrix("0 + ns(x, df=3)", frame).values[:5, 0], first, atol=1e-11)
    first = [0, -0.077814875491, -0.07646096692, -0.030048020453, 0.271022220478]
    np.testing.assert_allclose(matrix("0 + ns(x, knots=[3, 8])", frame).values[:5, 0], first, atol=1e-11)
    line = [0, 0.066815310478, 0.167038276195, 0.200445931434, 0.334076552391]
    np.testing.assert_allclose(matrix("0 + ns(x, df=1)", frame).values[:5, 0], line, atol=1e-11)


def test_a_carets_power_is_the_one_of_r() -> None:
    assert parse("y ~ (a + b + c)^2").terms == parse("y ~ (a + b + c)**2").terms == parse("y ~ a*b + c + (a+b):c").terms
    assert parse("y ~ (a + b + c)**9").terms == parse("y ~ a*b*c").terms


RESERVED = ["C", "Q", "I", "log", "exp", "sqrt", "scale", "center", "lag", "np", "bs", "ns", "cr", "poly", "v0", "v1"]


@pytest.mark.parametrize("name", RESERVED)
@pytest.mark.sampled
def test_a_column_called_like_a_function_is_a_column(name: str) -> None:
    frame = FRAME.rename(columns={"x": name})
    sample = sv.Sample(frame, weights="w")
    for formula in ("y ~ {} + h", "y ~ C(age):{}", "log({}) ~ h", "y ~ C({})" if name == "C" else "y ~ I({}**2)"):
        if "C(C)" in formula.format(name):
            frame[name] = FRAME["age"]
        got = sv.Sample(frame, weights="w").linear(formula.format(name)).table
        plain = sv.Sample(frame.rename(columns={name: "x"}), weights="w").linear(formula.format("x")).table
        np.testing.assert_allclose(got["estimate"], plain["estimate"], rtol=1e-12)
    assert len(sample) == N


@pytest.mark.crossed
@pytest.mark.parametrize("name", ["a.b", "nhóm.tuổi", "giới tính", "Q1 (a)", "x:y", "1st", "điểm", "lambda"])
@pytest.mark.parametrize(("column", "typed"), [(NFC, NFC), (NFC, NFD), (NFD, NFC), (NFD, NFD)])
def test_names_with_dots_spaces_and_vietnamese_in_either_form(name: str, column: Any, typed: Any) -> None:
    frame = FRAME.drop(columns=["a"]).rename(columns={"x": column(name)})
    expected = SAMPLE.linear("y ~ x").table
    got = sv.Sample(frame, weights="w").linear(typed(f"y ~ `{name}`")).table
    np.testing.assert_allclose(got["std_error"], expected["std_error"], rtol=1e-12)
    assert got["term"].tolist() == ["Intercept", NFC(name)]
    if name in ("điểm", "a.b"):
        bare = sv.Sample(frame, weights="w").linear(typed(f"y ~ {name}")).table
        pd.testing.assert_frame_equal(bare, got)


def test_two_columns_of_one_name_are_not_guessed_between() -> None:
    frame = FRAME.assign(**{NFC("điểm"): FRAME["x"], NFD("điểm"): FRAME["z"]})
    with pytest.raises(sv.EstimationError, match="Two columns"):
        sv.Sample(frame, weights="w").linear("y ~ điểm")


def test_one_word_in_two_forms_is_one_level() -> None:
    ward = np.where(np.arange(N) % 2, NFC("Bến Nghé"), NFD("Bến Nghé")).astype(object)
    ward[::3] = "An"
    for dtype in (object, "category", "string", "string[pyarrow]"):
        frame = FRAME.assign(ward=pd.Series(ward).astype(dtype))
        terms = sv.Sample(frame, weights="w").linear("y ~ ward").table["term"].tolist()
        assert terms == ["Intercept", f"ward[T.{NFC('Bến Nghé')}]"]


# --- what is refused --------------------------------------------------------------------------------------------------

BAD = [
    "y ~ x.to_csv('f')",
    "y ~ I(open('f', 'w').write('x'))",
    "y ~ {x}",
    "y ~ x[0]",
    "y ~ lambda: 1",
    "y ~ Q('x')",
    "y ~ np.sum(x)",
    "y ~ __import__('os')",
    "y ~ C(x, __import__('os'))",
    "y ~ I(x.__class__)",
    "y ~ f'{x}'",
    "y ~ a|b",
    "y ~ .",
    "y ~ a %in% b",
    "y ~ a/b",
    "y ~ 'x'",
    "y ~ x; a",
    "y ~ x @ a",
    "y ~ I(x if 1 else 2)",
    "y ~ (x",
    "y ~ x)",
    "y ~ `x",
    "y ~ 2",
    "y ~ x*2",
    "y ~ (0 + x):a",
    "y ~",
    "~",
    "",
    "y",
    "y ~ a ~ b",
    "y ~ log()",
    "y ~ C()",
    "y ~ bs(x, df=1)",
    "y ~ bs(x, 4, 5)",
    "y ~ poly(g, 2)",
    "y ~ log(g)",
    "g ~ x",
    "C(age) ~ x",
    "y + a ~ x",
    "y ~ C(g, Treatment('zz'))",
    "y ~ C(g, levels=['a'])",
    "y ~ C(log(x))",
    "y ~ \0",
    "y ~ `\0`",
    "y ~ x\u202e",
    "y ~ x\ud800",
    "y ~ ０ + x",
    "y ~ hashed(g)",
    "y ~ lag(x)",
    "y ~ I(1e999*x)",
    "y ~ 0",
    "y ~ x(1)(2)",
]


@pytest.mark.parametrize("formula", [*BAD, None, 3, ["y ~ x"], b"y ~ x"])
def test_what_the_grammar_does_not_know_is_one_error(formula: Any, tmp_path: Path, monkeypatch: Any) -> None:
    monkeypatch.chdir(tmp_path)
    Path("f").write_text("precious", encoding="utf-8")
    with pytest.raises(sv.EstimationError) as caught:
        SAMPLE.linear(formula)
    told = str(caught.value)
    assert told.count("\n") <= 4 and all(c == "\n" or c.isprintable() for c in told)
    assert Path("f").read_text(encoding="utf-8") == "precious"
    assert [p.name for p in tmp_path.iterdir()] == ["f"]


def test_an_error_says_at_which_character() -> None:
    with pytest.raises(sv.EstimationError) as caught:
        SAMPLE.linear("y ~ x + a.to_csv('f')")
    assert "character 9" in str(caught.value.where) and "log" in str(caught.value.expected)


MANY = " + ".join(f"k{i}" for i in range(300))
COSTLY = [
    "y ~ (a + b + c)**12",
    f"y ~ ({MANY})**2",
    f"y ~ ({MANY})**9",
    "y ~ poly(x, 100000)",
    "y ~ bs(x, df=10**9)",
    "y ~ bs(x, df=1000000000)",
    "y ~ ns(x, df=1000000000)",
    "y ~ bs(x, df=5, degree=1000000)",
    "y ~ I(9**9**9)",
    "y ~ I(x**99999)",
    "y ~ I((9**9**9)*x)",
    "y ~ " + " + ".join(["x"] * 20_000),
    "y ~ " + "(" * 5000 + "x" + ")" * 5000,
    "y ~ I(" + "(" * 5000 + "x" + ")" * 5000 + ")",
    "y ~ I(" + "-" * 5000 + "x)",
    "y ~ " + "-" * 5000 + "x",
    "y ~ " + "log(" * 3000 + "x" + ")" * 3000,
    "y ~ I(" + "+".join(["x"] * 5000) + ")",
    "y ~ " + "*".join(f"k{i}" for i in range(40)),
    "y ~ " + ":".join(["(k1*k2*k3*k4*k5*k6)"] * 900),
    "y ~ x" * 50_000,
    "y ~ I(" + "9" * 9000 + "*x)",
    "y ~ `" + "x" * 9000 + "`",
]


@pytest.mark.parametrize("formula", COSTLY, ids=range(len(COSTLY)))
@pytest.mark.sampled
def test_what_a_formula_costs_is_bounded(formula: str) -> None:
    with at_most(10_000_000), pytest.raises(sv.EstimationError):
        SAMPLE.linear(formula)


def test_the_powers_that_collapse_are_computed() -> None:
    assert len(SAMPLE.linear("y ~ (a + b + c)**9").table) == 8
    assert len(SAMPLE.linear("y ~ ((((a + b + c)**9)**9)**9)**9").table) == 8


@pytest.fixture(scope="module")
def hundred_thousand_levels() -> sv.Sample:
    return sv.Sample(pd.DataFrame({"g": [f"L{i}" for i in range(100_000)], "y": 1.0, "x": 2.0}), weights=None)


@pytest.mark.slow
@pytest.mark.parametrize("formula", but_one_slow(["y ~ C(g)", "y ~ g", "y ~ 0 + g", "y ~ g*g", "y ~ g:x"]))
def test_a_factor_of_a_hundred_thousand_levels_is_refused(hundred_thousand_levels: sv.Sample, formula: str) -> None:
    with pytest.raises(sv.EstimationError, match="too many coefficients"):
        hundred_thousand_levels.linear(formula)


# --- nothing is run ---------------------------------------------------------------------------------------------------


class Sentinel(Exception):
    """Raised when anything of a formula is run."""


WORDS = st.sampled_from(
    [
        "x",
        "y",
        "g",
        "age",
        "log",
        "C",
        "I",
        "bs",
        "ns",
        "poly",
        "np",
        "np.log",
        "open",
        "__import__",
        "eval",
        "exec",
        "print",
        "(",
        ")",
        "+",
        "-",
        "*",
        "**",
        "^",
        ":",
        "~",
        "/",
        ".",
        ",",
        "=",
        "[",
        "]",
        "{",
        "}",
        "'os'",
        '"f"',
        "`x`",
        "`",
        "'",
        "0",
        "1",
        "2",
        "9",
        "1e9",
        "df=4",
        "degree",
        "True",
        "lambda",
        "\n",
        "\0",
        "\\",
        "%",
        "|",
        "@",
        ";",
        "#",
        "đ",
        "\u0301",
        ".__class__",
        ".system('id')",
        "Treatment",
        "levels",
        " ",
    ]
)


@settings(max_examples=examples(400), deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(tokens=st.lists(WORDS, max_size=14), outcome=st.booleans())
def test_no_soup_of_tokens_is_run_or_ends_in_another_error(tokens: list[str], outcome: bool) -> None:
    import builtins

    def caught(*_: Any, **__: Any) -> Any:
        raise Sentinel

    text = ("y ~ " if outcome else "") + "".join(tokens)
    kept = {name: getattr(builtins, name) for name in ("eval", "exec")}
    frame = FRAME.copy()
    try:
        for name in kept:
            setattr(builtins, name, caught)
        parsed = parse(text)
        known = {v: frame[v] for v in parsed.variables if v in frame.columns}
        if set(known) == set(parsed.variables):
            columns = {v: c if is_number(c) else factor_column(c, v) for v, c in known.items()}
            model_matrix(parsed, columns, N)
    except sv.SurveyError:
        pass
    finally:
        for name, function in kept.items():
            setattr(builtins, name, function)


@pytest.mark.slow
@settings(max_examples=examples(300), deadline=None)
@given(st.text(max_size=60))
def test_any_text_is_a_formula_or_one_error(text: str) -> None:
    try:
        parsed = parse("y ~ " + text)
    except sv.EstimationError:
        return
    again = parse("y ~ " + text)
    assert parsed == again
    for term in parsed.terms:
        for factor in term:
            assert text_of(factor)


def test_formulaic_sees_generated_names_only(monkeypatch: Any) -> None:
    """Whatever is asked of a formula by way of evaluation ends here."""
    from formulaic.materializers import base

    monkeypatch.setattr(base, "stateful_eval", lambda *_, **__: pytest.fail("something was evaluated"))
    terms = SAMPLE.linear("y ~ bs(x, df=4)*h + poly(z, 2) + C(age, Treatment(2)) + I(x/z) + log(x)").table["term"]
    assert "bs(x, df=4)[1]:h[T.q]" in terms.tolist() and "C(age, Treatment(2))[T.0]" in terms.tolist()


def test_levels_that_look_like_generated_names_stay_as_they_are() -> None:
    frame = FRAME.assign(h=np.where(FRAME["h"] == "p", "a:v1[T.0]", "v0"))
    terms = sv.Sample(frame, weights="w").linear("y ~ h*g").table["term"].tolist()
    assert terms[1] == "h[T.v0]" and terms[-1] == "h[T.v0]:g[T.c]"


# --- the response model, and stored files -----------------------------------------------------------------------------


def responding() -> sv.Sample:
    people = pd.DataFrame({"sex": RNG.integers(0, 2, 200) * 1.0, "age": RNG.integers(18, 80, 200) * 1.0, "w": 1.0})
    answers = people.iloc[:120].assign(q1=RNG.integers(1, 6, 120) * 1.0)
    others = people.iloc[120:].assign(disposition=2.1)
    return sv.Sample(sv.Responses(answers), weights="w").adjust_nonresponse(
        model="sex + age", classes=None, nonrespondents=others
    )


@pytest.mark.parametrize(
    "formula", ["{sex}", "sex.to_csv('f')", "sex + I(open('f', 'w'))", "(sex + age)**12", "sex ~ age"]
)
def test_a_response_model_is_held_to_the_same_grammar(formula: str, tmp_path: Path, monkeypatch: Any) -> None:
    monkeypatch.chdir(tmp_path)
    sample = sv.Sample(FRAME.assign(sex=1.0, disposition=1.0), weights="w")
    with pytest.raises(sv.EstimationError):
        sample.adjust_nonresponse(model=formula, disposition="disposition")
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(
    "formula",
    [
        "sex + {age.__class__}",
        "sex + age.to_csv('f')",
        "sex",
        "sex + w",
        "",
        3,
        None,
        ["sex", "age"],
        "(sex + age)**99",
    ],
)
def test_a_stored_formula_that_was_changed_is_refused(formula: Any, tmp_path: Path) -> None:
    sample = responding()
    storage.save(sample, tmp_path / "clean.zip")
    with zipfile.ZipFile(tmp_path / "clean.zip") as archive:
        parts = {i.filename: archive.read(i) for i in archive.infolist()}
    told = parts["survey.json"].decode()
    assert '"formula": "sex + age"' in told
    parts["survey.json"] = told.replace('"formula": "sex + age"', f'"formula": {json.dumps(formula)}').encode()
    with zipfile.ZipFile(tmp_path / "changed.zip", "w") as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    with pytest.raises(sv.ReadError):
        storage.load(tmp_path / "changed.zip")
    loaded = storage.load(tmp_path / "clean.zip")
    pd.testing.assert_frame_equal(loaded.mean("q1").table, sample.mean("q1").table)  # type: ignore[union-attr]


# --- what is a number -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("dtype", ["int64[pyarrow]", "double[pyarrow]", "Int64", "object", "float32"])
def test_numbers_of_every_kind_are_numbers(dtype: str) -> None:
    expected = SAMPLE.linear("y ~ age").table
    got = sv.Sample(FRAME.assign(age=FRAME["age"].astype(dtype)), weights="w").linear("y ~ age").table
    np.testing.assert_allclose(got["estimate"], expected["estimate"], rtol=1e-12)


@pytest.mark.parametrize("dtype", ["bool", "boolean", "bool[pyarrow]", "object"])
def test_truth_values_are_0_and_1(dtype: str) -> None:
    flag = FRAME["age"] > 1
    expected = sv.Sample(FRAME.assign(flag=flag * 1.0), weights="w").linear("y ~ flag").table
    got = sv.Sample(FRAME.assign(flag=flag.astype(dtype)), weights="w").linear("y ~ flag").table
    np.testing.assert_allclose(got["estimate"], expected["estimate"], rtol=1e-12)


@pytest.mark.parametrize("dtype", [object, "string", "string[pyarrow]", "category"])
def test_text_that_reads_like_numbers_is_text(dtype: Any) -> None:
    frame = FRAME.assign(age=FRAME["age"].astype(str).astype(dtype))
    assert sv.Sample(frame, weights="w").linear("y ~ age").table["term"].tolist()[1] == "age[T.1]"
    with pytest.raises(sv.EstimationError, match="cannot be computed"):
        sv.Sample(frame, weights="w").linear("y ~ log(age)")
    with pytest.raises(sv.EstimationError, match="The outcome must be a single numeric column"):
        sv.Sample(frame, weights="w").linear("age ~ x")


def test_dates_are_neither() -> None:
    frame = FRAME.assign(day=pd.Timestamp("2024-06-01"))
    with pytest.raises(sv.EstimationError, match="A variable of the model is neither numeric nor text"):
        sv.Sample(frame, weights="w").linear("y ~ day")


@pytest.mark.parametrize("formula", ["y ~ g", "y ~ x*g", "y ~ C(g) + h"])
def test_a_factor_of_one_level_is_said_by_name(formula: str) -> None:
    notes = SAMPLE.linear(formula, where="g == 'a'").notes
    assert any(note.startswith(("g: one category", "C(g): one category")) for note in notes)
    assert not any("one category" in note for note in SAMPLE.linear(formula).notes)

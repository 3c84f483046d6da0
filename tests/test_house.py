"""The house: names, pins, commands and pages say the same, and what a page shows runs."""

from __future__ import annotations

import ast
import contextlib
import io
import json
import os
import re
import shutil
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from fnmatch import fnmatch
from importlib import import_module, metadata
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
import pandas as pd
import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from packaging.version import Version
from PIL import Image

import survey
from exhibit_cases import Cases, crowded
from survey import cli, errors
from survey.cli.arguments import parser
from survey.codebook import Codebook
from survey.reports.export import FORMATS
from survey.study.study import Study
from tests.package_source import modules, nodes

ROOT = Path(__file__).parents[1]
SOURCE = ROOT / "src" / "survey"
PAGES = [ROOT / n for n in ("README.md", "CONTRIBUTING.md", "CHANGELOG.md", "SECURITY.md")] + sorted(
    (ROOT / "docs").glob("*.md")
)
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]


def blocks(page: Path, language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```", page.read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL)


def fresh(code: str) -> str:
    """What a fresh interpreter prints."""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False, timeout=60)
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


class TestNames:
    def test_the_three_lists_of_names_agree(self) -> None:
        tree = ast.parse((SOURCE / "__init__.py").read_text(encoding="utf-8"))
        (block,) = [n for n in tree.body if isinstance(n, ast.If)]
        for_checkers = {
            alias.asname or alias.name: node.module if node.module != "survey" else f"survey.{alias.name}"
            for node in block.body
            if isinstance(node, ast.ImportFrom)
            for alias in node.names
        }
        when_used = survey._MODULE_OF | {name: f"survey.{name}" for name in survey._SUBMODULES}
        assert for_checkers == when_used
        assert sorted(survey.__all__) == sorted([*when_used, "__version__"])

    @pytest.mark.parametrize("name", survey.__all__)
    def test_every_name_is_there_and_listed(self, name: str) -> None:
        value = getattr(survey, name)
        assert name in dir(survey)
        if name in survey._MODULE_OF:
            assert value is getattr(import_module(survey._MODULE_OF[name]), name)

    @pytest.mark.parametrize("name", survey._MOVED)
    def test_a_module_that_moved_is_found_and_says_where(self, name: str) -> None:
        with pytest.warns(DeprecationWarning, match=survey._MOVED[name]):
            assert getattr(survey, name) is import_module(survey._MOVED[name])
        assert name not in dir(survey)

    def test_another_name_is_an_attribute_error(self) -> None:
        with pytest.raises(AttributeError, match="no attribute 'smaple'"):
            _ = survey.smaple  # type: ignore[attr-defined]

    @pytest.mark.slow
    def test_export_is_the_verb_whatever_was_imported_before(self) -> None:
        """Five beginnings, each on the package as if it had not been imported, in one interpreter."""
        code = """
import sys
for first in (
    "pass",
    "import survey.reports.export",
    "from survey.reports.export import FORMATS",
    "import survey.study.study",
    "sv.export",
):
    for name in [n for n in sys.modules if n.partition(".")[0] == "survey"]:
        del sys.modules[name]
    import survey as sv
    exec(first)
    import survey.reports
    print(first, callable(sv.export), sv.export.__name__, sep=": ")
"""
        told = fresh(code).splitlines()
        assert len(told) == 5 and all(line.endswith(": True: export") for line in told), told


class TestWeight:
    HEAVY = (
        "scipy",
        "matplotlib",
        "docx",
        "pptx",
        "xlsxwriter",
        "great_tables",
        "pyreadstat",
        "formulaic",
        "pooch",
        "babel",
        "nbclient",
        "duckdb",
        "dask",
        "python_calamine",
        "tqdm",
        "pyarrow.dataset",
    )

    def loaded(self, code: str) -> set[str]:
        return set(fresh(f"import sys\n{code}\nprint(*sys.modules)").split())

    def test_the_import_alone_loads_nothing_of_weight(self) -> None:
        assert not self.loaded("import survey") & {*self.HEAVY, "pandas", "numpy"}

    def test_sample_and_read_load_no_more_than_pandas(self) -> None:
        code = "import sys, pandas; before = set(sys.modules); import survey; survey.Sample; survey.read; survey.Study"
        added = set(fresh(f"{code}; print(*set(sys.modules) - before)").split())
        assert "survey.sample" in added and not added & set(self.HEAVY)


def pins(file: str) -> dict[str, str]:
    lines = (ROOT / file).read_text(encoding="utf-8").splitlines()
    return dict(line.split("==") for line in lines if line and not line.startswith("#"))


class TestPins:
    PINS: ClassVar = pins("constraints.txt")
    LOWEST: ClassVar = pins("constraints-min.txt")
    REQUIRED: ClassVar = PROJECT["dependencies"] + [
        r for e in ("scale", "test", "checks", "bench") for r in PROJECT["optional-dependencies"][e]
    ]

    @pytest.mark.parametrize("requirement", REQUIRED)
    def test_every_requirement_is_pinned_within_its_bounds(self, requirement: str) -> None:
        wanted = Requirement(requirement)
        pins = {canonicalize_name(name): version for name, version in self.PINS.items()}
        assert pins[canonicalize_name(wanted.name)] in wanted.specifier

    @pytest.mark.parametrize("requirement", REQUIRED)
    def test_the_lowest_version_is_the_bound_and_not_above_the_pin(self, requirement: str) -> None:
        wanted = Requirement(requirement)
        (bound,) = wanted.specifier
        lowest = Version(self.LOWEST[canonicalize_name(wanted.name)])
        assert bound.operator == ">=" and Version(bound.version) == lowest
        pins = {canonicalize_name(name): version for name, version in self.PINS.items()}
        assert lowest <= Version(pins[canonicalize_name(wanted.name)])

    def test_the_lowest_versions_are_of_what_is_required_and_nothing_else(self) -> None:
        assert sorted(self.LOWEST) == sorted({canonicalize_name(Requirement(r).name) for r in self.REQUIRED})

    def test_pins_are_exact_versions_and_nothing_else(self) -> None:
        for name, version in [*self.PINS.items(), *self.LOWEST.items()]:
            assert re.fullmatch(r"[A-Za-z0-9._-]+", name) and re.fullmatch(r"[0-9][A-Za-z0-9.]*", version)

    @pytest.mark.slow
    def test_what_the_package_imports_it_requires(self) -> None:
        """A package that comes along with another today may not tomorrow."""
        comes_with = {"markupsafe": "jinja2", "nbformat": "nbclient", "jupyter_client": "nbclient"}
        comes_with |= {"fontTools": "matplotlib"}  # what it cuts fonts with
        called = {"docx": "python-docx", "pptx": "python-pptx"}
        imported = set()
        for path in modules():
            for node in nodes(path):
                names = [a.name for a in node.names] if isinstance(node, ast.Import) else []
                names += [node.module or ""] if isinstance(node, ast.ImportFrom) and not node.level else []
                imported |= {name.partition(".")[0] for name in names}
        others = {comes_with.get(n, called.get(n, n)) for n in imported - sys.stdlib_module_names - {"survey"}}
        required = {canonicalize_name(Requirement(r).name) for r in PROJECT["dependencies"]}
        assert {canonicalize_name(n) for n in others} == required - {"jupyterlab"}  # opened by `survey lab`

    def test_the_tests_ran_with_them(self) -> None:
        """The environment is that of constraints.txt: a number is checked with the versions it is published with.

        `make PINS=` names another file (constraints-min.txt), or none, where there is nothing to compare with.
        """
        from importlib.metadata import version

        file = os.environ.get("SURVEY_PINS", "constraints.txt")
        core = [canonicalize_name(Requirement(r).name) for r in PROJECT["dependencies"]]
        named = {canonicalize_name(name): pin for name, pin in pins(file).items()} if file else {}
        assert {n: Version(version(n)) for n in core if n in named} == {
            n: Version(named[n]) for n in core if n in named
        }
        assert not file or named.keys() >= set(core)


class TestWheel:
    """What an installed package needs is in it; checked without building one."""

    PACKAGE = ROOT / "src" / "survey"

    def test_the_build_takes_all_that_is_in_the_folder(self) -> None:
        build = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["hatch"]["build"]
        assert build["targets"]["wheel"] == {"packages": ["src/survey"]}
        assert not {"include", "exclude", "only-include"} & set(build)

    def test_no_file_of_data_is_one_that_git_and_the_build_leave_out(self) -> None:
        lines = (ROOT / ".gitignore").read_text(encoding="utf-8").splitlines()
        ignored = [line.strip("/") for line in lines if line and not line.startswith(("#", "!"))]
        data = [p.relative_to(ROOT) for p in self.PACKAGE.rglob("*.*") if p.suffix not in (".py", ".pyc")]
        assert {"words/vi.toml", "base/personal_words.toml"} <= {p.relative_to("src/survey").as_posix() for p in data}
        assert [p for p in data for rule in ignored for part in (p.as_posix(), *p.parts) if fnmatch(part, rule)] == []

    def test_every_file_that_is_read_by_name_is_there(self) -> None:
        read = re.compile(r'(?:with_name|joinpath|packaged)\(\s*"([\w.-]+\.\w+)"')
        named = {
            (path.relative_to(self.PACKAGE).as_posix(), name)
            for path in self.PACKAGE.rglob("*.py")
            for name in read.findall(path.read_text(encoding="utf-8"))
        }
        assert len(named) >= 4
        assert [
            (path, name) for path, name in sorted(named) if not (self.PACKAGE / path).with_name(name).is_file()
        ] == []


class TestHabits:
    """What is looked at before a commit and elsewhere: files that no other test opens."""

    WORKFLOW = (ROOT / ".github" / "workflows" / "test.yml").read_text(encoding="utf-8")
    MAKEFILE = (ROOT / "Makefile").read_text(encoding="utf-8")

    def test_the_workflow_calls_what_the_makefile_has(self) -> None:
        calls = re.findall(r"- run: make (.+)", self.WORKFLOW)
        targets = {word for call in calls for word in re.sub(r"\S+=(\$\{\{.*?\}\}|\S*)", "", call).split()}
        assert targets == {"lint", "test"} <= set(re.findall(r"^([a-z]+):", self.MAKEFILE, re.MULTILINE))
        variables = set(re.findall(r"\b([A-Z]+)=", " ".join(calls)))
        assert variables == {"PYTHON", "PINS"} <= set(re.findall(r"^([A-Z]+) \?=", self.MAKEFILE, re.MULTILINE))
        assert all((ROOT / name).exists() for name in re.findall(r"constraints[\w.-]*\.txt", self.WORKFLOW))

    def test_the_workflow_tries_every_python_that_is_promised(self) -> None:
        tried = set(re.findall(r'"(3\.\d+)"', self.WORKFLOW))
        promised = {c.rpartition(" ")[2] for c in PROJECT["classifiers"] if re.search(r":: 3\.\d+$", c)}
        assert promised <= tried and PROJECT["requires-python"] == f">={min(tried, key=Version)}"

    def test_slow_tests_wait_for_the_continuous_integration(self) -> None:
        def runs(**more: str) -> str:
            plain = {k: v for k, v in os.environ.items() if not k.startswith(("SURVEY_", "MAKE"))}
            command, env = ["make", "-n", "test"], {**plain, **more}
            return subprocess.run(command, cwd=ROOT, env=env, capture_output=True, text=True, check=True).stdout

        if shutil.which("make") is None:
            pytest.skip("make is not installed.")
        assert '-m "not slow"' in runs() and "SURVEY_TEST_ALL=1 make test" in runs()
        for name in ("SURVEY_TEST_ALL", "SURVEY_REQUIRE_ALL"):
            assert "not slow" not in runs(**{name: "1"})
        ci = (ROOT / ".ci" / "run").read_text(encoding="utf-8")
        assert "export SURVEY_REQUIRE_ALL=1" in ci and ci.rstrip().endswith("make test")

    def test_the_citation_says_what_the_package_says(self) -> None:
        text = (ROOT / "CITATION.cff").read_text(encoding="utf-8")
        said = dict(re.findall(r'^(version|license|title|abstract): "?(.*?)"?$', text, re.MULTILINE))
        assert said == {
            "version": survey.__version__,
            "license": PROJECT["license"],
            "title": PROJECT["name"],
            "abstract": PROJECT["description"],
        }
        assert re.findall(r'^  - name: "(.*)"$', text, re.MULTILINE) == [a["name"] for a in PROJECT["authors"]]

    def test_notebooks_are_cleared_and_then_left_alone(self, tmp_path: Path) -> None:
        for source in (ROOT / "notebooks").glob("*.ipynb"):
            shutil.copy(source, tmp_path)
        one = min(tmp_path.iterdir())
        before, notebook = one.read_bytes(), json.loads(one.read_text(encoding="utf-8"))
        cell = next(c for c in notebook["cells"] if c["cell_type"] == "code")
        cell["outputs"], cell["execution_count"] = [{"output_type": "stream", "name": "stdout", "text": ["1"]}], 3
        one.write_text(json.dumps(notebook), encoding="utf-8")
        hook = [sys.executable, ROOT / ".ci" / "hooks.py", "outputs", *tmp_path.iterdir()]
        first, second = (subprocess.run(hook, capture_output=True, text=True, check=False) for _ in range(2))
        assert first.returncode == 1 and first.stdout.startswith(str(one)) and first.stdout.count("\n") == 1
        assert second.returncode == 0 and one.read_bytes() == before

    @pytest.mark.parametrize(
        ("line", "found"),
        [
            ("open('/home/lan/survey/a.sav')", True),
            ("C:\\Users\\Lan\\a.sav", True),
            ("/Users/lan/a", True),
            ("/home/me/a.sav", False),
            ("data/home/page/x", False),
            ("https://a.org/work/x/y", False),
        ],
    )
    def test_a_path_of_one_machine_is_noticed(self, tmp_path: Path, line: str, found: bool) -> None:
        file = tmp_path / "a.py"
        file.write_text(f"first\n{line}\n", encoding="utf-8")
        hook = [sys.executable, ROOT / ".ci" / "hooks.py", "paths", file]
        done = subprocess.run(hook, capture_output=True, text=True, check=False)
        assert done.returncode == found and (f"{file}:2:" in done.stdout) == found


class TestPages:
    @pytest.mark.parametrize("page", PAGES, ids=lambda p: p.name)
    def test_links_lead_somewhere(self, page: Path) -> None:
        for target in re.findall(r"\]\(([^)#\s]+)", page.read_text(encoding="utf-8")):
            if not target.startswith(("http://", "https://")):
                assert (page.parent / target).exists(), target

    @pytest.mark.parametrize("page", PAGES, ids=lambda p: p.name)
    def test_commands_exist(self, page: Path) -> None:
        text = page.read_text(encoding="utf-8")
        makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
        for target in re.findall(r"\bmake ([a-z]+)(?=[ `\n])(?=[^\n]*[`#])", text):
            assert re.search(rf"^{target}:", makefile, re.MULTILINE), target
        shown = re.findall(r"`survey ((?!COMMAND)[a-z][^`]*)`", text)
        for arguments in shown:
            given = re.sub(r"\[.*?\]", "", arguments).replace("FILE", "a.sav").split()
            assert parser().parse_args(given).run

    def test_the_readme_leads_with_the_two_commands(self) -> None:
        first = blocks(ROOT / "README.md", "sh")[0]
        assert [line.split("#")[0].strip() for line in first.splitlines()] == ["make reproduce", "make test"]
        ci = (ROOT / ".ci" / "run").read_text(encoding="utf-8")
        assert "test" in ci.splitlines()[-1].split()

    def test_every_error_has_its_line(self) -> None:
        page = (ROOT / "docs" / "errors.md").read_text(encoding="utf-8")
        told = {n for n in errors.__all__ if n.endswith(("Error", "Warning"))}
        assert set(re.findall(r"`(\w+(?:Error|Warning))`", page)) == told

    def test_every_command_and_exit_code_has_its_line(self, capsys: pytest.CaptureFixture[str]) -> None:
        page = (ROOT / "docs" / "cli.md").read_text(encoding="utf-8")
        cli.main([])
        commands = re.search(r"commands:\n(.*?)\n\n", capsys.readouterr().out, re.DOTALL)
        assert commands is not None
        for command in re.findall(r"^    ([a-z]+)", commands.group(1), re.MULTILINE):
            assert f"`survey {command}" in page
        for code in (cli.FINE, cli.BROKEN_RULES, cli.BAD_INPUT, cli.STOPPED):
            assert f"| {code} |" in page

    def test_the_changelog_tells_of_this_version(self) -> None:
        assert f"## {survey.__version__}" in (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")


@pytest.fixture
def elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A copy of the raw data in a folder of its own, where pages' code may write, and set a language until its end."""
    shutil.copytree(ROOT / "data" / "raw", tmp_path / "data" / "raw")
    monkeypatch.chdir(tmp_path)
    yield tmp_path
    survey.language(None)


class TestCodeOnPages:
    @pytest.mark.slow
    def test_the_readme_runs_from_top_to_bottom(self, elsewhere: Path) -> None:
        names: dict[str, object] = {}
        told = io.StringIO()
        with contextlib.redirect_stdout(told):
            for block in blocks(ROOT / "README.md", "python"):
                exec(compile(block, "README.md", "exec"), names)
        for file in ("figures/satisfaction.vi.png", "figures/satisfaction.en.svg", "report.docx"):
            assert (elsewhere / file).is_file()
        assert "Simulated data." in told.getvalue()
        assert "Dữ liệu mô phỏng." not in told.getvalue()  # it sets English
        if metadata.version("scipy") == pins("constraints.txt")["scipy"]:  # last digits of quantiles are its
            with Image.open(ROOT / "docs" / "images" / "satisfaction.en.png") as picture:  # at the top of the page
                assert picture.info["Comment"] == names["figure"].hash  # type: ignore[attr-defined]

    @pytest.mark.slow
    def test_the_page_on_studies_runs(self, elsewhere: Path) -> None:
        for block in blocks(ROOT / "docs" / "study.md", "python"):
            exec(compile(block, "study.md", "exec"), {})
        written = {p.name for p in (elsewhere / "data" / "processed").rglob("*")}
        assert {"clean.zip", "findings.json", "trust.vi.png", "trust.en.csv"} <= written

    @pytest.mark.slow
    def test_the_page_on_weighting_runs_from_top_to_bottom(self, elsewhere: Path) -> None:
        names: dict[str, object] = {}
        told = io.StringIO()
        with contextlib.redirect_stdout(told):
            for block in blocks(ROOT / "docs" / "weighting.md", "python"):
                exec(compile(block, "weighting.md", "exec"), names)
        pooled: survey.Sample = names["pooled"]  # type: ignore[assignment]
        columns = ["w_design", "w_nonresponse", "w_final", "w_trimmed", "w_scaled"]
        assert [*(a.weights_before for a in pooled.design.adjustments), pooled.design.weights] == columns
        assert "Proof: " in told.getvalue() and "fix:      bounds=" in told.getvalue()

    @pytest.mark.slow
    def test_the_page_on_drawing_runs(self, elsewhere: Path) -> None:
        """The design it shows and the Python beside it draw the same sample, and weights come out of it."""
        names: dict[str, Any] = {}
        told = io.StringIO()
        with contextlib.redirect_stdout(told):
            for block in blocks(ROOT / "docs" / "drawing.md", "python"):
                exec(compile(block, "drawing.md", "exec"), names)
            (design,) = blocks(ROOT / "docs" / "drawing.md", "toml")
            Path("residents.toml").write_text(design, encoding="utf-8")
            assert cli.main(["draw", "residents.toml"]) == cli.main(["draw", "--verify", "residents"]) == cli.FINE
        assert Path("residents/sample.csv").read_bytes() == Path("residents-2026/sample.csv").read_bytes()
        assert "w_design" in told.getvalue() and len(names["sample"].weights) == 1800

    @pytest.mark.slow
    def test_the_page_on_quality_runs(self, elsewhere: Path) -> None:
        names: dict[str, object] = {}
        with contextlib.redirect_stdout(io.StringIO()):
            for block in blocks(ROOT / "docs" / "quality.md", "python"):
                exec(compile(block, "quality.md", "exec"), names)
        rejected = names["clean"].rejected  # type: ignore[attr-defined]
        assert len(rejected[rejected["_reason"].str.startswith("invented")]) == names["decided"].sum() > 0  # type: ignore[attr-defined]
        assert Path("quality.html").is_file()

    @pytest.mark.slow
    @pytest.mark.parametrize("page", ["writing", "privacy", "shaping", "maps", "models"])
    def test_the_pages_on_writing_privacy_shape_maps_and_models_run(self, elsewhere: Path, page: str) -> None:
        names: dict[str, object] = {}
        told = io.StringIO()
        with contextlib.redirect_stdout(told):
            for block in blocks(ROOT / "docs" / f"{page}.md", "python"):
                exec(compile(block, f"{page}.md", "exec"), names)
        if page == "writing":
            assert (elsewhere / "processed" / "residents_2024.dta.codebook.toml").is_file()
        elif page == "privacy":
            assert "N••••• V•• A•" in told.getvalue() and "k = " in told.getvalue()
        elif page == "models":
            assert "percentage points" in told.getvalue() and names["figure"].figure()  # type: ignore[attr-defined]
        elif page == "maps":
            assert "10 đơn vị" in told.getvalue()
            assert all(names[made].figure() for made in ("figure", "table", "page"))  # type: ignore[attr-defined]
        else:
            assert (
                "contact == 2" in told.getvalue() and "ot asked in wave_2024.csv (2 rows): chatbot" in told.getvalue()
            )

    @pytest.mark.filterwarnings("ignore::survey.errors.SurveyWarning")
    def test_the_traps_of_a_file_are_told_as_they_are(self, elsewhere: Path) -> None:
        names: dict[str, object] = {}
        pieces = blocks(ROOT / "docs" / "your-files-traps.md", "python")
        assert len(pieces) == 12
        for block in pieces:
            assert block is pieces[0] or "assert" in block or "print" in block
            with contextlib.redirect_stdout(io.StringIO()):
                exec(compile(block, "your-files-traps.md", "exec"), names)

    @pytest.mark.slow
    def test_the_page_on_adding_runs_and_its_parts_work(self, elsewhere: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        from survey.io import reading

        figure, estimator, reader = blocks(ROOT / "docs" / "adding.md", "python")
        assert len(figure.splitlines()) < 150
        names: dict[str, Any] = {"__name__": "adding"}
        for block in (figure, estimator, reader):
            exec(compile(block, "adding.md", "exec", dont_inherit=True), names)
        # a reader: the same respondents come from lines of JSON as from a frame
        frame = pd.DataFrame({"y": [1.0, 2.0, 4.0, 5.0, 3.0, 9.0], "w": [1.0, 2, 1, 3, 1, 2], "g": list("aabbab")})
        Path("people.jsonl").write_text(frame.to_json(orient="records", lines=True), encoding="utf-8")
        monkeypatch.setattr(reading, "READERS", {**reading.READERS, ".jsonl": names["read_jsonl"]})
        people = survey.read("people.jsonl")
        pd.testing.assert_frame_equal(people.data, frame, check_dtype=False)
        Path("people.jsonl").write_text("{", encoding="utf-8")
        with pytest.raises(errors.ReadError, match="not JSON"):
            survey.read("people.jsonl")
        # an estimator: by its definition, with the standard error of influence values that are differences of it
        sample = survey.Sample(people, weights="w")
        cv = names["coefficient_of_variation"]

        def plain(w: Any) -> float:
            mean = np.average(frame["y"], weights=w)
            return float(np.sqrt(np.average((frame["y"] - mean) ** 2, weights=w)) / mean)

        row, w, h = cv(sample, "y").table.iloc[0], frame["w"].to_numpy(), 1e-6
        u = np.array([(plain(w + h * np.eye(6)[i]) - plain(w - h * np.eye(6)[i])) / (2 * h) for i in range(6)])
        assert row["estimate"] == pytest.approx(plain(w), rel=1e-12)
        assert row["std_error"] == pytest.approx(np.sqrt(6 / 5 * np.sum((w * u) ** 2)), rel=1e-6)
        assert len(cv(sample, "y", by="g").table) == 2
        # a figure: every format in both languages, nothing on anything else
        for e, width in ((Cases().wards(), "full"), (Cases().hard(), "half"), (Cases().means(), "slide")):
            assert crowded(names["totals"](e, width=width, lang="en").figure()) == []
        exhibit = names["totals"](Cases().wards(), name="totals")
        files = survey.export(exhibit, formats=FORMATS["figure"], folder="out", languages=("vi", "en"))
        assert all(path.stat().st_size > 100 for path in files.values()) and "69,0" in exhibit.alt
        with pytest.raises(errors.ExportError, match="below it"):
            names["totals"](Cases().made(Cases().rows("EF01", -1.0), "mean"))

    def test_the_study_it_shows_can_be_opened(self, elsewhere: Path) -> None:
        (shown,) = blocks(ROOT / "docs" / "study.md", "toml")
        path = elsewhere / "data" / "raw" / "study.toml"
        path.write_text(shown, encoding="utf-8")
        assert Study.open(path).surveys.keys() == {"residents", "businesses"}

    def test_the_codebook_it_shows_can_be_read(self) -> None:
        (shown,) = blocks(ROOT / "docs" / "codebook.md", "toml")
        book = Codebook.from_dict(tomllib.loads(shown))
        assert book.items("friendliness") == ("FR01", "FR07")
        assert book["ward"].codes == ("P01", "01")

    def test_the_error_it_shows_is_the_one_that_comes(self, elsewhere: Path) -> None:
        path = Path("data", "raw", "study.toml")
        text = path.read_text(encoding="utf-8").replace('"residents_2023.sav"', '"resident_2023.sav"')
        path.write_text(text, encoding="utf-8")
        with pytest.raises(errors.StudyError) as caught:
            Study.open()
        assert blocks(ROOT / "docs" / "errors.md", "text")[0].strip() == str(caught.value)


SKIPS = [
    "def test_a():\n    pytest.skip('no data')",
    "def test_a():\n    pytest.importorskip('no_such_module')",
    "pytest.skip('no data', allow_module_level=True)",
    "pytest.importorskip('no_such_module')",
    "@pytest.mark.skip(reason='no data')\ndef test_a():\n    pass",
    "@pytest.fixture\ndef a():\n    pytest.skip('no data')\ndef test_a(a):\n    pass",
]


@pytest.mark.slow
@pytest.mark.parametrize("all_must_run", ["0", "1"])
def test_where_all_must_run_a_skip_fails(tmp_path: Path, all_must_run: str) -> None:
    """SURVEY_REQUIRE_ALL=1 makes the green of .ci/run mean that everything ran."""
    (tmp_path / "conftest.py").write_text((ROOT / "tests" / "conftest.py").read_text(encoding="utf-8"))
    for i, body in enumerate(SKIPS):
        (tmp_path / f"test_{i}.py").write_text(f"import pytest\n{body}\n")
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-rs", "--continue-on-collection-errors", "-p", "no:cacheprovider", tmp_path],
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
        cwd=tmp_path,
        env={**os.environ, "SURVEY_REQUIRE_ALL": all_must_run, "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"},
    )
    counts = {what: int(n) for n, what in re.findall(r"(\d+) (\w+)", done.stdout.splitlines()[-1])}
    if all_must_run == "0":
        assert counts["skipped"] == len(SKIPS) and done.returncode in (0, 5)
    else:
        failed = counts.get("failed", 0) + counts.get("error", 0) + counts.get("errors", 0)
        assert failed == len(SKIPS) and "skipped" not in counts and done.returncode == 1
        assert done.stdout.count("SURVEY_REQUIRE_ALL=1 and this did not run") == len(SKIPS)

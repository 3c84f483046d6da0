"""The ten notebooks of the simulated study: they run in order on a copy, and what they say is what the data give.

Expected numbers come from the simulation's own list of planted problems, from the population file, and from plain
sums over the respondents; never from the toolkit's estimators.
"""

from __future__ import annotations

import ast
import html
import json
import re
import shutil
from dataclasses import replace
from itertools import combinations
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyreadstat
import pytest

from simulated import shipped_world
from survey.sample import Sample
from survey.sharing.cells import load_cells
from survey.simulate import World
from survey.study import run
from survey.study.cell_questions import cells_of, read_questions
from survey.study.cells_verify import verify_cells
from survey.study.ledger import published_path, read_ledger
from survey.study.notebook_languages import in_language
from survey.study.study import Study
from survey.study.verification import compare

ROOT = Path(__file__).parents[2]
NOTEBOOKS = tuple(ROOT / "notebooks" / f"{name}.ipynb" for name in Study.open(ROOT / "data" / "raw").run)
SCORES = ("friendliness", "transparency", "efficiency")
FEWER_FILES = (r"(\"png\", \"svg\", \"csv\")", r"(\"csv\",)")
SIMULATED = {"vi": "dữ liệu mô phỏng", "en": "simulated data"}


def read(path: Path) -> list[Any]:
    """The cells of a notebook."""
    import nbformat  # takes seconds: one worker reads notebooks, all collect this file

    return list(nbformat.read(path, as_version=4).cells)


def cells(path: Path, kind: str) -> list[Any]:
    return [c for c in read(path) if c.cell_type == kind]


def code(path: Path) -> str:
    return "\n".join(c.source for c in cells(path, "code"))


def articles(page: str) -> dict[str, str]:
    """What a page shows in each language."""
    return dict(re.findall(r'<article id="page-(\w+)"(.*?)</article>', page, re.DOTALL))


@pytest.fixture(scope="module")
def ran(tmp_path_factory: pytest.TempPathFactory) -> run.Run:
    """All ten, run once in a copy of the study: the tests never write to the project's own folders."""
    home = tmp_path_factory.mktemp("project")
    shutil.copytree(ROOT / "data" / "raw", home / "data" / "raw")
    (home / "notebooks").mkdir()
    for path in NOTEBOOKS:
        # pictures that lie about are another module's business; those shown, and all of the report's, are made
        text = path.read_text(encoding="utf-8").replace(*FEWER_FILES)
        (home / "notebooks" / path.name).write_text(text, encoding="utf-8")
    study = Study.open(home / "data" / "raw" / "study.toml")
    return run.reproduce(study, only=study.run)


@pytest.mark.slow
def test_published_results_are_those_of_the_notebooks(ran: run.Run) -> None:
    """data/raw/ledger.json, made anew by `survey reproduce` and `survey publish`."""
    published = read_ledger(published_path(ROOT / "data" / "raw" / "study.toml"))
    assert published is not None and {*ran.study.run, *ran.study.real} == published.notebooks.keys()
    found = compare(published, ran.ledger, dict.fromkeys(ran.study.real, "its data are another test's"))
    assert found.table.to_dict("records") == []


@pytest.mark.slow
def test_one_changed_answer_moves_the_findings_on_it_and_names_its_file(tmp_path: Path) -> None:
    """Of one person who used the ward office in the second wave: how the staff received him, 4 before and 1 now.

    That moves the score of friendliness (the estimate, its change, what weighting shifts); it is no other question's
    answer, so that satisfaction and the rows that were kept cannot move.
    """
    raw = tmp_path / "data" / "raw"
    shutil.copytree(ROOT / "data" / "raw", raw)
    (tmp_path / "notebooks").mkdir()
    names = ("01_cleaning", "02_weighting", "03_friendliness")
    for path in NOTEBOOKS[:3]:
        text = path.read_text(encoding="utf-8").replace(*FEWER_FILES)
        (tmp_path / "notebooks" / path.name).write_text(text, encoding="utf-8")
    answers, about = pyreadstat.read_sav(
        raw / "residents_2024.sav", user_missing=True, disable_datetime_conversion=True
    )
    person = answers.index[(answers["FR01"] == 4) & (answers["contact12"] == 1)][5]
    answers.loc[person, "FR01"] = 1
    pyreadstat.write_sav(
        answers,
        raw / "residents_2024.sav",
        column_labels=about.column_names_to_labels,
        variable_value_labels=about.variable_value_labels,
        missing_ranges=about.missing_ranges,
        variable_format=about.original_variable_types,
        variable_measure=about.variable_measure,
    )
    found = replace(Study.open(raw), run=names, real=()).verify()
    made = {name for name, one in found.published.findings.items() if one["notebook"] in names}
    moved = found.moved("finding")
    assert set(moved["changed"]) == {"02_weighting", "03_friendliness", "03_friendliness_change"}
    assert set(moved["reproduced"]) == made - set(moved["changed"]) and {"01_rows", "03_satisfaction"} <= made
    assert [name for name, *_ in found.causes["files"]] == ["residents_2024.sav"]


@pytest.fixture(scope="module")
def study(ran: run.Run) -> Study:
    return ran.study


@pytest.fixture(scope="module")
def sample(study: Study) -> Sample:
    loaded = study.load("sample")
    assert isinstance(loaded, Sample)
    return loaded


@pytest.mark.slow
def test_cells_tell_as_much_as_the_page_on_verifying_says(sample: Sample, tmp_path: Path) -> None:
    """What was published, computed again from cells; the reasons of all other results are known."""
    raw = ROOT / "data" / "raw"
    path = cells_of(sample, read_questions(raw / "cells.toml"), "study").save(tmp_path / "cells.parquet")
    found = verify_cells(raw, load_cells(path))
    assert found.table.to_dict("records") == []
    assert all(why.startswith("reason_") for why in found.unchecked.values())
    assert not any(why == "reason_unsaid" for why in found.unchecked.values())
    page = (ROOT / "docs" / "verifying.md").read_text(encoding="utf-8")
    told = f"{found.published.numbers:,} of {found.all_numbers:,} numbers"
    assert told in " ".join(page.replace("*", "").split())


@pytest.fixture(scope="module")
def found(ran: run.Run) -> dict[str, Any]:
    return {finding.id: finding for finding in ran.findings}


@pytest.fixture(scope="module")
def sidecars(study: Study) -> dict[str, dict[str, Any]]:
    """Words of every exhibit, by its name."""
    paths = sorted(study.exhibits.glob("*.json"))
    return {path.stem: json.loads(path.read_text(encoding="utf-8")) for path in paths}


@pytest.fixture(scope="module")
def world() -> World:
    return shipped_world()


# ---------------------------------------------------------------- how they are written


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda p: p.stem)
class TestForm:
    def test_it_says_first_that_the_data_are_simulated(self, path: Path) -> None:
        first = cells(path, "markdown")[0].source
        for lang, words in (("vi", "**Dữ liệu mô phỏng.**"), ("en", "**Simulated data.**")):
            assert in_language(first, lang).split("\n\n")[1].startswith(words)

    def test_its_cells_have_names_that_stay(self, path: Path) -> None:
        for cell in read(path):
            assert re.fullmatch(r"[a-z]+\d?(-[a-z]+)*", cell.id), cell.id

    def test_no_result_is_typed_into_code(self, path: Path) -> None:
        # a share, a mean or a p-value has decimals; what is decided beforehand stands in the parameters
        for cell in cells(path, "code"):
            if "parameters" in cell.metadata.get("tags", []):
                continue
            typed = {n.value for n in ast.walk(ast.parse(cell.source)) if isinstance(n, ast.Constant)}
            floats = {value for value in typed if isinstance(value, float)}
            assert floats <= {0.0, 1e-9}, cell.source

    def test_nothing_names_a_place_on_one_machine(self, path: Path) -> None:
        assert not re.search(r"/(home|work|tmp|Users)/|[A-Z]:\\\\", path.read_text(encoding="utf-8"))


# ---------------------------------------------------------------- that they run


def test_all_notebooks_of_the_study_run_in_order(ran: run.Run) -> None:
    assert [done.name for done in ran.done] == [path.stem for path in NOTEBOOKS] == list(ran.study.run)
    assert ran.skipped == ()
    for done in ran.done:
        page = done.html.read_text(encoding="utf-8")
        page = page.replace("Warnings: worth a look", "")  # the heading of a report of checks
        assert "Warning" not in page and '<pre class="stderr"' not in page
        for lang, words in (("vi", "DỮ LIỆU MÔ PHỎNG"), ("en", "SIMULATED DATA")):
            assert words in articles(page)[lang]


def test_the_raw_data_are_never_written(study: Study) -> None:
    for path in sorted((ROOT / "data" / "raw").iterdir()):
        assert (study.path.parent / path.name).read_bytes() == path.read_bytes(), path.name


def test_every_exhibit_named_is_there_with_its_words_in_both_languages(
    study: Study, sidecars: dict[str, dict[str, Any]]
) -> None:
    named = [name for path in NOTEBOOKS for name in re.findall(r'study\.export\(\w+, f?"([^"]+)"', code(path))]
    assert len(named) == sum(code(path).count("study.export(") for path in NOTEBOOKS)
    written = [re.compile(re.sub(r"\\{\w+\\}", r"\\w+", re.escape(name))) for name in named]  # one a score in a loop
    assert all(sum(name.fullmatch(exhibit) is not None for name in written) == 1 for exhibit in sidecars)
    assert all(any(name.fullmatch(exhibit) for exhibit in sidecars) for name in written)
    for name, words in sidecars.items():
        assert words["simulated"]
        for lang, other in (("vi", "en"), ("en", "vi")):
            text = words["texts"][lang]
            assert text["title"] and text["title"] != words["texts"][other]["title"], name
            assert text["caption"] and text["caption"] != words["texts"][other]["caption"], name
            assert len(text["alt"]) > 60 and text["alt"].lower().endswith(SIMULATED[lang] + "."), name
            assert SIMULATED[lang] in text["source"], name
        for file in words["files"]:
            assert (study.exhibits / file).stat().st_size > 100, file


def test_analysis_notebooks_write_pictures_too() -> None:
    stems = [path.stem[:2] for path in NOTEBOOKS if FEWER_FILES[0] in path.read_text(encoding="utf-8")]
    assert stems == ["01", "02", "03", "04", "05", "06", "08", "09", "10"]


def test_the_report_has_every_format_that_a_writer_asks_for(sidecars: dict[str, dict[str, Any]]) -> None:
    for lang in ("vi", "en"):
        figure = set(sidecars["fig07_scores_by_tier"]["files"])
        assert figure >= {f"fig07_scores_by_tier.{lang}.{x}" for x in ("png", "svg", "pdf", "csv", "html", "docx")}
        table = set(sidecars["tab07_scores_by_ward"]["files"])
        assert table >= {f"tab07_scores_by_ward.{lang}.{x}" for x in ("csv", "html", "docx", "xlsx")}


def test_figures_keep_their_alternative_text_on_the_page_in_each_language(
    ran: run.Run, sidecars: dict[str, dict[str, Any]]
) -> None:
    pages = {done.name: articles(done.html.read_text(encoding="utf-8")) for done in ran.done}
    figures = [name for name, words in sidecars.items() if words["kind"] == "figure"]
    assert len(figures) > 12
    for name in figures:
        page = next(text for notebook, text in pages.items() if notebook[:2] == name[3:5])
        for lang in ("vi", "en"):
            assert sidecars[name]["texts"][lang]["alt"] in html.unescape(page[lang]), name


def test_the_english_of_a_page_has_no_word_of_vietnamese(ran: run.Run) -> None:
    for done in ran.done:
        english = articles(done.html.read_text(encoding="utf-8"))["en"]
        english = re.sub('<details class="code">.*?</details>', "", english, flags=re.DOTALL)  # code keeps both
        words = re.findall(
            r"[^\W\d_]+", html.unescape(re.sub("<style.*?</style>|<[^>]+>", " ", english, flags=re.DOTALL))
        )
        assert not {w for w in words if re.search("[ăđơưạảấầẩậắặẹẻẽếềểệịỏọốồổộớờợụủứừửữựỳỹ]", w.lower())}, done.name


# ---------------------------------------------------------------- how the pages are read


TOPS = """lang => ['.finding', 'figure', 'details'].map(what =>
  document.querySelector(`article[lang=${lang}] ${what}`).getBoundingClientRect().top + scrollY)"""


def test_the_verdict_and_the_figure_are_on_the_first_screen_and_no_code(ran: run.Run, browser: Any) -> None:
    page = browser.new_page(viewport={"width": 1280, "height": 800})
    for done in ran.done:
        page.goto(done.html.as_uri())
        for lang in ("vi", "en"):
            page.click(f"[data-lang={lang}]")
            finding, figure, code = page.evaluate(TOPS, lang)
            assert finding < 400 and finding < figure < 620 and code > figure, (done.name, lang)


@pytest.mark.parametrize("width", [1280, 390])
def test_axe_finds_nothing_on_any_page_and_no_page_scrolls_sideways(ran: run.Run, browser: Any, width: int) -> None:
    package = pytest.importorskip("axe_playwright_python")
    axe = (Path(package.__file__).parent / "axe.min.js").read_text(encoding="utf-8")
    page = browser.new_page(viewport={"width": width, "height": 844})
    told: list[str] = []
    page.on("console", lambda message: told.append(message.text))
    page.on("pageerror", lambda error: told.append(str(error)))
    page.on("request", lambda request: told.append(request.url) if request.url.startswith("http") else None)
    for done in ran.done:
        page.goto(done.html.as_uri())
        page.evaluate(axe)
        for lang in ("vi", "en"):
            page.click(f"[data-lang={lang}]")
            assert page.evaluate("document.documentElement.lang") == lang
            found = page.evaluate('async () => await axe.run(document, {resultTypes: ["violations"]})')
            assert len(found["passes"]) > 15  # it did look
            assert [f"{v['id']}: {n['html'][:200]}" for v in found["violations"] for n in v["nodes"]] == [], done.name
            assert page.evaluate("document.documentElement.scrollWidth") <= width, done.name
    assert told == []


def test_without_scripts_one_language_is_read_and_a_link_leads_to_the_other(ran: run.Run, browser: Any) -> None:
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(ran.done[2].html.as_uri())
    vietnamese, english = (page.locator(f"article[lang={lang}]") for lang in ("vi", "en"))
    assert vietnamese.is_visible() and not english.is_visible()
    page.click("[data-lang=en]")
    assert english.is_visible() and not vietnamese.is_visible()
    page.click("article[lang=en] .contents a")  # a place inside of it
    assert english.is_visible() and not vietnamese.is_visible()
    page.click("[data-lang=vi]")
    assert vietnamese.is_visible() and not english.is_visible()
    context.close()


def test_code_is_folded_and_opened_by_keyboard(ran: run.Run, browser: Any) -> None:
    page = browser.new_page(viewport={"width": 1280, "height": 800})
    page.goto(ran.done[2].html.as_uri())
    code = page.locator("article[lang=vi] details pre").first
    assert not code.is_visible()
    page.focus("article[lang=vi] details summary")
    page.keyboard.press("Enter")
    assert code.is_visible()


# ---------------------------------------------------------------- that cleaning finds what is wrong, and only that


def test_planted_problems_leave_and_honest_people_stay(study: Study, world: World) -> None:
    planted = {name: set(ids) for name, ids in world.planted.items()}
    for survey, letter in (("clean", "R"), ("clean_businesses", "B")):
        clean: Any = study.load(survey)
        kept = list(clean.data["resp_id"])
        assert len(kept) == len(set(kept))
        wrong = planted["speeders"] | planted["straight_liners"] | planted["invented"]
        assert not wrong & set(kept)
        out = set(clean.rejected["resp_id"])
        assert out == {i for i in wrong | planted["copies"] if i.startswith(letter)}
        assert planted["out_of_range"] & out == set()
        assert clean.check().passed


def test_each_rejected_row_has_the_reason_it_was_planted_for(study: Study, world: World) -> None:
    clean: Any = study.load("clean")
    reasons = clean.rejected.groupby("_reason")["resp_id"].agg(set)
    for problem, word in (
        ("copies", "hai lần"),
        ("speeders", "giây"),
        ("straight_liners", "cùng một mã"),
        ("invented", "phiếu giả"),
    ):
        expected = {i for i in world.planted[problem] if i.startswith("R")}
        (reason,) = [text for text in reasons.index if word in text]
        assert reasons[reason] == expected, problem


def test_weights_hold_the_population_of_every_margin(sample: Sample) -> None:
    population = pd.read_csv(ROOT / "data" / "raw" / "margins_residents.csv")
    for (wave, variable), margin in population.groupby(["wave", "variable"]):
        rows = sample.data[sample.data["wave"] == wave]
        weights = pd.Series(sample.weights, index=sample.data.index)[rows.index]
        category = rows[variable].map(lambda x: x if isinstance(x, str) else f"{x:g}")
        reached = weights.groupby(category).sum()
        assert reached.to_dict() == pytest.approx(dict(zip(margin["category"], margin["total"], strict=True)), rel=1e-8)


# ---------------------------------------------------------------- that sentences say what the data give


def plain_mean(sample: Sample, values: pd.Series, rows: pd.Series) -> float:
    """A weighted mean over the rows with an answer, by its definition."""
    rows = rows & values.notna()
    weights = pd.Series(sample.weights, index=sample.data.index)
    return float((weights[rows] * values[rows]).sum() / weights[rows].sum())


def test_findings_of_every_notebook_stand_in_both_languages(found: dict[str, Any]) -> None:
    assert {name[:2] for name in found} == {path.stem[:2] for path in NOTEBOOKS} - {"07"}
    for finding in found.values():
        assert finding.vi != finding.en and finding.numbers
        assert finding.vi.endswith("Dữ liệu mô phỏng.") and finding.en.endswith("Simulated data.")


@pytest.mark.parametrize(
    ("name", "column"),
    [
        ("03_friendliness", "friendliness"),
        ("04_transparency", "transparency"),
        ("05_efficiency", "efficiency"),
        ("05_trips", "EF02"),
    ],
)
def test_means_in_sentences_are_those_of_the_people(
    found: dict[str, Any], sample: Sample, name: str, column: str
) -> None:
    users = sample.data["contact12"] == 1
    means = [plain_mean(sample, sample.data[column], users & (sample.data["wave"] == wave)) for wave in (1, 2)]
    finding = found[name]
    assert finding.numbers["estimate"] == pytest.approx(means[1], rel=1e-9)
    points = column in SCORES
    assert f"{means[1]:.1f} {'of 100' if points else 'trips'}" in finding.en
    assert f"{means[1]:.1f}".replace(".", ",") + ("/100" if points else " lần") in finding.vi
    if f"{name}_change" in found:
        assert found[f"{name}_change"].numbers["estimate"] == pytest.approx(means[1] - means[0], rel=1e-9)


def test_shares_in_sentences_are_those_of_the_people(found: dict[str, Any], sample: Sample) -> None:
    latest = sample.data["wave"] == 2
    for name, item, counted in (("03_satisfaction", "OV01", (4, 5)), ("04_knows_where", "TR08", (1,))):
        answers = sample.data[item]
        share = plain_mean(sample, answers.isin(counted).where(answers.notna()).astype(float), latest)
        assert found[name].numbers["estimate"] == pytest.approx(share, rel=1e-9)
        assert f"{100 * share:.1f}%" in found[name].en


def test_the_median_wait_is_what_half_of_the_people_do_not_exceed(found: dict[str, Any], sample: Sample) -> None:
    rows = (sample.data["wave"] == 2) & (sample.data["contact12"] == 1) & sample.data["EF01"].notna()
    minutes, weights = sample.data.loc[rows, "EF01"], pd.Series(sample.weights, index=sample.data.index)[rows]
    median = found["05_wait"].numbers["estimate"]
    half = weights.sum() / 2
    assert weights[minutes < median].sum() < half <= weights[minutes <= median].sum()


@pytest.fixture(scope="module")
def ward_means(sample: Sample) -> dict[str, pd.DataFrame]:
    """Mean of each score in each ward (rows) and wave (columns), by definition."""
    users = sample.data["contact12"] == 1
    codes = sorted(sample.data["ward_legacy_code"].unique())
    return {
        score: pd.DataFrame(
            {
                wave: [
                    plain_mean(
                        sample,
                        sample.data[score],
                        users & (sample.data["wave"] == wave) & (sample.data["ward_legacy_code"] == ward),
                    )
                    for ward in codes
                ]
                for wave in (1, 2)
            },
            index=codes,
        )
        for score in SCORES
    }


@pytest.mark.parametrize("score", SCORES)
def test_difference_in_differences_is_that_of_four_means(
    found: dict[str, Any], sample: Sample, study: Study, score: str
) -> None:
    users, data = sample.data["contact12"] == 1, sample.data
    mean = {
        (tier, wave): plain_mean(sample, data[score], users & (data["pilot_tier"] == tier) & (data["wave"] == wave))
        for tier in (0, 2)
        for wave in (1, 2)
    }
    did = (mean[2, 2] - mean[2, 1]) - (mean[0, 2] - mean[0, 1])
    finding = found[f"06_did_{score}"]
    assert finding.numbers["estimate"] == pytest.approx(did, rel=1e-9)
    assert f"{abs(did):.1f} points" in finding.en
    table = pd.read_csv(study.exhibits / "fig06_did.en.csv").set_index("contrast").loc[score]
    for column in ("estimate", "conf_low", "conf_high", "p_value"):
        assert table[column] == pytest.approx(finding.numbers[column], rel=1e-12)


@pytest.mark.parametrize("score", SCORES)
def test_permutation_counts_every_choice_of_wards(
    found: dict[str, Any], ward_means: dict[str, pd.DataFrame], score: str
) -> None:
    change = ward_means[score][2] - ward_means[score][1]
    change = change.drop("P06")  # the district pilot is no clean comparison (see the README of the raw data)
    gaps = {pair: change[list(pair)].mean() - change.drop(list(pair)).mean() for pair in combinations(change.index, 2)}
    seen = abs(gaps["P03", "P08"])
    as_large = sum(abs(gap) >= seen - 1e-9 for gap in gaps.values())
    numbers = found[f"06_permutation_{score}"].numbers
    assert (numbers["units"], numbers["treated"], numbers["assignments"]) == (9, 2, 36)
    assert abs(numbers["estimate"]) == pytest.approx(seen, rel=1e-9, abs=1e-9)
    assert numbers["as_large"] == as_large and numbers["p_value"] == pytest.approx(as_large / 36)
    assert numbers["p_floor"] == pytest.approx(1 / 36)  # no p-value of two wards among nine is smaller


def test_every_ward_is_in_the_figure_of_changes(study: Study, ward_means: dict[str, pd.DataFrame]) -> None:
    shown = pd.read_csv(study.exhibits / "fig06_change_of_every_ward.en.csv").set_index("contrast")["estimate"]
    means = ward_means["friendliness"]
    assert shown.to_dict() == pytest.approx((means[2] - means[1]).to_dict(), rel=1e-9)


def test_the_truth_of_the_pilot_lies_within_the_interval_of_the_notebook(found: dict[str, Any], world: World) -> None:
    truth = world.truth(where="resp_type == 1 and contact12 == 1").set_index(["item", "pilot_tier", "wave"])["value"]
    for score in SCORES:
        true = truth[score, 2, 2] - truth[score, 2, 1] - (truth[score, 0, 2] - truth[score, 0, 1])
        numbers = found[f"06_did_{score}"].numbers
        assert numbers["conf_low"] < true < numbers["conf_high"]
    assert found["06_did_friendliness"].numbers["conf_low"] > 0


def test_counts_in_the_first_sentences_are_those_of_the_files(found: dict[str, Any], study: Study) -> None:
    clean: Any = study.load("clean")
    numbers = found["01_rows"].numbers
    assert numbers["came"] == sum(source.rows for source in clean.sources)
    assert numbers["came"] - numbers["rejected"] == numbers["kept"] == len(clean)
    assert f"{len(clean):,} interviews" in found["01_rows"].en
    assert f"{len(clean):,} phiếu".replace(",", ".") in found["01_rows"].vi


def test_shares_of_drivers_add_up_and_scores_are_compared_on_what_both_were_asked(
    found: dict[str, Any], study: Study
) -> None:
    """Shares of R2 are its parts; a score of both groups holds no question that one of them was never asked."""
    shares = pd.read_csv(study.exhibits / "fig09_importance.en.csv")["estimate"]
    assert shares.sum() == pytest.approx(1, rel=1e-9)
    assert found["09_first_share"].numbers["estimate"] == pytest.approx(shares.max(), rel=1e-9)
    assert "these are associations" in found["09_scores"].en.lower()
    firms: Any = study.load("clean_businesses")
    book, means = firms.codebook, pd.read_csv(study.exhibits / "fig10_items.en.csv")
    unasked = [name for score in SCORES for name in book.items(score) if firms.data[name].isna().all()]
    assert unasked and not set(unasked) & set(means["item"])
    for score in SCORES:
        numbers = found[f"10_{score}"].numbers
        assert numbers["tested"] == numbers["alike"] + numbers["flagged"] + numbers["unsolved"]
        assert numbers["tested"] == means["item"].isin(book.items(score)).sum() / 2


def test_the_cost_of_weighting_is_kish_by_its_formula(found: dict[str, Any], sample: Sample) -> None:
    w = sample.weights
    kish = w.sum() ** 2 / np.square(w).sum()  # Kish 1965, section 11.7
    assert found["02_weighting"].numbers["n_eff"] == pytest.approx(kish, rel=1e-12)
    assert found["02_weighting"].numbers["cost"] == pytest.approx(100 * (len(w) / kish - 1), rel=1e-9)
    assert f"{kish:,.0f} equal" in found["02_weighting"].en
    rows = sample.data["contact12"].eq(1) & sample.data["friendliness"].notna()
    plain = sample.data.loc[rows, "friendliness"].mean()
    shift = plain_mean(sample, sample.data["friendliness"], rows) - plain
    assert found["02_weighting"].numbers["shift"] == pytest.approx(shift, rel=1e-9)

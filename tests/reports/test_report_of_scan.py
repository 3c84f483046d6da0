"""The report of a scan is that of the same rows in memory: its numbers, its words, and what it says of its making.

Expected values are those of the report of `sv.Sample`, whose estimates tests/estimation holds against R.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

import survey as sv
from small_study import answers, study
from survey.errors import StudyError
from survey.reports.compose import compose, results_of
from survey.reports.document import Paragraph, WordTable
from survey.reports.material import Material, Report
from survey.reports.parts.limits import LIMITS
from survey.reports.settings import settings_of
from survey.study.report import material_of
from tests.scanning.test_scan import arrow_table, duckdb_relation, one_csv, parquet

TARGETS = {
    "sex": {1: 2_500, 2: 2_600},
    ("wave", "ward"): {
        (1, "A"): 800,
        (1, "B"): 900,
        (1, "C"): 1_000,
        (2, "A"): 800,
        (2, "B"): 800,
        (2, "C"): 800,
    },
}
CHOICE = '[specifications.first]\nlabel = "Design weights"\nweights = "weight"\n'


def weighted(own: sv.Study) -> sv.Sample:
    """The saved sample, raked."""
    saved = own.load("sample")
    assert isinstance(saved, sv.Sample)
    return saved.rake(TARGETS)


def scanned(own: sv.Study, source: Any = None) -> sv.Scan:
    """A scan of the same rows, with the same steps."""
    return own.scan("residents", source).score("kindness").score("speed").rake(TARGETS)


def material(own: sv.Study, sample: Any, preset: str) -> Material:
    return material_of(own, settings_of(own.reporting, own.path, preset), {"residents": sample})


def same(found: Mapping[str, Any], expected: Mapping[str, Any]) -> None:
    """All tables hold the same to 1e-10; files and what they hold are of each by itself."""
    assert list(found) == list(expected)
    for name, one in expected.items():
        tables = [e.table[e.table["section"] != "files"] if name == "methods" else e.table for e in (found[name], one)]
        own, other = (t.reset_index(drop=True) for t in tables)
        pd.testing.assert_frame_equal(own, other, rtol=1e-10, atol=1e-10, check_dtype=False, obj=name)


def words(of: Material, results: Mapping[str, Any], lang: str) -> list[str]:
    """Every paragraph and table of words."""
    found = []
    for block in compose(of, results, lang).blocks:
        if isinstance(block, Paragraph):
            found.append("".join(run.text for run in block.runs))
        elif isinstance(block, WordTable):
            found += ["|".join("".join(run.text for run in cell) for cell in row) for row in block.rows]
    return found


@pytest.fixture(scope="module")
def own(tmp_path_factory: pytest.TempPathFactory) -> sv.Study:
    return study(tmp_path_factory.mktemp("scanned") / "study", report=CHOICE)


@pytest.mark.slow
@pytest.mark.parametrize("preset", ["ward", "sipas", "papi", "oecd"])
def test_numbers_and_words_of_a_scan_are_those_of_the_rows_in_memory(own: sv.Study, preset: str) -> None:
    """Apart from how the steps were done."""
    kept, scan = (material(own, sample, preset) for sample in (weighted(own), scanned(own)))
    results = results_of(kept)
    found = results_of(scan)
    same(found, results)
    for lang in ("vi", "en"):
        memory, rows = words(kept, results, lang), words(scan, found, lang)
        assert len(memory) == len(rows)
        other = [(a, b) for a, b in zip(memory, rows, strict=True) if a != b]
        assert all("batch" in b or "từng phần dữ liệu" in b for _, b in other)
        assert len(other) <= 1


@pytest.mark.slow
@pytest.mark.parametrize("engine", [parquet, duckdb_relation, one_csv, arrow_table], ids=lambda e: e.__name__)
def test_results_of_every_source_are_those_of_the_rows(
    own: sv.Study, engine: Callable[[pd.DataFrame, Path], Any], tmp_path: Path
) -> None:
    scan = scanned(own, engine(answers(), tmp_path))
    same(results_of(material(own, scan, "sipas")), results_of(material(own, weighted(own), "sipas")))


@pytest.mark.slow
def test_documents_of_a_scan_are_written_and_verified_by_their_numbers(own: sv.Study, tmp_path: Path) -> None:
    formats = ["docx", "pptx", "xlsx", "html"]
    made = own.report(
        samples={"residents": scanned(own)}, lang="en", formats=formats, folder=tmp_path, progress=False, preset="sipas"
    )
    assert {"en.docx", "en.pptx", "en.xlsx", "html", "numbers"} == set(made)
    checked = own.verify_report(made["en.docx"], preset="sipas", samples={"residents": scanned(own)})
    assert checked.passed and checked.counts["matched"] > 50


def test_weights_of_a_scan_are_told_as_those_of_rows(tmp_path: Path) -> None:
    """Quantiles, effects of each step and the facts of the annex; one person weighs 0."""
    rows = answers(each=20)
    rows["when"] = pd.date_range("2024-05-01", periods=len(rows), freq="h").astype(str)
    rows.loc[3, "weight"] = 0
    pq.write_table(pa.Table.from_pandas(rows), tmp_path / "a.parquet")
    design: dict[str, Any] = {"weights": "weight", "strata": "stratum", "psu": "psu"}
    kept = sv.Sample(rows, **design).rake(TARGETS)
    scan = sv.scan(tmp_path / "a.parquet", **design).rake(TARGETS)
    pairs = [
        (kept.weight_diagnostics(), scan.weight_diagnostics()),
        (kept.weight_effects("Q1", "sex", "ward != 'B'"), scan.weight_effects("Q1", "sex", "ward != 'B'")),
        (kept.methods(items="Q1", dates="when"), scan.methods(items="Q1", dates="when")),
    ]
    for one, other in pairs:
        pd.testing.assert_frame_equal(other.table, one.table, rtol=1e-10, atol=1e-12, check_dtype=False)


def test_weights_that_are_too_many_are_told_by_their_sums(tmp_path: Path) -> None:
    """Kish's numbers are known all the same; quantiles are not."""
    rows = answers(each=400).assign(weight=lambda d: 1 + d.index.to_numpy() / 7)
    pq.write_table(pa.Table.from_pandas(rows), tmp_path / "a.parquet")
    design: dict[str, Any] = {"weights": "weight", "strata": "stratum", "psu": "psu"}
    scan = sv.scan(tmp_path / "a.parquet", memory=20_000, **design)
    (found,), (known,) = (s.weight_diagnostics().table.to_dict("records") for s in (scan, sv.Sample(rows, **design)))
    for name in ("n", "sum", "cv", "deff_kish", "n_eff"):
        assert found[name] == pytest.approx(known[name], rel=1e-10)
    assert pd.isna(found["median"])


def test_questions_of_columns_that_are_counted_together_take_one_pass(own: sv.Study) -> None:
    scan = own.scan("residents").score("kindness").rake(TARGETS).together(["kindness", "ward", "wave"])
    first = scan.mean("kindness", by=["ward", "wave"])
    reader = scan.reader
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(type(reader), "gather", lambda *_: pytest.fail("a pass"))
        last = scan.mean("kindness", by="ward", where="wave == 2")
    kept = weighted(own)
    for one, other in ((first, kept.mean("kindness", by=["ward", "wave"])),):
        pd.testing.assert_frame_equal(one.table, other.table, rtol=1e-10, check_dtype=False)
    known = kept.mean("kindness", by="ward", where="wave == 2")
    pd.testing.assert_frame_equal(last.table, known.table, rtol=1e-10, check_dtype=False)


def test_the_log_of_a_scan_has_the_words_and_numbers_of_that_of_responses(own: sv.Study) -> None:
    """Reading, scores and raking, with what was counted."""
    from survey.scanning.told import log_of

    found, known = log_of(scanned(own)), weighted(own).responses.log
    columns = ["verb", "what", "rows_after", "answers_touched", "reason"]
    exact = re.compile(r"worst gap \S+")  # of rounding, which is another in sums of cells
    for log in (found, known):
        log["what"] = [exact.sub("worst gap", what) for what in log["what"]]
    pd.testing.assert_frame_equal(found[columns], known[columns], check_dtype=False)


def test_what_is_given_in_place_of_saved_samples_is_checked(own: sv.Study, tmp_path: Path) -> None:
    with pytest.raises(StudyError, match="A report is of samples and scans"):
        own.report(samples={"residents": answers()})  # type: ignore[dict-item]
    with pytest.raises(StudyError, match="survey that the study does not have"):
        own.report(samples={"firms": weighted(own)})
    alone = study(tmp_path / "alone")
    (tmp_path / "alone" / "processed" / "sample.zip").unlink()
    with pytest.raises(StudyError, match="give the report a sample or a scan of residents"):
        alone.report()


def test_a_source_without_files_is_named_in_both_languages(own: sv.Study, tmp_path: Path) -> None:
    """In the facts of the annex and in the log."""
    from survey.scanning.told import log_of
    from survey.words.steps import log_in_language

    scan = own.scan("residents", arrow_table(answers(), tmp_path))
    facts = own.methods(scan, "residents")
    for lang, name in (("en", "an Arrow table"), ("vi", "một bảng Arrow")):
        assert name in sv.tables.methods(facts, lang=lang).html()
        assert log_in_language(log_of(scan), lang)["what"].iloc[0].startswith(name)


def test_choices_of_other_weights_are_among_the_limits(tmp_path: Path) -> None:
    """They need rows; those that a scan can do are estimated."""
    more = CHOICE + '[specifications.other]\nlabel = "Other weights"\nweights = "sex"\n'
    own = study(tmp_path / "study", report=more)
    given = material(own, scanned(own), "ward")
    assert "other" not in given.choices and "first" in given.choices
    assert [label["en"] for label in given.left_out] == ["Other weights"]
    assert material(own, weighted(own), "ward").left_out == ()
    report = Report(given, "en", {})
    told = ["".join(run.text for run in b.runs) for b in LIMITS.write(report) if isinstance(b, Paragraph)]
    assert report.text("limit_left_out", choices="“Other weights”") in told

"""Plans: what was declared and when, whose p-values are adjusted together, and locks that cannot be forgotten."""

from __future__ import annotations

import json
import re
import tomllib
from dataclasses import replace
from pathlib import Path
from typing import Any
from unicodedata import normalize

import numpy as np
import pandas as pd
import pytest

import survey as sv
from survey.base.files import writing
from survey.cli import main
from survey.errors import EstimationError, ExportError, StudyError
from survey.study.plan_lock import lock_path

HEAD = """
[study]
id = "toy"
title = "A trial"
codebook = "codebook.toml"
[surveys.residents]
files = ["residents.csv", "later.csv"]
design = {weights = "w"}
"""
PLAN = """
[plan]
derived = ["age"]
[plan.primary]
outcomes = ["y", "z"]
breakdowns = ["pilot"]
[plan.secondary]
outcomes = ["y"]
breakdowns = ["sex", ["sex", "pilot"]]
correction = "bonferroni"
[plan.exploratory]
correction = "bh"
"""
CODEBOOK = """
[study]
title = "A trial"
[variables.y]
type = "ordinal"
labels = {en = {1 = "low", 2 = "mid", 3 = "high"}}
[variables.z]
type = "number"
[variables."điểm"]
type = "number"
[variables.sex]
type = "nominal"
labels = {en = {1 = "Men", 2 = "Women"}, vi = {1 = "Nam", 2 = "Nữ"}}
[variables.pilot]
[variables.wave]
[variables.w]
"""


FORMS = tuple(normalize(form, "điểm") for form in ("NFC", "NFD"))


def rows() -> pd.DataFrame:
    i = np.arange(400)
    d = pd.DataFrame({"sex": 1 + i % 2, "pilot": i // 2 % 3, "wave": 1 + i // 6 % 2, "w": 1 + i % 5, "age": i // 9 % 4})
    y = 1 + (i * i + i // 7 + 2 * (d["pilot"] == 2) * (i % 3 > 0)) % 3
    return d.assign(y=y, z=(i * 37) % 101 + 9 * (d["sex"] == 2), q=i % 11)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "study.toml").write_text(HEAD + PLAN, encoding="utf-8")
    (tmp_path / "codebook.toml").write_text(CODEBOOK, encoding="utf-8")
    for name in ("residents.csv", "later.csv"):
        (tmp_path / name).write_text("y,z\n1,2\n", encoding="utf-8")
    return tmp_path


def opened(folder: Path, plan: str | None = None) -> sv.Study:
    if plan is not None:
        (folder / "study.toml").write_text(HEAD + plan, encoding="utf-8")
    return sv.Study.open(folder / "study.toml")


@pytest.fixture
def sample() -> sv.Sample:
    return sv.Sample(rows(), weights="w")


def test_a_study_without_a_plan_says_how_to_add_one(folder: Path) -> None:
    with pytest.raises(StudyError, match="declares no plan"):
        _ = opened(folder, "").plan


class TestDeclaration:
    def test_names_that_the_codebook_does_not_have_are_one_error(self, folder: Path) -> None:
        with pytest.raises(StudyError) as caught:
            _ = opened(folder, '[plan.primary]\noutcomes = ["yy", "z"]\nbreakdowns = [["sexx", "pilot"], "age"]\n').plan
        said = str(caught.value)
        assert "yy" in said and "sexx" in said and "age" in said and "did you mean" in said and "sex" in said
        assert "derived" in said and "[plan.primary]" in said

    @pytest.mark.parametrize("form", FORMS, ids=["NFC", "NFD"])
    def test_names_are_one_in_both_unicode_forms(self, folder: Path, form: str) -> None:
        plan = opened(folder, f'[plan.primary]\noutcomes = ["{form}"]\nbreakdowns = ["sex"]\n').plan
        for name in FORMS:
            e = sv.Sample(rows().rename(columns={"z": name}), weights="w").mean(name, by="sex").pairwise()
            assert plan.apply(e).table["family"].tolist() == ["primary"]

    @pytest.mark.parametrize(
        ("plan", "said"),
        [
            ("plan = 3", "table"),
            ("[plan]", "no family"),
            ("[plan]\nalpha = 2\n[plan.primary]\noutcomes = ['y']", "alpha"),
            ("[plan]\nalhpa = 0.1\n[plan.primary]\noutcomes = ['y']", "alhpa"),
            ("[plan.primary]\noutcome = ['y']", "outcome"),
            ("[plan.primary]\nbreakdowns = ['sex']", "names no outcomes"),
            ("[plan.mine]\noutcomes = ['y']", "kind"),
            ("[plan.mine]\nkind = 'main'\noutcomes = ['y']", "main"),
            ("[plan.primary]\noutcomes = ['y']\ncorrection = 'hom'", "hom"),
            ("[plan.primary]\noutcomes = ['y']\ncorrection = 'max-t'", "max-t"),
            ("[plan.primary]\noutcomes = 3", "outcomes"),
            ("[plan.primary]\noutcomes = ['y']\nbreakdowns = [[]]", "breakdowns"),
            ("[plan.primary]\noutcomes = ['y']\nbreakdowns = [3]", "breakdowns"),
            ("[plan.later]\nkind = 'primary'\noutcomes = ['y']", "later"),
            ("[plan.primary]\noutcomes = ['y']\n[plan.secondary]\noutcomes = ['z', 'y']", "two families"),
            ("[plan.exploratory]\n[plan.rest]\nkind = 'exploratory'", "two families"),
        ],
    )
    def test_what_cannot_be_a_plan_is_refused(self, folder: Path, plan: str, said: str) -> None:
        text = plan + "\n" + HEAD if plan.startswith("plan =") else HEAD + plan
        (folder / "study.toml").write_text(text, encoding="utf-8")
        with pytest.raises(StudyError) as caught:
            sv.Study.open(folder / "study.toml")
        assert said in str(caught.value)

    def test_the_default_study_declares_its_three_scores_and_everything_else_exploratory(self) -> None:
        plan = sv.Study.open(Path(__file__).parents[2] / "data" / "raw").plan
        assert plan.families[0].outcomes == ("friendliness", "transparency", "efficiency")
        assert plan.families[0].breakdowns == (("pilot_tier", "wave"),)
        assert [f.kind for f in plan.families] == ["primary", "exploratory"]
        assert plan.lock is None


class TestApply:
    def test_corrections_are_those_of_the_family_over_all_results(self, folder: Path, sample: sv.Sample) -> None:
        """Against R 4.1: p.adjust(c(.01, .04, .03, .005, .6)); Holm .04 .09 .09 .025 .6, BH .025 .05 .05 .025 .6."""
        p = np.array([0.01, 0.04, 0.03, 0.005, 0.6])
        expected = {"holm": [0.04, 0.09, 0.09, 0.025, 0.6], "bh": [0.025, 0.05, 0.05, 0.025, 0.6]}
        whole = sample.mean(["y", "z"], by="pilot").pairwise("none")
        for correction, adjusted in expected.items():
            plan = opened(folder, f'[plan.primary]\noutcomes = ["y", "z"]\ncorrection = "{correction}"\n').plan
            made = whole.with_table(whole.table.assign(p_value=[*p, 0.5]))
            assert made.contrast_matrix is not None
            parts = [
                replace(made, table=made.table.iloc[at], contrast_matrix=np.asarray(made.contrast_matrix)[at])
                for at in (slice(0, 2), slice(2, 5))
            ]
            done = plan.apply(*parts)
            np.testing.assert_allclose(np.concatenate([d.table["p_adjusted"] for d in done]), adjusted, rtol=1e-12)

    def test_each_row_has_the_family_that_names_it_most_closely(self, folder: Path, sample: sv.Sample) -> None:
        plan = opened(folder).plan
        cases = {
            "primary": sample.mean("y", by="pilot").pairwise(),
            "secondary": sample.mean("y", by="sex").pairwise(),
            "exploratory": sample.mean("z", by="sex").pairwise(),
        }
        for family, e in cases.items():
            assert set(plan.apply(e).table["family"]) == {family}, family
        did = sample.mean("y", by=["sex", "pilot"]).contrast({"did": "(`2:2` - `2:0`) - (`1:2` - `1:0`)"})
        assert plan.apply(did).table["family"].tolist() == ["secondary"]  # the crossed breakdown
        within = sample.mean("y", by=["sex", "pilot"]).contrast("`2:2` - `2:0`")
        assert plan.apply(within).table["family"].tolist() == ["primary"]  # sex does not differ
        assert plan.apply(sample.mean("q", by="wave").pairwise()).table["family"].tolist() == ["exploratory"]

    def test_what_no_family_has_is_undeclared(self, folder: Path, sample: sv.Sample) -> None:
        plan = opened(folder, '[plan.primary]\noutcomes = ["y"]\nbreakdowns = ["pilot"]\n').plan
        done = plan.apply(sample.mean("z", by="sex").pairwise())
        assert done.table["family"].tolist() == ["undeclared"]
        assert any("not declared in the plan" in n for n in done.notes)
        said = sv.narrative.compare(done, 0)
        assert "exploratory: not declared in the plan" in said.en and "không khai báo trong kế hoạch" in said.vi

    def test_effects_are_of_the_treated_and_the_period(self, folder: Path) -> None:
        d = rows().assign(ward=lambda d: np.arange(400) % 10, treated=lambda d: (d["ward"] < 2) * 1)
        plan = opened(
            folder,
            '[plan]\nderived = ["treated"]\n[plan.primary]\noutcomes = ["y"]\nbreakdowns = [["treated", "wave"]]\n',
        ).plan
        s = sv.Sample(d, weights="w")
        for treated in ("treated", "treated == 1"):
            done = plan.apply(s.effect("y", treated=treated, period="wave", unit="ward"))
            assert done.table["family"].tolist() == ["primary"]
            assert "family “primary” of 1 test" in sv.narrative.permutation(done).en

    def test_breakdowns_get_the_correction_of_the_plan(self, folder: Path, sample: sv.Sample) -> None:
        plan = opened(folder).plan
        e = sample.mean(["y", "z"], over=["sex", "pilot"])
        done = plan.apply(e)
        tests, before = done.tests, e.tests
        assert tests is not None and before is not None
        t = tests.table.set_index(["item", "breakdown"])
        assert t["family"].to_dict() == {
            ("y", "sex"): "secondary",
            ("y", "pilot"): "primary",
            ("z", "sex"): "exploratory",
            ("z", "pilot"): "primary",
        }
        own = t.loc[[("y", "pilot"), ("z", "pilot")], ["p_value", "p_adjusted"]].to_numpy()
        assert own[own[:, 0].argmin(), 1] == pytest.approx(min(1, 2 * own[:, 0].min()))  # Holm over two
        assert not any("Holm over" in n for n in tests.notes)
        notes = sv.tables.table(done, lang="en").notes
        assert any("families of the study’s plan" in n for n in notes) and any("Family “primary”" in n for n in notes)

    def test_outcomes_that_are_not_there_are_named(self, folder: Path, sample: sv.Sample) -> None:
        done = opened(folder).plan.apply(sample.mean("y", by="pilot").pairwise())
        assert any("too few tests: z" in n for n in done.notes)
        assert not any(
            "too few" in n for n in opened(folder).plan.apply(sample.mean(["y", "z"], by="pilot").pairwise()).notes
        )

    def test_results_without_p_values_are_refused(self, folder: Path, sample: sv.Sample) -> None:
        for result in (sample.mean("y", by="sex"), pd.DataFrame({"p_value": [0.1]})):
            with pytest.raises(EstimationError, match="no p-values"):
                opened(folder).plan.apply(result)  # type: ignore[arg-type]
        with pytest.raises(EstimationError, match="no results"):
            opened(folder).plan.apply()

    def test_exhibits_do_not_tell_hidden_p_values(self, folder: Path) -> None:
        """Holm of p and five 1s for the comparison shown: those hidden count as if they had found nothing.

        Hidden are those with 9 people, and with the 51 who go with these: the total would tell the 9.
        """
        d = rows().assign(pilot=lambda d: np.where(np.arange(400) < 9, 7, np.where(np.arange(400) < 60, 6, d["sex"])))
        d.loc[:8, "z"] = 10_000 + np.arange(9)
        e = sv.Sample(d, weights="w").mean("z", by="pilot").pairwise()
        done = opened(folder).plan.apply(e)
        shown = sv.tables.table(done).estimates.table
        by_hand = min(1.0, 6 * e.table["p_value"][0])
        assert shown["p_adjusted"][0] == pytest.approx(by_hand, rel=1e-8)
        assert shown["p_adjusted"][1:].isna().all()

    def test_exhibits_do_not_tell_p_values_hidden_in_other_results(self, folder: Path) -> None:
        """Holm of (p, 1, 1, q): of the other result one comparison has answers enough, and two have 9 people."""
        d = rows().assign(pilot=lambda d: np.where(np.arange(400) < 9, 7, d["sex"]))
        d.loc[:8, "z"] = 10_000 + np.arange(9)
        s = sv.Sample(d, weights="w")
        first, other = s.mean("z", by="wave").pairwise(), s.mean("z", by="pilot").pairwise()
        plan = opened(folder, '[plan.primary]\noutcomes = ["z"]\n').plan
        done, _ = plan.apply(first, other)
        p, q = first.table["p_value"].item(), other.table["p_value"][0]
        by_hand = max(min(1, 4 * min(p, q)), min(1, 3 * p)) if q < p else min(1, 4 * p)
        assert sv.tables.table(done).estimates.table["p_adjusted"].item() == pytest.approx(by_hand)
        tests, _ = plan.apply(s.mean("z", over=["wave"]), other)
        t = tests.tests
        assert t is not None and t.table["p_adjusted"].item() == pytest.approx(by_hand)

    def test_ranks_of_what_the_plan_judged_have_no_p_values(self, folder: Path, sample: sv.Sample) -> None:
        change = sample.change("z", by="pilot")
        ranks = opened(folder).plan.apply(change).ranks()
        pd.testing.assert_frame_equal(sv.tables.table(ranks).estimates.table, ranks.table)

    def test_a_verdict_decides_by_the_alpha_of_the_family_and_names_it(self, folder: Path, sample: sv.Sample) -> None:
        e = sample.independence("y", "pilot")
        p = e.table["p_value"].item()
        for alpha, shows in ((p / 2, False), (2 * p, True)):
            text = f'[plan.primary]\noutcomes = ["y"]\nalpha = {min(alpha, 0.9)}\n'
            said = sv.narrative.verdict(opened(folder, text).plan.apply(e)).en
            assert ("do not show" in said) is not shows
            assert "adjusted p = " in said and "primary" in said

    def test_a_sentence_decides_by_the_alpha_of_the_family(self, folder: Path, sample: sv.Sample) -> None:
        e = sample.mean("z", by="sex").pairwise()
        p = e.table["p_value"].item()
        assert 1e-12 < p < 0.05
        for alpha, shows in ((0.05, True), (p / 2, False)):
            plan = opened(folder, f'[plan]\nalpha = {alpha:.17f}\n[plan.primary]\noutcomes = ["z"]\n').plan
            assert ("do not show" in sv.narrative.compare(plan.apply(e), 0).en) is not shows


class TestLock:
    def test_it_keeps_the_declaration_the_date_and_the_files(self, folder: Path) -> None:
        lock = opened(folder).lock_plan()
        raw = tomllib.loads((folder / "plan.lock.toml").read_text(encoding="utf-8"))
        assert raw["declaration"]["families"]["primary"]["outcomes"] == ["y", "z"]
        # sha256sum of "y,z\n1,2\n"
        assert set(raw["files"].values()) == {"643a88a136d3dceade8936f9b099098f45ea4717f0d8af05fd117c7be80f25cc"}
        assert set(raw["files"]) == {"residents.csv", "later.csv"}
        read = opened(folder).plan.lock
        assert read is not None and read.declaration.hash == lock.hash == opened(folder).plan.declaration.hash
        assert (read.date, read.files, read.amendments) == (lock.date, lock.files, ())
        assert opened(folder).plan.changes == () and opened(folder).plan.changed_files == ()

    def test_order_and_labels_are_no_change(self, folder: Path) -> None:
        opened(folder).lock_plan()
        turned = PLAN.replace('["y", "z"]', '["z", "y"]').replace(
            "[plan.exploratory]", '[plan.exploratory]\nlabel = "x"'
        )
        study = opened(folder, turned)
        assert study.plan.changes == ()
        assert study.lock_plan() == study.plan.lock

    def test_what_was_declared_after_the_lock_is_called_so(self, folder: Path, sample: sv.Sample) -> None:
        opened(folder).lock_plan()
        later = opened(
            folder, PLAN.replace('outcomes = ["y", "z"]', 'outcomes = ["y", "z", "q"]').replace('"age"]', '"age", "q"]')
        )
        done = later.plan.apply(sample.mean(["y", "z", "q"], by="pilot").pairwise())
        assert done.table.groupby("item")["family"].first().to_dict() == {"q": "later", "y": "primary", "z": "primary"}
        # the locked family is not diluted: Holm over its six comparisons alone
        alone = later.plan.apply(sample.mean(["y", "z"], by="pilot").pairwise()).table
        np.testing.assert_allclose(done.table["p_adjusted"][:6], alone["p_adjusted"])
        said = sv.narrative.compare(done, 6)
        assert "declared after the plan was locked on" in said.en and "khai báo sau khi kế hoạch được khóa" in said.vi
        assert any("when the data could be seen" in n for n in sv.tables.table(done, lang="en").notes)
        assert "exploratory, declared later" in sv.tables.table(done, lang="en").html()

    def test_what_was_locked_counts_whatever_the_plan_says_now(self, folder: Path, sample: sv.Sample) -> None:
        opened(folder).lock_plan()
        changed = opened(folder, PLAN.replace('outcomes = ["y", "z"]', 'outcomes = ["y"]\ncorrection = "none"'))
        done = changed.plan.apply(sample.mean(["y", "z"], by="pilot").pairwise())
        assert set(done.table["family"]) == {"primary"}
        assert done.table["p_adjusted"].max() >= done.table["p_value"].max()
        assert done.table["p_adjusted"].min() == pytest.approx(min(1, 6 * done.table["p_value"].min()))
        assert [n.key for n in changed.plan.changes] == ["plan.outcomes_removed", "plan.changed"]

    def test_it_is_never_replaced(self, folder: Path) -> None:
        first = opened(folder).lock_plan()
        before = (folder / "plan.lock.toml").read_text(encoding="utf-8")
        study = opened(folder, PLAN.replace('"bonferroni"', '"holm"'))
        with pytest.raises(StudyError, match="has changed since") as caught:
            study.lock_plan()
        assert "bonferroni" in str(caught.value) and "--amend" in str(caught.value)
        assert (folder / "plan.lock.toml").read_text(encoding="utf-8") == before
        amended = study.lock_plan(amend=True)
        assert (amended.hash, amended.date) == (first.hash, first.date)
        assert len(amended.amendments) == 1 and "bonferroni" in amended.amendments[0].changes[0]
        assert study.lock_plan(amend=True) == amended  # recorded already
        assert (folder / "plan.lock.toml").read_text(encoding="utf-8").startswith(before.split("[files]")[0])

    def test_raw_files_that_changed_are_named(self, folder: Path) -> None:
        opened(folder).lock_plan()
        (folder / "residents.csv").write_text("y,z\n3,3\n", encoding="utf-8")
        (folder / "new.csv").write_text("y,z\n", encoding="utf-8")
        (folder / "study.toml").write_text((HEAD + PLAN).replace("later.csv", "new.csv"), encoding="utf-8")
        notes = opened(folder).plan.changed_files
        assert [n.key for n in notes] == ["plan.file_changed", "plan.file_gone", "plan.file_added"]
        assert main(["plan", str(folder)]) == 1

    def test_a_raw_file_that_is_not_there_locks_nothing(self, folder: Path) -> None:
        (folder / "later.csv").unlink()
        assert main(["plan", str(folder), "--lock"]) == 2
        assert not (folder / "plan.lock.toml").exists()

    @pytest.mark.parametrize("wrong", ["", "x = [", "locked = 3", 'locked = 2024-01-01T00:00:00Z\nhash = "a"'])
    def test_a_lock_that_is_damaged_is_refused(self, folder: Path, wrong: str) -> None:
        (folder / "plan.lock.toml").write_text(wrong, encoding="utf-8")
        with pytest.raises(StudyError, match="lock of the plan"):
            _ = opened(folder).plan

    def test_a_lock_that_was_edited_is_refused(self, folder: Path) -> None:
        opened(folder).lock_plan()
        path = folder / "plan.lock.toml"
        path.write_text(path.read_text(encoding="utf-8").replace('["y", "z"]', '["y"]'), encoding="utf-8")
        with pytest.raises(StudyError, match="not as it was written"):
            _ = opened(folder).plan

    @pytest.mark.parametrize(
        ("before", "after"),
        [
            (r"locked = .*", "locked = 2020-01-01T00:00:00+00:00"),
            (r'"residents.csv" = "....', '"residents.csv" = "0000'),
            (r'"later.csv" = .*', ""),
            (r'  "secondary: [^\n]*', ""),
            (r"date = .*", "date = 2020-01-01T00:00:00+00:00"),
            (r"\[seal\]\n.*", ""),
        ],
    )
    def test_dates_files_and_amendments_that_were_edited_are_refused(
        self, folder: Path, before: str, after: str
    ) -> None:
        opened(folder).lock_plan()
        opened(folder, PLAN.replace('"bonferroni"', '"holm"')).lock_plan(amend=True)
        path = folder / "plan.lock.toml"
        text = path.read_text(encoding="utf-8")
        path.write_text(text.replace("\n", "\r\n"), encoding="utf-8", newline="")  # as Git may check it out
        assert opened(folder).plan.lock is not None
        edited = re.sub(before, after, text, count=1)
        assert edited != text
        path.write_text(edited, encoding="utf-8")
        with pytest.raises(StudyError, match="not as it was written"):
            _ = opened(folder).plan

    def test_a_plan_that_was_removed_counts_as_it_was_locked(self, folder: Path, sample: sv.Sample) -> None:
        opened(folder).lock_plan()
        removed = opened(folder, "").plan
        assert [n.key for n in removed.changes] == ["plan.family_removed"] * 3
        assert set(removed.apply(sample.mean("y", by="pilot").pairwise()).table["family"]) == {"primary"}
        assert main(["plan", str(folder)]) == 1

    def test_raw_files_that_moved_are_the_same(self, folder: Path) -> None:
        """The files of the lock in another folder; a copy under another name beside the first is a new file."""
        (folder / "later.csv").write_text("y,z\n5,6\n", encoding="utf-8")
        opened(folder).lock_plan()
        (folder / "raw").mkdir()
        (folder / "later.csv").rename(folder / "raw" / "later.csv")
        moved = (HEAD + PLAN).replace('"later.csv"', '"raw/later.csv"')
        (folder / "study.toml").write_text(moved, encoding="utf-8")
        assert opened(folder).plan.changed_files == ()
        (folder / "copy.csv").write_bytes((folder / "residents.csv").read_bytes())
        (folder / "study.toml").write_text(moved.replace('"residents.csv"', '"residents.csv", "copy.csv"'), "utf-8")
        assert [n.key for n in opened(folder).plan.changed_files] == ["plan.file_added"]
        (folder / "raw" / "later.csv").write_text("y,z\n5,7\n", encoding="utf-8")
        notes = opened(folder).plan.changed_files
        assert [n.key for n in notes] == ["plan.file_gone", "plan.file_added", "plan.file_added"]

    def test_it_is_written_whole_or_not_at_all(self, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr("survey.study.plan_lock._toml", lambda lock: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            opened(folder).lock_plan()
        assert not list(folder.glob("*lock*"))

    def test_studies_of_another_name_have_locks_of_their_own(self, tmp_path: Path) -> None:
        assert lock_path(tmp_path / "study.toml").name == "plan.lock.toml"
        assert lock_path(tmp_path / "firms.toml").name == "firms.plan.lock.toml"

    def test_raw_data_are_no_obstacle(self, folder: Path) -> None:
        """data/raw is written to by nothing else after a study was made."""
        home = folder / "data" / "raw"
        home.mkdir(parents=True)
        for file in list(folder.glob("*.*")):
            file.rename(home / file.name)
        sv.Study.open(home).lock_plan()
        with pytest.raises(ExportError), writing(home / "plan.lock.toml"):
            pass


class TestCommand:
    def test_it_shows_locks_and_lists_changes(self, folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
        def said(*arguments: str) -> tuple[int, str]:
            code = main(["plan", str(folder), *arguments])
            shown = capsys.readouterr()
            return code, shown.out + shown.err

        assert "Not locked" in said()[1]
        code, text = said("--lock", "--lang", "vi")
        assert code == 0 and "Kế hoạch đã được khóa" in text and "Bonferroni" in text
        assert "nothing was written" in said("--lock")[1]
        opened(folder, PLAN + '\n[plan.more]\nkind = "secondary"\noutcomes = ["z"]\nbreakdowns = ["wave"]\n')
        code, text = said()
        assert code == 1 and "family more was added" in text
        assert said("--lock")[0] == 2
        code, text = said("--lock", "--amend")
        assert code == 1 and "recorded beside the lock" in text and "Amendment recorded" in text
        assert said("--amend")[0] == 2

    def test_the_table_of_the_plan(self, folder: Path) -> None:
        opened(folder).lock_plan()
        table: Any = opened(folder, PLAN.replace('["y", "z"]', '["y", "sex"]')).plan.table
        rows = json.loads(table[["family", "outcome", "breakdown", "declared"]].to_json(orient="values"))
        assert ["primary", "z", "pilot", "locked"] in rows and ["primary", "sex", "pilot", "later"] in rows
        assert ["secondary", "y", "pilot:sex", "locked"] in rows

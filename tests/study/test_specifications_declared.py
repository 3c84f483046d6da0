"""Choices of specifications in study.toml: data that the lock holds, called what they are when declared later."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any

import pytest

import survey as sv
from compare.wards import ASKED, city, sample
from survey.errors import StudyError

HEAD = """
[study]
id = "toy"
[surveys.residents]
files = ["residents.csv"]
"""
PLAN = """
[plan.primary]
outcomes = ["y"]
"""
CHOICES = """
[specifications.quiet]
label = { vi = "Không bị nghe", en = "Not overheard" }
where = "person > 4"
[specifications.few]
domain = "ward not in ['F', 'G']"
[specifications.plain]
weights = false
[specifications.other]
items = { y = "z" }
"""
CHANGES = {"A": 9.0, "B": 7.0, "C": 1.0, "D": 0.0, "E": 2.0, "F": -1.0, "G": 0.5}
TREATED = "ward in ['A', 'B']"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "residents.csv").write_text("y,z\n1,2\n", encoding="utf-8")
    return tmp_path


def opened(folder: Path, text: str) -> sv.Study:
    (folder / "study.toml").write_text(HEAD + text, encoding="utf-8")
    return sv.Study.open(folder / "study.toml")


def result(study: sv.Study, *names: str) -> Any:
    frame = city(CHANGES, people=40)
    frame = frame.assign(person=frame.groupby(["ward", "wave"]).cumcount(), z=frame["y"] * 2)
    return sample(frame).specifications("y", TREATED, **ASKED, choices=study.specifications(*names))


def test_declared_choices_are_those_of_the_verb(folder: Path) -> None:
    study = opened(folder, CHOICES)
    found = study.specifications()
    assert list(found) == ["quiet", "few", "plain", "other"]
    assert found["plain"]["weights"] is None and found["other"]["items"] == {"y": "z"}
    assert found["quiet"]["label"] == {"vi": "Không bị nghe", "en": "Not overheard"}
    assert found["few"]["label"] == {"vi": "few", "en": "few"}
    e = result(study, "other", "quiet")
    assert e.table["specification"].tolist() == ["main", "other", "quiet"]
    assert any("not locked" in note for note in e.notes)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('[specifications.a]\nwher = "x == 1"', ["unknown key", "wher", "did you mean where?"]),
        ("[specifications.a]\nwhere = 5", ["wrong kind", "where = 5"]),
        ("[specifications.a]\nweights = 5", ["wrong kind", "weights = false for none"]),
        ("[specifications.a]\nweights = true", ["wrong kind"]),
        ('[specifications.a]\nitems = ["z"]', ["wrong kind", "items"]),
        ("[specifications.a]\nmin_answered = 1.5", ["out of range"]),
        ('[specifications.a]\nlabel = "A"', ["changes nothing", "[specifications.a]"]),
        ('[specifications.main]\nwhere = "x == 1"', ["name that the toolkit uses"]),
        ('[specifications]\nwhere = "x == 1"', ["not a table"]),
        ('[specification.a]\nwhere = "x == 1"', ["unknown key", "specifications"]),
    ],
)
def test_what_cannot_be_a_choice_is_one_clear_error(folder: Path, text: str, said: list[str]) -> None:
    with pytest.raises(StudyError) as caught:
        opened(folder, text)
    assert all(part in str(caught.value) for part in said), str(caught.value)


def test_names_that_are_not_declared_are_told_with_what_is_near(folder: Path) -> None:
    with pytest.raises(StudyError, match="no such choice") as caught:
        opened(folder, CHOICES).specifications("quite")
    assert caught.value.fix is not None and "quiet" in caught.value.fix
    with pytest.raises(StudyError, match="declares no choices"):
        opened(folder, PLAN).specifications()


class TestLock:
    def test_it_holds_the_choices_and_gives_them_back(self, folder: Path) -> None:
        study = opened(folder, PLAN + CHOICES)
        before = study.specifications()
        study.lock_plan()
        raw = tomllib.loads((folder / "plan.lock.toml").read_text(encoding="utf-8"))
        assert raw["declaration"]["specifications"]["plain"] == {"weights": False}
        assert raw["declaration"]["specifications"]["other"] == {"items": {"y": "z"}}
        after = study.specifications()
        assert [{k: v for k, v in c.items() if k != "declared"} for c in after.values()] == [
            {k: v for k, v in c.items() if k != "declared"} for c in before.values()
        ]
        assert study.plan.changes == () and all("locked on" in str(c["declared"]) for c in after.values())
        assert "quiet, few, plain, other" in study.plan.to_text()

    def test_a_plan_without_choices_has_the_hash_it_always_had(self, folder: Path) -> None:
        """Locks that were written before there were choices are read as before: what is hashed has no new part."""
        plan = opened(folder, PLAN).plan
        assert set(plan.declaration.content) == {"alpha", "correction", "families"}

    def test_labels_and_order_are_no_change(self, folder: Path) -> None:
        opened(folder, CHOICES).lock_plan()  # without families
        first, second, *rest = CHOICES.split("\n[")[1:]
        turned = "\n".join(f"[{part}" for part in (second, *rest, first.replace("Not overheard", "No official")))
        study = opened(folder, turned)
        assert study.plan.changes == () and study.specifications()["quiet"]["label"]["en"] == "No official"

    @pytest.mark.parametrize("lang", ["vi", "en"])
    def test_what_was_declared_after_the_lock_is_called_so(self, folder: Path, lang: str) -> None:
        opened(folder, PLAN + CHOICES.replace("[specifications.few]", "[specifications.ward]")).lock_plan()
        study = opened(folder, PLAN + CHOICES)
        assert [n.key for n in study.plan.changes] == ["plan.choice_added", "plan.choice_removed"]
        e = result(study)
        assert e.table["specification"].tolist() == ["main", "quiet", "few", "plain", "other", "ward"]
        later = {"vi": "few (khai báo sau)", "en": "few (declared later)"}[lang]
        exhibit = sv.figures.specifications(e, lang=lang)
        assert later in [t.get_text() for t in exhibit.figure().texts]
        said = {"vi": f"{later}: khai báo sau khi kế hoạch", "en": f"{later}: declared after the plan was locked on"}
        assert any(said[lang].casefold() in note.casefold() for note in exhibit.notes)
        # among five wards p cannot be below 1/10: what flips the verdict is the choice that was declared later
        assert f"“{later}”" in sv.narrative.specifications(e).text(lang)

    def test_a_choice_that_was_changed_counts_as_it_was_locked_and_as_it_is(self, folder: Path) -> None:
        opened(folder, PLAN + CHOICES).lock_plan()
        study = opened(folder, PLAN + CHOICES.replace("person > 4", "person > 30"))
        assert [n.key for n in study.plan.changes] == ["plan.choice_changed"]
        found = study.specifications()
        assert found["quiet"]["where"] == "person > 4" and found["quiet, later"]["where"] == "person > 30"
        assert found["quiet, later"]["label"]["en"] == "Not overheard (declared later)"
        with pytest.raises(StudyError, match="has changed since"):
            study.lock_plan()
        assert "quiet" in study.lock_plan(amend=True).amendments[0].changes[0]

    def test_a_lock_whose_choices_were_edited_is_refused(self, folder: Path) -> None:
        opened(folder, PLAN + CHOICES).lock_plan()
        path = folder / "plan.lock.toml"
        path.write_text(path.read_text(encoding="utf-8").replace("person > 4", "person > 5"), encoding="utf-8")
        with pytest.raises(StudyError, match="not as it was written"):
            opened(folder, PLAN + CHOICES).specifications()

"""The notebooks of a new study: cleaning, weighting, results, and what may be said; small, and free of logic."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from survey.base.catalogue import LANGUAGES, text
from survey.study.new.draft import Draft
from survey.study.notebook_languages import marked

__all__ = ["NAMES", "notebooks"]

NAMES = ("01_cleaning", "02_weighting", "03_results", "04_what_may_be_said")
"""In the order in which they run."""

_LANG = 'sv.language("{lang}")  # "vi": tiếng Việt / "en": English'
_OPEN = "study = sv.Study.open()"
_EXPORT = "files = study.export(figure, {name!r}, formats)\nfigure"
_FORMATS = 'formats = ("png", "svg", "csv")'
_TABLES = 'formats = ("html", "csv")'
_TOP = "top = 2  # mức cao nhất được tính là hài lòng / highest answers that count as satisfied"
_AGES = 'age_edges = [0, 30, 45, 60, float("inf")]  # nhóm tuổi / age groups'
_KEEP = "study.keep(finding)\nfinding"


class _Book:
    """The cells of a notebook, in the order of languages that the study has."""

    def __init__(self, name: str, lang: str) -> None:
        self.name, self.lang = name, lang
        self.order = sorted(LANGUAGES, key=lambda code: code != lang)
        self.cells: list[dict[str, Any]] = []

    def head(self, key: str) -> None:
        """Title and what the notebook asks."""
        self._markdown(
            {code: f"# {text(f'new.{key}_title', code)}\n\n{text(f'new.{key}_lead', code)}" for code in self.order}
        )

    def section(self, key: str) -> None:
        self._markdown(
            {code: f"## {text(f'new.{key}_head', code)}\n\n{text(f'new.{key}_text', code)}" for code in self.order}
        )

    def parameters(self, *lines: str) -> None:
        shown = [*lines, "", _LANG.format(lang=self.lang)] if lines else [_LANG.format(lang=self.lang)]
        self._code("\n".join(["import survey as sv", "", *shown]), {"tags": ["parameters"]})

    def code(self, *lines: str) -> None:
        self._code("\n".join(lines), {})

    def _markdown(self, texts: Mapping[str, str]) -> None:
        self._add({"cell_type": "markdown", "metadata": {}}, marked(texts))

    def _code(self, source: str, metadata: Mapping[str, Any]) -> None:
        self._add({"cell_type": "code", "execution_count": None, "metadata": dict(metadata), "outputs": []}, source)

    def _add(self, cell: dict[str, Any], source: str) -> None:
        cell["id"] = f"cell-{len(self.cells) + 1:02}"
        cell["source"] = source.splitlines(keepends=True)
        self.cells.append(dict(sorted(cell.items())))

    def content(self) -> str:
        """The file, as Jupyter writes it."""
        kernel = {"display_name": "Python 3", "language": "python", "name": "python3"}
        metadata = {"kernelspec": kernel, "language_info": {"name": "python"}}
        book = {"cells": self.cells, "metadata": metadata, "nbformat": 4, "nbformat_minor": 5}
        return json.dumps(book, ensure_ascii=False, indent=1) + "\n"


def notebooks(draft: Draft, lang: str) -> dict[str, str]:
    """The notebooks by name, each as the text of its file."""
    makers = (_cleaning, _weighting, _results, _what_may_be_said)
    found = {}
    for name, make in zip(NAMES, makers, strict=True):
        book = _Book(name, lang)
        make(book, draft)
        found[name] = book.content()
    return found


def _cleaning(book: _Book, draft: Draft) -> None:
    book.head("nb_cleaning")
    book.parameters(*([_AGES] if draft.age else []))
    book.code(_OPEN, "raw = study.read()")
    book.section("nb_clean")
    book.code(
        'clean = raw.recode_missing().number_scales().recode_missing(outside="blank")',
        "for score in clean.codebook.scored:",
        "    clean = clean.score(score)",
        *([f'clean = clean.band({draft.age!r}, age_edges, into="age_group")'] if draft.age else []),
        'saved = study.save("clean", clean)',
    )
    book.code('finding = sv.narrative.received(clean, id="01_rows")', _KEEP)
    book.section("nb_raw")
    book.code("raw")
    book.code("raw.check()")
    book.section("nb_log")
    book.code("clean")


def _weighting(book: _Book, _: Draft) -> None:
    book.head("nb_weighting")
    book.parameters(_TABLES)
    book.code(_OPEN, 'sample = study.sample(study.load("clean"))', 'saved = study.save("sample", sample)')
    book.section("nb_limits")
    book.code(
        'for finding in sv.narrative.limits(sample, id="02_limit"):',
        "    study.keep(finding)",
        "    display(finding)",
    )
    book.section("nb_design")
    book.code("sample")
    book.section("nb_weights")
    book.code(
        "table = sv.tables.table(sample.weight_diagnostics())",
        'files = study.export(table, "tab02_weights", formats)',
        "table",
    )


def _results(book: _Book, draft: Draft) -> None:
    book.head("nb_results")
    overall = "overall" in draft.parts
    waves = "wave" in draft.parts  # which are never pooled
    by = "by=told.period, " if waves else ""
    units = "[told.unit, told.period]" if waves else "told.unit"
    book.parameters(*([_TOP] if overall else []), _FORMATS)
    book.code(_OPEN, 'sample = study.load("sample")', "codebook, told = sample.codebook, study.settings")
    if overall:
        book.section("nb_overall")
        book.code(
            f"satisfied = sample.proportion(told.overall, {by}top=top)",
            'finding = sv.narrative.describe(satisfied, len(satisfied.table) - 1, id="03_overall")',
            _KEEP,
        )
        answers = f"sample.distribution(told.overall{', by=told.period' if waves else ''})"
        book.code(f"figure = sv.figures.likert({answers})", _EXPORT.format(name="fig03_overall"))
    if draft.scores:
        book.section("nb_scores")
        book.code(
            "scores = [name for name in codebook.scored if name in sample.data]",
            "for score in scores:",
            f"    mean = sample.mean(score{', by=told.period' if waves else ''})",
            '    finding = sv.narrative.describe(mean, len(mean.table) - 1, id=f"03_{score}")',
            "    study.keep(finding)",
            "    display(finding)",
        )
        if "ward" in draft.parts:
            book.code(
                "for score in scores:",
                f"    figure = sv.figures.intervals(sample.mean(score, by={units}))",
                '    files = study.export(figure, f"fig03_{score}_by_unit", formats)',
                "    display(figure)",
            )
    if any(draft.book.by_scale()):
        book.section("nb_items")
        book.code(
            "for number, items in enumerate(codebook.by_scale(), 1):",
            f"    answers = sample.distribution(items{', by=told.period' if waves else ''})",
            f"    figure = sv.figures.likert(answers{'' if waves else ', sort=True'})",
            '    files = study.export(figure, f"fig03_items_{number}", formats)',
            "    display(figure)",
        )
    else:
        book.section("nb_nothing")
    if overall and ("ward" in draft.parts or draft.groups or draft.age):
        book.section("nb_groups")
        unit = "told.unit, " if "ward" in draft.parts else ""
        book.code(
            f"groups = sample.proportion(told.overall, {by}top=top, over=[{unit}*told.groups])",
            "figure = sv.figures.intervals(groups)",
            _EXPORT.format(name="fig03_groups"),
        )


def _what_may_be_said(book: _Book, _: Draft) -> None:
    book.head("nb_said")
    book.parameters(_TABLES)
    book.code(_OPEN, 'sample = study.load("sample")')
    book.section("nb_limits_again")
    book.code("for finding in sv.narrative.limits(sample):", "    display(finding)")
    book.section("nb_facts")
    book.code(
        "table = sv.tables.methods(study.methods(sample))",
        'files = study.export(table, "tab04_methods", formats)',
        "table",
    )

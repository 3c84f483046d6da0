"""Everything that the default study shows, made from data/raw as its notebooks make it, without running them."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

import survey as sv
from survey.exhibits.exhibit import Exhibit
from survey.narrative import Finding
from survey.words import screen

RAW = Path(__file__).parents[1] / "data" / "raw"
SCORES = ("friendliness", "transparency", "efficiency")
USERS = "contact12 == 1"


@dataclass(frozen=True)
class DefaultStudy:
    """The study's exhibits (in Vietnamese; `in_language` gives the others), sentences and other results."""

    codebook: sv.Codebook
    exhibits: Mapping[str, Exhibit]
    findings: Mapping[str, Finding]
    quality: Any
    report: Any
    calibration: Any
    summaries: tuple[Any, ...]


def made() -> DefaultStudy:
    """Read, clean, weight and estimate."""
    study = sv.Study.open(RAW / "study.toml")
    raw = study.read("residents")
    once = raw.recode_missing(outside="blank").collapse_copies(reason="the same interview delivered twice")
    quality = once.quality(fdr=0.01)
    age = {"vi": "Tuổi", "en": "Age"}
    clean = (
        once.drop(where="duration_s < 120", reason="done in under 120 seconds")
        .derive("age", "2023 + wave - 1 - birth_year", label=age)
        .band("age", [18, 30, 45, 60, float("inf")], into="age_group")
        .reverse()
    )
    for score in SCORES:
        clean = clean.score(score, min_answered=2 / 3)
    listed = {"frame_age_group": "age_group", "frame_sex": "sex"}
    files = sorted(RAW.glob("nonrespondents_*.csv"))
    absent = pd.concat(map(pd.read_csv, files), ignore_index=True).rename(columns=listed)
    base = sv.Sample(clean, **study.design("residents"))
    adjusted = base.adjust_nonresponse(by=["wave", "sex", "age_group"], nonrespondents=absent)
    sample = adjusted.rake(study.targets("residents"), bounds=(0.3, 3))
    firms = study.read("businesses").recode_missing(outside="blank").collapse_copies().reverse()
    for score in SCORES:
        firms = firms.score(score, min_answered=2 / 3)
    of_firms = sv.Sample(firms, **study.design("businesses"))
    exhibits = {**_of_answers(sample, of_firms), **_of_weights(sample)}
    exhibits["quality"] = sv.figures.quality(quality, most=12)
    exhibits["quality_table"] = sv.tables.table(quality.estimates())
    findings = _findings(sample)
    summaries = (sample.weight_diagnostics(), sample.margin_gaps(), *(x.estimates for x in exhibits.values()))
    return DefaultStudy(sample.codebook, exhibits, findings, quality, raw.check(), sample.calibration, summaries)


def _rises(scores: tuple[str, ...]) -> dict[str, str]:
    return {s: f"(`{s}:2:2` - `{s}:2:1`) - (`{s}:0:2` - `{s}:0:1`)" for s in scores}


def _of_answers(sample: Any, firms: Any) -> dict[str, Exhibit]:
    figures, table = sv.figures, sv.tables.table
    ward, tier = ["ward_legacy_code", "wave"], ["pilot_tier", "wave"]
    wards = sample.mean("friendliness", by=ward, where=USERS)
    steps = {w: f"`{w}:2` - `{w}:1`" for w in wards.table["ward_legacy_code"].unique()}
    changes = wards.contrast(steps)
    tiers = sample.mean(list(SCORES), by=tier, where=USERS)
    did = tiers.contrast(_rises(SCORES))
    now = sample.mean(list(SCORES[:2]), by=ward[0], where=f"{USERS} and wave == 2")
    one = sample.mean(SCORES[0], by=ward[0], where=f"{USERS} and wave == 2")
    programme = sample.effect(
        list(SCORES),
        treated="pilot_tier == 2",
        period="wave",
        unit="ward_legacy_code",
        where=f"{USERS} and pilot_tier in [2, 0]",
    )
    told = {"vi": "Điều tra năm trước", "en": "Survey of the year before"}
    satisfied = sample.proportion("OV01", top=2, by="wave")
    shown = {
        "wards": figures.intervals(wards),
        "wards_table": table(wards),
        "tiers": figures.intervals(tiers),
        "tiers_table": table(tiers),
        "changes": figures.contrasts(changes, sort=True),
        "changes_table": table(changes),
        "did": figures.contrasts(did, labels={s: sample.codebook.dimensions[s] for s in SCORES}),
        "did_table": table(did, labels={s: sample.codebook.dimensions[s] for s in SCORES}),
        "one_change": figures.contrasts(satisfied.contrast({"change": "`2` - `1`"})),
        "satisfied": figures.intervals(satisfied),
        "satisfied_table": table(satisfied),
        "waiting": table(sample.quantile("EF01", [0.25, 0.5, 0.75], by="wave", where=USERS)),
        "median": figures.intervals(sample.quantile("EF01", 0.5, by=ward, where=USERS)),
        "trips": figures.intervals(sample.mean("EF02", by=["proc_type", "wave"], where=USERS)),
        "due": figures.intervals(sample.distribution("EF03", by="wave", where=USERS)),
        "knows": figures.intervals(sample.proportion("TR08", levels=[1], by=["age_group", "wave"])),
        "reach": figures.intervals(sample.proportion(["FR11", "OV04"], levels=[1], by=tier)),
        "reach_table": table(sample.proportion(["FR11", "OV04"], levels=[1], by=tier)),
        "satisfaction": figures.likert(sample.distribution("OV01", by=tier)),
        "satisfaction_table": table(sample.distribution("OV01", by=tier)),
        "trust": figures.likert(sample.distribution("OV02", by="wave")),
        "hindsight": figures.likert(sample.distribution("OV03", by=tier)),
        "slopes": figures.slope(wards),
        "forest": figures.forest(did, labels={s: sample.codebook.dimensions[s] for s in SCORES}),
        "effect_figure": figures.effect(programme, item=SCORES[0]),
        "ranking": figures.ranking(one),
        "ranking_waves": figures.ranking(wards, within="wave"),
        "scatter": figures.scatter(now),
        "benchmark": figures.benchmark(one, 65, source=told, reference_label=told, sort=True),
        "firms": figures.intervals(firms.mean(list(SCORES), by="wave", where=USERS)),
        "people": table(sample.total("one", by=["sex", "age_group"])),
        "by_ward": table(sample.mean(list(SCORES), by="ward_legacy_code", where=f"{USERS} and wave == 2")),
        "effect": table(programme),
    }
    items: dict[tuple[str, ...], list[str]] = {}
    book = sample.codebook
    for score in SCORES:
        for name in book.items(score):
            if book[name].type == "ordinal":
                scale = (score, str(book[name].direction), *(book[name].label(c, "vi") for c in book[name].codes))
                items.setdefault(scale, []).append(name)
    for i, names in enumerate(items.values()):
        e = sample.distribution(names, where="wave == 2")
        known = e.with_table(e.table.assign(dont_know=0.1))
        shown[f"items_{i}"] = figures.likert(known, sort=True)
        shown[f"items_{i}_table"] = table(known)
        shown[f"items_{i}_means"] = figures.intervals(sample.mean(names))
    return shown


def _of_weights(sample: Any) -> dict[str, Exhibit]:
    return {
        "margins": sv.figures.love(sample.margin_gaps()),
        "margins_table": sv.tables.table(sample.margin_gaps()),
        "weights": sv.figures.weights(sample.weight_distribution()),
        "diagnostics": sv.tables.table(sample.weight_diagnostics()),
        "effects": sv.tables.table(sample.weight_effects("friendliness", where=USERS)),
    }


def _findings(sample: Any) -> dict[str, Finding]:
    found: dict[str, Finding] = {}
    tell = sv.narrative
    for score in SCORES:
        mean = sample.mean(score, by="wave", where=USERS)
        found[f"{score}"] = tell.describe(mean, {"wave": 2})
        found[f"{score}_change"] = tell.compare(mean.contrast({"change": "`2` - `1`"}))
        by_ward = sample.mean(score, by="ward_legacy_code", where=USERS)
        found[f"{score}_ranking"] = tell.ranking(by_ward)
    for item, how in {"OV01": {"top": 2}, "TR08": {"levels": [1]}, "FR11": {"levels": [1]}}.items():
        share = sample.proportion(item, by="wave", **how)
        found[item] = tell.describe(share, {"wave": 2})
        found[f"{item}_change"] = tell.compare(share.contrast({"change": "`2` - `1`"}))
    found["wait"] = tell.describe(sample.quantile("EF01", 0.5, by="wave", where=USERS), {"wave": 2})
    found["trips"] = tell.describe(sample.mean("EF02", by="wave", where=USERS), {"wave": 2})
    tiers = sample.mean(list(SCORES), by=["pilot_tier", "wave"], where=USERS)
    for score in SCORES:
        found[f"{score}_did"] = tell.compare(tiers.contrast({score: _rises(SCORES)[score]}))
    effect = sample.effect(
        list(SCORES),
        treated="pilot_tier == 2",
        period="wave",
        unit="ward_legacy_code",
        where=f"{USERS} and pilot_tier in [2, 0]",
    )
    for score in SCORES:
        found[f"{score}_permutation"] = tell.permutation(effect, {"item": score})
    return found


def visible(page: str) -> str:
    """What a page says."""
    bare = re.sub(r"<style.*?</style>|<script.*?</script>|<!--.*?-->", " ", page, flags=re.DOTALL)
    said = re.findall(r'(?:alt|content|title|aria-label)="([^"]{20,})"', bare)
    text = re.sub(r"<[^>]*>", "\n", bare)
    for sign, letter in (("&lt;", "<"), ("&gt;", ">"), ("&#34;", '"'), ("&#39;", "'"), ("&nbsp;", " "), ("&amp;", "&")):
        text = text.replace(sign, letter)
    return "\n".join(line.strip() for line in [*said, *text.split("\n")] if line.strip())


def texts_of(exhibit: Exhibit) -> Iterator[tuple[str, str]]:
    """Every text of an exhibit: what is drawn, read aloud, written below it, in its table and in its columns."""
    for part in ("title", "caption", "alt", "source"):
        yield part, getattr(exhibit, part)
    yield from (("note", note) for note in exhibit.notes)
    if exhibit.kind == "figure":
        figure = exhibit.figure("full")
        texts = [
            *figure.texts,
            *(t for a in figure.axes for t in [*a.texts, *a.get_xticklabels(), *a.get_yticklabels()]),
        ]
        yield "drawn", "\n".join(t.get_text() for t in texts)
    else:
        yield "html", visible(exhibit.html())
    frame = exhibit.frame()
    labelled = [c for c in frame.columns if c.endswith("_label") or c in ("unit", "source")]
    yield "csv", "\n".join(str(x) for c in labelled for x in frame[c].unique())


def in_one(page: str, lang: str) -> str:
    """A page in two languages with one of them left, and without what is typed."""
    page = re.sub(r"<code>.*?</code>", " ", page)
    page = re.sub(r"(<(?:title|h1|strong)>)([^<]*) / ([^<]*)<", r"\1\2<" if lang == "vi" else r"\1\3<", page)
    if lang == "vi":
        return re.sub(r"<span class='en'>.*?</span>", " ", page)
    return re.sub(r">[^<]*<br><span class='en'>(.*?)</span>", r">\1", page)


def outputs(study: DefaultStudy, lang: str, folder: Path) -> Iterator[tuple[str, str]]:
    """Every text that the study shows in a language, with the name of where it is; pages are written to `folder`."""
    for name, exhibit in study.exhibits.items():
        yield from ((f"{name}, {part}", text) for part, text in texts_of(exhibit.in_language(lang)))
    yield from ((f"finding {name}", f.text(lang)) for name, f in study.findings.items())
    for i, e in enumerate(study.summaries):
        yield f"screen {i}", visible(screen.to_html(e, lang))
    yield "calibration", study.calibration.to_text(lang)
    yield "quality, text", study.quality.to_text(lang)
    page = folder / "page.html"
    study.quality.to_html(page, lang)
    yield "quality, page", visible(page.read_text(encoding="utf-8"))
    study.report.to_html(page)
    yield "check, page", visible(in_one(page.read_text(encoding="utf-8"), lang))
    # names of columns are what a codebook is of: they stand in a column of their own, and in who was asked
    table = study.codebook.table(lang)
    yield from ((f"codebook, {name}", "\n".join(table[name])) for name in table if name not in ("variable", "base"))
    for name in ("wards", "items_0", "reach_table", "margins"):
        exhibit = study.exhibits[name]
        written = sv.export(exhibit, name, formats=("html", "csv"), folder=folder, languages=[lang])
        yield f"page {name}", visible(written[f"{lang}.html"].read_text(encoding="utf-8"))

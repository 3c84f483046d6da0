"""Write the files of one released version with its own code: run once per version, never again for an old one.

    python tests/corpus/make.py

makes the folder of the version that is installed (`0.1` for 0.1.0) and refuses if it is there: files that today's
code wrote anew would no longer prove that today's code reads what was written then. Everything is made up by
arithmetic: **dữ liệu mô phỏng / simulated data**. The right numbers come from `expected.R`, not from here.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

import numpy as np
import pandas as pd

import survey as sv
from survey import figures, narrative, tables
from survey.io.xlsform.writing import write_xlsform
from survey.study import storage

CODEBOOK = """\
[study]
simulated = true

[study.title]
vi = "Khảo sát mẫu"
en = "Sample survey"

[missing]
-96 = {kind = "not_applicable", vi = "không áp dụng", en = "not applicable"}
-97 = {kind = "blank", vi = "bỏ trống", en = "blank"}
-98 = {kind = "dont_know", vi = "không biết", en = "don't know"}
-99 = {kind = "refused", vi = "từ chối", en = "refused"}

[scales.S5]
type = "ordinal"
[scales.S5.labels.vi]
1 = "rất không hài lòng"
2 = "không hài lòng"
3 = "bình thường"
4 = "hài lòng"
5 = "rất hài lòng"
[scales.S5.labels.en]
1 = "very dissatisfied"
2 = "dissatisfied"
3 = "neither"
4 = "satisfied"
5 = "very satisfied"

[scales.B]
type = "binary"
[scales.B.labels.vi]
0 = "không"
1 = "có"
[scales.B.labels.en]
0 = "no"
1 = "yes"

[dimensions.service]
vi = "Phục vụ"
en = "Service"

[variables.resp_id]
type = "id"
role = "id"
missing = false

[variables.day]
type = "date"
role = "paradata"
missing = false
text = {vi = "Ngày phỏng vấn", en = "Day of the interview"}

[variables.ward]
type = "nominal"
role = "frame"
missing = false
text = {vi = "Phường", en = "Ward"}
[variables.ward.labels.vi]
P01 = "Phường Một"
P02 = "Phường Hai"
[variables.ward.labels.en]
P01 = "Ward One"
P02 = "Ward Two"

[variables.contact]
scale = "B"
role = "frame"
text = {vi = "Có đến phường không?", en = "Been to the ward office?"}

[variables.gentle]
scale = "S5"
direction = 1
dimension = "service"
scored = true
base = "contact == 1"
text = {vi = "Cán bộ có nhẹ nhàng không?", en = "Were staff gentle?"}

[variables.clean]
scale = "S5"
direction = 1
dimension = "service"
scored = true
text = {vi = "Đường phố có sạch không?", en = "Are the streets clean?"}

[variables.born]
type = "number"
limits = [1900, 2010]
role = "frame"
text = {vi = "Năm sinh", en = "Year of birth"}
"""
ANSWERS = """\
resp_id,day,ward,contact,gentle,clean,born
R01,2026-03-01,P01,1,5,4,1950
R02,2026-03-01,P01,1,4,-98,1961
R03,2026-03-02,P01,0,,3,1972
R04,2026-03-02,P01,1,-99,5,1983
R05,2026-03-03,P01,1,3,-97,1994
R06,2026-03-03,P02,1,2,2,1955
R07,2026-03-04,P02,0,,1,-98
R08,2026-03-04,P02,1,-96,4,1977
R09,2026-03-05,P02,1,1,5,1988
R10,2026-03-05,P02,1,4,3,1999
R11,2026-03-06,P02,1,5,4,2004
R12,2026-03-06,P02,0,,2,1966
"""


def people() -> pd.DataFrame:
    """46 invented people in two strata of four clusters: 38 answer, one in each cluster does not."""
    i = np.arange(48)
    psu = 1 + i // 6
    return (
        pd.DataFrame(
            {
                "rid": i + 1,
                "stratum": 1 + i // 24,
                "psu": psu,
                "clusters_total": np.where(i < 24, 12, 20),
                "people_total": 30 + 2 * psu,
                "w": 10.0 + (i * 11) % 9 + 0.25 * (i % 4),
                "sex": (i * 7) % 5 % 2,
                "age": 1 + (i * 5 + i // 6) % 3,
                "q": 1.0 + (i * 3 + psu) % 5,
                "minutes": 5 + (i * 13) % 37 + 0.5 * (i % 4),
                "disposition": np.where(i % 6 == 5, "R", "I"),
            }
        )
        .drop(index=[3, 16])
        .reset_index(drop=True)
    )


def keep(value: sv.Responses | sv.Sample, path: str) -> None:
    Path(path).parent.mkdir(parents=True, exist_ok=True)
    storage.save(value, path)


def responses() -> sv.Responses:
    """The log whose raw files lie beside it, and what came of it."""
    os.makedirs("logs")
    Path("logs/answers.csv").write_bytes(ANSWERS.encode("utf-8"))
    Path("logs/codebook.toml").write_bytes(CODEBOOK.encode("utf-8"))
    raw = sv.read("logs/answers.csv", codebook="logs/codebook.toml")
    keep(raw, "responses/raw.zip")
    clean = raw.recode_missing()
    clean = clean.recode("clean", {1: 1, 2: 2, 3: 3, 4: 4, 5: 4}, reason="gộp hai mức cao nhất / two highest joined")
    clean = clean.derive("age", "2026 - born", label={"vi": "Tuổi", "en": "Age"})
    clean = clean.band("age", [0, 40, 60, 120], into="age_band")
    clean = clean.drop("resp_id == 'R12'", reason="phỏng vấn thử / trial interview")
    clean = clean.score("service")
    keep(clean, "responses/clean.zip")
    clean.save_log("logs/cleaning.json")
    raw.recode_missing(outside="blank").save_log("logs/kinds.json")
    return clean


def other_responses() -> None:
    frame = pd.DataFrame(
        {
            "place": pd.Categorical(["Huế", "Đà Nẵng", None, "Huế"], categories=["Đà Nẵng", "Huế", "Cần Thơ"]),
            "when": pd.to_datetime(["2026-01-01 08:30", None, "2026-02-03 17:00", "2026-03-04 09:15"]),
            "said": ["đường sạch", 'Nước yếu: "rất yếu"', "", None],
            "yes": pd.array([True, False, None, True], dtype="boolean"),
            "many": pd.array([1, None, 3, 4], dtype="Int64"),
            "number": [0.1, np.nan, -1e-300, 1e300],
        }
    )
    keep(sv.Responses(frame, sv.Codebook(simulated=True)), "responses/types.zip")


def samples() -> None:
    everyone = people()
    everyone.to_csv("samples/people.csv", index=False, lineterminator="\n")
    book = sv.Codebook(simulated=True)
    answered = everyone[everyone["disposition"] == "I"].reset_index(drop=True)
    whole = sv.Responses(answered.drop(columns="disposition"), book)
    rows = sv.Responses(whole.data.drop(columns=["rid", "clusters_total", "people_total", "minutes"]), book)
    plan = {"weights": "w", "strata": "stratum", "psu": "psu"}
    plain = sv.Sample(rows, **plan)
    keep(sv.Sample(rows, weights="w"), "samples/weights.zip")
    keep(sv.Sample(whole, **plan, fpc="clusters_total"), "samples/clusters.zip")
    two = sv.Sample(whole, weights="w", strata="stratum", psu=["psu", "rid"], fpc=["clusters_total", "people_total"])
    keep(two, "samples/two_stages.zip")
    sex, age = {0: 300.0, 1: 300.0}, {1: 240.0, 2: 180.0, 3: 180.0}
    keep(plain.rake({"sex": sex, "age": age}), "samples/raked.zip")
    keep(plain.poststratify({"age": age}), "samples/poststratified.zip")
    keep(plain.calibrate({"sex": sex, "age": age}, method="linear"), "samples/calibrated.zip")
    keep(plain.trim(upper=15.0), "samples/trimmed.zip")
    keep(plain.scale_weights("n"), "samples/scaled.zip")
    keep(plain.replicates("JKn"), "samples/jackknife.zip")
    keep(plain.replicates("bootstrap", n=8, seed=1).rake({"sex": sex, "age": age}), "samples/bootstrap_raked.zip")
    columns = {}
    clusters = answered["psu"].unique()
    for i, cluster in enumerate(clusters, 1):
        columns[f"rw{i}"] = np.where(answered["psu"] == cluster, 0, answered["w"] * len(clusters) / (len(clusters) - 1))
    shipped = sv.Responses(rows.data.assign(**columns), book)
    keep(
        sv.Sample(shipped, weights="w", replicates=sv.Replicates("JK1", columns=tuple(columns))), "samples/columns.zip"
    )
    drawn = sv.Sample(sv.Responses(rows.data.assign(disposition="I"), book), **plan)
    silent = everyone.loc[everyone["disposition"] == "R", [c for c in drawn.data.columns if c != "q"]]
    keep(drawn.adjust_nonresponse("age", nonrespondents=silent), "samples/classes.zip")
    model = drawn.adjust_nonresponse(model="C(age) + sex", classes=None, nonrespondents=silent)
    keep(model, "samples/propensity.zip")


def shown() -> None:
    """Figures and tables in both languages, and sentences; everybody four times, since few answers are not shown."""
    frame = pd.concat([people().query("disposition == 'I'").drop(columns="disposition")] * 4, ignore_index=True)
    answers = {1: "rất tệ", 2: "tệ", 3: "vừa", 4: "tốt", 5: "rất tốt"}
    english = {1: "very bad", 2: "bad", 3: "fair", 4: "good", 5: "very good"}
    book = sv.Codebook(
        {
            "q": sv.Variable(
                "q",
                "ordinal",
                {"vi": "Phục vụ", "en": "Service"},
                {k: {"vi": answers[k], "en": english[k]} for k in answers},
                direction=1,
            ),
            "sex": sv.Variable(
                "sex",
                "binary",
                {"vi": "Giới", "en": "Sex"},
                {0: {"vi": "nam", "en": "men"}, 1: {"vi": "nữ", "en": "women"}},
            ),
        },
        title={"vi": "Khảo sát mẫu", "en": "Sample survey"},
        simulated=True,
    )
    s = sv.Sample(sv.Responses(frame, book), weights="w", strata="stratum", psu="psu")
    by_sex, shares = s.mean("q", by="sex"), s.distribution("q")
    sv.export(figures.intervals(by_sex), "means", formats=["csv"], folder="exhibits", languages=["vi", "en"])
    sv.export(figures.likert(shares), "answers", formats=["csv"], folder="exhibits", languages=["vi", "en"])
    sv.export(tables.table(by_sex), "table", formats=["csv", "html"], folder="exhibits")
    few = s.mean("q", by="age", where="sex == 1")
    sv.export(tables.table(few), "few", formats=["csv"], folder="exhibits", languages=["vi", "en"])
    Path("study/data/raw").mkdir(parents=True)
    Path("study/data/raw/answers.csv").write_bytes(ANSWERS.encode("utf-8"))
    Path("study/data/raw/study.toml").write_text(
        '[study]\nid = "sample"\nsimulated = true\n\n[surveys.first]\nfiles = ["answers.csv"]\n', encoding="utf-8"
    )
    study = sv.Study.open("study/data/raw/study.toml")
    study.keep(narrative.describe(s.mean("q"), id="service"))
    study.keep(narrative.compare(by_sex.contrast([-1, 1]), id="women_men"))


def written(clean: sv.Responses) -> None:
    raw = storage.load("responses/raw.zip")
    assert isinstance(raw, sv.Responses)
    os.makedirs("files")
    kinds = raw.recode_missing()
    for ending in ("parquet", "sav", "dta", "csv"):
        kinds.write(f"files/{ending}.{ending}", codes={"not_asked": -95}, allow_loss=["labels"])
    os.makedirs("codebooks")
    clean.codebook.to_toml("codebooks/cleaned.toml")
    Path("codebooks/typed.toml").write_bytes(CODEBOOK.encode("utf-8"))
    write_xlsform(raw.codebook, "codebooks/form.xlsx")


def refused() -> None:
    """What no version opens: a file cut short, a log with a verb that nobody knows."""
    os.makedirs("refused")
    Path("refused/cut.zip").write_bytes(Path("samples/clusters.zip").read_bytes()[:2000])
    log = Path("logs/cleaning.json").read_text(encoding="utf-8")
    Path("refused/verb.json").write_text(log.replace('"verb": "band"', '"verb": "bend"'), encoding="utf-8")


def main() -> None:
    folder = Path(__file__).resolve().parent / ".".join(sv.__version__.split(".")[:2])
    if folder.exists():
        sys.exit(f"{folder.name} is there: files of a released version are never written anew.")
    folder.mkdir()
    os.chdir(folder)  # so that files name each other by relative paths
    os.makedirs("samples")
    clean = responses()
    other_responses()
    samples()
    shown()
    written(clean)
    refused()


if __name__ == "__main__":
    main()

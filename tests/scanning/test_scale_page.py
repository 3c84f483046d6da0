"""The snippets of docs/scale.md run, on a small log."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import survey as sv

PAGE = Path(__file__).parents[2] / "docs" / "scale.md"


def test_the_snippets_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("duckdb")
    pytest.importorskip("polars")
    pytest.importorskip("dask.distributed")
    rng, n = np.random.default_rng(1), 400
    log = pd.DataFrame(
        {
            "w": rng.uniform(1, 3, n),
            "province": rng.choice(["A", "B"], n),
            "channel": rng.choice(["online", "office"], n),
            "age": rng.integers(18, 90, n),
            "satisfaction": rng.integers(1, 6, n),
            "minutes": rng.gamma(2, 9, n),
            "visits": rng.integers(1, 5, n),
        }
    )
    log["office"] = log["province"] + pd.Series(rng.integers(1, 9, n)).astype(str)
    (tmp_path / "log").mkdir()
    for i in range(2):
        log.iloc[i::2].to_parquet(tmp_path / "log" / f"{i}.parquet")
    monkeypatch.chdir(tmp_path)
    snippets = re.findall(r"```python\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.S)
    assert len(snippets) == 7
    for snippet in snippets:
        names = {"sv": sv}
        exec(compile(snippet, PAGE.name, "exec"), names)

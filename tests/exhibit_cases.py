"""Estimates written by hand, of the kinds that break figures: long labels, eleven answers, nothing at all, too few."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd
import pytest

from survey import Codebook, Estimates, Variable

S5 = (
    ("rất không hài lòng", "very dissatisfied"),
    ("không hài lòng", "dissatisfied"),
    ("bình thường", "neither"),
    ("hài lòng", "satisfied"),
    ("rất hài lòng", "very satisfied"),
)
F5 = (
    ("không bao giờ", "never"),
    ("hiếm khi", "rarely"),
    ("đôi khi", "sometimes"),
    ("thường xuyên", "often"),
    ("luôn luôn", "always"),
)
T11 = (
    ("0 hoàn toàn không tin", "0 no trust at all"),
    *((str(i), str(i)) for i in range(1, 10)),
    ("10 hoàn toàn tin", "10 complete trust"),
)
ITEMS = (
    ("FR01", "Cán bộ phường có nói năng nhẹ nhàng với ông/bà không?", "How often did ward staff speak gently?", 1),
    ("FR02", "Cán bộ có nghe ông/bà nói hết rồi mới trả lời không?", "How often did staff hear you out?", 1),
    ("FR03", "Khi ông/bà lúng túng, cán bộ có chủ động giúp không?", "When stuck, did staff offer help?", 1),
    ("FR04", "Cán bộ có hiểu đúng việc ông/bà cần không?", "Did staff grasp what you needed?", 1),
    ("FR05", "Khi có sai sót, cán bộ có xin lỗi không?", "When mistakes occurred, did staff apologise?", 1),
    ("FR06", "Cán bộ có chào hỏi khi ông/bà đến không?", "Did staff greet you on arrival?", 1),
    ("FR07", "Cán bộ có tỏ ra hách dịch với ông/bà không?", "Did staff act in an overbearing way?", -1),
    ("FR08", "Cán bộ có đòi giấy tờ ngoài quy định không?", "Did staff demand papers not required?", -1),
    ("FR09", "Cán bộ có đùn đẩy việc của ông/bà không?", "Did staff pass your case around?", -1),
    (
        "FR10",
        "Theo ông/bà, người dân ở đây có phải đưa thêm tiền để được việc không?",
        "Do people here pay extra to get things done?",
        -1,
    ),
)
WARDS = (
    "Đông Hải",
    "An Phú",
    "Bình Minh",
    "Hòa Thuận",
    "Kỳ Sơn",
    "Lạc Viên",
    "Mỹ Độ",
    "Quang Vinh",
    "Tân Lập",
    "Vĩnh Trường",
)
CODES = tuple(f"P{i:02d}" for i in range(1, 11))
SHAPES = [("vi", "full"), *(pytest.param(*s, marks=pytest.mark.slow) for s in (("en", "half"), ("vi", "slide")))]
"""Language and width of pictures whose layout is measured."""


def _text(pair: Sequence[str]) -> dict[str, str]:
    return {"vi": pair[0], "en": pair[1]}


def _labels(pairs: Sequence[Sequence[str]], first: int = 1) -> dict[Any, Mapping[str, str]]:
    return {first + i: _text(pair) for i, pair in enumerate(pairs)}


def _book() -> Codebook:
    variables = [
        *(
            Variable(n, "ordinal", _text((vi, en)), _labels(F5), direction=d, dimension="friendliness", scored=True)
            for n, vi, en, d in ITEMS
        ),
        Variable(
            "OV01",
            "ordinal",
            _text(("Nhìn chung, ông/bà hài lòng với sự phục vụ của phường đến đâu?", "Overall satisfaction?")),
            _labels(S5),
            direction=1,
        ),
        Variable("OV02", "ordinal", _text(("Ông/bà tin chính quyền phường đến đâu?", "Trust?")), _labels(T11, 0)),
        Variable(
            "TR08",
            "binary",
            _text(("Ông/bà có biết gửi phản ánh ở đâu không?", "Know where to complain?")),
            {0: _text(("Không", "No")), 1: _text(("Có", "Yes"))},
        ),
        Variable("EF01", "number", _text(("Ông/bà chờ bao nhiêu phút?", "Minutes waited?")), unit="minutes"),
        Variable("job", "nominal", _text(("Nghề", "Job")), _labels((("nông", "farm"), ("công", "works")))),
        Variable("friendliness", "number", _text(("Thân thiện", "Friendliness")), unit="points", limits=(0.0, 100.0)),
        Variable(
            "ward",
            "nominal",
            _text(("Phường", "Ward")),
            {c: _text((f"Phường {w}", f"{w} ward")) for c, w in zip(CODES, WARDS, strict=True)},
        ),
        Variable(
            "wave",
            "ordinal",
            _text(("Đợt", "Wave")),
            _labels((("Tháng 8/2023", "August 2023"), ("Tháng 6/2024", "June 2024"))),
        ),
    ]
    return Codebook(
        variables={v.name: v for v in variables},
        dimensions={"friendliness": _text(("Thân thiện", "Friendliness"))},
        title=_text(("Khảo sát thử", "Trial survey")),
        simulated=True,
    )


class Cases:
    """Estimates by the name of what is hard about them."""

    book = _book()

    def rows(self, item: str, estimate: Any, *, se: float = 0.02, n: Any = 150, **by: Any) -> pd.DataFrame:
        """A table of estimates with plain 95 % intervals."""
        x = np.atleast_1d(np.asarray(estimate, dtype=float))
        return pd.DataFrame(
            {
                "item": item,
                **by,
                "estimate": x,
                "std_error": se,
                "conf_low": x - 2 * se,
                "conf_high": x + 2 * se,
                "df": 98.0,
                "n": n,
                "n_eff": 90.0,
                "deff": 1.6,
            }
        )

    def made(self, table: pd.DataFrame, statistic: str, by: tuple[str, ...] = (), **more: Any) -> Estimates:
        """Estimates of simulated data."""
        options = {"codebook": self.book, "source": "Trial survey (simulated data)", "simulated": True, **more}
        return Estimates(table, statistic, by, **options)

    def wards(self, share: bool = True) -> Estimates:
        """Ten wards, two waves."""
        x = 0.5 + np.arange(20) / 100
        where = {"ward": np.repeat(CODES, 2), "wave": np.tile([1, 2], 10)}
        if share:
            return self.made(self.rows("OV01", x, **where), "proportion", ("ward", "wave"), answers=(4, 5))
        return self.made(self.rows("friendliness", 100 * x, se=2.0, **where), "mean", ("ward", "wave"))

    def hard(self) -> Estimates:
        """As `wards`, with a missing estimate, too few answers, few answers, 0 %, and no interval."""
        table = self.wards().table
        table.loc[3, ["estimate", "std_error", "conf_low", "conf_high"]] = np.nan
        table.loc[3, "n"] = 0
        table.loc[5, ["estimate", "conf_low", "conf_high", "n"]] = [0.123456789, 0.023456789, 0.223456789, 22]
        table.loc[8, "n"] = 41
        table.loc[10, ["estimate", "std_error", "conf_low", "conf_high"]] = [0, 0, 0, 0.03]
        table.loc[12, ["std_error", "conf_low", "conf_high"]] = np.nan
        return self.made(table, "proportion", ("ward", "wave"), answers=(4, 5))

    def answers(self, items: Sequence[str], k: int = 5, first: int = 1, **by: Sequence[Any]) -> Estimates:
        """Distributions of items (over the groups of one variable); the shares differ from row to row."""
        parts = []
        for i, item in enumerate(items):
            for j, group in enumerate(next(iter(by.values()), [None])):
                raw = 1 + (np.arange(k) * (2 + i) + j) % (k + 1)
                where = {} if group is None else {next(iter(by)): group}
                part = self.rows(item, raw / raw.sum(), n=1500, **where)
                part.insert(1 + len(where), "answer", np.arange(first, first + k))
                parts.append(part)
        return self.made(pd.concat(parts, ignore_index=True), "distribution", tuple(by))

    def hard_answers(self) -> Estimates:
        """Distributions in ten wards: too few, one that goes with it, few, nobody, everybody the same; don't knows."""
        table = self.answers(["OV01"], ward=CODES).table
        table.loc[table["ward"] == "P03", "n"] = 12
        table.loc[table["ward"] == "P03", "estimate"] = 0.123456789
        table.loc[table["ward"] == "P04", "n"] = 35
        table.loc[table["ward"] == "P05", "n"] = 40
        table.loc[table["ward"] == "P07", ["estimate", "n"]] = [np.nan, 0]
        table.loc[table["ward"] == "P09", "estimate"] = [0, 0, 0, 0, 1.0]
        table["dont_know"] = np.linspace(0.02, 0.2, 10).repeat(5)
        return self.made(table, "distribution", ("ward",))

    def differences(self) -> Estimates:
        """The second wave minus the first, ward by ward."""
        weights = {c: np.eye(20)[2 * i + 1] - np.eye(20)[2 * i] for i, c in enumerate(CODES)}
        return self.wards().contrast(weights)

    def means(self) -> Estimates:
        """Means of ten items on one scale."""
        parts = [self.rows(item[0], 3 + i / 9, se=0.04, n=1700) for i, item in enumerate(ITEMS)]
        return self.made(pd.concat(parts, ignore_index=True), "mean")


@pytest.fixture
def cases() -> Cases:
    """Estimates by the name of what is hard about them."""
    return Cases()


@pytest.fixture
def crowding() -> Callable[[Any], list[str]]:
    """What is wrong with the layout of a figure; see `crowded`."""
    return crowded


def crowded(figure: Any, least: float = 0.0, plot: float = 0.16) -> list[str]:
    """What is wrong with the layout of a figure, by the boxes that are drawn.

    Text off the page, on other text, on the bars or the dots of a plot; a word broken with a hyphen; letters below
    `least` points; a plot squeezed to less than a part of the page.
    """
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.text import Text

    from survey.exhibits import theme

    with theme.rules():
        FigureCanvasAgg(figure)
        figure.draw_without_rendering()
        texts = [t for t in figure.findobj(Text) if t.get_text() and t.get_visible()]
        names = [t.get_text() for t in texts]
        box = np.array([t.get_window_extent().extents for t in texts]).reshape(-1, 4)
        page = figure.bbox.extents
        off = (box[:, :2] < page[:2]).any(axis=1) | (box[:, 2:] > page[2:]).any(axis=1)
        wrong = [f"off the page: {names[i]!r}" for i in np.flatnonzero(off)]
        # a pixel or two of leading may be shared by lines of one paragraph; letters may not
        wide, high = _shared(box, box)
        for i, j in np.argwhere((wide > 1) & (high > 2)):
            wrong += [f"on each other: {names[i]!r}, {names[j]!r}"] if i < j else []
        bars = [p.get_window_extent().extents for axes in figure.axes for p in axes.patches if p.get_width() > 0]
        if bars:
            wide, high = _shared(box, np.array(bars))
            covered = ((wide > 1) & (high > 1)).any(axis=1) & np.array([t.axes is None for t in texts])
            wrong += [f"on a bar: {names[i]!r}" for i in np.flatnonzero(covered)]
        dots = _dots(figure)
        if len(dots):
            wide, high = _shared(box, dots)
            covered = ((wide > 1) & (high > 1)).any(axis=1) & np.array([t.axes is None for t in texts])
            wrong += [f"on a dot: {names[i]!r}" for i in np.flatnonzero(covered)]
        wrong += [f"broken: {name!r}" for name in names if len(name) > 2 and name[-1] == "-" and name[-2].isalpha()]
        small = [t for t in texts if t.get_fontsize() < least - 1e-9]
        wrong += [f"letters of {t.get_fontsize():.1f} points: {t.get_text()!r}" for t in small]
        widths = [axes.get_window_extent().width / figure.bbox.width for axes in figure.axes[:1]]
        wrong += [f"a plot of {w:.0%} of the page" for w in widths if w < plot]
    return wrong


def _dots(figure: Any) -> Any:
    """The boxes of the markers inside plots."""
    boxes = []
    for axes in figure.axes:
        for line in axes.lines:
            if line.get_marker() in ("None", None, ""):
                continue
            x, y = (np.asarray(v, float) for v in (line.get_xdata(), line.get_ydata()))
            keep = np.isfinite(x) & np.isfinite(y)
            at = line.get_transform().transform(np.column_stack([x, y])[keep])
            half = line.get_markersize() * figure.dpi / 144
            boxes += [[px - half, py - half, px + half, py + half] for px, py in at]
    return np.array(boxes)


def _shared(a: Any, b: Any) -> tuple[Any, Any]:
    """Width and height that every two boxes (x0, y0, x1, y1) have in common."""
    size = np.minimum(a[:, None, 2:], b[None, :, 2:]) - np.maximum(a[:, None, :2], b[None, :, :2])
    return size[:, :, 0], size[:, :, 1]

"""Kinds of statistic, one row each: the unit of a result, how it is worded, and which exhibits show it.

Code that depends on the kind of a number looks up a property here, never the name of a statistic, so that a new
comparison or model adds a row to `KINDS`, its words to the catalogue, and no other code.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from survey.core import summary_columns as columns
from survey.errors import EstimationError, shorten

__all__ = ["KINDS", "Kind", "kind_of"]

_NONE: Mapping[str, str] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Kind:
    """What is known of a statistic without looking at any data.

    Words are named by their keys in the catalogues (`words/en.toml`); the texts themselves stand there.

    Parameters
    ----------
    key : str
        The name that results carry: `Estimates.statistic`.
    unit : {"number", "share", "net", "item", "total", "difference", "combination", "rank"}
        What an estimate is measured in: a bare number; a share in 0-1; one share minus another, in -1 to 1; the unit
        of its item; a total in the unit of its item, or people; a difference of what the origin holds; a
        combination of rows of the origin, whose weights say whether it is a difference; or a rank, a whole number
        from 1, which stands first.
    binary : bool
        For the unit "item": of items coded 0 and 1 it is a share, as a mean is and a quantile is not.
    per_answer : bool
        One row an answer: the rows of an item and group are parts of one whole and can stand side by side.
    below : bool
        Rows are shares below a limit, which contain each other.
    options : bool
        Items are options of a select-all question: each a share of its own, and they can be compared with each other.
    counts : {"given", "row", "yes", ""}
        Which answers a share counts, for sentences: those given to the verb, the one of its row, the 1 of items coded
        0 and 1, or none that could be named.
    null : float, optional
        The value that means no difference or no association, where the unit does not say so by itself (differences
        have 0): 1 for a ratio of odds. Figures mark it, sentences tell a result from it.
    least : float, optional
        The smallest possible value, where a plain t interval may lie beyond it.
    interval : {"t", "share", "fisher"}
        Which interval pooled estimates get: plain, for shares, or on Fisher's z scale.
    heading, difference, column : str
        Keys of words: what an estimate is called above a column of printed values, what it is called there where it is
        a difference, and what the column `estimate` is called in a workbook.
    title : str
        Key of the title of results that are not about anybody's answers; "" for a title from the codebook.
    sentence : {"describe", "compare", "permutation", "specifications", "verdict"}
        The verb of `survey.narrative` that puts a row into words.
    phrase : str
        Key of what the number is called in a sentence ("the mean of ..."); "" for the wording of the item alone.
    exhibits : tuple of str
        Forms of exhibits that can show it.
    quantities : mapping of column to kind of number
        Of tables of several numbers of equal standing, instead of one estimate and its interval: the columns to show,
        in order, and what each holds; see `survey.words.quantities.written`.
    compares : bool
        Whether rows are comparisons of `Sample.compare`, with effect sizes, margins and families beside them.
    by_units : bool
        Whether rows are judged by permutation of units: by their p-values, as an interval may have no ends; on what
        stands behind all units together.
    """

    key: str
    unit: str = "number"
    binary: bool = False
    per_answer: bool = False
    below: bool = False
    options: bool = False
    counts: str = "given"
    null: float | None = None
    least: float | None = None
    interval: str = "t"
    heading: str = "estimate"
    difference: str = "difference"
    column: str = "estimate"
    title: str = ""
    sentence: str = "describe"
    phrase: str = ""
    exhibits: tuple[str, ...] = ("table", "intervals", "map", "heat", "panels")
    quantities: Mapping[str, str] = field(default_factory=lambda: _NONE)
    compares: bool = False
    by_units: bool = False

    @property
    def combines(self) -> bool:
        """Whether rows are combinations of rows of the origin, each with separate weights."""
        return self.unit == "combination"

    @property
    def ranks(self) -> bool:
        """Whether estimates are ranks: whole numbers of which the smallest comes first."""
        return self.unit == "rank"

    @property
    def told(self) -> bool:
        """Whether a title may tell an estimate: a number of people's answers that readers know how to take."""
        known = self.unit in ("share", "net", "item", "total") or self.phrase in ("ratio", "options_chosen")
        scale = not self.per_answer or "likert" in self.exhibits  # classes of minutes have no upper answers
        return known and scale and not self.title

    @property
    def total(self) -> bool:
        """Whether estimates add up over groups: they vary by who was drawn even where all answers are alike."""
        return self.unit == "total"


_SHADED = ("map", "heat", "panels")
_OF_UNITS = ("lines", "slope", "benchmark", "scatter", "ranking")
_OF_DIFFERENCES = ("table", "intervals", "forest", *_SHADED)
_OF_WAVES = ("table", "intervals", "waves", "banner", "indicators", *_SHADED, *_OF_UNITS)

KINDS: dict[str, Kind] = {
    kind.key: kind
    for kind in (
        # of answers
        Kind("mean", "item", binary=True, counts="yes", heading="mean", phrase="mean", exhibits=_OF_WAVES),
        Kind("proportion", "share", interval="share", exhibits=(*_OF_WAVES, "bars")),
        Kind("net", "net", counts="", difference="net", phrase="net", exhibits=_OF_WAVES),
        Kind(
            "distribution",
            "share",
            per_answer=True,
            counts="row",
            interval="share",
            exhibits=("table", "intervals", "likert", "banner", *_SHADED, *_OF_UNITS),
        ),
        Kind("frequency", "share", interval="share", counts="row", exhibits=("frequencies",)),
        Kind(
            "select_all",
            "share",
            options=True,
            counts="",
            interval="share",
            phrase="option",
            exhibits=("table", "intervals", "bars", "banner", *_SHADED, *_OF_UNITS),
        ),
        Kind(
            "histogram",
            "share",
            per_answer=True,
            counts="row",
            interval="share",
            exhibits=("table", "intervals", "histogram", "panels"),
        ),
        Kind(
            "cumulative",
            "share",
            per_answer=True,
            below=True,
            counts="row",
            interval="share",
            exhibits=("table", "intervals", "histogram", "panels"),
        ),
        Kind(
            "options_chosen",
            heading="mean",
            phrase="options_chosen",
            exhibits=("table", "intervals", *_SHADED, *_OF_UNITS),
        ),
        Kind("total", "total", heading="total", phrase="total", exhibits=_OF_WAVES),
        Kind("ratio", phrase="ratio", exhibits=_OF_WAVES),
        Kind("quantile", "item", phrase="quantile", exhibits=_OF_WAVES),
        Kind("variance", least=0.0),
        Kind("covariance"),
        Kind("correlation", interval="fisher"),
        Kind("replicate"),
        # comparisons and models
        Kind(
            "contrast",
            "combination",
            column="difference",
            sentence="compare",
            exhibits=(*_OF_DIFFERENCES, "ranking", "changes"),
        ),
        Kind(
            "comparison",
            "combination",
            column="difference",
            sentence="compare",
            compares=True,
            exhibits=(*_OF_DIFFERENCES, "changes"),
        ),
        Kind(
            "effect",
            "difference",
            sentence="permutation",
            by_units=True,
            exhibits=("table", "intervals", "effect", *_SHADED),
        ),
        Kind(
            "specification",
            "difference",
            sentence="specifications",
            by_units=True,
            exhibits=("table", "intervals", "forest", "specifications"),
        ),
        Kind(
            "wild_bootstrap",
            "difference",
            by_units=True,
            title="wild_bootstrap",
            exhibits=("table",),
            quantities=columns.WILD,
        ),
        Kind("index", "item", heading="index", exhibits=("table", "intervals", *_SHADED, *_OF_UNITS)),
        Kind("coefficient", phrase="coefficient", exhibits=_OF_DIFFERENCES),
        # tests
        Kind(
            "independence",
            least=0.0,
            column="cramers_v",
            sentence="verdict",
            phrase="independence",
            title="independence",
            exhibits=("table",),
            quantities=columns.TESTS | {"deff": "number", "n": "count"},
        ),
        Kind(
            "rank_test",
            column="rank_difference",
            sentence="verdict",
            phrase="rank_test",
            title="rank_test",
            exhibits=("table",),
            quantities={
                "superiority": "share",
                "estimate": "number",
                "std_error": "number",
                "statistic": "number",
                "df": "df",
                "p_value": "p",
                "n": "count",
            },
        ),
        Kind(
            "one_mean",
            "difference",
            column="difference",
            sentence="verdict",
            phrase="one_mean",
            title="one_mean",
            exhibits=_OF_DIFFERENCES,
        ),
        Kind(
            "gap",
            "combination",
            column="difference",
            sentence="verdict",
            phrase="gap",
            title="gap",
            exhibits=_OF_DIFFERENCES,
        ),
        Kind(
            "trend",
            "difference",
            difference="per_step",
            column="difference",
            sentence="verdict",
            phrase="trend",
            title="trend",
            exhibits=_OF_DIFFERENCES,
        ),
        Kind(
            "rank_trend",
            null=0.0,
            column="difference",
            sentence="verdict",
            phrase="rank_trend",
            title="rank_trend",
            exhibits=("table",),
            quantities={k: v for k, v in columns.TESTS.items() if k != "ddf"} | {"n": "count"},
        ),
        Kind(
            "rank_test_groups",
            least=0.0,
            column="rank_variance",
            sentence="verdict",
            phrase="rank_test_groups",
            title="rank_test",
            exhibits=("table",),
            quantities=columns.TESTS | {"n": "count"},
        ),
        Kind("equality", title="equality", exhibits=("table",), quantities=columns.EQUALITY),
        Kind(
            "rank",
            "rank",
            counts="",
            heading="rank",
            column="rank",
            phrase="rank",
            exhibits=("table", "intervals", "ranking"),
        ),
        # of weights, margins and fieldwork
        Kind("weights", title="weights", exhibits=("table",), quantities=columns.SPREAD),
        Kind(
            "weight_distribution", title="weight_distribution", exhibits=("table", "weights"), quantities=columns.BINS
        ),
        Kind("weight_effects", "item", binary=True, title="weight_effects", quantities=columns.EFFECTS),
        Kind("margins", title="margins", exhibits=("table", "love"), quantities=columns.GAPS),
        Kind("methods", title="methods", exhibits=("methods",), quantities={"value": "number"}),
        # of a survey that is planned
        Kind("power", title="power", exhibits=("table", "power"), quantities=columns.POWER),
        Kind("precision", title="precision", exhibits=("table", "power"), quantities=columns.PRECISION),
        # of what is published
        Kind("hidden", title="hidden", exhibits=("table",), quantities=columns.HIDDEN),
        Kind(
            "fieldwork",
            title="fieldwork",
            exhibits=("table", "fieldwork"),
            quantities={"responses": "count", "cumulative": "count"},
        ),
        Kind("quality", title="quality", exhibits=("table", "quality"), quantities=columns.QUALITY),
    )
}
"""Every kind by its key. A new one is a new row."""


def kind_of(statistic: str) -> Kind:
    """The kind of statistic of that name.

    Raises
    ------
    EstimationError
        If there is none: a misspelt name, or a result of a later version.
    """
    found = KINDS.get(statistic)
    if found is None:
        raise EstimationError(
            "An unknown kind of statistic.",
            got=statistic,
            expected=shorten(KINDS, len(KINDS)),
            fix="correct the name; a result of a later version of survey needs that version",
        )
    return found

"""Kinds of statistic, one row each: the unit of a result, how it is worded, and which exhibits show it.

Code that depends on the kind of a number looks up a property here, never the name of a statistic, so that a new
comparison or model adds a row to `KINDS`, its words to the catalogue, and no other code.
"""

from __future__ import annotations

from survey.core import quantities as numbers
from survey.core.kind import Kind
from survey.errors import EstimationError, shorten

__all__ = ["KINDS", "Kind", "kind_of"]

_SHADED = ("map", "heat", "panels")
_OF_UNITS = ("lines", "slope", "benchmark", "scatter", "ranking")
_OF_DIFFERENCES = ("table", "intervals", "forest", *_SHADED)
_DRIVERS = ("table", "intervals", "forest", "quadrant")
_OF_PREDICTIONS = ("table", "intervals", *_SHADED, "lines", "slope")
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
            quantities=numbers.WILD,
        ),
        Kind("index", "item", heading="index", exhibits=("table", "intervals", *_SHADED, *_OF_UNITS)),
        Kind("coefficient", phrase="coefficient", exhibits=_OF_DIFFERENCES),
        Kind("log_odds", phrase="log_odds", exhibits=_OF_DIFFERENCES),
        Kind(
            "odds_ratio",
            null=1.0,
            least=0.0,
            heading="odds_ratio",
            column="odds_ratio",
            phrase="odds_ratio",
            title="odds_ratio",
            exhibits=_OF_DIFFERENCES,
        ),
        Kind(
            "marginal_effect",
            "difference",
            counts="",
            difference="marginal_effect",
            column="marginal_effect",
            phrase="marginal_effect",
            title="marginal_effect",
            exhibits=_OF_DIFFERENCES,
        ),
        Kind(
            "predicted_mean",
            "item",
            binary=True,
            counts="",
            phrase="predicted",
            title="predicted",
            exhibits=_OF_PREDICTIONS,
        ),
        Kind("predicted_share", "share", counts="", phrase="predicted", title="predicted", exhibits=_OF_PREDICTIONS),
        Kind(
            "predicted_distribution",
            "share",
            per_answer=True,
            counts="row",
            title="predicted",
            exhibits=("table", "intervals", *_SHADED),
        ),
        Kind("term_test", title="term_test", exhibits=("table",), quantities=numbers.TERM_TEST),
        # tests
        Kind(
            "independence",
            least=0.0,
            column="cramers_v",
            sentence="verdict",
            phrase="independence",
            title="independence",
            exhibits=("table",),
            quantities=numbers.TESTS | {"deff": "number", "n": "count"},
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
            quantities={k: v for k, v in numbers.TESTS.items() if k != "ddf"} | {"n": "count"},
        ),
        Kind(
            "rank_test_groups",
            least=0.0,
            column="rank_variance",
            sentence="verdict",
            phrase="rank_test_groups",
            title="rank_test",
            exhibits=("table",),
            quantities=numbers.TESTS | {"n": "count"},
        ),
        Kind("equality", title="equality", exhibits=("table",), quantities=numbers.EQUALITY),
        Kind("parallel_lines", title="parallel_lines", exhibits=("table",), quantities=numbers.PARALLEL),
        Kind(
            "rank",
            "rank",
            counts="",
            heading="rank",
            column="rank",
            phrase="rank",
            exhibits=("table", "intervals", "ranking"),
        ),
        # of scales
        Kind("reliability", phrase="reliability", title="reliability", exhibits=("table", "intervals", "panels")),
        Kind(
            "item_rest",
            interval="fisher",
            heading="item_rest",
            column="item_rest",
            phrase="item_rest",
            title="item_rest",
            exhibits=("table", "intervals"),
            quantities=numbers.ITEMS,
        ),
        # drivers
        Kind(
            "driver", null=0.0, heading="driver", column="driver", phrase="driver", title="drivers", exhibits=_DRIVERS
        ),
        Kind(
            "driver_points",
            "net",
            counts="",
            null=0.0,
            heading="driver",
            difference="driver",
            column="driver",
            phrase="driver",
            title="drivers",
            exhibits=_DRIVERS,
        ),
        Kind(
            "driver_share",
            "share",
            counts="",
            interval="share",
            heading="driver_share",
            phrase="driver_share",
            title="driver_share",
            exhibits=("table", "intervals", "bars"),
        ),
        Kind(
            "explained",
            "share",
            counts="",
            interval="share",
            phrase="explained",
            title="explained",
            exhibits=("table",),
        ),
        Kind("dif", counts="", least=0.0, column="dif", title="dif", exhibits=("table",), quantities=numbers.DIF),
        Kind("components", title="components", exhibits=("table",), quantities=numbers.COMPONENTS),
        # of weights, margins and fieldwork
        Kind("weights", title="weights", exhibits=("table",), quantities=numbers.SPREAD),
        Kind(
            "weight_distribution", title="weight_distribution", exhibits=("table", "weights"), quantities=numbers.BINS
        ),
        Kind("weight_effects", "item", binary=True, title="weight_effects", quantities=numbers.EFFECTS),
        Kind("margins", title="margins", exhibits=("table", "love"), quantities=numbers.GAPS),
        Kind("methods", title="methods", exhibits=("methods",), quantities={"value": "number"}),
        # of a survey that is planned
        Kind("power", title="power", exhibits=("table", "power"), quantities=numbers.POWER),
        Kind("precision", title="precision", exhibits=("table", "power"), quantities=numbers.PRECISION),
        # of what is published
        Kind("hidden", title="hidden", exhibits=("table",), quantities=numbers.HIDDEN),
        Kind(
            "fieldwork",
            title="fieldwork",
            exhibits=("table", "fieldwork"),
            quantities={"responses": "count", "cumulative": "count"},
        ),
        Kind("quality", title="quality", exhibits=("table", "quality"), quantities=numbers.QUALITY),
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

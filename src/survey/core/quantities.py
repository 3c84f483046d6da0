"""Columns of results on scales that hold several numbers of equal standing, and what each holds.

The kinds of number are those of `survey.words.quantities.written`.
"""

from __future__ import annotations

__all__ = [
    "BINS",
    "COMPONENTS",
    "DIF",
    "EFFECTS",
    "EQUALITY",
    "GAPS",
    "HIDDEN",
    "ITEMS",
    "PARALLEL",
    "POWER",
    "PRECISION",
    "QUALITY",
    "SPREAD",
    "TERM_TEST",
    "TESTS",
    "WILD",
]

SPREAD = {
    "n": "count",
    "sum": "count",
    "min": "weight",
    "p01": "weight",
    "p05": "weight",
    "median": "weight",
    "p95": "weight",
    "p99": "weight",
    "max": "weight",
    "max_to_median": "number",
    "cv": "number",
    "deff_kish": "number",
    "n_eff": "count",
}
BINS = {"low": "number", "high": "number", "count": "count", "share": "share"}
GAPS = {
    "n": "count",
    "target": "share",
    "before": "share",
    "after": "share",
    "gap_before": "points",
    "gap": "points",
}
EFFECTS = {
    "estimate": "item",
    "std_error": "item_error",
    "change": "item_change",
    "change_std_error": "item_error",
    "step_change": "item_change",
    "step_change_std_error": "item_error",
    "deff": "number",
    "correlation": "number",
    "n": "count",
}
TESTS = {"statistic": "number", "df": "df", "ddf": "df", "p_value": "p", "estimate": "number"}
EQUALITY = {
    "categories": "count",
    "statistic": "number",
    "df_num": "count",
    "df": "count",
    "p_value": "p",
    "p_adjusted": "p",
    "n": "count",
}
PARALLEL = {
    "statistic": "number",
    "df": "df",
    "ddf": "df",
    "p_value": "p",
    "contrasts": "count",
    "deff": "number",
    "n": "count",
}
TERM_TEST = {"statistic": "number", "df_num": "count", "df": "df", "p_value": "p"}
POWER = {
    "n": "count",
    "n_total": "count",
    "n_draw": "count",
    "clusters": "count",
    "effect": "points",
    "power": "number",
    "deff": "number",
}
PRECISION = {
    "n": "count",
    "n_total": "count",
    "n_draw": "count",
    "clusters": "count",
    "margin_of_error": "share",
    "deff": "number",
}
HIDDEN = {
    "rows": "count",
    "small": "count",
    "complementary": "count",
    "flagged": "count",
    "unreliable": "count",
    "review": "count",
    "share_hidden": "share",
}
ITEMS = {"estimate": "number", "alpha_if_dropped": "number", "loading": "number", "n": "count"}
COMPONENTS = {"eigenvalue": "number", "chance": "number", "kept": "count"}
DIF = {
    "estimate": "p",  # a change of R2 in 0-1, of which the third decimal tells
    "p_uniform": "p",
    "p_nonuniform": "p",
    "p_adjusted": "p",
    "shift": "number",
    "n": "count",
}
QUALITY = {"value": "number", "others": "number", "p_adjusted": "number", "n": "count", "alert": "count"}
WILD = {
    "estimate": "number",
    "std_error": "number",
    "statistic": "number",
    "p_value": "p",
    "draws": "count",
    "treated": "count",
    "units": "count",
}

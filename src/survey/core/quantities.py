"""Columns of results on scales that hold several numbers of equal standing, and what each holds.

The kinds of number are those of `survey.words.quantities.written`.
"""

from __future__ import annotations

__all__ = ["COMPONENTS", "DIF", "ITEMS"]

ITEMS = {"estimate": "number", "alpha_if_dropped": "number", "loading": "number", "n": "count"}
COMPONENTS = {"eigenvalue": "number", "chance": "number", "kept": "count"}
DIF = {
    "estimate": "number",
    "p_uniform": "p",
    "p_nonuniform": "p",
    "p_adjusted": "p",
    "shift": "number",
    "n": "count",
}

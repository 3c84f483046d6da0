"""Figures from Estimates; each verb returns an Exhibit, and nothing is drawn until it is shown or exported.

A figure never sees data: what it shows was estimated before, with its design.
"""

from survey.exhibits import theme
from survey.figures._benchmark import benchmark
from survey.figures._effect import effect
from survey.figures._fieldwork import fieldwork
from survey.figures._forest import forest
from survey.figures._heat import heat
from survey.figures._histogram import histogram
from survey.figures._intervals import intervals
from survey.figures._likert import likert
from survey.figures._lines import lines
from survey.figures._love import love
from survey.figures._map import map
from survey.figures._panels import panels
from survey.figures._power import power
from survey.figures._quadrant import quadrant
from survey.figures._quality import quality
from survey.figures._ranking import ranking
from survey.figures._scatter import scatter
from survey.figures._share_bars import bars
from survey.figures._slope import slope
from survey.figures._specifications import specifications
from survey.figures._waves import waves
from survey.figures._weights import weights

contrasts = intervals
"""Differences as dots and intervals around zero; `intervals` under the name of what it shows."""

__all__ = [
    "bars",
    "benchmark",
    "contrasts",
    "effect",
    "fieldwork",
    "forest",
    "heat",
    "histogram",
    "intervals",
    "likert",
    "lines",
    "love",
    "map",
    "panels",
    "power",
    "quadrant",
    "quality",
    "ranking",
    "scatter",
    "slope",
    "specifications",
    "theme",
    "waves",
    "weights",
]

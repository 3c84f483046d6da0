"""Results as they are passed on.

The class bodies are tables of contents: the states are `EstimatesData` and `SummaryData`, each verb a
function of the module named here.
"""

from __future__ import annotations

from survey.base.arguments import explained_verbs
from survey.base.renamed import Renamed
from survey.core import contrasts
from survey.core import letters as group_letters
from survey.core import ranks as ranking
from survey.core.estimates_data import EstimatesData
from survey.core.summary import SummaryData
from survey.errors import EstimationError
from survey.words import screen

__all__ = ["Estimates", "Summary"]


@explained_verbs(EstimationError)
class Estimates(EstimatesData):
    """Results as they are passed on: figures, tables and sentences take these, never data.

    Parameters
    ----------
    table : DataFrame
        One row per estimate: item, the `by` columns, (answer), estimate, std_error, conf_low, conf_high, df, n,
        n_eff, deff; of shares and distributions also dont_know and refused, the shares of everyone asked who said so,
        where anybody did. Tidy and unrounded; shares in 0-1, scores in points of 0-100, means in units of the item.
        Each `e.table` is a copy (a lazy one): sort it, round it, write to it; the result stays as it is.
    statistic : str
        "mean", "proportion", "net" (a net share), "distribution", "total", "ratio", "quantile", "contrast",
        "coefficient", ...: a key of `survey.core.statistics.KINDS`.
    by : tuple of str
        Grouping columns.
    level : float
        Confidence level of the intervals.
    answers : tuple
        For a proportion: the answers counted.
    codebook : Codebook
        For labels; may be empty.
    notes : tuple of str
        What a reader must know: rows without a group, how a share at 0 got its interval.
    source : str
        Where the data come from, with the words "simulated data" when they are.
    simulated : bool
    origin : Estimates, optional
        For a contrast: what it was combined from, so that a label, a unit and the numbers of answers are known.
    contrast_matrix : array (rows, rows of origin), optional
        For a contrast: what each row of `origin` was multiplied by.
    scale : tuple of two floats, optional
        The ends that the items' scales were stretched to (`rescale=`); otherwise the scale is the codebook's.
    population : array (rows,), optional
        Sum of the weights of valid answers: the size of the population where weights add up to it.
    behind : array (rows,), optional
        Answers each row stands on, where the table has no column n and no origin tells (coefficients, effects).
    linear : bool array (rows,), optional
        For a contrast: whether a row is a linear combination of the origin's; a ratio is not.
    adjust : str
        For pairwise differences and comparisons: how p_adjusted was adjusted.
    hidden : bool array (rows,), optional
        Rows that may not be published, with nothing left in them; see `survey.words.disclosure.published`.
    complementary : bool array (rows,), optional
        Of the hidden rows, those on enough answers: others that are hidden could be computed from them.
    clustering : Clustering, optional
        Of shares with the default interval: what is known of the clusters behind them, for pooling.
    exact : tuple of str
        Of each row, the note that says why it has no sampling error; "" where it has one. Empty where not known.
    unordered : tuple of str
        Of a distribution: items whose answers have no order that anybody declared, so that none is the lowest.
    breakdowns : Breakdowns, optional
        Of `over=`: the variables of each breakdown; `tests` has the tests of equality of their categories.
    compared : tuple of str
        Columns whose groups a comparison compares, where its origin does not tell (an effect: treated and period).
    """

    contrast = contrasts.contrast
    pairwise = contrasts.pairwise
    ranks = ranking.ranks
    letters = group_letters.letters
    weights = Renamed("contrast_matrix")

    to_text = screen.to_text
    _repr_html_ = screen.to_html


@explained_verbs(EstimationError)
class Summary(SummaryData):
    """Several quantities per row: diagnostics of weights, gaps of margins, quality of fieldwork.

    Tables, workbooks and the figures made for them take a summary as they take `Estimates`. It has no covariance, so
    nothing can be contrasted.

    Parameters
    ----------
    table : DataFrame
        Tidy and unrounded: label columns (step, margin, category, item, the `by` columns), then the columns of
        `quantities`. Each `s.table` is a copy (a lazy one).
    statistic : str
        "weights", "weight_distribution", "margins", "quality".
    by : tuple of str
        Grouping columns.
    level : float
        Of a check of fieldwork, one minus the alpha of its alerts.
    codebook : Codebook
        For labels; may be empty.
    notes : tuple of str
        What a reader must know.
    source : str
        Where the data come from, with the words "simulated data" when they are.
    simulated : bool
    origin : Summary, optional
        For a distribution of weights: their diagnostics.
    words : mapping of str to text
        What a value of a label column (a step, a margin, a category) is called, by language.
    breakdowns : Breakdowns, optional
        Of tests of equality: the variables of each breakdown.
    """

    to_text = screen.to_text
    _repr_html_ = screen.to_html

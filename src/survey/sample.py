"""Responses and the design they were drawn by: the object that people type after.

The class body is a table of contents: the state is `SampleData`, each verb a function of the module named here.
"""

from __future__ import annotations

from functools import cached_property

from survey import weighting
from survey.base.arguments import explained_verbs
from survey.base.renamed import Renamed
from survey.compare import compare as comparison
from survey.compare import effect as impact
from survey.compare import gap as gaps
from survey.compare import independence as association
from survey.compare import index as indices
from survey.compare import pretrends as before
from survey.compare import rank_test as ranks
from survey.compare import specifications as multiverse
from survey.compare import t_test as t_tests
from survey.compare import trend as trends
from survey.compare import waves
from survey.core.sample_data import SampleData
from survey.errors import EstimationError
from survey.estimation import covariances, item_nonresponse, means, quantiles
from survey.estimation import frequencies as frequency
from survey.estimation import histogram as histograms
from survey.estimation import replicates as resampling
from survey.estimation import select_all as several
from survey.models import dif as functioning
from survey.models import drivers as importance
from survey.models import linear as linear_models
from survey.models import logistic as logistic_models
from survey.models import ordinal as ordinal_models
from survey.models import reliability as scales
from survey.responses import Responses
from survey.weighting import methods as annex
from survey.weighting import weight_effects
from survey.words import screen

__all__ = ["Sample"]


@explained_verbs(EstimationError)
class Sample(SampleData):
    """Answers with their sampling design.

    Parameters
    ----------
    data : Responses or DataFrame
    weights : str or None
        Column of sampling weights. It must be named: None means that every row counts once, and is never assumed. A
        weight of 0 marks a sampled case outside every domain; dropping the row changes standard errors.
    strata, psu, fpc : str or list of str, optional
        Columns of strata, clusters and population sizes (or sampling fractions), one per stage. Without `psu` every
        row is a cluster.
    nest : bool
        Cluster ids start again in each stratum.
    lonely : {"fail", "adjust", "centered", "average", "remove", "certainty"}
        What a stratum with a single cluster does, and a cluster with a single second-stage unit of several.

    Raises
    ------
    DesignError
        If the columns cannot describe a sample.

    Examples
    --------
    >>> sample = sv.Sample(clean, weights="w_design", strata="stratum", psu="psu")  # doctest: +SKIP
    >>> sample.mean("friendliness", by=["ward_legacy_code", "wave"])  # doctest: +SKIP
    """

    _responses = Responses
    responses: Responses

    _repr_html_ = screen.sample_to_html

    # estimation
    mean = means.mean
    total = means.total
    proportion = means.proportion
    distribution = means.distribution
    ratio = means.ratio
    select_all = several.select_all
    options_chosen = several.options_chosen
    quantile = quantiles.quantile
    histogram = histograms.histogram
    variance = covariances.variance
    covariance = covariances.covariance
    correlation = covariances.correlation
    cells = means.cells

    # those who did not say
    item_response = item_nonresponse.item_response
    frequencies = frequency.frequencies
    bounds = item_nonresponse.bounds
    band = Renamed("bounds")

    # tests
    independence = association.independence
    rank_test = ranks.rank_test
    t_test = t_tests.t_test
    trend = trends.trend
    gap = gaps.gap

    # replicates
    replicates = resampling.replicates
    replicate = resampling.replicate

    # models
    linear = linear_models.linear
    logistic = logistic_models.logistic
    ordinal = ordinal_models.ordinal

    # scales
    reliability = scales.reliability
    dif = functioning.dif

    # drivers
    drivers = importance.drivers

    # comparisons
    compare = comparison.compare

    # programmes
    effect = impact.effect
    specifications = multiverse.specifications
    pretrends = before.pretrends

    # waves
    change = waves.change
    wave_trend = waves.wave_trend
    # indices by a scheme
    index = indices.index

    # weighting
    adjust_nonresponse = weighting.adjust_nonresponse
    rake = weighting.rake
    poststratify = weighting.poststratify
    calibrate = weighting.calibrate
    trim = weighting.trim
    trimming_errors = weighting.trimming_errors
    scale_weights = weighting.scale_weights
    weight_diagnostics = weighting.weight_diagnostics
    weight_distribution = weighting.weight_distribution
    weight_effects = weight_effects.weight_effects
    margin_gaps = weighting.margin_gaps
    methods = annex.methods
    calibration = cached_property(weighting.calibration)

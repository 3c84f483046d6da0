"""Weights that agree with the population, and what they cost."""

from survey.calibration.infeasible import Explanation
from survey.calibration.margins import CodedMargin, code_margins
from survey.weighting.base import PPS, SRS, Census, base_weights
from survey.weighting.calibrate import calibrate, poststratify
from survey.weighting.calibration_report import Calibration, calibration
from survey.weighting.diagnostics import margin_gaps, weight_diagnostics, weight_distribution
from survey.weighting.frames import frame_check
from survey.weighting.nonresponse import adjust_nonresponse
from survey.weighting.rake import rake
from survey.weighting.response import response_rates
from survey.weighting.scale import scale_weights
from survey.weighting.trim import trim
from survey.weighting.trimming_mse import trimming_errors

__all__ = [
    "PPS",
    "SRS",
    "Calibration",
    "Census",
    "CodedMargin",
    "Explanation",
    "adjust_nonresponse",
    "base_weights",
    "calibrate",
    "calibration",
    "code_margins",
    "frame_check",
    "margin_gaps",
    "poststratify",
    "rake",
    "response_rates",
    "scale_weights",
    "trim",
    "trimming_errors",
    "weight_diagnostics",
    "weight_distribution",
]

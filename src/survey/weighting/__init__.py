"""Weights that agree with the population, and what they cost."""

from survey.weighting.diagnostics import margin_gaps, weight_diagnostics
from survey.weighting.margins import CodedMargin, code_margins
from survey.weighting.rake import rake
from survey.weighting.response import response_rates

__all__ = ["CodedMargin", "code_margins", "margin_gaps", "rake", "response_rates", "weight_diagnostics"]

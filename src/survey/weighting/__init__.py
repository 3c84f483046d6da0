"""Weights that agree with the population, and what they cost."""

from survey.weighting.diagnostics import margin_gaps, weight_diagnostics
from survey.weighting.margins import CodedMargin, code_margins
from survey.weighting.rake import rake

__all__ = ["CodedMargin", "code_margins", "margin_gaps", "rake", "weight_diagnostics"]

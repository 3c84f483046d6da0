"""Estimators, their variances and intervals."""

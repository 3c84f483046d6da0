"""Counts by cluster, group and answer: all that an estimator needs."""

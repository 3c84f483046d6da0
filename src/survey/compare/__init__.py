"""Comparisons of groups, waves and programmes."""

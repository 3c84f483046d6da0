"""Regression models for survey data."""

"""A report as slides for a meeting: a finding a slide, charts that can be edited, tables that are not cut."""

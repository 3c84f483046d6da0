"""Exhibits as files, one at a time or many together."""

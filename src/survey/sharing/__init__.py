"""Counts that are kept and passed on in place of rows: cells as files, added up, asked again elsewhere."""

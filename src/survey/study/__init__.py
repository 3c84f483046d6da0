"""A study as a folder: its file, stored results, the run of its notebooks."""

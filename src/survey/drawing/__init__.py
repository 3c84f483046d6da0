"""Samples drawn from a list before the field: seeded, logged, reproduced to the byte, with sheets to print."""

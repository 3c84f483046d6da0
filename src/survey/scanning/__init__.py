"""Data that are read batch by batch and never kept: files, queries and lazy frames as samples without rows."""

from __future__ import annotations

from survey.scanning.scan import Scan, scan

__all__ = ["Scan", "scan"]

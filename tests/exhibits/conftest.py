"""The cases that every exhibit is tried on."""

from exhibit_cases import cases, crowding

__all__ = ["cases", "crowding"]

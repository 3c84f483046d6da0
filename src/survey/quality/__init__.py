"""Quality of the fieldwork: flags for people to look into, with the evidence for each; nothing is dropped by itself."""

from survey.quality.looking import quality
from survey.quality.result import Quality

__all__ = ["Quality", "quality"]

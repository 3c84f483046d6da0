"""Quality of the fieldwork: flags for people to look into, with the evidence for each; nothing is dropped by itself."""

from survey.quality.by_day import by_day
from survey.quality.result import Quality
from survey.quality.verb import quality

__all__ = ["Quality", "by_day", "quality"]

"""Personal data: scanning, reporting, pseudonyms, and the anonymity of released files."""

from __future__ import annotations

from survey.privacy.anonymity import Anonymity, k_anonymity
from survey.privacy.pseudonyms import pseudonymise
from survey.privacy.scan import refuse_personal, scan_personal, warn_personal

__all__ = ["Anonymity", "k_anonymity", "pseudonymise", "refuse_personal", "scan_personal", "warn_personal"]

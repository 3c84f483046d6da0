"""What was answered, with everything that was done to it.

The class body is a table of contents: the state is `ResponsesData`; each verb is a function in `survey.cleaning`,
`survey.privacy`, `survey.quality` or `survey.writing`, and one that changes anything returns new Responses.
"""

from __future__ import annotations

from collections.abc import Sequence

from survey import cleaning, privacy, quality, writing
from survey.base.arguments import explained_verbs
from survey.base.files import AnyPath
from survey.codebook import Codebook
from survey.core.log import KIND_CODES, LogEntry, Source
from survey.core.responses_data import ResponsesData
from survey.errors import CleaningError
from survey.privacy import first_look
from survey.words import frames, screen

__all__ = ["KIND_CODES", "LogEntry", "Responses", "Source"]


@explained_verbs(CleaningError)
class Responses(ResponsesData):
    """Answers with everything that was done to them.

    Parameters
    ----------
    data : DataFrame
        One row per respondent. The index is the row's position in the raw file (files in the order given, counted
        from 0) and never changes, so that `log`, `rejected` and errors can name rows. What is done to the frame later
        does not reach the responses, nor does what is done to a frame that they gave out (copies are lazy).
    codebook : Codebook
    missing : DataFrame of uint8
        For columns whose missing codes were recoded: the kind of each missing answer (`KIND_CODES`), same index.
    entries : tuple of LogEntry
    rejected : DataFrame
        Rows that were dropped, as they were, with columns `_reason` and `_step` (position in the log, from 1).
    sources : tuple of Source

    Raises
    ------
    CleaningError
        If two rows or two columns have one name.
    """

    # what every verb does stands in its module
    check = cleaning.check
    by_day = quality.by_day
    quality = quality.quality
    declare_missing = cleaning.declare_missing
    recode_missing = cleaning.recode_missing
    to_number = cleaning.to_number
    rename = cleaning.rename
    select = cleaning.select
    append = cleaning.append
    reshape = cleaning.reshape
    recode = cleaning.recode
    merge_categories = cleaning.merge_categories
    derive = cleaning.derive
    band = cleaning.band
    map_wards = cleaning.map_wards
    reverse = cleaning.reverse
    set_scale = cleaning.set_scale
    number_scales = cleaning.number_scales
    drop = cleaning.drop
    collapse_copies = cleaning.collapse_copies
    join_audit = cleaning.join_audit
    score = cleaning.score
    declare_select_all = cleaning.declare_select_all
    code_answers = cleaning.code_answers
    scan_personal = privacy.scan_personal
    pseudonymise = privacy.pseudonymise
    k_anonymity = privacy.k_anonymity
    write = writing.write

    # the log
    log = property(frames.log_of)
    save_log = cleaning.save_log

    def replay(
        self,
        sources: AnyPath | Sequence[AnyPath] | Responses | None = None,
        *,
        codebook: AnyPath | Codebook | None = None,
    ) -> Responses:
        """Replay the log from the raw files, and compare the result with these responses; see `sv.replay`."""
        from survey.io.replay import replay  # the one import that points up: it reads files

        return replay(self, sources, codebook=codebook)

    to_text = screen.responses_to_text
    _repr_html_ = first_look.responses_to_html

"""Items in groups as a result: which function differently, and the warning that comparisons of groups then carry."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TypeVar

from survey.base.catalogue import Note, listed
from survey.codebook._variable import pick
from survey.core.estimates_data import EstimatesData
from survey.errors import EstimationError, shorten
from survey.estimates import Estimates
from survey.words.comparability import NOT_COMPARABLE

__all__ = ["Dif"]

E = TypeVar("E", bound=EstimatesData)
_MOST_NAMED = 6


@dataclass(frozen=True)
class Dif(Estimates):
    """How items function in groups.

    Parameters
    ----------
    scale_name : str
        Dimension of the codebook that all items are of, or the first and last item.
    group : tuple of str
        Columns whose groups were compared.
    flagged : tuple of str
        Items that function differently: the adjusted p-value is below one minus the level, and R2 changes by 0.035 or
        more.
    """

    scale_name: str = ""
    group: tuple[str, ...] = ()
    flagged: tuple[str, ...] = field(default=())

    @property
    def warning(self) -> Note | None:
        """What results that compare these groups must say; None where no item functions differently."""
        if not self.flagged:
            return None
        names = {lang: self._called(lang) for lang in ("vi", "en")}
        return Note(
            NOT_COMPARABLE,
            scale={lang: name[0] for lang, name in names.items()},
            groups={lang: name[1] for lang, name in names.items()},
            items=listed(self.flagged, _MOST_NAMED),
        )

    @property
    def untested(self) -> tuple[str, ...]:
        """Items of the score of the codebook that were not tested, as they were not named."""
        tested = set(self.table["item"])
        if not any(v.scored and v.dimension == self.scale_name for v in self.codebook.variables.values()):
            return ()
        return tuple(i for i in self.codebook.items(self.scale_name) if i not in tested)

    def _called(self, lang: str) -> tuple[str, str]:
        book = self.codebook
        scale = pick(book.dimensions.get(self.scale_name, {}), lang, self.scale_name)
        return scale, ", ".join(book.short_name(name, lang) for name in self.group)

    def warn(self, e: E) -> E:
        """Give a result that compares these groups the warning, which tables, figures and sentences then carry.

        Parameters
        ----------
        e : Estimates
            Of the scale's score or of its items, by the groups that were tested, or differences of such.

        Returns
        -------
        Estimates
            The same; with a note if scores cannot be compared fairly, or if items of a score were not tested; as it is
            otherwise.

        Raises
        ------
        EstimationError
            If the result is not about these groups, or not about this scale.
        """
        groups = _groups_of(e)
        if not set(self.group) <= groups:
            raise EstimationError(
                "The result does not compare the groups whose items were tested.",
                where="dif.warn(...)",
                got=shorten(sorted(groups)) or "no groups",
                expected=shorten(self.group),
                fix=f"test the items between these groups: sample.dif(..., by={sorted(groups)})" if groups else None,
            )
        about = _items_of(e)
        own = set(self.table["item"]) | {self.scale_name}
        variables = self.codebook.variables.values()
        scores = {v.name for v in variables if v.dimension == self.scale_name and v.role == "score"}
        if not about & (own | scores):
            raise EstimationError(
                "The result is not about the scale whose items were tested.",
                where="dif.warn(...)",
                got=shorten(sorted(about)),
                expected=shorten([self.scale_name, *self.table["item"]]),
                fix="test the items of this scale with sample.dif(...)",
            )
        only = about - scores - {self.scale_name}
        concerned = bool(about & (scores | {self.scale_name})) or bool(only & set(self.flagged))
        warning = self.warning
        if warning is None and about & (scores | {self.scale_name}):
            warning = self._partly_tested
        if warning is None or not concerned or warning in e.notes:
            return e
        return replace(e, notes=(warning, *e.notes))

    @property
    def _partly_tested(self) -> Note | None:
        """What a comparison of scores must say where only some items of the score were tested."""
        if not self.untested:
            return None
        scale = {lang: self._called(lang)[0] for lang in ("vi", "en")}
        return Note("notes.dif_partly", scale=scale, items=listed(self.untested, _MOST_NAMED))


def _groups_of(e: EstimatesData) -> set[str]:
    found = {*e.by, *e.compared}
    return found | (_groups_of(e.origin) if e.origin is not None else set())


def _items_of(e: EstimatesData) -> set[str]:
    if "item" in e.table.columns:
        return {str(item) for item in e.table["item"]}
    return set() if e.origin is None else _items_of(e.origin)

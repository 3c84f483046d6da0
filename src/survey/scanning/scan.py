"""A sample whose rows are somewhere else: files, a query, a lazy frame. They are counted batch by batch, never kept."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import cached_property, partial
from typing import Any, NoReturn

import numpy as np

from survey.base.arguments import explained, explained_verbs, listed
from survey.base.expressions import column_names
from survey.base.files import AnyPath
from survey.base.names import column_named, columns_named
from survey.codebook import Codebook
from survey.design.design import Design
from survey.design.replicate_weights import make
from survey.errors import DesignError, EstimationError, ReadError, shorten
from survey.io.platforms.structure import codebook_in
from survey.sample import Sample
from survey.scanning import annex, verbs, weighted, written
from survey.scanning.budget import check_budget
from survey.scanning.combined import BY_ALIKE, by_alike
from survey.scanning.dialect import Dialect
from survey.scanning.first_pass import design_pass
from survey.scanning.needed import memory_needed
from survey.scanning.readers import CsvFiles, reader_of
from survey.scanning.spelled import spelled
from survey.scanning.state import ScanData
from survey.scanning.steps import Step, Steps

__all__ = ["Scan", "scan"]

MEMORY = 2 * 10**9
"""Bytes that the counts of a question may take, unless specified otherwise."""


@explained_verbs(EstimationError)
class Scan(ScanData):
    """A sample without rows, made by `scan`.

    `mean`, `total`, `ratio`, `proportion` and `distribution` give the estimates of a `Sample` of the same rows, with
    their covariance. `to_number`, `reverse`, `score` and `derive` are done to every batch; declared missing codes are
    emptied first.
    """

    mean = verbs.mean
    total = verbs.total
    ratio = verbs.ratio
    proportion = verbs.proportion
    distribution = verbs.distribution
    memory_needed = memory_needed

    rake = weighted.rake
    poststratify = weighted.poststratify
    calibrate = weighted.calibrate
    margin_gaps = weighted.margin_gaps
    calibration = cached_property(weighted.calibration)
    write = written.write

    weight_diagnostics = annex.weight_diagnostics
    weight_effects = annex.weight_effects
    methods = annex.methods

    def replicates(
        self,
        method: str = "bootstrap",
        n: int | None = None,
        seed: int | None = None,
        rho: float = 0.5,
        mse: bool = True,
    ) -> Scan:
        """Add replicate weights as multipliers of the clusters, as `Sample.replicates`; no row is read for them."""
        if isinstance(seed, int | np.integer) and seed < 0:
            raise DesignError("The seed must be a non-negative whole number.", where="replicates(seed=...)", got=seed)
        made = make(self.clusters.structure, method, n, seed, rho, mse)
        found = replace(self, design=replace(self.design, replicates=made))
        if self.weighing is not None:
            weighted.weighted_sample(found)  # a replicate that cannot be calibrated must fail where it was asked for
        return found

    def reverse(self, columns: str | Sequence[str] | None = None) -> Scan:
        """Reverse items of direction -1, as `Responses.reverse`."""
        if self.weighing is not None:
            raise EstimationError(
                "Items are reversed before the weights are adjusted.",
                where="reverse(...)",
                got=self.design.describe(),
                expected="the scan as it was before",
                fix="scan(...).reverse(), and then rake or post-stratify",
            )
        chosen = () if columns is None else (columns_named(listed(columns), self.steps.names),)
        return self._with(Step("reverse", "", (), chosen))

    def to_number(self, columns: str | Sequence[str], *, others: str | None = None, decimal: str = ".") -> Scan:
        """Turn columns of text into numbers, as `Responses.to_number`; its errors are raised by the first question."""
        names = columns_named(listed(columns), self.steps.names)
        absent = [name for name in names if name not in self.steps.raw]
        if absent or self.weighing is not None:
            raise EstimationError(
                "Only columns of the source are turned into numbers, and before weights are adjusted.",
                where="to_number(...)",
                got=shorten(absent) or self.design.describe(),
                expected=f"columns of the source: {shorten(self.steps.raw, 20)}",
                fix="correct the names" if absent else "scan(...).to_number(...), and then rake or post-stratify",
            )
        return self._with(Step("to_number", "", (), (names,), {"others": others, "decimal": decimal}))

    def together(self, *columns: Sequence[str]) -> Scan:
        """Count columns together of which several questions follow: one pass for all, where respondents are alike.

        Parameters
        ----------
        *columns : list of str
            The items, groups and conditions of each set of questions. A question about columns of one set alone takes
            no pass of its own; if the respondents of a set differ so much that they exceed `memory`, every question
            does.
        """
        sets = tuple(frozenset(columns_named(listed(one), self.steps.names)) for one in columns)
        if absent := sorted(frozenset().union(*sets) - set(self.steps.names)):
            raise EstimationError(
                "The source has no such column.",
                where="together(...)",
                got=shorten(absent),
                expected=shorten(self.steps.names, 20),
                fix="correct the name",
            )
        return replace(self, sets=sets)

    def derive(self, name: str, expression: str) -> Scan:
        """Add a column computed from others, as `Responses.derive`."""
        return self._with(Step("derive", name, column_names(expression, what="derive"), (name, expression)))

    def score(
        self,
        name: str,
        *,
        items: str | Sequence[str] | None = None,
        min_answered: float = 2 / 3,
        into: str | None = None,
    ) -> Scan:
        """Add a score of the items of a dimension, as `Responses.score`."""
        needs = tuple(self.codebook.items(name)) if items is None else tuple(listed(items))
        options = {"items": list(needs), "min_answered": min_answered, "into": into}
        return self._with(Step("score", name if into is None else into, needs, (name,), options))

    def __getattr__(self, name: str) -> Callable[..., Any]:
        """A verb of `Sample` that a scan does not have: one clear error when it is called."""
        if name in BY_ALIKE:
            return partial(by_alike, self, name)
        if name.startswith("_") or not callable(getattr(Sample, name, None)):
            raise AttributeError(f"{type(self).__name__!r} object has no attribute {name!r}", name=name, obj=self)

        def refused(*args: object, **kwargs: object) -> NoReturn:
            raise EstimationError(
                "A scan has no rows, and this verb needs them.",
                where=f"scan(...).{name}",
                expected=f"mean, total, ratio, proportion, distribution, {', '.join(BY_ALIKE)}; "
                "rake, poststratify, calibrate; to_number, reverse, score, derive, replicates",
                fix="read what it takes into memory: sv.Sample(sv.read(...), ...), of a part of the rows or columns",
            )

        return refused

    def _with(self, step: Step) -> Scan:
        absent = [n for n in step.needs if column_named(n, self.steps.names) not in self.steps.names]
        if absent or step.makes in self.steps.names:
            raise EstimationError(
                "A step needs columns that are not there." if absent else "The column exists already.",
                where=f"{step.verb}({step.makes!r})",
                got=shorten(absent) if absent else step.makes,
                expected="columns of the source" if absent else "a new name",
                fix="correct the name",
            )
        steps = replace(self.steps, steps=(*self.steps.steps, step))
        known = [steps.codebook_after()]
        return type(self)(self.reader, steps, self.design, self.clusters, self.memory, self.weighing, _codebook=known)


@explained(DesignError)
def scan(
    source: Any,
    *,
    weights: str | None,
    psu: str | Sequence[str] | None = None,
    strata: str | Sequence[str] | None = None,
    fpc: str | Sequence[str] | None = None,
    codebook: AnyPath | Codebook | None = None,
    query: str | None = None,
    separator: str | None = None,
    decimal: str | None = None,
    nest: bool = False,
    lonely: str = "fail",
    memory: int = MEMORY,
) -> Scan:
    """A sample of rows that are not read into memory: counted batch by batch, with the estimates of `Sample`.

    Parameters
    ----------
    source : path, pattern, folder or list of them; or a relation, connection, frame or table
        Parquet or CSV files ("big/*.parquet"; folders called name=value give columns), a DuckDB relation or a
        connection with `query=`, a Polars frame (lazy or not), a Dask data frame (counted where its partitions are,
        by the client that is there), an Arrow table or data set.
    weights, strata, psu, fpc, nest, lonely :
        As for `Sample`. `psu` must name first-stage clusters: without them every row would be a cluster, which needs
        rows. Weights are taken as they are: standard errors know of a calibration where the scan made it (`rake`).
    codebook : path or Codebook, optional
        Its declared missing codes are emptied in every batch.
    query : str, optional
        For a DuckDB connection.
    separator, decimal : str, optional
        Of CSV, as for `read`: "," and "." when not given (a tab in .tsv); separator=";", decimal="," is what Excel
        writes in Vietnamese.
    memory : int
        Bytes that the counts of one question may take (`Scan.memory_needed`); more is refused with the number, before
        anything is counted, or as soon as it is known to be more where it depends on which combinations occur.

    Returns
    -------
    Scan

    Raises
    ------
    DesignError
        As for `Sample`; also without clusters, or with clusters of two stages.
    ReadError
        For files that do not exist or are damaged, differ in their columns or use another separator; the file is named.

    Examples
    --------
    >>> log = sv.scan("log/*.parquet", weights="w", strata="province", psu="office")  # doctest: +SKIP
    >>> log.mean("satisfaction", by="province", where="channel == 'online'")  # doctest: +SKIP
    """
    budget = check_budget(memory)
    found = reader_of(source, query, Dialect.of(separator, decimal))
    reader = spelled(found)
    book = Codebook() if codebook is None else codebook if isinstance(codebook, Codebook) else codebook_in(codebook)
    book = book.spelled_as(reader.names).read_from(*reader.files)
    if not isinstance(found, CsvFiles) and not (separator is None and decimal is None):
        raise ReadError(
            "`separator` and `decimal` do not apply to this source.",
            where=reader.source,
            expected="CSV files",
            fix="omit them",
        )
    if isinstance(found, CsvFiles):
        reader = spelled(replace(found, cells=replace(found.cells, variables=book.variables)))
    steps = Steps(book, reader.names)
    weights = column_named(weights, reader.names)
    strata, psu, fpc = (columns_named(listed(v) if v else (), reader.names) for v in (strata, psu, fpc))
    design = Design.from_columns(weights=weights, strata=strata, psu=psu, fpc=fpc, nest=nest, lonely=lonely)
    absent = [name for name in design.columns if name not in reader.names]
    if absent:
        raise DesignError(
            "The design names columns that are not in the data.",
            where=reader.source,
            got=shorten(absent),
            expected=f"columns of the source: {shorten(reader.names, 20)}",
            fix="correct the names",
        )
    return Scan(reader, steps, design, design_pass(reader, steps, design), budget)

"""The grammar of model formulas: "score ~ pilot * wave + C(age) + bs(income, df=4)".

A formula is data. It is cut into tokens, read into a small tree and expanded into terms here; nothing of it is ever
run, and what the grammar does not know is refused before anything is computed:

    formula  = [ factor "~" ] sum
    sum      = [ sign ] product { ( "+" | "-" ) product }          a 0 or "- 1" leaves the intercept out
    product  = cross { "*" cross }                                 a * b is a + b + a:b
    cross    = power { ":" power }
    power    = item [ ( "**" | "^" ) whole number ]
    item     = "1" | "0" | factor | "(" sum ")"
    factor   = name | C(..) | I(arithmetic) | log(..) exp(..) sqrt(..) center(..) scale(..) poly(..) bs(..) ns(..)

A name is a word (also with dots) or anything in `backticks`; a word is a function only where a parenthesis follows, so
a column may be called C, I or log. What a formula can cost is bounded while it is read.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias
from unicodedata import normalize

from survey.base._formula_factors import FactorReader, Token, shown
from survey.base._formula_tree import Factor
from survey.errors import EstimationError

__all__ = ["Formula", "Term", "parse"]

LONGEST = 20_000
MOST_TERMS, MOST_FACTORS, MOST_WORK, LARGEST_POWER = 1_000, 6, 200_000, 10

Term: TypeAlias = tuple[Factor, ...]
"""Factors that are multiplied; none is the intercept."""


@dataclass(frozen=True, slots=True)
class Formula:
    """A formula that was read.

    Parameters
    ----------
    text : str
        As written, composed (NFC).
    outcome : Factor or None
        Before the "~".
    terms : tuple of Term
        By the number of their factors, otherwise as written; the intercept is the empty term.
    variables : tuple of str
        Names of the columns that it speaks of, composed, in order of appearance.
    """

    text: str
    outcome: Factor | None
    terms: tuple[Term, ...]
    variables: tuple[str, ...]


def parse(formula: object, example: str = "'score ~ pilot * wave'") -> Formula:
    """Read a formula.

    Parameters
    ----------
    formula : str
    example : str
        What was expected, for an error.

    Raises
    ------
    EstimationError
        If it is not a formula of the grammar, or exceeds the bounds of this module; it says at which
        character.
    """
    if not isinstance(formula, str):
        raise EstimationError("The formula must be text.", got=type(formula).__name__, expected=example)
    if len(formula) > LONGEST:
        raise EstimationError(
            "The formula is too long.",
            where=shown(formula),
            got=f"{len(formula):,} characters",
            expected=f"up to {LONGEST:,}",
            fix="use fewer terms",
        )
    return _TermReader(normalize("NFC", formula)).formula()


class _TermReader(FactorReader):
    """Reads sums and products of factors and expands them to terms."""

    def formula(self) -> Formula:
        outcome = None
        tildes = [t.at for t in self.tokens if t.kind == "sign" and t.text == "~"]
        if len(tildes) > 1:
            raise self.fail("The formula cannot be read.", tildes[1], "a second ~")
        if tildes and self.now.text != "~":
            outcome = self.factor()
            if not (self.now.kind == "sign" and self.now.text == "~"):
                raise self.fail(
                    "The outcome must be a single numeric column.",
                    self.now.at,
                    self.text[: tildes[0]].strip()[:80],
                    "one name or function before the ~",
                    "put arithmetic in I(...)",
                )
        if tildes:
            self.need("~")
        terms: dict[frozenset[Factor], Term] = {frozenset(): ()}
        if tildes or self.now.kind != "end":
            self.sum(terms)
        if self.now.kind != "end":
            raise self.unexpected()
        ordered = sorted(terms.values(), key=len)  # stable: as written among terms of as many factors
        return Formula(self.text, outcome, tuple(ordered), tuple(self.names))

    def sum(self, terms: dict[frozenset[Factor], Term]) -> None:
        """Add to and take from `terms`; the outermost sum starts with the intercept."""
        outermost = self.depth == 0
        first = True
        while True:
            step = self.sign("+", "-")
            if step is None and not first:
                return
            minus = step is not None and step.text == "-"
            if not first and not minus and (again := self.sign("-")):  # "+ -1", as R takes it
                minus = again.text == "-"
            token = self.now
            if token.kind == "number" and not self.follows("*", ":", "**", "^"):
                self.place += 1
                self.intercept(terms, token, minus, outermost)
            else:
                for key, term in self.product().items():
                    if minus:
                        terms.pop(key, None)
                    else:
                        self.add(terms, key, term)
            first = False

    def intercept(self, terms: dict[frozenset[Factor], Term], token: Token, minus: bool, outermost: bool) -> None:
        if token.text not in ("0", "1"):
            raise self.fail(
                "A number in a formula must be 0 or 1: without or with an intercept.",
                token.at,
                token.text,
                fix="put arithmetic in I(...), as in I(2 * x)",
            )
        if (token.text == "1") is not minus:
            self.add(terms, frozenset(), ())
        elif outermost:
            terms.pop(frozenset(), None)
        else:
            raise self.fail(
                "The intercept cannot be removed inside parentheses.", token.at, fix="write 0 + or - 1 outside of them"
            )

    def add(self, terms: dict[frozenset[Factor], Term], key: frozenset[Factor], term: Term) -> None:
        terms.setdefault(key, term)
        self.work += 1
        if len(terms) > MOST_TERMS or self.work > MOST_WORK:
            raise self.fail("The formula has too many terms.", self.now.at, expected=f"{MOST_TERMS:,} or fewer")
        if len(key) > MOST_FACTORS:
            raise self.fail(
                "An interaction has too many factors.", self.now.at, f"{len(key)} factors", f"{MOST_FACTORS} or fewer"
            )

    def crossed(
        self, a: dict[frozenset[Factor], Term], b: dict[frozenset[Factor], Term]
    ) -> dict[frozenset[Factor], Term]:
        made: dict[frozenset[Factor], Term] = {}
        for one, first in a.items():
            for other, second in b.items():
                self.add(made, one | other, first + tuple(f for f in second if f not in one))
        return made

    def product(self) -> dict[frozenset[Factor], Term]:
        terms = self.cross()
        while self.sign("*"):
            other = self.cross()
            both = self.crossed(terms, other)
            terms = dict(terms)
            for key, term in [*other.items(), *both.items()]:
                self.add(terms, key, term)
        return terms

    def cross(self) -> dict[frozenset[Factor], Term]:
        terms = self.power()
        while self.sign(":"):
            terms = self.crossed(terms, self.power())
        return terms

    def power(self) -> dict[frozenset[Factor], Term]:
        base = self.item()
        if self.sign("**", "^") is None:
            return base
        token = self.now
        if token.kind != "number" or not token.text.isdigit() or not 1 <= float(token.text) <= LARGEST_POWER:
            raise self.fail(
                "A power of terms must be a small whole number.",
                token.at,
                token.text[:40],
                f"a number from 1 to {LARGEST_POWER}",
                "the square of a column is I(x**2)",
            )
        self.place += 1
        terms = base
        for _ in range(int(token.text) - 1):
            before = len(terms)
            terms = self.crossed(terms, base)
            if len(terms) == before:
                break
        return terms

    def item(self) -> dict[frozenset[Factor], Term]:
        if self.sign("("):
            self.deeper()
            terms: dict[frozenset[Factor], Term] = {}
            self.sum(terms)
            self.need(")")
            self.depth -= 1
            return terms
        self.nodes = 0
        made = self.factor()
        return {frozenset([made]): (made,)}

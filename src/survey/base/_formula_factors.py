"""The factors of a formula: cut from the text and read into a small tree. `_formula` puts them together to terms."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass

from survey.base._formula_tree import Column, Factor, Function, Levels, Negative, Node, Number, Operation, text_of
from survey.errors import EstimationError

__all__ = ["ALLOWED", "FactorReader", "Token", "shown"]

ALLOWED = (
    "names (`in backticks` where they hold spaces or signs), + - * : ( ), a power such as (a + b)**2, 0 + or - 1, "
    "C(x), I(arithmetic), log exp sqrt center scale, poly(x, 2), bs(x, df=4), ns(x, df=4)"
)
LONGEST_NAME = 500
MOST_NODES, DEEPEST = 150, 40
LARGEST_EXPONENT, LARGEST_DEGREE, MOST_COLUMNS = 10, 20, 100

_ALIAS = {"np.log": "log", "np.exp": "exp", "np.sqrt": "sqrt"}
_SINGLE = ("log", "exp", "sqrt", "center", "scale")
_SEVERAL = {
    "poly": ({"degree": "whole", "raw": "truth"}, ("degree", "raw")),
    "bs": ({"df": "whole", "degree": "whole", "knots": "numbers"}, ("df",)),
    "ns": ({"df": "whole", "knots": "numbers"}, ("df",)),
}
_FUNCTIONS = ("C", "I", *_SINGLE, *_SEVERAL)
_TREATMENT, _SUM = ("Treatment", "contr.treatment"), ("Sum", "contr.sum")

_TOKEN = re.compile(
    r"""(?P<space>\s+)|`(?P<quoted>[^`]*)`|'(?P<single>[^'\\]*)'|"(?P<double>[^"\\]*)"
    |(?P<number>(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?)
    |(?P<word>[^\W\d][\w\u0300-\u036f]*(?:\.[\w\u0300-\u036f]+)*)|(?P<sign>\*\*|[-+*/:^~(),=\[\]])""",
    re.VERBOSE,
)


@dataclass(frozen=True, slots=True)
class Token:
    """A piece of the text, of what kind, and where it begins."""

    kind: str
    text: str
    at: int


def shown(text: str) -> str:
    """A formula as errors show it: one line, without characters that a terminal obeys."""
    text = "".join(c if c.isprintable() else "\N{REPLACEMENT CHARACTER}" for c in text)
    return text if len(text) <= 200 else f"{text[:200]}…"


class FactorReader:
    """Reads factors from where it stands in a text, counting what they cost."""

    def __init__(self, text: str) -> None:
        self.text, self.place, self.depth, self.nodes, self.work = text, 0, 0, 0, 0
        self.names: dict[str, None] = {}
        self.tokens = self.cut()

    def fail(
        self, what: str, at: int, got: object = None, expected: str = ALLOWED, fix: str | None = None
    ) -> Exception:
        where = f"{shown(self.text)}, character {at + 1}"
        return EstimationError(what, where=where, got=got, expected=expected, fix=fix or "write it with these only")

    # --- tokens ---

    def cut(self) -> list[Token]:
        tokens, at = [], 0
        while at < len(self.text):
            found = _TOKEN.match(self.text, at)
            if found is None:
                told = self.text[at] if self.text[at].isprintable() else f"U+{ord(self.text[at]):04X}"
                raise self.fail("The formula cannot be read.", at, f"the character {told}")
            kind = str(found.lastgroup)
            if kind != "space":
                tokens.append(Token(kind, found[kind], at))
                if len(found[kind]) > LONGEST_NAME:
                    raise self.fail("A name in the formula is too long.", at, f"{len(found[kind])} characters")
            at = found.end()
        return [*tokens, Token("end", "", len(self.text))]

    @property
    def now(self) -> Token:
        return self.tokens[self.place]

    def sign(self, *texts: str) -> Token | None:
        """The next token, if it is one of these signs."""
        token = self.now
        if token.kind == "sign" and token.text in texts:
            self.place += 1
            return token
        return None

    def follows(self, *signs: str) -> bool:
        after = self.tokens[self.place + 1]
        return after.kind == "sign" and after.text in signs

    def need(self, text: str) -> None:
        if self.sign(text) is None:
            raise self.unexpected(f"'{text}'")

    def unexpected(self, wanted: str | None = None) -> Exception:
        token = self.now
        got = "the end of the formula" if token.kind == "end" else shown(self.text[token.at : token.at + 40])
        if token.text == "/" and wanted is None:
            return self.fail("The formula cannot be read.", token.at, got, fix="write a / b as a + a:b")
        expected = ALLOWED if wanted is None else f"{wanted}; in all: {ALLOWED}"
        return self.fail("The formula cannot be read.", token.at, got, expected)

    def deeper(self) -> None:
        self.depth += 1
        if self.depth > DEEPEST:
            raise self.fail("The formula is nested too deeply.", self.now.at, expected=f"{DEEPEST} levels or fewer")

    # --- factors ---

    def column(self, token: Token) -> Column:
        if not token.text or not token.text.isprintable():
            raise self.fail("A name in the formula is empty or holds control characters.", token.at)
        self.names.setdefault(token.text)
        return Column(token.text)

    def factor(self) -> Factor:
        token = self.now
        if token.kind == "quoted":
            self.place += 1
            return self.column(token)
        if token.kind != "word":
            raise self.unexpected()
        self.place += 1
        if not (self.now.kind == "sign" and self.now.text == "("):
            return self.column(token)
        return self.call(token)

    def call(self, token: Token) -> Factor:
        name = _ALIAS.get(token.text, token.text)
        if name not in _FUNCTIONS:
            raise self.fail(
                "The formula calls an unknown function.",
                token.at,
                f"{token.text}(",
                f"one of {', '.join(_FUNCTIONS)}",
                "create the column first, and use its name",
            )
        self.need("(")
        self.deeper()
        if name == "C":
            made: Factor = self.levels()
        else:
            inner = self.arithmetic()
            keywords, rest = self.arguments(token, name) if name in _SEVERAL else ((), "")
            made = Function(name, token.text, inner, keywords, rest)
        self.need(")")
        self.depth -= 1
        return made

    def levels(self) -> Levels:
        token = self.now
        if token.kind not in ("word", "quoted"):
            raise self.unexpected("the name of a column")
        self.place += 1
        column = self.column(token)
        if not self.sign(","):
            return Levels(column)
        word = self.now
        self.place += 1
        if word.text == "levels" and self.sign("="):
            return Levels(column, order=self.listed())
        if word.text in _SUM:
            if self.sign("("):
                self.need(")")
            return Levels(column, sums=True, written=word.text)
        if word.text in _TREATMENT and self.sign("("):
            written = f"{word.text}("
            if self.now.text in ("reference", "base"):
                written += f"{self.now.text}="
                self.place += 1
                self.need("=")
            base = self.constant()
            self.need(")")
            return Levels(column, base=base, written=written)
        raise self.fail(
            "C() does not accept this argument.",
            word.at,
            word.text[:40],
            "C(x), C(x, Treatment('b')), C(x, Sum) or C(x, levels=['b', 'a'])",
        )

    def listed(self) -> tuple[str | float, ...]:
        self.need("[")
        values = [self.constant()]
        while self.sign(","):
            values.append(self.constant())
        self.need("]")
        return tuple(values)

    def constant(self) -> str | float:
        token = self.now
        if token.kind in ("single", "double"):
            self.place += 1
            return token.text
        negative = self.sign("-") is not None
        return -self.number() if negative else self.number()

    def number(self) -> float:
        token = self.now
        if token.kind != "number":
            raise self.unexpected("a number")
        self.place += 1
        value = float(token.text)
        if not math.isfinite(value):
            raise self.fail("A number in the formula is too large.", token.at, token.text[:40])
        return int(value) if token.text.isdigit() and value < 2**53 else value

    def arguments(self, token: Token, name: str) -> tuple[tuple[tuple[str, object], ...], str]:
        """What follows the first argument: by its keywords, and as it was written."""
        kinds, positions = _SEVERAL[name]
        given: dict[str, object] = {}
        rest = ""
        while self.sign(","):
            word = self.now
            if word.kind == "word" and self.follows("="):
                self.place += 2
                key, shown = word.text, f"{word.text}="
            else:
                key, shown = (positions[len(given)] if len(given) < len(positions) else ""), ""
            if key not in kinds or key in given:
                raise self.fail(f"{name}() does not accept this argument.", word.at, word.text[:40], ", ".join(kinds))
            value = given[key] = self.argument(kinds[key], key)
            rest += f", {shown}{list(value) if isinstance(value, tuple) else value}"
        if "df" in given and "knots" in given:
            raise self.fail(f"{name}() takes df or knots, not both.", token.at)
        return tuple(given.items()), rest

    def argument(self, kind: str, key: str) -> object:
        token = self.now
        if kind == "truth":
            if token.text not in ("True", "False", "TRUE", "FALSE"):
                raise self.unexpected("True or False")
            self.place += 1
            return token.text.lower() == "true"
        if kind == "numbers":
            values = self.listed()
            if len(values) > MOST_COLUMNS or any(isinstance(v, str) for v in values):
                raise self.fail("Knots must be a short list of numbers.", token.at)
            return values
        largest = LARGEST_DEGREE if key == "degree" else MOST_COLUMNS
        value = self.number()
        if not isinstance(value, int) or not 1 <= value <= largest:
            raise self.fail(
                f"`{key}` must be a whole number within the limit.",
                token.at,
                token.text[:40],
                f"a number from 1 to {largest}",
            )
        return value

    # --- arithmetic ---

    def count(self) -> None:
        self.nodes += 1
        if self.nodes > MOST_NODES:
            raise self.fail(
                "The arithmetic of the formula is too long.",
                self.now.at,
                expected=f"{MOST_NODES} numbers and names or fewer",
                fix="create the column first, and use its name",
            )

    def arithmetic(self) -> Node:
        left = self.multiplied()
        while step := self.sign("+", "-"):
            left = Operation(step.text, left, self.multiplied())
        return left

    def multiplied(self) -> Node:
        left = self.signed()
        while step := self.sign("*", "/"):
            left = Operation(step.text, left, self.signed())
        return left

    def signed(self) -> Node:
        if step := self.sign("+", "-"):
            self.deeper()
            inner = self.signed()
            self.depth -= 1
            return Negative(inner) if step.text == "-" else inner
        return self.raised()

    def raised(self) -> Node:
        base = self.atom()
        if self.sign("**", "^") is None:
            return base
        at, negative = self.now, self.sign("-") is not None
        if at.kind == "end" or self.now.kind != "number" or self.follows("**", "^"):
            raise self.fail("A power in the formula must be a number.", at.at, expected="such as x**2")
        written = self.now.text
        value = self.number()
        if value > LARGEST_EXPONENT:
            raise self.fail(
                "A power in the formula is too large.",
                at.at,
                written[:40],
                f"-{LARGEST_EXPONENT} to {LARGEST_EXPONENT}",
            )
        exponent: Node = Number(value, written)
        return Operation("**", base, Negative(exponent) if negative else exponent)

    def atom(self) -> Node:
        self.count()
        token = self.now
        if token.kind == "number":
            return Number(self.number(), token.text)
        if self.sign("("):
            self.deeper()
            inner = self.arithmetic()
            self.need(")")
            self.depth -= 1
            return inner
        made = self.factor()
        if isinstance(made, Levels) or (isinstance(made, Function) and made.name in _SEVERAL):
            raise self.fail(
                "A function of several columns cannot be used in arithmetic.",
                token.at,
                text_of(made),
                "numbers, names, + - * / **, log exp sqrt center scale",
            )
        return made

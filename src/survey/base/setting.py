"""A choice that displays follow where a verb is given none: for the session, or for a block of it."""

from __future__ import annotations

from contextvars import ContextVar, Token
from typing import Any, ClassVar, Literal, Self

__all__ = ["Kept", "Setting"]


class Kept:
    """What was chosen: by the block that is being run, and for the session.

    Of the block each thread and task has its own; of the session there is no context variable, as notebooks may run
    every cell in a context of its own.
    """

    def __init__(self, name: str) -> None:
        self.block: ContextVar[str | None] = ContextVar(name, default=None)
        self.session: str | None = None

    def chosen(self) -> str | None:
        """What was chosen; None where nothing was."""
        return self.block.get() or self.session


class Setting:
    """Choose for the session; used as a context manager, for a block, which leaves the session as it was."""

    kept: ClassVar[Kept]

    def __init__(self, choice: str | None) -> None:
        self._before = self.kept.session
        self._choice = choice
        self._tokens: list[Token[str | None]] = []
        self.kept.session = choice

    def __enter__(self) -> Self:
        if not self._tokens:
            self.kept.session = self._before
        self._tokens.append(self.kept.block.set(self._choice))
        return self

    def __exit__(self, *_: Any) -> Literal[False]:
        self.kept.block.reset(self._tokens.pop())
        return False

"""The parts of a unit of work, each made when an operation first asks for it."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from typing import Any, Generic, Self, TypeVar, overload

from chassis.storage.unit_of_work import UnitOfWork

R = TypeVar("R")


class Part(Generic[R]):
    """What an operation reaches through its unit of work, made when it is first asked for.

    An operation needs a few of a service's repositories; making all of them for each costs more than
    many an operation itself. Parts are flushed in the order in which the class declares them, whichever
    was asked for first: rows that others refer to are written before those. Those that a unit of work
    makes by itself at its beginning are flushed before all of these.
    """

    _declared = itertools.count(1)

    def __init__(self, make: Callable[[Any], R]) -> None:
        self._make = make
        self._place = next(self._declared)
        self._name = ""

    def __set_name__(self, owner: type[UnitOfWork], name: str) -> None:
        self._name = name

    @overload
    def __get__(self, tx: None, owner: type[UnitOfWork]) -> Self: ...
    @overload
    def __get__(self, tx: UnitOfWork, owner: type[UnitOfWork]) -> R: ...
    def __get__(self, tx: UnitOfWork | None, owner: type[UnitOfWork]) -> Self | R:
        """The part of this unit of work, which keeps it from now on."""
        if tx is None:
            return self
        made: R = tx.build(self._make, self._place)
        tx.__dict__[self._name] = made
        return made

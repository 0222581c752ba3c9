"""Checks a chain from any place on, in stretches, so that a long one takes no more memory."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Concatenate, ParamSpec, Protocol, TypeVar

from chassis.storage.unit_of_work import Reading
from identity.audit.domain import Break, Chain, Damage, Entry, Head
from identity.audit.queries import Ends, ends_of_chain, stretch_of_chain

STRETCH = 2_000
"""Entries that are in memory at a time."""

P = ParamSpec("P")
R = TypeVar("R")


class Read(Protocol):
    """Runs a query for one tenant, in a short transaction of its own."""

    def __call__(
        self, query: Callable[Concatenate[Reading, P], R], *args: P.args, **kwargs: P.kwargs
    ) -> R:
        """What the query gives."""
        ...


@dataclass(frozen=True, slots=True)
class Verification:
    """What was found: all is well up to `checked`; at the end of the chain that is its `head`."""

    first: int
    checked: Head
    head: Head
    broken: Break | None = None

    @property
    def is_complete(self) -> bool:
        """Whether there is nothing left to check."""
        return self.broken is not None or self.checked.number >= self.head.number


def verify(
    read: Read,
    *,
    first: int = 1,
    most: int | None = None,
    noted: Mapping[int, bytes] | None = None,
    stretch: int = STRETCH,
) -> Verification:
    """Check the entries from number `first` on, at most so many; ends at the first broken one.

    `noted` holds hashes that somebody has written down elsewhere, by the number of the entry: they
    also tell a chain that was cut short together with its head, or written anew from some entry on.
    """
    ends = read(ends_of_chain)
    head = ends.head or Head()
    first = min(first, head.number + 1)
    chain = _begun(read, first)
    last = head.number if most is None else min(head.number, first - 1 + most)
    while chain.broken is None and chain.head.number < last:
        until = min(chain.head.number + stretch, last)
        entries = read(stretch_of_chain, chain.head.number, until)
        if chain.follow(entries):
            chain.broken = _unlike_noted(entries, noted or {})
        if chain.broken is None and chain.head.number < until:
            chain.arrive(Head(until))
    if chain.broken is None and last == head.number and chain.arrive(head):
        chain.broken = _cut_off(ends, noted or {})
    return Verification(first, chain.head, head, chain.broken)


def _begun(read: Read, first: int) -> Chain:
    """The chain up to the entry before the first that is checked, which is taken for good."""
    if first == 1:
        return Chain(Head())
    before = read(stretch_of_chain, first - 2, first - 1)
    chain = Chain(before[0].head if before else Head(first - 2))
    if not before:
        chain.arrive(Head(first - 1))
    return chain


def _cut_off(ends: Ends, noted: Mapping[int, bytes]) -> Break | None:
    number = 0 if ends.head is None else ends.head.number
    if ends.last_number > number:
        message = f"The chain goes on to {ends.last_number}, and its head says {number}."
        return Break(number + 1, Damage.REPLACED, message)
    if noted and max(noted) > number:
        message = f"The chain had {max(noted)} entries when that was noted, and has {number}."
        return Break(number + 1, Damage.MISSING, message)
    return None


def _unlike_noted(entries: list[Entry], noted: Mapping[int, bytes]) -> Break | None:
    for entry in entries:
        if noted.get(entry.number, entry.hash) != entry.hash:
            message = f"Entry {entry.number} has another hash than was noted: it was rewritten."
            return Break(entry.number, Damage.REPLACED, message)
    return None

"""What a service's domain modules may use: errors, aggregates and money; pure, without IO."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal, InvalidOperation
from enum import StrEnum
from typing import Protocol
from uuid import UUID


class Category(StrEnum):
    """What kind of refusal an error is; the faces map it to HTTP or gRPC."""

    INVALID = "invalid"
    NOT_FOUND = "not_found"
    CONFLICT = "conflict"
    FORBIDDEN = "forbidden"
    PRECONDITION = "precondition"
    UNAVAILABLE = "unavailable"


@dataclass(frozen=True, slots=True)
class Violation:
    """One thing wrong with the input.

    `pointer` is a JSON pointer into the body (`/emails/0/address`) or the name of a parameter.
    """

    pointer: str
    code: str
    message: str


class DomainError(Exception):
    """A rule said no.

    `code` is stable and documented; `retry_after` is in seconds and only used by
    errors that pass with time.
    """

    code: str = "error"
    category: Category = Category.INVALID

    def __init__(
        self,
        message: str,
        *,
        code: str | None = None,
        violations: tuple[Violation, ...] = (),
        retry_after: float | None = None,
    ) -> None:
        super().__init__(message)
        self.message = message
        if code is not None:
            self.code = code
        self.violations = violations
        self.retry_after = retry_after


class Invalid(DomainError):
    """A value that the rule does not allow."""

    code = "invalid_value"
    category = Category.INVALID

    @classmethod
    def at(cls, pointer: str, code: str, message: str) -> Invalid:
        """An error about the one value at `pointer`."""
        return cls(message, violations=(Violation(pointer, code, message),))


class NotFound(DomainError):
    """Absent, another tenant's, or out of the caller's reach: nobody can tell which."""

    code = "not_found"
    category = Category.NOT_FOUND

    @classmethod
    def of(cls, kind: str, key: object) -> NotFound:
        """The error for a `kind` (a singular noun) that has no `key`."""
        return cls(f"There is no {kind} {key}.")


class Conflict(DomainError):
    """The request is fine, but not in the state that things are in."""

    code = "conflict"
    category = Category.CONFLICT


class Forbidden(DomainError):
    """The caller may not do this."""

    code = "forbidden"
    category = Category.FORBIDDEN


class PreconditionFailed(DomainError):
    """The caller holds an outdated version."""

    code = "version_mismatch"
    category = Category.PRECONDITION


class Unavailable(DomainError):
    """Something that is needed does not answer now."""

    code = "unavailable"
    category = Category.UNAVAILABLE

    def __init__(self, message: str, *, code: str | None = None, retry_after: float = 2) -> None:
        super().__init__(message, code=code, retry_after=retry_after)


class Fact:
    """Something that happened; subclasses are frozen dataclasses named in the past tense."""

    __slots__ = ()


class Unpublished(Fact):
    """A change that raises the version like any other, and that nobody outside hears of."""

    __slots__ = ()


@dataclass(slots=True)
class RecordedFact:
    """A fact with the version that the aggregate had right after it."""

    fact: Fact
    version: int


@dataclass(kw_only=True)
class Aggregate:
    """A thing with an identity that guards its own rules.

    Every change records a fact, and every fact raises `version` by one; so a version names
    one state, and an aggregate with no recorded facts is unchanged.
    """

    id: UUID
    version: int = 0
    recorded: list[RecordedFact] = field(default_factory=list, repr=False, compare=False)

    def record(self, fact: Fact) -> None:
        """Note what happened; the unit of work stores and publishes it."""
        self.version += 1
        self.recorded.append(RecordedFact(fact, self.version))


class Clock(Protocol):
    """Where the time comes from."""

    def now(self) -> datetime:
        """The time in UTC, with its zone."""
        ...


class IdFactory(Protocol):
    """Where identifiers come from."""

    def new(self) -> UUID:
        """A new UUID of version 7."""
        ...


_CURRENCY = re.compile(r"[A-Z]{3}")


@dataclass(frozen=True, slots=True)
class Money:
    """An amount in one currency; never a float, never mixed."""

    amount: Decimal
    currency: str

    @classmethod
    def of(cls, amount: str | Decimal, currency: str) -> Money:
        """Raises `Invalid` for an amount that is no finite decimal or a currency not like `TWD`."""
        try:
            value = Decimal(amount)
        except InvalidOperation:
            raise Invalid.at("/amount", "not_a_decimal", f"{amount!r} is not a decimal.") from None
        if not value.is_finite():
            raise Invalid.at("/amount", "not_a_decimal", f"{amount!r} is not a finite decimal.")
        if not _CURRENCY.fullmatch(currency):
            raise Invalid.at("/currency", "not_a_currency", f"{currency!r} is no ISO 4217 code.")
        return cls(value, currency)

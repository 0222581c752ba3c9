"""Asks who the customer is to the tenant: of all others at once, and no longer than a second."""

from __future__ import annotations

import logging
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor, wait
from contextvars import copy_context
from dataclasses import dataclass
from typing import Any, Protocol, TypeVar
from uuid import UUID

from chassis.domain import DomainError, Money
from desk.routing.domain import Heard

log = logging.getLogger("desk.routing")

R = TypeVar("R")

LOYALTY = "loyalty"
CONTACTS = "contacts"
ANSWER_SECONDS = 0.9
"""How long one answer is waited for; the rest of the second is for what is around it."""
_ALL_SECONDS = 1.0
_THREADS = 30
"""Three questions for each of the tickets about which is asked at the same time."""


@dataclass(frozen=True, slots=True)
class Worth:
    """How a customer stands with loyalty: the highest tier, and what they are worth; empty if none."""

    tier: str = ""
    value: Money | None = None


class Memberships(Protocol):
    """Who knows how much a customer is worth: loyalty, in fact."""

    def worth(self, tenant_id: UUID, person_id: UUID) -> Worth:
        """How a person stands. Raises `Unavailable` without an answer that makes sense."""
        ...


class Owners(Protocol):
    """Who knows whose customer somebody is: contacts, in fact."""

    def owner_of_person(self, tenant_id: UUID, person_id: UUID) -> UUID | None:
        """The user who owns a person; None for nobody. Raises `Unavailable` without an answer."""
        ...

    def owner_of_company(self, tenant_id: UUID, company_id: UUID) -> UUID | None:
        """The user who owns a company; None for nobody. Raises `Unavailable` without an answer."""
        ...


@dataclass(frozen=True, slots=True)
class Asking:
    """About whom to ask: neither is known of some."""

    tenant_id: UUID
    person_id: UUID | None
    company_id: UUID | None


class CustomerAsker:
    """Asks for many tickets from one pool of threads; late answers are dropped."""

    def __init__(
        self, memberships: Memberships, owners: Owners, seconds: float = _ALL_SECONDS
    ) -> None:
        self._memberships = memberships
        self._owners = owners
        self._seconds = seconds
        self._pool = ThreadPoolExecutor(_THREADS, thread_name_prefix="customers")

    def close(self) -> None:
        """Wait for nobody any more."""
        self._pool.shutdown(wait=False, cancel_futures=True)

    def ask(self, about: Asking) -> Heard:
        """What is said of a customer within a second, all together. Never raises."""
        tenant_id, person_id, company_id = about.tenant_id, about.person_id, about.company_id
        worth: Future[Worth] | None = None
        owners: list[Future[UUID | None]] = []
        if person_id is not None:
            worth = self._start(lambda: self._memberships.worth(tenant_id, person_id))
            owners.append(self._start(lambda: self._owners.owner_of_person(tenant_id, person_id)))
        if company_id is not None:
            owners.append(self._start(lambda: self._owners.owner_of_company(tenant_id, company_id)))
        asked: list[Future[Any]] = [*owners, *([] if worth is None else [worth])]
        wait(asked, timeout=self._seconds)
        known, no_worth = Worth(), False
        if worth is not None:
            answered = _answer(worth)
            known, no_worth = answered[0] or known, answered[1]
        owner_id, no_owner = None, False
        for future in owners:
            told, missing = _answer(future)
            owner_id, no_owner = owner_id or told, no_owner or missing
        silent = ((CONTACTS, no_owner), (LOYALTY, no_worth))
        missing_names = tuple(name for name, is_silent in silent if is_silent)
        return Heard(known.tier, known.value, owner_id, missing_names)

    def _start(self, question: Callable[[], R]) -> Future[R]:
        # What is asked belongs to the trace in which it is.
        return self._pool.submit(copy_context().run, question)


def _answer(future: Future[R]) -> tuple[R | None, bool]:
    """The answer, and whether there is none."""
    if not future.done():
        future.cancel()
        return None, True
    error = future.exception()
    if error is None:
        return future.result(), False
    if isinstance(error, DomainError):
        log.warning("a customer is not known well: %s", error.message)
    else:
        log.error("a customer could not be asked about", exc_info=error)
    return None, True

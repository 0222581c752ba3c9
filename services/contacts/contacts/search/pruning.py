"""Periodic work: looks through the dictionaries for words that no name has any more."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

from chassis.context import Caller, service_caller
from chassis.domain import Clock
from chassis.storage.statements import Statement
from chassis.storage.unit_of_work import Operations, Reading
from chassis.work.periodic import PeriodicWork
from contacts.search.dictionary import MARKED_FOR
from contacts.search.operations import prune_words
from contacts.transaction import ContactsTx

_EVERY = timedelta(days=1)
_CALLER = Caller(tenant_id=None, subject="contacts", is_service=True)


def search_pruning(operations: Operations[ContactsTx], clock: Clock) -> list[PeriodicWork]:
    """The periodic work of search."""
    return [
        PeriodicWork("prune search words", _EVERY, lambda: prune_dictionaries(operations, clock))
    ]


def prune_dictionaries(operations: Operations[ContactsTx], clock: Clock) -> None:
    """Look through the dictionaries of all tenants; a word goes at the second look."""
    before = clock.now() - MARKED_FOR
    for tenant_id in operations.look_up(_CALLER, tenants_with_words):
        caller, after = service_caller("contacts", tenant_id), ""
        while (word := operations.run(caller, prune_words, before, after)) is not None:
            after = word


def tenants_with_words(reading: Reading) -> list[UUID]:
    """The tenants that have a dictionary."""
    return [row["tenant_id"] for row in reading.fetch_all(_TENANTS, {})]


_TENANTS = Statement(
    # From one to the next, instead of over all their words.
    """
    WITH RECURSIVE tenants AS (
        (SELECT tenant_id FROM search_words ORDER BY tenant_id LIMIT 1)
        UNION ALL
        SELECT (SELECT w.tenant_id FROM search_words AS w WHERE w.tenant_id > tenants.tenant_id
                ORDER BY w.tenant_id LIMIT 1)
        FROM tenants WHERE tenants.tenant_id IS NOT NULL
    )
    SELECT tenant_id FROM tenants WHERE tenant_id IS NOT NULL
    """
)

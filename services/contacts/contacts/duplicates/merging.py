"""Makes one of two by itself where the tenant wants that: pair by pair, each in one transaction."""

from __future__ import annotations

import logging
from collections.abc import Callable
from uuid import UUID

from chassis.context import service_caller
from chassis.domain import DomainError, Unavailable
from chassis.storage.scope import EVERYTHING
from chassis.storage.statements import Statement
from chassis.storage.unit_of_work import Operations, Reading
from contacts.duplicates.operations import leave_to_people, merge_certain
from contacts.transaction import ContactsTx

log = logging.getLogger("contacts.duplicates")

_AT_ONCE = 100


def merge_all_certain(
    operations: Operations[ContactsTx], tenant_id: UUID, check: Callable[[], None]
) -> int:
    """Merge what the tenant wants merged without being asked; gives how many pairs were.

    The service is the actor of each merge, which can be undone like any other. `check` raises when
    this is to end; what is left then is merged the next time.
    """
    caller, merged = service_caller("contacts", tenant_id), 0
    while pairs := operations.read(caller, EVERYTHING, _certain):
        before = merged
        for pair_id in pairs:
            check()
            merged += _merged(operations, tenant_id, pair_id)
        if merged == before:
            break
    return merged


def _merged(operations: Operations[ContactsTx], tenant_id: UUID, pair_id: UUID) -> bool:
    caller = service_caller("contacts", tenant_id)
    try:
        return operations.run(caller, merge_certain, pair_id) is not None
    except Unavailable:
        raise
    except DomainError as error:
        log.info("a pair is left to people: %s", error.code, extra={"pair": str(pair_id)})
        operations.run(caller, leave_to_people, pair_id)
    return False


def _certain(reading: Reading) -> list[UUID]:
    about = {"tenant_id": reading.caller.tenant_id, "most": _AT_ONCE}
    return [row["id"] for row in reading.fetch_all(_CERTAIN, about)]


_CERTAIN = Statement(
    """
    SELECT d.id FROM duplicate_pairs AS d
    WHERE d.tenant_id = %(tenant_id)s AND d.state = 'open' AND d.automatic
      AND d.probability >= (
        SELECT merge_from FROM duplicate_settings WHERE tenant_id = %(tenant_id)s
      )
      AND (
        SELECT count(*) FROM people AS p WHERE p.tenant_id = %(tenant_id)s
          AND p.id IN (d.first_id, d.second_id) AND p.archived_at IS NULL
      ) = 2
    ORDER BY d.probability DESC, d.id LIMIT %(most)s
    """
)

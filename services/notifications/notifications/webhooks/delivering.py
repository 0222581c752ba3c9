"""What happens to deliveries: queued with the fact, settled after an attempt, sent again on request."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from chassis.domain import Conflict, Invalid, NotFound
from notifications.feed.catalogue import fact_types
from notifications.feed.domain import matches_any
from notifications.feed.storage import StoredFact
from notifications.transaction import NotificationsTx
from notifications.webhooks.delivery_storage import (
    Attempt,
    DeliveryKey,
    Subscriber,
    add_deliveries,
    add_own_delivery,
    note_attempt,
    note_failure,
    note_success,
    settle,
)
from notifications.webhooks.domain import (
    FAILING_FOR,
    DeliveryState,
    DisabledReason,
    WebhookEndpoint,
)
from notifications.webhooks.notices import disable_with_notice
from notifications.webhooks.replays import (
    AGAIN,
    FAILED_AGAIN,
    MOST_AT_ONCE,
    RANGE_AGAIN,
    RANGE_COUNT,
    STATE_OF,
    SUBSCRIBERS,
)
from notifications.webhooks.retries import Again, Delivered, GivenUp, Verdict

TEST_TYPE = "rapport.notifications.test.v1.WebhookTest"


def subscribers(tx: NotificationsTx) -> list[Subscriber]:
    """The tenant's endpoints that get facts now."""
    rows = tx.fetch_all(SUBSCRIBERS, {"tenant_id": tx.tenant_id})
    return [Subscriber(row["id"], tuple(row["types"]), row["ordered"]) for row in rows]


def queue_facts(tx: NotificationsTx, to: Sequence[Subscriber], facts: Sequence[StoredFact]) -> None:
    """Queue facts for the endpoints that want them, in the transaction that stores the facts."""
    wanted = [(one, fact) for fact in facts for one in to if matches_any(one.types, fact.fact.type)]
    if wanted:
        add_deliveries(tx, wanted, tx.clock.now())
        tx.once_committed(tx.signals.deliveries_queued)


def queue_test(tx: NotificationsTx, endpoint_id: UUID) -> UUID:
    """Queue a test event; gives its id. Raises `Conflict` for a disabled endpoint."""
    endpoint = tx.webhooks.get(endpoint_id)
    endpoint.require_enabled()
    delivery_id = tx.ids.new()
    content = {"endpoint_id": str(endpoint_id), "requested_by": tx.caller.actor}
    add_own_delivery(tx, endpoint_id, delivery_id, TEST_TYPE, content)
    tx.once_committed(tx.signals.deliveries_queued)
    return delivery_id


def settle_attempt(
    tx: NotificationsTx, key: DeliveryKey, attempt: Attempt, verdict: Verdict
) -> None:
    """Note an attempt and what follows from it, for the endpoint too."""
    now = tx.clock.now()
    note_attempt(tx, key, attempt)
    if isinstance(verdict, Delivered):
        settle(tx, key, DeliveryState.DELIVERED, due_at=now, tries=key.tries, status=attempt.status)
        note_success(tx, key)
        return
    failing_since = note_failure(tx, key, verdict.pause if isinstance(verdict, Again) else None)
    if isinstance(verdict, Again):
        due_at, state, reason = now + verdict.after, DeliveryState.WAITING, None
    else:
        due_at, state, reason = now, DeliveryState.FAILED, verdict.reason
    settle(tx, key, state, due_at=due_at, tries=key.tries, reason=reason, status=attempt.status)
    if isinstance(verdict, GivenUp) and verdict.gone:
        _disable(tx, key, DisabledReason.GONE)
    elif now - failing_since >= FAILING_FOR:
        _disable(tx, key, DisabledReason.FAILING)


def refuse_delivery(tx: NotificationsTx, key: DeliveryKey, reason: str) -> None:
    """Give a delivery up without an attempt: the fact is gone, or may not be told any more."""
    settle(tx, key, DeliveryState.FAILED, due_at=tx.clock.now(), tries=key.tries, reason=reason)


def put_off(tx: NotificationsTx, key: DeliveryKey, until: datetime) -> None:
    """Try later, as if this had not been an attempt: nobody could say whether it may be sent."""
    settle(tx, key, DeliveryState.WAITING, due_at=until, tries=key.tries - 1)


def _disable(tx: NotificationsTx, key: DeliveryKey, reason: DisabledReason) -> None:
    for endpoint in tx.webhooks.get_many([key.endpoint_id]):
        disable_with_notice(tx, endpoint, reason)


def replay_one(tx: NotificationsTx, endpoint_id: UUID, delivery_id: UUID) -> None:
    """Send a delivery again, at once. Raises `NotFound`, `Conflict`."""
    _enabled(tx, endpoint_id)
    about = {"tenant_id": tx.tenant_id, "endpoint_id": endpoint_id, "id": delivery_id}
    found = tx.fetch_one(STATE_OF, about)
    if found is None:
        raise NotFound.of("delivery", delivery_id)
    if not found["is_kept"]:
        raise Conflict("The fact is kept no longer.", code="fact_gone")
    tx.write(AGAIN, {**about, "now": tx.clock.now()})
    tx.once_committed(tx.signals.deliveries_queued)


@dataclass(frozen=True, slots=True)
class Range:
    """A part of the feed, bounded by time or by position, or open at either end."""

    since: datetime | None = None
    until: datetime | None = None
    after_position: int | None = None
    until_position: int | None = None


def replay(tx: NotificationsTx, endpoint_id: UUID, part: Range, *, failed: bool) -> int:
    """Send again what has failed, or a part of the feed; gives how many.

    Raises `Invalid` for both or neither, besides what the two raise.
    """
    tx.webhooks.get(endpoint_id)
    if failed == (part != Range()):
        raise Invalid(
            "Say either `failed`, or where the part begins or ends.", code="replay_of_nothing"
        )
    return replay_failed(tx, endpoint_id) if failed else replay_range(tx, endpoint_id, part)


def replay_failed(tx: NotificationsTx, endpoint_id: UUID) -> int:
    """Send all again that were given up, a hundred thousand at a time; gives how many."""
    _enabled(tx, endpoint_id)
    about = {"tenant_id": tx.tenant_id, "endpoint_id": endpoint_id, "now": tx.clock.now()}
    queued = tx.fetch_one(FAILED_AGAIN, {**about, "limit": MOST_AT_ONCE}) or {"queued": 0}
    tx.once_committed(tx.signals.deliveries_queued)
    return int(queued["queued"])


def replay_range(tx: NotificationsTx, endpoint_id: UUID, part: Range) -> int:
    """Send all facts of a part of the feed that the endpoint wants; gives how many.

    Also those that it never got, because they happened while it was disabled. Raises `Invalid`
    when they are too many for one go.
    """
    endpoint = _enabled(tx, endpoint_id)
    types = [kind for kind in fact_types() if matches_any(endpoint.details.types, kind)]
    about = {
        "tenant_id": tx.tenant_id,
        "endpoint_id": endpoint_id,
        "types": types,
        "since": part.since,
        "until": part.until,
        "after_position": part.after_position,
        "until_position": part.until_position,
        "ordered": endpoint.details.ordered,
        "now": tx.clock.now(),
        "limit": MOST_AT_ONCE + 1,
    }
    counted = tx.fetch_one(RANGE_COUNT, about) or {"facts": 0}
    if counted["facts"] > MOST_AT_ONCE:
        raise Invalid(
            f"These are more than {MOST_AT_ONCE} facts; take them in parts.",
            code="replay_too_large",
        )
    queued = tx.fetch_one(RANGE_AGAIN, about) or {"queued": 0}
    tx.once_committed(tx.signals.deliveries_queued)
    return int(queued["queued"])


def _enabled(tx: NotificationsTx, endpoint_id: UUID) -> WebhookEndpoint:
    endpoint = tx.webhooks.get(endpoint_id)
    endpoint.require_enabled()
    return endpoint

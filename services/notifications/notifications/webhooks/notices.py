"""Tells whoever an endpoint belongs to that it was disabled without anybody having asked for it.

An app has no address, so its tenant's administrators are told. Who they are is asked of identity, which
cannot be done in the transaction that disables the endpoint: the notice waits in a table until then.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any, Protocol
from uuid import UUID

import sqlalchemy as sa

from chassis.context import service_caller
from chassis.domain import DomainError
from chassis.storage.database import Database
from chassis.storage.statements import Statement
from chassis.storage.unit_of_work import Operations
from chassis.work.periodic import PeriodicWork
from notifications.messages.domain import Order, Recipient
from notifications.messages.operations import queue_message
from notifications.transaction import NotificationsTx
from notifications.webhooks.domain import DisabledReason, WebhookEndpoint

log = logging.getLogger("notifications.webhooks")

_TEMPLATE = "webhook_disabled"
_CHANNELS = ("email", "inbox")
_AT_ONCE = 100
_EVERY = timedelta(seconds=30)


class Administrators(Protocol):
    """Whoever knows the administrators of tenants: identity."""

    def of(self, tenant_id: UUID) -> list[UUID]:
        """The users who may sign in and administer the tenant. Raises `Unavailable`."""
        ...


def disable_with_notice(
    tx: NotificationsTx, endpoint: WebhookEndpoint, reason: DisabledReason
) -> None:
    """Disable an endpoint, and write to its user, or to the administrators if it is an app's."""
    if not endpoint.is_enabled:
        return
    endpoint.disable(reason, tx.clock.now())
    notice = {
        "tenant_id": tx.tenant_id,
        "endpoint_id": endpoint.id,
        "version": endpoint.version,
        "url": endpoint.details.url,
        "reason": reason.value,
        "now": tx.clock.now(),
    }
    if endpoint.owner_user_id is None:
        tx.write(_NOTE, notice)
    else:
        _queue(tx, endpoint.owner_user_id, "email", notice)


def notice_work(
    database: Database,
    operations: Operations[NotificationsTx],
    administrators: Administrators,
    service: str,
) -> PeriodicWork:
    """Has administrators told of what is noted; what identity does not answer for waits."""

    def tell() -> None:
        with database.system_transaction() as connection:
            found = connection.execute(_WAITING, {"most": _AT_ONCE}).mappings().all()
        silent: set[UUID] = set()
        for notice in found:
            if notice["tenant_id"] in silent:
                continue
            try:
                users = administrators.of(notice["tenant_id"])
            except DomainError as error:
                # Of this tenant: another one's may be known all the same.
                log.warning("nobody can say whom to tell of a webhook: %s", error.message)
                silent.add(notice["tenant_id"])
                continue
            caller = service_caller(service, notice["tenant_id"])
            operations.run(caller, _tell, dict(notice), users)

    return PeriodicWork("tell of disabled webhooks", _EVERY, tell)


def _tell(tx: NotificationsTx, notice: Mapping[str, Any], users: Sequence[UUID]) -> None:
    """Queue a mail and an entry of the inbox for each; the notice itself is done with."""
    for user_id in users:
        for channel in _CHANNELS:
            _queue(tx, user_id, channel, notice)
    tx.write(_TOLD, notice)


def _queue(tx: NotificationsTx, user_id: UUID, channel: str, notice: Mapping[str, Any]) -> None:
    name = f"{_TEMPLATE}/{notice['endpoint_id']}/{notice['version']}"
    order = Order(
        Recipient(user_id=user_id),
        channel,
        template=_TEMPLATE,
        variables={"url": notice["url"], "reason": notice["reason"]},
        request_id=f"{name}/{user_id}/{channel}",
    )
    queue_message(tx, order)


_NOTE = Statement(
    "INSERT INTO webhook_notices (tenant_id, endpoint_id, version, url, reason, noted_at) VALUES"
    " (%(tenant_id)s, %(endpoint_id)s, %(version)s, %(url)s, %(reason)s, %(now)s)"
    " ON CONFLICT DO NOTHING"
)
_TOLD = Statement(
    "DELETE FROM webhook_notices WHERE tenant_id = %(tenant_id)s"
    " AND endpoint_id = %(endpoint_id)s AND version = %(version)s"
)
# Each tenant's oldest first, and tenants by chance: those for whom nobody answers hold nobody back.
_WAITING = sa.text(
    "SELECT tenant_id, endpoint_id, version, url, reason FROM ("
    " SELECT *, row_number() OVER (PARTITION BY tenant_id ORDER BY noted_at) AS place"
    " FROM webhook_notices) AS waiting"
    " ORDER BY place, random() LIMIT :most"
)

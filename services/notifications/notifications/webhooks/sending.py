"""Makes one attempt: looks whether it may, signs, sends, and notes what came of it."""

from __future__ import annotations

import logging
from datetime import datetime, timedelta
from typing import Any

from chassis.context import service_caller
from chassis.domain import Clock, Unavailable
from chassis.outbound.errors import OutboundFailed, OutboundRefused
from chassis.outbound.http import OutboundHttp, OutboundRequest, OutboundResponse
from chassis.sealing import Sealer
from chassis.storage.scope import EVERYTHING
from chassis.storage.unit_of_work import Operations
from notifications.metrics import webhook_attempts, webhooks_refused
from notifications.webhooks.delivering import put_off, refuse_delivery, settle_attempt
from notifications.webhooks.delivery_storage import Attempt, DeliveryKey
from notifications.webhooks.operations import context_of
from notifications.webhooks.owner_rights import SUSPENDED_FOR, OwnerRights, TenantSuspended
from notifications.webhooks.retries import Again, Delivered, GivenUp, judge
from notifications.webhooks.sendable import Sendable, sendable
from notifications.webhooks.signing import signed_headers

log = logging.getLogger("notifications.webhooks")

_OUTCOMES = {Delivered: "delivered", Again: "again", GivenUp: "given_up"}
_BODY_KEPT = 4 * 1024
_MOST_HEADERS = 30
_NOBODY_CAN_SAY = timedelta(seconds=30)


class Sending:
    """Sends claimed deliveries, each with one attempt; used by several threads."""

    def __init__(
        self,
        service: str,
        operations: Operations[Any],
        outbound: OutboundHttp,
        rights: OwnerRights,
        sealer: Sealer,
        clock: Clock,
        *,
        seconds: float,
    ) -> None:
        self._service = service
        self._operations = operations
        self._outbound = outbound
        self._rights = rights
        self._sealer = sealer
        self._clock = clock
        self._seconds = seconds

    def send(self, key: DeliveryKey) -> None:
        """Make one attempt, or say why there is none. What happens here is noted in any case."""
        caller = service_caller(self._service, key.tenant_id)
        what = self._operations.read(caller, EVERYTHING, sendable, key)
        if what is None:
            self._refuse(key, "endpoint_removed")
        elif what.body is None:
            self._refuse(key, "fact_gone")
        else:
            self._send_if_allowed(key, what, what.body)

    def _send_if_allowed(self, key: DeliveryKey, what: Sendable, body: bytes) -> None:
        caller = service_caller(self._service, key.tenant_id)
        try:
            allowed = self._rights.allow(key.tenant_id, what)
        except Unavailable as error:
            wait = SUSPENDED_FOR if isinstance(error, TenantSuspended) else _NOBODY_CAN_SAY
            log.warning("delivery waits: %s", error.message, extra={"delivery": key.id})
            self._operations.run(caller, put_off, key, self._clock.now() + wait)
            return
        if not allowed:
            self._refuse(key, "permission_lost")
            return
        attempt = self._attempt(key, what, body)
        verdict = judge(attempt.status, attempt.headers, key.tries, self._clock.now())
        webhook_attempts.labels(_OUTCOMES[type(verdict)]).observe(attempt.seconds)
        self._operations.run(caller, settle_attempt, key, attempt, verdict)

    def _refuse(self, key: DeliveryKey, reason: str) -> None:
        caller = service_caller(self._service, key.tenant_id)
        self._operations.run(caller, refuse_delivery, key, reason)
        webhooks_refused.labels(reason).inc()

    def _attempt(self, key: DeliveryKey, what: Sendable, body: bytes) -> Attempt:
        now = self._clock.now()
        try:
            answer = self._outbound.send(self._request(key, what, body, now))
        except OutboundRefused as error:
            return Attempt(now, 0.0, None, {}, "", f"{error.code}: {error.message}")
        except OutboundFailed as error:
            took = (self._clock.now() - now).total_seconds()
            return Attempt(now, took, None, {}, "", f"{error.failure}: {error.message}")
        return _answered(now, answer)

    def _request(
        self, key: DeliveryKey, what: Sendable, body: bytes, now: datetime
    ) -> OutboundRequest:
        context = context_of(key.endpoint_id)
        valid = [
            self._sealer.open(bytes.fromhex(secret.sealed), context).decode()
            for secret in what.secrets
            if secret.is_valid(now)
        ]
        headers = signed_headers(str(key.id), int(now.timestamp()), body, valid)
        return OutboundRequest(
            "POST",
            what.url,
            headers | {"content-type": "application/cloudevents+json; charset=utf-8"},
            body,
            total_seconds=self._seconds,
            max_response_bytes=_BODY_KEPT,
        )


def _answered(at: datetime, answer: OutboundResponse) -> Attempt:
    text = answer.body.decode("utf-8", "replace").replace("\0", "\N{REPLACEMENT CHARACTER}")
    headers = dict(list(answer.headers.items())[:_MOST_HEADERS])
    kept = {name: value[:500].replace("\0", "") for name, value in headers.items()}
    # Headers are bounded for the log; what says when to come again must not be cut off with them.
    if "retry-after" in answer.headers:
        kept["retry-after"] = answer.headers["retry-after"][:500]
    return Attempt(at, answer.seconds, answer.status, kept, text, None)

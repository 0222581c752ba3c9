"""Device codes (RFC 8628): a command line asks, the user agrees in a browser, the device polls."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import TYPE_CHECKING
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert

from chassis.context import PLATFORM
from chassis.domain import Clock, Conflict
from chassis.storage.database import Database
from identity.oauth.grantee import Grantee, read_grantee
from identity.oauth.refreshing import issue_refresh_token
from identity.oauth.scopes import OFFLINE, split
from identity.oauth.storage import device_codes as codes
from identity.tickets import Ticket

if TYPE_CHECKING:
    from identity.transaction import IdentityTx

LASTS = timedelta(minutes=10)
INTERVAL = timedelta(seconds=5)
SLOWER = timedelta(seconds=5)

_LETTERS = "BCDFGHJKLMNPQRSTVWXZ"  # no vowels, so no words; RFC 8628, 6.1
_LENGTH = 8


class Decision(StrEnum):
    """What the user has said."""

    APPROVED = "approved"
    DENIED = "denied"


@dataclass(frozen=True, slots=True)
class DeviceRequest:
    """A device that asks to be let in. `address` is where it asked from.

    One of the platform's own apps asks in the name of `PLATFORM`: which tenant the device is let
    into is only known when somebody answers.

    `session_tenant_id` and `session_id` say who has answered.
    """

    tenant_id: UUID
    id: UUID
    digest: bytes
    user_code: str
    client_id: str
    scope: str
    address: str
    created_at: datetime
    expires_at: datetime
    interval: timedelta
    polled_at: datetime | None
    decision: Decision | None
    session_tenant_id: UUID | None
    session_id: UUID | None
    used_at: datetime | None

    def is_over(self, now: datetime) -> bool:
        """Whether the time for an answer is up."""
        return self.expires_at <= now

    def is_open(self, now: datetime) -> bool:
        """Whether the user may still answer."""
        return self.decision is None and not self.is_over(now)

    @property
    def shown_code(self) -> str:
        """The code as people read it."""
        return f"{self.user_code[:4]}-{self.user_code[4:]}"


def tidied_code(typed: str) -> str:
    """A code as it is stored, however it was typed."""
    return "".join(letter for letter in typed.upper() if letter.isalnum())[:_LENGTH]


def begin_device_request(
    tx: IdentityTx, client_id: str, scope: str, address: str
) -> tuple[Ticket, str]:
    """A new request: the device's own code, and the one to type in."""
    now = tx.clock.now()
    for _ in range(5):
        ticket = Ticket.issue(tx.tenant_id, tx.ids.new())
        user_code = "".join(secrets.choice(_LETTERS) for _ in range(_LENGTH))
        added = tx.connection.execute(
            insert(codes)
            .values(
                tenant_id=tx.tenant_id,
                id=ticket.id,
                digest=ticket.digest,
                user_code=user_code,
                client_id=client_id,
                scope=scope,
                address=address,
                created_at=now,
                expires_at=now + LASTS,
                interval_seconds=int(INTERVAL.total_seconds()),
            )
            .on_conflict_do_nothing()
            .returning(codes.c.id)
        ).first()
        if added is not None:
            return ticket, user_code
    raise Conflict("No free device code was found.", retry_after=1)


def place_of_code(database: Database, user_code: str, clock: Clock) -> UUID | None:
    """Where the request of a typed code is kept: a tenant, or `PLATFORM`; None if there is none."""
    with database.system_transaction() as connection:
        return connection.execute(
            sa.select(codes.c.tenant_id).where(
                codes.c.user_code == user_code,
                codes.c.expires_at > clock.now(),
                codes.c.decision.is_(None),
            )
        ).scalar()


def tenant_of(place: UUID | None) -> UUID | None:
    """The tenant that a request is bound to; None when users of any tenant may answer."""
    return None if place == PLATFORM else place


class DeviceRequests:
    """The requests of a tenant, in one of its transactions."""

    def __init__(self, connection: sa.Connection, tenant_id: UUID) -> None:
        self._connection = connection
        self._tenant_id = tenant_id

    def by_code(self, user_code: str) -> DeviceRequest | None:
        """The request that a typed code stands for, locked."""
        return self._one(codes.c.user_code == user_code)

    def by_ticket(self, ticket: Ticket) -> DeviceRequest | None:
        """The request of a device, locked."""
        found = self._one(codes.c.id == ticket.id)
        return found if found is not None and ticket.matches(found.digest) else None

    def update(self, request_id: UUID, **values: object) -> None:
        """Change the columns named."""
        self._connection.execute(
            sa.update(codes)
            .where(codes.c.tenant_id == self._tenant_id, codes.c.id == request_id)
            .values(**values)
        )

    def _one(self, condition: sa.ColumnElement[bool]) -> DeviceRequest | None:
        row = self._connection.execute(
            sa.select(codes)
            .where(codes.c.tenant_id == self._tenant_id, condition)
            .with_for_update()
        ).first()
        return None if row is None else _request(row)


def _request(row: sa.Row[tuple[object, ...]]) -> DeviceRequest:
    values = dict(row._mapping)
    seconds = values.pop("interval_seconds")
    decision = values.pop("decision")
    return DeviceRequest(
        **values,
        interval=timedelta(seconds=seconds),
        decision=None if decision is None else Decision(decision),
    )


def find_open_request(tx: IdentityTx, user_code: str) -> DeviceRequest | None:
    """The request that a code stands for, as long as it may be answered."""
    request = DeviceRequests(tx.connection, tx.tenant_id).by_code(user_code)
    return request if request is not None and request.is_open(tx.clock.now()) else None


@dataclass(frozen=True, slots=True)
class Answer:
    """What a user has said, and the session in which they did."""

    decision: Decision
    tenant_id: UUID
    session_id: UUID


def answer(tx: IdentityTx, user_code: str, given: Answer) -> None:
    """Let the device in, or refuse it. Raises `Conflict` when there is nothing to decide."""
    requests = DeviceRequests(tx.connection, tx.tenant_id)
    request = requests.by_code(user_code)
    if request is None or not request.is_open(tx.clock.now()):
        raise Conflict("This code is not valid any more.", code="device_code_over")
    requests.update(
        request.id,
        decision=given.decision.value,
        session_tenant_id=given.tenant_id,
        session_id=given.session_id,
    )


def read_request(tx: IdentityTx, ticket: Ticket) -> DeviceRequest | None:
    """The request of a device, or None when the code is not one."""
    return DeviceRequests(tx.connection, tx.tenant_id).by_ticket(ticket)


class Poll(StrEnum):
    """What a device is told that asks too early or too late."""

    PENDING = "pending"
    SLOW_DOWN = "slow_down"
    DENIED = "denied"
    EXPIRED = "expired"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Approval:
    """A user's word that a device is to be let in, to be used once."""

    tenant_id: UUID
    session_id: UUID
    client_id: str
    scope: str


def poll(tx: IdentityTx, ticket: Ticket) -> Poll | Approval:
    """What the device is told now; the approval once, when the user has agreed.

    Asking sooner than the interval makes it longer by five seconds, for good.
    """
    requests = DeviceRequests(tx.connection, tx.tenant_id)
    request, now = requests.by_ticket(ticket), tx.clock.now()
    if request is None or request.used_at is not None:
        return Poll.UNKNOWN
    if request.is_over(now):
        return Poll.EXPIRED
    if request.decision is Decision.DENIED:
        return Poll.DENIED
    if request.session_tenant_id is None or request.session_id is None:
        return _wait(requests, request, now)
    requests.update(request.id, used_at=now)
    return Approval(request.session_tenant_id, request.session_id, request.client_id, request.scope)


def _wait(requests: DeviceRequests, request: DeviceRequest, now: datetime) -> Poll:
    too_soon = request.polled_at is not None and now - request.polled_at < request.interval
    interval = request.interval + SLOWER if too_soon else request.interval
    requests.update(request.id, polled_at=now, interval_seconds=int(interval.total_seconds()))
    return Poll.SLOW_DOWN if too_soon else Poll.PENDING


def let_in(tx: IdentityTx, approval: Approval, *, refreshable: bool) -> Grantee | None:
    """Begin the device's session in the tenant of whoever agreed.

    None when their own session or account, or the organisation, is over by now.
    """
    now = tx.clock.now()
    browser = tx.sessions.get(approval.session_id)
    if not browser.is_alive(now):
        return None
    offline = OFFLINE in split(approval.scope)
    app = browser.begin_app(tx.ids.new(), approval.client_id, approval.scope, now, offline=offline)
    tx.sessions.add(app)
    tx.act_in(app)
    tx.flush()
    refresh = issue_refresh_token(tx, app.id) if refreshable else None
    return read_grantee(tx, app, refresh=refresh)

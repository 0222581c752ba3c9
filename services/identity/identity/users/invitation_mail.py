"""Mails the invitations that were made many at once: stored until they have left, so none is lost."""

from __future__ import annotations

import logging
from datetime import timedelta
from uuid import UUID

import sqlalchemy as sa

from chassis.domain import Clock, Conflict, NotFound
from chassis.storage.database import Database
from chassis.storage.scope import EVERYTHING
from chassis.storage.unit_of_work import Operations
from chassis.work.loop import Loop
from identity.callers import identity_itself
from identity.mail import Mailer
from identity.sign_in.throttle import TooManyAttempts
from identity.transaction import IdentityTx
from identity.users.invitations import Invitations
from identity.users.operations import Invited, renew_invitation
from identity.users.queries import get_user
from identity.users.storage import WAIT_NO_MORE, invitation_mails

log = logging.getLogger("identity.mail")

_LOOK_SECONDS = 1.0
_PAUSES = tuple(timedelta(minutes=minutes) for minutes in (2, 10, 30, 120, 360))
"""How long to wait after each attempt; the first also bounds how long one may take."""


class InvitationMail:
    """Works off what waits in a thread of its own in the worker role; replicas take different ones.

    Each attempt makes a new link, since none is stored; so one that was taken and never ended, because the
    process did, is made again.
    """

    def __init__(
        self,
        database: Database,
        run: Operations[IdentityTx],
        invitations: Invitations,
        mailer: Mailer,
        clock: Clock,
    ) -> None:
        self._database = database
        self._run = run
        self._invitations = invitations
        self._mailer = mailer
        self._clock = clock
        self._loop = Loop("invitation mail", self._step)

    def deliver(self) -> int:
        """Send what is due; tells how many mails have left."""
        left = 0
        while not self._loop.stopping and (taken := self._next()) is not None:
            left += self._sent(*taken)
        return left

    def start(self) -> None:
        """Begin; returns at once."""
        self._loop.start()

    def stop(self, timeout: float) -> None:
        """Finish the mail in hand."""
        self._loop.stop(timeout)

    def is_healthy(self) -> bool:
        """Whether the thread runs."""
        return self._loop.is_healthy()

    def _step(self) -> float:
        self.deliver()
        return _LOOK_SECONDS

    def _next(self) -> tuple[UUID, UUID, int] | None:
        """Take the mail that has been due for longest: its tenant and user, and how often it was tried."""
        columns, now = invitation_mails.c, self._clock.now()
        with self._database.system_transaction() as connection:
            row = connection.execute(
                sa.select(columns.tenant_id, columns.user_id, columns.attempts)
                .where(columns.due_at <= now)
                .order_by(columns.due_at, columns.tenant_id, columns.user_id)
                .limit(1)
                .with_for_update(skip_locked=True)
            ).first()
            if row is None:
                return None
            pause = _PAUSES[min(row.attempts, len(_PAUSES) - 1)]
            connection.execute(
                sa.update(invitation_mails)
                .where(columns.tenant_id == row.tenant_id, columns.user_id == row.user_id)
                .values(attempts=row.attempts + 1, due_at=now + pause)
            )
        return row.tenant_id, row.user_id, row.attempts + 1

    def _sent(self, tenant_id: UUID, user_id: UUID, attempts: int) -> bool:
        """Make the link and mail it; whoever has accepted or left in the meantime gets none."""
        caller = identity_itself(tenant_id)
        try:
            email = self._run.read(caller, EVERYTHING, get_user, user_id)["email"]
            self._invitations.admit(tenant_id, email)
            invited = self._run.run(caller, _new_link, user_id)
        except (Conflict, NotFound):
            self._done(tenant_id, user_id)
            return False
        except TooManyAttempts:
            log.warning("an invitation was not sent: too many were", extra={"user_id": user_id})
            self._done(tenant_id, user_id)
            return False
        mail = self._invitations.mail(invited.user, invited.ticket, invited.organisation)
        has_left = self._mailer.deliver(mail)
        if not has_left:
            self._invitations.take_back(tenant_id, email)
        if not has_left and attempts >= len(_PAUSES):
            log.error("an invitation was not sent: tried for hours", extra={"user_id": user_id})
        if has_left or attempts >= len(_PAUSES):
            self._done(tenant_id, user_id)
        return has_left

    def _done(self, tenant_id: UUID, user_id: UUID) -> None:
        about = {"tenant_id": tenant_id, "user_id": user_id}
        self._run.run(identity_itself(tenant_id), lambda tx: tx.write(WAIT_NO_MORE, about))


def _new_link(tx: IdentityTx, user_id: UUID) -> Invited:
    return renew_invitation(tx, user_id, keep_waiting=True)

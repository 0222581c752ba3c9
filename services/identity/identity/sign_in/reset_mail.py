"""Sends links for new passwords, apart from the request: its answer tells nothing, nor does its time."""

from __future__ import annotations

import sqlalchemy as sa

from chassis.domain import Clock
from chassis.http.address import neighbourhood
from chassis.storage.database import Database
from chassis.storage.scope import EVERYTHING
from chassis.storage.unit_of_work import Operations
from chassis.work.loop import Loop
from identity.callers import identity_itself
from identity.domain import email_key
from identity.mail import Mail, Mailer
from identity.pages.words import words_for
from identity.sign_in.domain import LinkUsed, Subject
from identity.sign_in.operations import open_reset
from identity.sign_in.queries import Account, get_account, users_by_email
from identity.sign_in.storage import reset_requests
from identity.sign_in.throttle import Throttle, TooManyAttempts
from identity.transaction import IdentityTx

_LOOK_SECONDS = 1.0


class ResetMail:
    """Takes requests, and works them off in a thread of its own in the worker role.

    A request is only written down, whether there is such an account or not.
    """

    def __init__(
        self,
        database: Database,
        run: Operations[IdentityTx],
        throttle: Throttle,
        mailer: Mailer,
        clock: Clock,
        public_url: str,
    ) -> None:
        self._database = database
        self._run = run
        self._throttle = throttle
        self._mailer = mailer
        self._clock = clock
        self._public_url = public_url
        self._loop = Loop("reset mail", self._step)

    def ask(self, email: str, address: str, language: str) -> None:
        """Have a link sent, if there is an account.

        Raises `TooManyAttempts` for an address that asks all the time. Too many links for one
        account are silently not sent: nobody's mailbox is flooded.
        """
        self._throttle.attempt({Subject.RESET_ADDRESS: neighbourhood(address)})
        try:
            self._throttle.attempt({Subject.RESET_ACCOUNT: email_key(email)})
        except TooManyAttempts:
            return
        with self._database.system_transaction() as connection:
            connection.execute(
                sa.insert(reset_requests).values(
                    email=email, language=language, requested_at=self._clock.now()
                )
            )

    def tell_of_change(self, account: Account) -> None:
        """Tell a user that the password has changed, in case it was somebody else."""
        link = f"{self._public_url}/p/identity/reset"
        self._send(account, "mail.changed", link, account.locale)

    def deliver(self) -> int:
        """Work off what was asked for; tells how many requests there were."""
        done = 0
        while (request := self._next()) is not None:
            email, language = request
            with self._database.system_transaction() as connection:
                found = users_by_email(connection, email)
            for tenant_id, user_id in found:
                caller = identity_itself(tenant_id)
                account = self._run.read(caller, EVERYTHING, get_account, user_id)
                if account is not None and account.may_sign_in:
                    self._send_link(account, language)
            done += 1
        return done

    def _send_link(self, account: Account, language: str) -> None:
        caller = identity_itself(account.tenant_id)
        try:
            ticket = self._run.run(caller, open_reset, account.user_id, account.email)
        except LinkUsed:  # the address is the user's no more
            return
        link = f"{self._public_url}/p/identity/reset/new?token={ticket}"
        self._send(account, "mail.reset", link, account.locale or language)

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

    def _next(self) -> tuple[str, str] | None:
        """Take one request; replicas take different ones."""
        oldest = (
            sa.select(reset_requests.c.id)
            .order_by(reset_requests.c.id)
            .limit(1)
            .with_for_update(skip_locked=True)
            .scalar_subquery()
        )
        with self._database.system_transaction() as connection:
            row = connection.execute(
                sa.delete(reset_requests)
                .where(reset_requests.c.id == oldest)
                .returning(reset_requests.c.email, reset_requests.c.language)
            ).first()
        return None if row is None else (row.email, row.language)

    def _send(self, account: Account, kind: str, link: str, language: str) -> None:
        words = words_for(language)
        values = {
            "name": account.name,
            "email": account.email,
            "organisation": account.tenant_name,
            "link": link,
        }
        self._mailer.send(Mail(account.email, words(f"{kind}_subject"), words(kind, **values)))

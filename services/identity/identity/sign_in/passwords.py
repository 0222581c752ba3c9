"""The ways with a password: sign in with one, change it, reset it, choose the first.

The slow part, hashing, happens between transactions and never inside one.
"""

from __future__ import annotations

from uuid import UUID

from chassis.context import PLATFORM
from chassis.domain import Clock, Unavailable
from chassis.http.address import neighbourhood
from chassis.storage.database import Database
from chassis.storage.scope import EVERYTHING
from chassis.storage.unit_of_work import Operations
from identity.callers import acting_user, identity_itself
from identity.domain import email_key
from identity.sessions.domain import Device, Session
from identity.sign_in import operations, queries
from identity.sign_in.domain import LONGEST_PASSWORD, LinkUsed, Subject, WrongPassword
from identity.sign_in.hashing import PasswordHasher
from identity.sign_in.queries import Account
from identity.sign_in.strength import check_password
from identity.sign_in.throttle import Subjects, Throttle
from identity.tickets import Ticket
from identity.transaction import IdentityTx

_WRONG = "The e-mail address or the password is not right."


class Passwords:
    """What the pages and the REST face do with passwords."""

    def __init__(
        self,
        database: Database,
        run: Operations[IdentityTx],
        hasher: PasswordHasher,
        throttle: Throttle,
        clock: Clock,
    ) -> None:
        self._database = database
        self._run = run
        self._hasher = hasher
        self._throttle = throttle
        self._clock = clock

    def check(
        self, email: str, password: str, address: str, tenant_id: UUID | None = None
    ) -> list[Account]:
        """The accounts that this address and password belong to, at least one.

        With `tenant_id` only that organisation's counts. Raises `WrongPassword` and
        `TooManyAttempts`, and takes the same steps whether there is such an account or not.
        """
        subjects = _subjects(email, address)
        with self._database.system_transaction() as connection:
            self._throttle.attempt_in(connection, subjects)
            found = queries.users_by_email(connection, email)
        everyone = self._accounts(found, tenant_id)
        accounts = [account for account in everyone if account.may_sign_in]
        known = [(account.user_id, account.hash) for account in accounts if account.hash]
        right = self._right_ones(password, email_key(email), known, subjects)
        if not right:
            self._note_refusals(everyone)
            raise WrongPassword(_WRONG)
        self._succeeded(subjects, everywhere=len(right) == len(found))
        good = [account for account in accounts if account.user_id in right]
        for account in good:
            self._renew(account, password)
        return good

    def begin(self, account: Account, device: Device) -> tuple[Session, Ticket]:
        """A session for the browser in which the password was given.

        Raises `WrongPassword` when it is another one since the account was looked at.
        """
        return self._run.run(
            acting_user(account.tenant_id, account.user_id),
            operations.begin_signed_in,
            account.user_id,
            account.password_set_at,
            device,
            account.lifetime,
        )

    def account(self, tenant_id: UUID, user_id: UUID) -> Account | None:
        """An account."""
        caller = identity_itself(tenant_id)
        return self._run.read(caller, EVERYTHING, queries.get_account, user_id)

    def change(
        self, account: Account, current: str, new: str, address: str, session_id: UUID | None
    ) -> int:
        """Replace the password and end the other sessions; tells how many those were.

        Raises `WrongPassword` for a wrong current one, `Invalid` for a weak new one.
        """
        self.confirm(account, current, address)
        hashed = self.hashed(account, new, "/new_password")
        return self._run.run(
            acting_user(account.tenant_id, account.user_id, session_id),
            operations.change_password,
            account.user_id,
            account.hash,
            hashed,
            session_id,
        )

    def confirm(self, account: Account, current: str, address: str) -> None:
        """See that somebody who is signed in knows the password; failures count like at a sign-in.

        Raises `WrongPassword` and `TooManyAttempts`.
        """
        subjects = _subjects(account.email, address)
        with self._database.system_transaction() as connection:
            self._throttle.attempt_in(connection, subjects)
            found = queries.users_by_email(connection, account.email)
        known = [(account.user_id, account.hash)] if account.hash else []
        if not self._right_ones(current, account.email_key, known, subjects):
            self._note_refusals([account])
            raise WrongPassword("The current password is not right.")
        self._succeeded(subjects, everywhere=len(found) == 1)

    def of_reset(self, ticket: Ticket) -> Account | None:
        """Whose password a link resets; None for a link that is of no use."""
        caller = identity_itself(ticket.tenant_id)
        return self._run.read(caller, EVERYTHING, queries.reset_account, ticket)

    def reset(self, ticket: Ticket, new: str, address: str) -> Account:
        """Set a new password with a link. Raises `LinkUsed`, or `Invalid` for a weak password."""
        account = self.of_reset(ticket)
        if account is None:
            raise LinkUsed("This link has been used, or is too old.")
        hashed = self.hashed(account, new)
        caller = acting_user(account.tenant_id, account.user_id)
        self._run.run(caller, operations.reset_password, ticket, account.user_id, hashed)
        self._throttle.succeeded(_subjects(account.email, address))
        return account

    def hashed(self, account: Account, new: str, pointer: str = "/password") -> str:
        """The hash of a new password. Raises `Invalid` when it does not do for this account."""
        policy = account.policy
        check_password(
            new,
            account.own_texts,
            shortest=policy.password_min_length,
            score=policy.password_min_score,
            pointer=pointer,
        )
        return self._hasher.hash(new, account.email_key)

    def _right_ones(
        self, password: str, of_email: str, known: list[tuple[UUID, str]], subjects: Subjects
    ) -> list[UUID]:
        """Whose password it is. Raises `Unavailable` while too many ask, which is no failure of theirs."""
        try:
            return self._hasher.right_ones(password[:LONGEST_PASSWORD], of_email, known)
        except Unavailable:
            self._throttle.take_back(subjects)
            raise

    def _succeeded(self, subjects: Subjects, *, everywhere: bool) -> None:
        """The password was right. The failures are forgotten only if it is that of all these accounts.

        They are counted for all that have the address: whoever knows the password of one, as an
        organisation does that gives a user of its own a stranger's address, could else guess that of
        another one without an end.
        """
        if everywhere:
            self._throttle.succeeded(subjects)
        else:
            self._throttle.take_back(subjects)

    def _accounts(self, found: list[tuple[UUID, UUID]], tenant_id: UUID | None) -> list[Account]:
        """The accounts of these users; where there is none, one is looked for in vain."""
        wanted = [pair for pair in found if tenant_id in (None, pair[0])]
        accounts = [self.account(*pair) for pair in wanted or [(PLATFORM, PLATFORM)]]
        return [account for account in accounts if account is not None]

    def _note_refusals(self, accounts: list[Account]) -> None:
        """Tell of a wrong password; where there is no account the same is done for none.

        So the time that it takes gives nothing away, and the platform's operators see the attempt.
        """
        whose: list[tuple[UUID, UUID | None]] = [(a.tenant_id, a.user_id) for a in accounts]
        for tenant_id, user_id in whose or [(PLATFORM, None)]:
            self._run.run(identity_itself(tenant_id), operations.note_refusal, user_id)

    def _renew(self, account: Account, password: str) -> None:
        """Bring a hash up to the parameters of today."""
        if account.hash is None or not self._hasher.is_outdated(account.hash, account.email_key):
            return
        hashed = self._hasher.hash(password, account.email_key)
        caller = identity_itself(account.tenant_id)
        self._run.run(caller, operations.rehash_password, account.user_id, account.hash, hashed)


def _subjects(email: str, address: str) -> dict[Subject, str]:
    return {Subject.ACCOUNT: email_key(email), Subject.ADDRESS: neighbourhood(address)}

"""How often a lockout may be lifted: whoever runs an organisation must not guess with its help.

Failures are counted by address, over all organisations that know it. So an administrator could
otherwise try passwords for the account that one of their users has elsewhere, without an end.
"""

from __future__ import annotations

from typing import Any
from uuid import UUID

from chassis.domain import NotFound
from chassis.http.call import Call
from identity.domain import email_key
from identity.lockouts.queries import get_lockout
from identity.sign_in.domain import Subject
from identity.sign_in.throttle import Throttle


class Lifting:
    """Says who may lift a lockout now, and what the counts of failures are known by."""

    def __init__(self, throttle: Throttle) -> None:
        self._throttle = throttle
        self.key_of = throttle.key_of

    def admit(self, call: Call[Any], user_id: UUID) -> None:
        """Count one more lift for this user's account, if there is anything to lift.

        Raises `TooManyAttempts`. It is counted by organisation, so that none learns what others do.
        """
        try:
            waiting = call.read(get_lockout, user_id, self.key_of)
        except NotFound:
            return
        account = f"{call.caller.tenant_id}:{email_key(waiting['email'])}"
        self._throttle.attempt({Subject.LIFT: account})

"""Forgets a person: words, addresses and names go; that something was sent stays, of nobody."""

from __future__ import annotations

from dataclasses import replace
from uuid import UUID

from chassis.personal import forget_in_outbox
from chassis.storage.statements import Statement
from notifications.delivery.recipients import forget
from notifications.feed.forgetting import forget_in_feed
from notifications.messages.domain import HeldBack, State
from notifications.push.operations import forget_person
from notifications.transaction import NotificationsTx


def erase_person(tx: NotificationsTx, person_id: UUID) -> None:
    """Remove all that names a person.

    Suppressions of an address stay without the person: they hold a keyed hash alone, and keep the
    address from being written to when it comes in again. What was told to users about the person,
    in messages that rules made of facts that mention them, goes as well; what was still to be told, too.
    """
    about = {"tenant_id": tx.tenant_id, "person_id": person_id, "now": tx.clock.now()}
    for row in tx.fetch_all(_OPEN, about):
        message = tx.messages.get(row["id"])
        if message.state is State.QUEUED:
            message.hold_back(HeldBack.RECIPIENT_GONE, tx.clock.now())
            message.order = replace(message.order, variables={}, content=None)
    tx.flush()
    for statement in _ERASE:
        tx.write(statement, about)
    forget(tx, person_id)
    forget_person(tx, person_id)
    forget_in_outbox(tx, [person_id])
    causes = [str(fact_id) for fact_id in forget_in_feed(tx, person_id)]
    for statement in _ERASE_TOLD:
        tx.write(statement, {**about, "causes": causes})


_OF_PERSON = "WHERE tenant_id = %(tenant_id)s AND person_id = %(person_id)s"
_THEIRS = f"(SELECT id FROM messages {_OF_PERSON})"  # noqa: S608 - our own words
_OF_MESSAGES = f"WHERE tenant_id = %(tenant_id)s AND message_id IN {_THEIRS}"
_OPEN = Statement(
    f"SELECT id FROM messages {_OF_PERSON} AND state IN ('queued', 'sending')"  # noqa: S608
)
# One that is being sent at this moment ends as it ends; if it has to be tried again, nobody is
# left to send it to.
_ERASE = (
    Statement(f"DELETE FROM message_bodies {_OF_MESSAGES}"),  # noqa: S608
    Statement(f"DELETE FROM message_clicks {_OF_MESSAGES}"),  # noqa: S608
    Statement(f"UPDATE message_attempts SET detail = '' {_OF_MESSAGES}"),  # noqa: S608
    Statement(f"DELETE FROM letters WHERE tenant_id = %(tenant_id)s AND id IN {_THEIRS}"),  # noqa: S608
    Statement("DELETE FROM cap_uses WHERE tenant_id = %(tenant_id)s AND recipient = %(person_id)s"),
    Statement(f"DELETE FROM suppressions {_OF_PERSON} AND fingerprint IS NULL"),  # noqa: S608
    Statement(
        f"UPDATE suppressions SET person_id = NULL, address_hint = '' {_OF_PERSON}"  # noqa: S608
    ),
    Statement(
        "UPDATE messages SET person_id = NULL, contact_point_id = '', variables = '{}',"  # noqa: S608
        " content = NULL, address = NULL, fingerprint = NULL, detail = '', cause = '',"
        f" blanked_at = coalesce(blanked_at, %(now)s) {_OF_PERSON}"
    ),
)

_TOLD = (
    "(SELECT id FROM messages WHERE tenant_id = %(tenant_id)s AND user_id IS NOT NULL"
    " AND cause = ANY(%(causes)s))"
)
_ERASE_TOLD = (
    Statement(
        "DELETE FROM rule_tellings WHERE tenant_id = %(tenant_id)s"
        " AND fact_id = ANY(%(causes)s::uuid[])"
    ),
    Statement(
        f"DELETE FROM message_bodies WHERE tenant_id = %(tenant_id)s AND message_id IN {_TOLD}"  # noqa: S608
    ),
    Statement(
        f"DELETE FROM inbox_entries WHERE tenant_id = %(tenant_id)s AND message_id IN {_TOLD}"  # noqa: S608
    ),
    Statement(
        "UPDATE messages SET variables = '{}', content = NULL,"  # noqa: S608
        " blanked_at = coalesce(blanked_at, %(now)s)"
        f" WHERE tenant_id = %(tenant_id)s AND id IN {_TOLD} AND state NOT IN ('queued', 'sending')"
    ),
)
"""For messages to users; one that waits goes out with what it was to say, and is blanked in its time."""

"""Digests: messages of one key to one recipient go out as one, when the recipient's hour has come (NO-5)."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import datetime
from uuid import UUID

from chassis.storage.statements import Statement
from notifications.delivery.timing import local_moment
from notifications.delivery.wording import Worded
from notifications.messages.bodies import body_of, keep_body, replace_body
from notifications.messages.domain import Content, Message, Order, State
from notifications.policies.domain import Rules
from notifications.transaction import NotificationsTx

MOST_IN_ONE = 50
"""What is beyond goes into the next one."""
_BODY = re.compile(r"<body\b[^>]*>(.*)</body\s*>", re.IGNORECASE | re.DOTALL)


def digest_due(order: Order, rules: Rules, time_zone: str, created_at: datetime) -> datetime | None:
    """When the digest of a message goes out; None for a message of its own."""
    digest = order.schedule.digest
    if digest is None:
        return None
    begin = max(order.schedule.send_at or created_at, created_at)
    return local_moment(begin, digest.at, time_zone, rules)


def take_turns(tx: NotificationsTx, order: Order) -> None:
    """Have workers that make the same digest take turns; before any message is held."""
    digest = order.schedule.digest
    if digest is not None:
        whom = order.recipient.person_id or order.recipient.user_id
        lock = f"digest:{tx.tenant_id}:{whom}:{order.channel}:{order.purpose}:{digest.key}"
        tx.fetch_all(_LOCK, {"lock": lock})


def gather(tx: NotificationsTx, message: Message, worded: Worded) -> Worded:
    """Put what waits for the same digest into this message; gives what it says now."""
    others = _others(tx, message)
    contents = [worded.content]
    now = tx.clock.now()
    for other in others:
        body = body_of(tx, other.id)
        if body is None or other.state is not State.QUEUED:
            continue
        contents.append(body[0])
        other.digest_into(message.id, now)
    if len(contents) == 1:
        return worded
    together = replace(worded, content=_together(contents))
    keep_body(tx, message.id, together.content, together.language)
    replace_body(tx, message.id, together.content)
    return together


def _others(tx: NotificationsTx, message: Message) -> list[Message]:
    order = message.order
    if order.schedule.digest is None:
        return []
    about = {
        "tenant_id": tx.tenant_id,
        "id": message.id,
        "person_id": order.recipient.person_id,
        "user_id": order.recipient.user_id,
        "fingerprint": message.fingerprint,
        "channel": order.channel,
        "purpose": order.purpose,
        "key": order.schedule.digest.key,
        "now": tx.clock.now(),
        "most": MOST_IN_ONE - 1,
    }
    found: list[UUID] = [row["id"] for row in tx.fetch_all(_WAITING, about)]
    return sorted(tx.messages.get_many(found), key=lambda one: one.created_at)


def _together(contents: list[Content]) -> Content:
    """One after the other; the subject is the first one's, with how many more there are."""
    first = contents[0]
    subject = f"{first.subject} (+{len(contents) - 1})" if first.subject else ""
    text = "\n\n--\n\n".join(
        "\n\n".join(part for part in (one.subject, one.text, one.link) if part) for one in contents
    )
    if not all(one.html for one in contents):
        # One place for a link: where all lead to the same, that; the others are in the text.
        links = {one.link for one in contents}
        return Content(subject, text, link=links.pop() if len(links) == 1 else "")
    inner = "<hr>".join(_inner(one.html) for one in contents)
    document = _BODY.search(first.html)
    if document is None:
        return Content(subject, text, inner)
    begin, end = document.span(1)
    return Content(subject, text, first.html[:begin] + inner + first.html[end:])


def _inner(html: str) -> str:
    found = _BODY.search(html)
    return html if found is None else found.group(1)


_LOCK = Statement("SELECT pg_advisory_xact_lock(hashtextextended(%(lock)s, 0))")
# Whom nobody knows, messages are gathered for by the address, of which rows keep the fingerprint.
_WAITING = Statement(
    """
    SELECT id FROM messages
    WHERE tenant_id = %(tenant_id)s AND state = 'queued' AND due_at <= %(now)s
        AND person_id IS NOT DISTINCT FROM %(person_id)s::uuid
        AND user_id IS NOT DISTINCT FROM %(user_id)s::uuid
        AND (person_id IS NOT NULL OR user_id IS NOT NULL OR fingerprint = %(fingerprint)s)
        AND channel = %(channel)s AND purpose = %(purpose)s
        AND digest->>'key' = %(key)s AND reason = 'digest' AND id <> %(id)s
    ORDER BY created_at LIMIT %(most)s
    """
)

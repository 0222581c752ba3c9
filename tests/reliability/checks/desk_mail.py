"""Each mail from a customer had its effect once however often it came, and each reply went out once."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from tests.reliability.checks.check import Evidence, Finding
from tests.reliability.checks.tickets import SAID
from tests.reliability.checks.writes import Records, by_mark
from tests.reliability.helping import header_id
from tests.reliability.ledger import Kind, Outcome, Write

_OUTCOMES = {Kind.HAND_OVER_MAIL: "opened", Kind.HAND_OVER_ANSWER: "threaded"}
_MAILS = """
SELECT header_id, id::text, outcome, ticket_id::text FROM inbound_mails WHERE tenant_id = %s
"""
_TICKETS = "SELECT subject, id::text FROM tickets WHERE tenant_id = %s"
_REPLIES = """
SELECT m.id::text, o.id::text, o.state FROM messages m
LEFT JOIN outbound_mails o ON o.tenant_id = m.tenant_id AND o.message_id = m.id
WHERE m.tenant_id = %s AND m.kind = 'reply' AND m.channel = 'email'
"""
_REQUESTED = """
SELECT request_id, count(*) FROM messages WHERE tenant_id = %s AND request_id IS NOT NULL
GROUP BY request_id
"""
_GONE = ("sent", "delivered", "uncertain")


def check_inbound_mail(evidence: Evidence) -> Finding:
    """Compare the books with the mails that were taken, and with what they have left in desk."""
    estate, tenant_id = evidence.estate, evidence.tenant_id
    mails = estate.query("desk", _MAILS, tenant_id)
    tickets = estate.query("desk", _TICKETS, tenant_id)
    said = estate.query("desk", SAID, tenant_id)
    writes = list(evidence.ledger.of_kind(*_OUTCOMES))
    return Finding.of(
        "every mail has opened its ticket or gone to it once, however often it came",
        wrong_inbound(
            writes,
            by_mark((name, {"id": id_, "outcome": what}) for name, id_, what, _ in mails),
            by_mark((subject, {"id": id_}) for subject, id_ in tickets),
            by_mark((text.strip(), {"ticket_id": ticket}) for text, _, _, ticket in said),
        ),
        mails=len(mails),
        handed_over=len(writes),
    )


def wrong_inbound(
    writes: Sequence[Write], mails: Records, tickets: Records, messages: Records
) -> Iterator[str]:
    """What is wrong with mails by their names, tickets and messages by their marks, after these writes."""
    for mark, ways in _by_mark(writes).items():
        kind, known = ways[0].kind, {one.id for one in ways if one.outcome == Outcome.ACCEPTED}
        is_known = bool(known)
        is_refused = all(one.outcome == Outcome.REFUSED for one in ways)
        found = mails.get(header_id(mark), ())
        opened = tickets.get(mark, ())
        said = messages.get(mark, ())
        due = (1, int(kind == Kind.HAND_OVER_MAIL), 1)
        there = (len(found), len(opened), len(said))
        if is_refused and any(there):
            yield f"mail {mark} was refused, and has left something behind"
        elif there not in {due} | ({(0, 0, 0)} if not is_known else set()):
            yield f"mail {mark} is there {there[0]} times, with {there[1]} tickets, {there[2]} messages"
        elif found and found[0]["outcome"] != _OUTCOMES[kind]:
            yield f"mail {mark} was {found[0]['outcome']}"
        elif is_known and known != {found[0]["id"]}:
            yield f"mail {mark} is there as {found[0]['id']}, not as {sorted(map(str, known))}"
        elif said and kind == Kind.HAND_OVER_ANSWER:
            yield from _elsewhere(mark, ways[0].subject, said, tickets)


def _elsewhere(
    mark: str, first: str, said: Sequence[Mapping[str, str]], tickets: Records
) -> Iterator[str]:
    there = {one["id"] for one in tickets.get(first, ())}
    if said[0]["ticket_id"] not in there:
        yield f"mail {mark} answers {first}, and went to another ticket"


def _by_mark(writes: Sequence[Write]) -> dict[str, list[Write]]:
    found: dict[str, list[Write]] = {}
    for write in writes:
        found.setdefault(write.mark, []).append(write)
    return found


def check_replies(evidence: Evidence) -> Finding:
    """Compare replies by mail with what was asked of notifications, and with what that has sent."""
    rows = evidence.estate.query("desk", _REPLIES, evidence.tenant_id)
    requested = dict(evidence.estate.query("notifications", _REQUESTED, evidence.tenant_id))
    return Finding.of(
        "every reply by mail was sent once", wrong_replies(rows, requested), replies=len(rows)
    )


def wrong_replies(
    replies: Sequence[tuple[str | None, ...]], requested: Mapping[str, int]
) -> Iterator[str]:
    """Replies, each with its mail and how that stands, that were not asked for and sent once."""
    seen = set[str | None]()
    for message_id, mail_id, state in replies:
        if message_id in seen:
            yield f"reply {message_id} was mailed twice"
        seen.add(message_id)
        if mail_id is None:
            yield f"reply {message_id} was not mailed"
        elif requested.get(mail_id, 0) != 1:
            yield f"mail {mail_id} was asked for {requested.get(mail_id, 0)} times"
        elif state not in _GONE:
            yield f"mail {mail_id} is {state} in the end"

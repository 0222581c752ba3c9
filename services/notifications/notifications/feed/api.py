"""The event feed over REST (NO-9): for apps that cannot receive webhooks."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from uuid import UUID

from chassis.http.call import Call
from chassis.http.page_token import PageTokens
from chassis.http.problem import HttpProblem
from chassis.http.query_string import refuse
from chassis.http.reply import Reply
from chassis.http.routes import SIGNED_IN, Routes
from notifications.feed import queries, rights
from notifications.feed.domain import PositionGone
from notifications.feed.models import FactTypesOut, FeedOut, FeedQuery
from notifications.transaction import NotificationsTx


def fact_routes(tokens: PageTokens) -> Routes:
    """The routes of the feed; `tokens` signs where a reader goes on."""
    facts = Routes("/v1/notifications", tag="facts")

    @facts.get(
        "/facts", permission=SIGNED_IN, query=FeedQuery, returns=FeedOut, problems=(403, 410, 422)
    )
    def read_facts(call: Call[NotificationsTx], query: FeedQuery) -> Reply:
        """Read the tenant's facts, oldest first; the token of the answer leads on for 30 days.

        Each type needs its own permission, with reach over all records: see `fact-types`. Without
        `types` the answer has all that the caller may read.
        """
        patterns = None if query.types is None else rights.parsed(query.types, "types")
        types = rights.chosen(call.caller, patterns, "types")
        context = _context(call.caller.tenant_id)
        with gone_means_410():
            page = call.read(
                queries.facts_after, _after(call, query, tokens, context), types, query.page_size
            )
        token = tokens.issue(context, [page.position])
        body = {"items": page.items, "next_page_token": token, "has_more": page.has_more}
        return Reply(body, headers={"Cache-Control": "no-store"})

    @facts.get("/fact-types", permission=SIGNED_IN, returns=FactTypesOut)
    def list_fact_types(call: Call[NotificationsTx]) -> Reply:
        """List the types of facts that the caller may read, in feed, stream and webhooks."""
        items = [
            {
                "type": kind.name,
                "producer": kind.producer,
                "read_permission": kind.read_permission,
            }
            for kind in rights.readable(call.caller)
        ]
        return Reply({"items": items, "next_page_token": None})

    return facts


def _after(call: Call[NotificationsTx], query: FeedQuery, tokens: PageTokens, context: str) -> int:
    if query.page_token is None:
        return call.read(queries.start_of, query.since)
    if query.since is not None:
        raise refuse("since", "parameter_invalid", "a page_token says already where to go on")
    return int(tokens.position(context, query.page_token)[0])


def _context(tenant_id: UUID | None) -> str:
    """A token is a position and nothing else: the types may change on the way."""
    return f"facts|{tenant_id}"


@contextmanager
def gone_means_410() -> Iterator[None]:
    """Tell of a position that is gone as HTTP does."""
    try:
        yield
    except PositionGone as error:
        raise HttpProblem(410, error.code, error.message) from None

"""The feed as a stream of server-sent events: each process reads a tenant's new facts once (NO-9)."""

from __future__ import annotations

import asyncio
import bisect
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from chassis.context import Caller, service_caller
from chassis.domain import DomainError, Invalid
from chassis.http.problem import HttpProblem
from chassis.http.reply import dump
from chassis.http.routes import SIGNED_IN
from chassis.storage.database import Database
from chassis.storage.scope import EVERYTHING
from chassis.storage.unit_of_work import Operations
from chassis.streams.events import event
from chassis.streams.routes import Source, StreamCall, StreamRoute
from notifications.feed import queries, rights
from notifications.feed.catalogue import fact_types
from notifications.feed.domain import PositionGone
from notifications.feed.queries import FeedPage, Head
from notifications.feed.storage import fact_positions

LAST_EVENT_ID = "The same as the header Last-Event-ID, for readers that can send none."
FEED_STREAM = "/v1/notifications/facts/stream"

_PAGE = 200
_REMEMBERED = 1_000
"""How many of a tenant's latest facts are kept here while somebody reads them."""


@dataclass
class TenantFeed:
    """What this process knows of a tenant's feed: its end, and the latest facts as events.

    `recent` holds all facts after `since`, by position: readers within it need no database.
    """

    head: int
    since: int
    recent: list[tuple[int, str, bytes]] = field(default_factory=list)
    sources: set[FeedSource] = field(default_factory=set)

    def grow(self, page: FeedPage) -> None:
        """Take in the facts that follow."""
        self.recent += [_encoded(item) for item in page.items]
        self.head = page.position
        surplus = len(self.recent) - _REMEMBERED
        if surplus > 0:
            self.since = self.recent[surplus - 1][0]
            del self.recent[:surplus]

    def leap(self, head: int) -> None:
        """Remember nothing: so much has come that each reader reads it at its own pace."""
        self.head = self.since = head
        self.recent.clear()

    def after(self, position: int) -> list[tuple[int, str, bytes]] | None:
        """The facts after a position, a page of them; None when they are not all here."""
        if position < self.since:
            return None
        first = bisect.bisect_right(self.recent, position, key=lambda one: one[0])
        return self.recent[first : first + _PAGE]


def _encoded(item: Mapping[str, Any]) -> tuple[int, str, bytes]:
    position = item["position"]
    return int(position), item["type"], event(dump(item), event_id=position)


Narrow = Callable[[Caller], frozenset[str]]
"""The types that a reader may be told of; raises `DomainError` when there are none."""
Wants = Callable[[bytes], bool]
"""Whether an event of these types is one for this reader."""


class FeedSource:
    """One reader's way through the feed."""

    def __init__(
        self, hub: FeedHub, call: StreamCall, tenant_id: UUID, narrow: Narrow, wants: Wants | None
    ) -> None:
        self._hub = hub
        self._tenant_id = tenant_id
        self._narrow = narrow
        self._wants = wants
        self._types = narrow(call.caller)
        self._at = 0
        self.wake = call.wake

    def begin(self, position: int) -> None:
        """Go on after this position."""
        self._at = position

    @property
    def position(self) -> str | None:
        """Where the reader goes on when it comes again."""
        return str(self._at)

    async def pull(self) -> bytes:
        """The next facts that the reader wants; raises `PositionGone` for one that was too slow."""
        feed = self._hub.of(self._tenant_id)
        while self._at < feed.head:
            known = feed.after(self._at)
            if known is None:
                page = await self._hub.read(self._tenant_id, self._at, self._types)
                self._at = page.position
                found = [_encoded(item) for item in page.items]
            else:
                self._at = known[-1][0] if known else feed.head
                found = [one for one in known if one[1] in self._types]
            wants = self._wants
            events = [one[2] for one in found if wants is None or wants(one[2])]
            if events:
                return b"".join(events)
        return b""

    def check(self, caller: Caller) -> None:
        """Go on with the types that may still be read, and those that may be read now."""
        self._types = self._narrow(caller)

    def close(self) -> None:
        """The reader is gone."""
        self._hub.leave(self._tenant_id, self)


def _still_known(patterns: list[str] | None, caller: Caller) -> list[str] | None:
    """Without those that name a type which may be read no more; a beginning stays."""
    if patterns is None:
        return None
    known = fact_types()
    return [
        one for one in patterns if one.endswith("*") or rights.may_read(caller, known[one])
    ] or patterns


class FeedHub:
    """Wakes readers whose tenants have new facts. Lives in one event loop."""

    def __init__(self, database: Database, operations: Operations[Any], service: str) -> None:
        self._database = database
        self._operations = operations
        self._service = service
        self._feeds: dict[UUID, TenantFeed] = {}
        self._due = asyncio.Event()
        self._looking: asyncio.Task[None] | None = None

    def route(self) -> StreamRoute:
        """Where readers come in."""
        return StreamRoute(
            path=FEED_STREAM,
            name="stream_facts",
            tag="facts",
            permission=SIGNED_IN,
            summary="Read the tenant's facts as they happen, as server-sent events.",
            description=(
                "Each event is a CloudEvent in JSON, and its id the position in the feed. Who reads"
                " needs, with reach over all records, the permission that a fact's contract names;"
                " facts that may not be read are left out. Without a position the stream begins with"
                " what happens next."
            ),
            parameters={
                "types": "Full names of facts, or beginnings that end with *; a comma joins several.",
                "last_event_id": LAST_EVENT_ID,
            },
            open=self._open,
            problems=(410, 422),
        )

    def woken(self) -> None:
        """There may be new facts; called within the event loop."""
        self._due.set()
        if self._looking is None or self._looking.done():
            self._looking = asyncio.create_task(self._look_while_due())

    def of(self, tenant_id: UUID) -> TenantFeed:
        """What is known of a tenant's feed that somebody reads."""
        return self._feeds[tenant_id]

    async def read(self, tenant_id: UUID, after: int, types: Collection[str]) -> FeedPage:
        """A page from the database, in a thread."""
        caller = service_caller(self._service, tenant_id)
        return await asyncio.to_thread(
            self._operations.read, caller, EVERYTHING, queries.facts_after, after, types, _PAGE
        )

    def leave(self, tenant_id: UUID, source: FeedSource) -> None:
        """A reader is gone; without any, nothing is kept of the tenant."""
        feed = self._feeds.get(tenant_id)
        if feed is not None:
            feed.sources.discard(source)
            if not feed.sources:
                del self._feeds[tenant_id]

    async def _open(self, call: StreamCall) -> Source:
        text = call.query.get("types")
        patterns = None if text is None else rights.parsed(text, "types")
        rights.chosen(call.caller, patterns, "types")  # says what is wrong with any of them

        def narrow(caller: Caller) -> frozenset[str]:
            return rights.chosen(caller, _still_known(patterns, caller), "types")

        return await self.enter(call, narrow)

    async def enter(self, call: StreamCall, narrow: Narrow, wants: Wants | None = None) -> Source:
        """Let a reader in, who gets the events of some types, or those of them that it `wants`."""
        tenant_id = call.caller.tenant_id
        if tenant_id is None:
            raise AssertionError("a stream is a tenant's")
        source = FeedSource(self, call, tenant_id, narrow, wants)
        head = await asyncio.to_thread(
            self._operations.read,
            service_caller(self._service, tenant_id),
            EVERYTHING,
            queries.head_of,
        )
        source.begin(_position(call, head))
        feed = self._feeds.setdefault(tenant_id, TenantFeed(head.position, head.position))
        feed.sources.add(source)
        return source

    async def _look_while_due(self) -> None:
        while self._due.is_set():
            self._due.clear()
            await self._look()

    async def _look(self) -> None:
        heads = await asyncio.to_thread(self._heads, list(self._feeds))
        for tenant_id, head in heads.items():
            feed = self._feeds.get(tenant_id)
            if feed is not None and feed.head < head:
                await self._take_in(tenant_id, feed, head)
                for source in list(feed.sources):
                    source.wake()

    async def _take_in(self, tenant_id: UUID, feed: TenantFeed, head: int) -> None:
        if head - feed.head > _REMEMBERED:
            feed.leap(head)
            return
        while feed.head < head:
            try:
                feed.grow(await self.read(tenant_id, feed.head, list(fact_types())))
            except DomainError:
                feed.leap(head)

    def _heads(self, tenants: list[UUID]) -> dict[UUID, int]:
        columns = fact_positions.c
        statement = fact_positions.select().where(columns.tenant_id.in_(tenants))
        with self._database.system_transaction() as connection:
            return {row.tenant_id: row.position for row in connection.execute(statement)}


def _position(call: StreamCall, head: Head) -> int:
    """Where the reader goes on, or the end of the feed for one that begins."""
    given = call.last_event_id or call.query.get("last_event_id")
    if given is None:
        return head.position
    if not (given.isascii() and given.isdigit() and len(given) < 19):
        raise Invalid.at("last_event_id", "parameter_invalid", "This is no id of an event here.")
    try:
        head.require(int(given))
    except PositionGone as error:
        raise HttpProblem(410, error.code, error.message) from None
    return int(given)

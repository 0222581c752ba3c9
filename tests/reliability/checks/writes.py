"""Every accepted write is there exactly once, every refused one left nothing, every unknown one at most once."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from tests.reliability.checks.check import Evidence, Finding
from tests.reliability.client import Client
from tests.reliability.ledger import Kind, Outcome, Write, counts
from tests.reliability.load import INTERACTIONS, MESSAGES, PEOPLE, TEAMS

_BROKE_OFF = "Internal Server Error"
"""What the gateway answers in plain text when a service dies in the middle of an answer: no service's words."""
Record = Mapping[str, Any]
Records = Mapping[str, Sequence[Record]]
"""What there is, by the mark of the write that made it."""


@dataclass(frozen=True, slots=True)
class Stored:
    """All that the run has left in the services, as their API tells it."""

    people: Records
    interactions: Records
    teams: Records
    messages: Records

    @classmethod
    def read(cls, client: Client) -> Stored:
        """Ask for all of it, page by page."""
        return cls(
            by_mark(
                (one["full_name"], one)
                for one in items(client, PEOPLE, archived="any")
                if one["full_name"]  # the desk makes those known who have written, by address alone
            ),
            by_mark((one["properties"]["mark"], one) for one in items(client, INTERACTIONS)),
            by_mark((team["name"], team) for team in items(client, TEAMS)),
            by_mark((one["request_id"], one) for one in items(client, MESSAGES)),
        )


def by_mark(records: Iterable[tuple[str, Record]]) -> Records:
    """Records by their mark."""
    found: defaultdict[str, list[Record]] = defaultdict(list)
    for mark, record in records:
        found[mark].append(record)
    return found


def items(client: Client, path: str, **query: str) -> Iterator[Record]:
    """All items of a list."""
    page: dict[str, Any] = {"next_page_token": None}
    more: dict[str, str] = {}
    while True:
        page = client.get(path, page_size=200, **query, **more)
        yield from page["items"]
        if page["next_page_token"] is None:
            return
        more = {"page_token": page["next_page_token"]}


def check_writes(evidence: Evidence) -> Finding:
    """Compare the books with what the services tell."""
    writes = evidence.ledger.writes
    return judge(writes, Stored.read(evidence.client))


def judge(writes: Sequence[Write], stored: Stored) -> Finding:
    """What is wrong with what is stored, after these writes."""
    made = {
        Kind.CREATE_PERSON: stored.people,
        Kind.RECORD_INTERACTION: stored.interactions,
        Kind.CREATE_TEAM: stored.teams,
        Kind.SEND_MESSAGE: stored.messages,
    }
    violations: list[str] = []
    for write in writes:
        if write.kind in made:
            violations += creation(write, made[write.kind].get(write.mark, ()))
    violations += _nobody_else(writes, stored)
    violations += _histories(writes, stored)
    violations += _unexpected(writes)
    return Finding.of("every write is there as it was answered", violations, **counts(writes))


def creation(write: Write, found: Sequence[Record]) -> Iterator[str]:
    """What is wrong with what a write has made: lost, doubled, or left by one that was refused."""
    what = f"{write.kind} {write.mark}, {write.outcome},"
    if len(found) > 1:
        yield f"{what} is there {len(found)} times"
    elif write.outcome == Outcome.ACCEPTED and not found:
        yield f"{what} is lost"
    elif write.outcome == Outcome.REFUSED and found:
        yield f"{what} has left something behind"
    elif write.outcome == Outcome.ACCEPTED and found[0]["id"] != write.id:
        yield f"{what} is there as {found[0]['id']}, not as {write.id}"


def _nobody_else(writes: Sequence[Write], stored: Stored) -> Iterator[str]:
    known = {write.mark for write in writes}
    for what, records in (("person", stored.people), ("interaction", stored.interactions)):
        for mark in records.keys() - known:
            yield f"{what} {mark} was never written"


def _histories(writes: Sequence[Write], stored: Stored) -> Iterator[str]:
    """What has to be true of each person after all changes to them."""
    about: defaultdict[str, list[Write]] = defaultdict(list)
    for write in writes:
        if write.kind in (Kind.CHANGE_PERSON, Kind.ARCHIVE_PERSON):
            about[write.subject].append(write)
    for mark, changes in about.items():
        for person in stored.people.get(mark, ()):
            yield from _history(mark, changes, person)


def _history(mark: str, changes: Sequence[Write], person: Record) -> Iterator[str]:
    done = [write for write in changes if write.outcome == Outcome.ACCEPTED]
    perhaps = [write for write in changes if write.outcome == Outcome.UNKNOWN]
    most = 1 + len(done) + len(perhaps)
    if not 1 + len(done) <= person["version"] <= most:
        yield f"person {mark} has version {person['version']} after {len(done)} to {most - 1} changes"
    sources = [write.mark for write in done if write.kind == Kind.CHANGE_PERSON]
    possible = {sources[-1] if sources else "begun"}
    possible |= {write.mark for write in perhaps if write.kind == Kind.CHANGE_PERSON}
    if person["source"] not in possible:
        yield f"person {mark} has the source {person['source']}, not one of {sorted(possible)}"
    archived = {w.outcome for w in changes if w.kind == Kind.ARCHIVE_PERSON}
    if Outcome.ACCEPTED in archived and person["archived_at"] is None:
        yield f"person {mark} is not archived any more"
    if not archived and person["archived_at"] is not None:
        yield f"person {mark} was never archived, and is"


def _unexpected(writes: Sequence[Write]) -> Iterator[str]:
    for write in writes:
        last = write.attempts[-1]
        if write.outcome == Outcome.REFUSED and not write.expected_refusal:
            yield f"{write.kind} {write.mark} was refused with {last.status}: {last.said}"
        if write.outcome == Outcome.ACCEPTED and write.expected_refusal:
            yield f"{write.kind} {write.mark} should have been refused"
        for attempt in write.attempts:
            if attempt.status == 500 and attempt.said != _BROKE_OFF:
                yield f"{write.kind} {write.mark} was answered with 500: {attempt.said}"

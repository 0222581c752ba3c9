"""Has facts of every service appear on the timelines of the people they are about."""

from __future__ import annotations

from google.protobuf.message import Message

from chassis.events.reactions import Envelope, Reactions
from chassis.storage.unit_of_work import UnitOfWork
from contacts.timeline.entries import entry_of, timeline_facts
from contacts.timeline.storage import note_entry


def on_any_timeline_fact(tx: UnitOfWork, fact: Message, envelope: Envelope) -> None:
    """Keep what happened where the person's timeline is read."""
    entry = entry_of(fact, envelope)
    if entry is not None:
        note_entry(tx, entry)


def follow_timeline(reactions: Reactions, producer: str) -> Reactions:
    """React to all facts of the producer that belong on timelines; gives the same reactions."""
    for message in timeline_facts(producer):
        reactions.on(message, on_any_timeline_fact, "projection")
    return reactions

"""Forgets what names no person, once contacts has said that it is of one who was erased (CO-12).

Contacts is asked by a job, after the fact and outside of every transaction, until it answers; what came
after the erasure is left alone.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, TypeVar
from uuid import UUID

from chassis.context import service_caller
from chassis.storage.scope import EVERYTHING
from chassis.storage.statements import Statement
from chassis.storage.unit_of_work import Operations, Reading
from chassis.work.jobs import JobRun, start_job
from chassis.work.timers import Timer, cancel_timer, set_timer
from desk.article_feedback.operations import forget_comments
from desk.people.addresses import addresses_of_nobody
from desk.people.erased import MOST_AT_ONCE, ErasedPeople, Said, may_name
from desk.people.taking_out import take_out_addresses
from desk.transaction import DeskTx

FORGET_WORDS = "forget_words"
WORDS_WAIT = "words_of_erased"
T = TypeVar("T")

_ASK_AGAIN = timedelta(hours=6)
"""A job tries for more than an hour; what it has not done by then another one does."""


def have_words_forgotten(tx: DeskTx, person_id: UUID, erased_at: datetime) -> None:
    """Have contacts asked which words are of somebody who is erased, once this has committed."""
    about = {"person_id": str(person_id), "erased_at": erased_at.isoformat()}
    start_job(tx, FORGET_WORDS, about)
    set_timer(tx, WORDS_WAIT, str(person_id), tx.clock.now() + _ASK_AGAIN, about)


def words_still_wait(tx: DeskTx, timer: Timer) -> None:
    """Ask anew: the timer would be gone if it was answered."""
    erased_at = datetime.fromisoformat(timer.data["erased_at"])
    have_words_forgotten(tx, UUID(timer.key), erased_at)


@dataclass(frozen=True, slots=True)
class WordsForgetting:
    """The handler of the job: asks whose the addresses of nobody are, and what readers have written."""

    operations: Operations[DeskTx]
    erased: ErasedPeople
    service: str

    def __call__(self, run: JobRun) -> Mapping[str, Any]:
        """Raises `Unavailable` while contacts does not answer: then the job is tried again.

        A second time finds nothing more.
        """
        caller = service_caller(self.service, run.tenant_id)
        person_id = UUID(run.arguments["person_id"])
        erased_at = datetime.fromisoformat(run.arguments["erased_at"])
        known = self.operations.read(caller, EVERYTHING, addresses_of_nobody, erased_at)
        addresses = self._theirs(run, known, [Said(address=one) for one in known])
        if addresses:
            self.operations.run(caller, take_out_addresses, person_id, addresses, erased_at)
        written = self.operations.read(caller, EVERYTHING, _comments, erased_at)
        comments = self._theirs(run, list(written), [Said(text=one) for one in written.values()])
        if comments:
            self.operations.run(caller, forget_comments, comments)
        self.operations.run(caller, cancel_timer, WORDS_WAIT, str(person_id))
        return {"addresses": len(addresses), "comments": len(comments)}

    def _theirs(self, run: JobRun, keys: Sequence[T], said: Sequence[Said]) -> list[T]:
        """The keys of what is the person's."""
        person_id = UUID(run.arguments["person_id"])
        theirs: list[T] = []
        for start in range(0, len(said), MOST_AT_ONCE):
            run.check()
            some = said[start : start + MOST_AT_ONCE]
            places = self.erased.matches(run.tenant_id, person_id, some)
            theirs += [keys[start + place] for place in places]
        return theirs


def _comments(reading: Reading, before: datetime) -> Mapping[UUID, str]:
    """What readers have written of articles in which somebody may be named."""
    about = {"tenant_id": reading.caller.tenant_id, "before": before}
    rows = reading.fetch_all(_COMMENTS, about)
    return {row["id"]: row["comment"] for row in rows if may_name(row["comment"])}


_COMMENTS = Statement(
    "SELECT id, comment FROM article_feedback WHERE tenant_id = %(tenant_id)s"
    " AND comment <> '' AND given_at <= %(before)s ORDER BY id"
)

"""Forgets what names no person, once contacts has said that it is of one who was erased (CO-12).

Contacts is asked by a job, after the fact and outside of every transaction, until it answers; what came
after the erasure is left alone.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import islice
from typing import Any
from uuid import UUID

from chassis.context import service_caller
from chassis.domain import Conflict, NotFound
from chassis.storage.scope import EVERYTHING
from chassis.storage.unit_of_work import Operations
from chassis.work.jobs import JobRun, start_job
from chassis.work.timers import Timer, cancel_timer, set_timer
from sales.approval_requests.operations import forget_texts
from sales.leads.operations import erase_lead
from sales.people import keeping
from sales.people.keeping import Page, Row
from sales.people.words import MOST_AT_ONCE, ErasedPeople, Found
from sales.transaction import SalesTx
from sales.web_forms.operations import drop_submission

FORGET_WORDS = "forget_words"
WORDS_WAIT = "words_of_erased"
_ASK_AGAIN = timedelta(hours=6)
"""A job tries for more than an hour; what it has not done by then another one does."""

Forget = Callable[[SalesTx, UUID, Sequence[str]], object]


def have_words_forgotten(tx: SalesTx, person_id: UUID, erased_at: datetime) -> None:
    """Have contacts asked which words are of somebody who is erased, once this has committed."""
    about = {"person_id": str(person_id), "erased_at": erased_at.isoformat()}
    start_job(tx, FORGET_WORDS, about)
    set_timer(tx, WORDS_WAIT, str(person_id), tx.clock.now() + _ASK_AGAIN, about)


def words_still_wait(tx: SalesTx, timer: Timer) -> None:
    """Ask anew: the timer would be gone if it was answered."""
    erased_at = datetime.fromisoformat(timer.data["erased_at"])
    have_words_forgotten(tx, UUID(timer.key), erased_at)


@dataclass(frozen=True, slots=True)
class WordsForgetting:
    """The handler of the job: asks about all there is, kind by kind, and forgets what is theirs."""

    operations: Operations[SalesTx]
    erased: ErasedPeople
    service: str

    def __call__(self, run: JobRun) -> Mapping[str, Any]:
        """Raises `Unavailable` while contacts does not answer: then the job is tried again.

        A second time finds nothing more. Submissions come first: one that is released meanwhile is a lead.
        """
        forgotten = {kind: self._forget(run, *ways) for kind, ways in _KINDS.items()}
        caller = service_caller(self.service, run.tenant_id)
        self.operations.run(caller, cancel_timer, WORDS_WAIT, run.arguments["person_id"])
        return forgotten

    def _forget(
        self,
        run: JobRun,
        page: Page,
        words: Callable[[Iterable[Row]], Iterator[Found]],
        forget: Forget,
    ) -> int:
        caller = service_caller(self.service, run.tenant_id)
        erased_at = datetime.fromisoformat(run.arguments["erased_at"])
        after, forgotten = UUID(int=0), 0
        while rows := self.operations.read(caller, EVERYTHING, page, erased_at, after):
            for record_id, places in self._theirs(run, words(rows)).items():
                self.operations.run(caller, _unless_gone, forget, record_id, places)
                forgotten += 1
            after = rows[-1]["id"]
        return forgotten

    def _theirs(self, run: JobRun, found: Iterator[Found]) -> Mapping[UUID, Sequence[str]]:
        """The records with words of the person, and where in them."""
        person_id = UUID(run.arguments["person_id"])
        theirs: dict[UUID, list[str]] = {}
        while some := list(islice(found, MOST_AT_ONCE)):
            run.check()
            said = [one.words for one in some]
            for place in self.erased.matches(run.tenant_id, person_id, said):
                theirs.setdefault(some[place].record_id, []).append(some[place].place)
        return theirs


def _unless_gone(tx: SalesTx, forget: Forget, record_id: UUID, places: Sequence[str]) -> None:
    """Forget it, unless somebody has dealt with it meanwhile: dropped it, or named the person."""
    try:
        forget(tx, record_id, places)
    except (Conflict, NotFound):
        return


_KINDS: Mapping[str, tuple[Page, Callable[[Iterable[Row]], Iterator[Found]], Forget]] = {
    "submissions": (
        keeping.submissions_page,
        keeping.in_submissions,
        lambda tx, record_id, _places: drop_submission(tx, record_id),
    ),
    "leads": (
        keeping.leads_page,
        keeping.in_leads,
        lambda tx, record_id, _places: erase_lead(tx, record_id),
    ),
    "requests": (keeping.requests_page, keeping.in_requests, forget_texts),
}

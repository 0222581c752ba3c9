"""Shows what a rule would send: for a fact that somebody makes up, and for those that were."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from google.protobuf.json_format import ParseDict, ParseError

from chassis.context import Caller
from chassis.domain import DomainError, Invalid
from chassis.events.reactions import Envelope
from notifications.feed.catalogue import FactType
from notifications.feed.rights import lacking, may_read
from notifications.rules import queries
from notifications.rules.checking import fact_type_of
from notifications.rules.domain import RuleDefinition
from notifications.rules.firing import FIRES, Occurrence, Outcome, outcome
from notifications.templates.flows import Trial, Workbench
from notifications.templates.queries import sent_version

MOST_TRIED = 1_000
_MOST_SHOWN = 20
_LAST_YEAR = 9000
"""After which delays might lead out of the calendar."""
Read = Callable[..., Any]


@dataclass(frozen=True, slots=True)
class SampleFact:
    """A fact that somebody makes up, or the feed has kept; `content` is its JSON form."""

    id: UUID
    aggregate_id: UUID
    actor: str
    occurred_at: datetime
    content: Mapping[str, Any]


class RuleTrials:
    """Tries rules; `workbench` renders what they would send."""

    def __init__(self, workbench: Workbench) -> None:
        self._workbench = workbench

    def test(
        self, read: Read, caller: Caller, definition: RuleDefinition, sample: SampleFact
    ) -> dict[str, Any]:
        """What a rule would make of a fact, and the message for somebody made up.

        Raises `Invalid` for what is no such fact, `Forbidden` for a caller who may not read such
        facts, `Unavailable`.
        """
        if sample.occurred_at.year > _LAST_YEAR:
            message = f"It happened by the year {_LAST_YEAR}."
            raise Invalid.at("/occurred_at", "year_impossible", message)
        found = outcome(definition, _occurrence(caller, definition, sample, strict=True))
        answer: dict[str, Any] = {**_told(found), "message": None, "problem": None}
        if found.reason != FIRES:
            return answer
        trial = Trial(definition.channel, variables=found.variables)
        try:
            version = read(sent_version, definition.template)
            answer["message"] = self._workbench.show(caller, version, trial)
        except DomainError as error:
            places = [f"{wrong.pointer}: {wrong.message}" for wrong in error.violations]
            answer["problem"] = "; ".join(places) or error.message
        return answer

    def simulate(self, read: Read, caller: Caller, rule_id: UUID, count: int) -> dict[str, Any]:
        """What a rule would have made of the facts that the feed has kept, the latest first.

        Each recipient and subject counts once, as when the rule fires.
        """
        definition: RuleDefinition = read(queries.definition, rule_id)
        _require_reader(caller, definition)
        rows = read(queries.recent_facts, definition.fact_type, min(count, MOST_TRIED))
        fired: dict[tuple[UUID | None, UUID | None], dict[str, Any]] = {}
        for row in rows:
            sample = SampleFact(
                row["id"], row["aggregate_id"], row["actor"], row["occurred_at"], row["data"]
            )
            found = outcome(definition, _occurrence(caller, definition, sample, strict=False))
            if found.reason == FIRES:
                about = {"fact_id": sample.id, "occurred_at": sample.occurred_at, **_told(found)}
                fired.setdefault((found.recipient_id, found.subject_id), about)
        return {
            "facts": len(rows),
            "messages": len(fired),
            "examples": list(fired.values())[:_MOST_SHOWN],
        }


def _require_reader(caller: Caller, definition: RuleDefinition) -> FactType:
    """The rule's type of fact. Raises `Forbidden` for a caller who may not read such facts."""
    kind = fact_type_of(definition)
    if not may_read(caller, kind):
        raise lacking(kind)
    return kind


def _occurrence(
    caller: Caller, definition: RuleDefinition, sample: SampleFact, *, strict: bool
) -> Occurrence:
    kind = _require_reader(caller, definition)
    message = kind.message()
    try:
        ParseDict(dict(sample.content), message, ignore_unknown_fields=not strict)
    except ParseError as error:
        text = f"This is no {kind.name}: {error}"
        raise Invalid.at("/fact", "fact_malformed", text) from None
    envelope = Envelope(
        id=sample.id,
        type=kind.name,
        tenant_id=caller.tenant_id or UUID(int=0),
        aggregate_id=sample.aggregate_id,
        aggregate_version=1,
        actor=sample.actor,
        occurred_at=sample.occurred_at,
        traceparent=None,
    )
    return Occurrence.of(message, envelope)


def _told(found: Outcome) -> dict[str, Any]:
    recipient = found.recipient
    return {
        "fires": found.reason == FIRES,
        "reason": found.reason,
        "person_id": None if recipient is None else recipient.person_id,
        "user_id": None if recipient is None else recipient.user_id,
        "holders": found.holders,
        "variables": found.variables,
        "send_at": found.send_at,
    }

"""Recorded facts of contacts to protobuf."""

from __future__ import annotations

from uuid import UUID

from chassis.events.outbox import FactEncoder
from contacts.people.domain import (
    LifecycleStage,
    PersonArchived,
    PersonChanged,
    PersonCreated,
    PersonDeleted,
    PersonRestored,
)
from rapport.common.v1.external_id_pb2 import ExternalId
from rapport.contacts.events.v1 import person_events_pb2 as events
from rapport.contacts.v1 import lifecycle_stage_pb2


def _stage(stage: LifecycleStage) -> lifecycle_stage_pb2.LifecycleStage.ValueType:
    return lifecycle_stage_pb2.LifecycleStage.Value(f"LIFECYCLE_STAGE_{stage.upper()}")


def _text(value: UUID | None) -> str | None:
    return None if value is None else str(value)


def _created(fact: PersonCreated) -> events.PersonCreated:
    details = fact.details
    return events.PersonCreated(
        person_id=str(fact.person_id),
        lifecycle_stage=_stage(details.lifecycle_stage),
        owner_id=_text(details.owner_id),
        source=details.source,
        external_ids=[ExternalId(system=e.system, id=e.id) for e in details.external_ids],
        import_id=_text(fact.import_id),
    )


def _changed(fact: PersonChanged) -> events.PersonChanged:
    before, after = fact.before, fact.after
    stage_moved = before.lifecycle_stage != after.lifecycle_stage
    owner_lost = before.owner_id is not None and before.owner_id != after.owner_id
    return events.PersonChanged(
        person_id=str(fact.person_id),
        changed_fields=list(fact.changed_fields),
        lifecycle_stage=_stage(after.lifecycle_stage),
        previous_lifecycle_stage=_stage(before.lifecycle_stage) if stage_moved else None,
        owner_id=_text(after.owner_id),
        previous_owner_id=_text(before.owner_id) if owner_lost else None,
        import_id=_text(fact.import_id),
    )


def _archived(fact: PersonArchived) -> events.PersonArchived:
    return events.PersonArchived(person_id=str(fact.person_id))


def _restored(fact: PersonRestored) -> events.PersonRestored:
    return events.PersonRestored(
        person_id=str(fact.person_id),
        lifecycle_stage=_stage(fact.details.lifecycle_stage),
        owner_id=_text(fact.details.owner_id),
    )


def _deleted(fact: PersonDeleted) -> events.PersonDeleted:
    return events.PersonDeleted(
        person_id=str(fact.person_id),
        reason=events.DELETION_REASON_IMPORT_UNDONE,
        import_id=str(fact.import_id),
    )


ENCODER = FactEncoder(
    {
        PersonCreated: _created,
        PersonChanged: _changed,
        PersonArchived: _archived,
        PersonRestored: _restored,
        PersonDeleted: _deleted,
    }
)

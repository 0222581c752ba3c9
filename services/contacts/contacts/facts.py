"""Recorded facts of contacts to protobuf."""

from __future__ import annotations

from datetime import date
from uuid import UUID

from chassis.events.outbox import FactEncoder
from contacts.companies.domain import (
    CompanyArchived,
    CompanyChanged,
    CompanyCreated,
    CompanyRestored,
)
from contacts.consents.facts import CONSENT_FACTS
from contacts.custom_fields.domain import (
    CustomFieldArchived,
    CustomFieldDefined,
    CustomFieldRestored,
    RecordKind,
)
from contacts.data_exports.facts import DATA_EXPORT_FACTS
from contacts.duplicates.facts import DUPLICATE_FACTS
from contacts.exports.noting import DataExported
from contacts.freshness.facts import FRESHNESS_FACTS
from contacts.imports.domain import ImportFinished, ImportUndone
from contacts.interaction_kinds.domain import (
    InteractionKindArchived,
    InteractionKindDefined,
    InteractionKindRestored,
)
from contacts.interactions.domain import InteractionRecorded
from contacts.people.domain import (
    LifecycleStage,
    PersonArchived,
    PersonChanged,
    PersonCreated,
    PersonDeleted,
    PersonErased,
    PersonMerged,
    PersonRestored,
    PersonUnmerged,
)
from contacts.profiling.facts import PROFILING_FACTS
from contacts.relationships.domain import (
    EmploymentChanged,
    EmploymentEnded,
    EmploymentRemoved,
    EmploymentStarted,
    RelationAdded,
    RelationRemoved,
)
from rapport.common.v1.external_id_pb2 import ExternalId
from rapport.common.v1.money_pb2 import Money
from rapport.contacts.events.v1 import company_events_pb2 as company_events
from rapport.contacts.events.v1 import custom_field_events_pb2 as field_events
from rapport.contacts.events.v1 import employment_events_pb2 as employment_events
from rapport.contacts.events.v1 import export_events_pb2 as export_events
from rapport.contacts.events.v1 import import_events_pb2 as import_events
from rapport.contacts.events.v1 import interaction_events_pb2 as interaction_events
from rapport.contacts.events.v1 import interaction_kind_events_pb2 as kind_events
from rapport.contacts.events.v1 import person_events_pb2 as events
from rapport.contacts.events.v1 import relation_events_pb2 as relation_events
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


def _merged(fact: PersonMerged) -> events.PersonMerged:
    return events.PersonMerged(
        person_id=str(fact.person_id),
        merged_person_id=str(fact.merged_person_id),
        merge_id=str(fact.merge_id),
    )


def _unmerged(fact: PersonUnmerged) -> events.PersonUnmerged:
    return events.PersonUnmerged(
        person_id=str(fact.person_id),
        unmerged_person_id=str(fact.unmerged_person_id),
        merge_id=str(fact.merge_id),
    )


def _erased(fact: PersonErased) -> events.PersonErased:
    return events.PersonErased(
        person_id=str(fact.person_id),
        merged_person_ids=[str(merged_id) for merged_id in fact.merged_person_ids],
    )


def _company_created(fact: CompanyCreated) -> company_events.CompanyCreated:
    details = fact.details
    return company_events.CompanyCreated(
        company_id=str(fact.company_id),
        owner_id=_text(details.owner_id),
        parent_company_id=_text(details.parent_company_id),
        external_ids=[ExternalId(system=e.system, id=e.id) for e in details.external_ids],
    )


def _company_changed(fact: CompanyChanged) -> company_events.CompanyChanged:
    before, after = fact.before, fact.after
    owner_lost = before.owner_id is not None and before.owner_id != after.owner_id
    return company_events.CompanyChanged(
        company_id=str(fact.company_id),
        changed_fields=list(fact.changed_fields),
        owner_id=_text(after.owner_id),
        previous_owner_id=_text(before.owner_id) if owner_lost else None,
        parent_company_id=_text(after.parent_company_id),
    )


def _company_archived(fact: CompanyArchived) -> company_events.CompanyArchived:
    return company_events.CompanyArchived(company_id=str(fact.company_id))


def _company_restored(fact: CompanyRestored) -> company_events.CompanyRestored:
    return company_events.CompanyRestored(
        company_id=str(fact.company_id), owner_id=_text(fact.details.owner_id)
    )


def _day(value: date | None) -> str | None:
    return None if value is None else value.isoformat()


def _employment_started(fact: EmploymentStarted) -> employment_events.EmploymentStarted:
    return employment_events.EmploymentStarted(
        employment_id=str(fact.employment_id),
        person_id=str(fact.person_id),
        company_id=str(fact.company_id),
        started_on=_day(fact.terms.started_on),
        ended_on=_day(fact.terms.ended_on),
        ended=fact.terms.ended,
    )


def _employment_changed(fact: EmploymentChanged) -> employment_events.EmploymentChanged:
    return employment_events.EmploymentChanged(
        employment_id=str(fact.employment_id),
        person_id=str(fact.person_id),
        company_id=str(fact.company_id),
        changed_fields=list(fact.changed_fields),
        started_on=_day(fact.terms.started_on),
        ended_on=_day(fact.terms.ended_on),
        ended=fact.terms.ended,
    )


def _employment_ended(fact: EmploymentEnded) -> employment_events.EmploymentEnded:
    return employment_events.EmploymentEnded(
        employment_id=str(fact.employment_id),
        person_id=str(fact.person_id),
        company_id=str(fact.company_id),
        ended_on=_day(fact.ended_on),
    )


def _employment_removed(fact: EmploymentRemoved) -> employment_events.EmploymentRemoved:
    return employment_events.EmploymentRemoved(
        employment_id=str(fact.employment_id),
        person_id=str(fact.person_id),
        company_id=str(fact.company_id),
    )


def _relation_added(fact: RelationAdded) -> relation_events.RelationAdded:
    return relation_events.RelationAdded(
        relation_id=str(fact.relation_id),
        person_id=str(fact.person_id),
        related_person_id=str(fact.related_person_id),
        kind=fact.kind,
    )


def _relation_removed(fact: RelationRemoved) -> relation_events.RelationRemoved:
    return relation_events.RelationRemoved(
        relation_id=str(fact.relation_id),
        person_id=str(fact.person_id),
        related_person_id=str(fact.related_person_id),
        kind=fact.kind,
    )


def _object(kind: RecordKind) -> field_events.CustomFieldObject.ValueType:
    return field_events.CustomFieldObject.Value(f"CUSTOM_FIELD_OBJECT_{kind.upper()}")


def _field_defined(fact: CustomFieldDefined) -> field_events.CustomFieldDefined:
    definition = fact.definition
    return field_events.CustomFieldDefined(
        field_id=str(fact.field_id),
        object=_object(definition.object),
        key=definition.key,
        type=field_events.CustomFieldType.Value(f"CUSTOM_FIELD_TYPE_{definition.type.upper()}"),
        required=definition.required,
        choice_keys=[choice.key for choice in definition.choices],
    )


def _field_archived(fact: CustomFieldArchived) -> field_events.CustomFieldArchived:
    return field_events.CustomFieldArchived(
        field_id=str(fact.field_id),
        object=_object(fact.definition.object),
        key=fact.definition.key,
    )


def _field_restored(fact: CustomFieldRestored) -> field_events.CustomFieldRestored:
    return field_events.CustomFieldRestored(
        field_id=str(fact.field_id),
        object=_object(fact.definition.object),
        key=fact.definition.key,
    )


def _interaction_recorded(fact: InteractionRecorded) -> interaction_events.InteractionRecorded:
    one = fact.interaction
    message = interaction_events.InteractionRecorded(
        interaction_id=str(one.id),
        person_id=str(one.person_id),
        kind=one.kind,
        channel=one.channel,
    )
    message.occurred_at.FromDatetime(one.occurred_at)
    if one.value is not None:
        amount = f"{one.value.amount:f}"
        message.value.CopyFrom(Money(amount=amount, currency=one.value.currency))
    return message


def _kind_defined(fact: InteractionKindDefined) -> kind_events.InteractionKindDefined:
    definition = fact.definition
    direction = f"INTERACTION_DIRECTION_{definition.direction.upper()}"
    return kind_events.InteractionKindDefined(
        kind_id=str(fact.kind_id),
        key=definition.key,
        direction=kind_events.InteractionDirection.Value(direction),
        sign_of_life=definition.sign_of_life,
    )


def _kind_archived(fact: InteractionKindArchived) -> kind_events.InteractionKindArchived:
    return kind_events.InteractionKindArchived(kind_id=str(fact.kind_id), key=fact.key)


def _kind_restored(fact: InteractionKindRestored) -> kind_events.InteractionKindRestored:
    return kind_events.InteractionKindRestored(kind_id=str(fact.kind_id), key=fact.key)


def _import_finished(fact: ImportFinished) -> import_events.ImportFinished:
    counts = fact.counts
    return import_events.ImportFinished(
        import_id=str(fact.import_id),
        created_count=counts.created,
        updated_count=counts.updated,
        skipped_count=counts.skipped,
        failed_count=counts.failed,
        cancelled=fact.cancelled,
    )


def _import_undone(fact: ImportUndone) -> import_events.ImportUndone:
    return import_events.ImportUndone(
        import_id=str(fact.import_id),
        removed_count=fact.removed,
        reverted_count=fact.reverted,
        kept_count=fact.kept,
    )


def _data_exported(fact: DataExported) -> export_events.DataExported:
    return export_events.DataExported(
        export_id=str(fact.export_id),
        kind=fact.kind,
        format=fact.written_in,
        filters=fact.filters,
        person_id=_text(fact.person_id),
    )


ENCODER = FactEncoder(
    {
        PersonCreated: _created,
        PersonChanged: _changed,
        PersonArchived: _archived,
        PersonRestored: _restored,
        PersonDeleted: _deleted,
        PersonMerged: _merged,
        PersonUnmerged: _unmerged,
        PersonErased: _erased,
        DataExported: _data_exported,
        ImportFinished: _import_finished,
        ImportUndone: _import_undone,
        CompanyCreated: _company_created,
        CompanyChanged: _company_changed,
        CompanyArchived: _company_archived,
        CompanyRestored: _company_restored,
        EmploymentStarted: _employment_started,
        EmploymentChanged: _employment_changed,
        EmploymentEnded: _employment_ended,
        EmploymentRemoved: _employment_removed,
        RelationAdded: _relation_added,
        RelationRemoved: _relation_removed,
        CustomFieldDefined: _field_defined,
        CustomFieldArchived: _field_archived,
        CustomFieldRestored: _field_restored,
        **CONSENT_FACTS,
        **DATA_EXPORT_FACTS,
        **DUPLICATE_FACTS,
        **FRESHNESS_FACTS,
        **PROFILING_FACTS,
        InteractionRecorded: _interaction_recorded,
        InteractionKindDefined: _kind_defined,
        InteractionKindArchived: _kind_archived,
        InteractionKindRestored: _kind_restored,
    }
)

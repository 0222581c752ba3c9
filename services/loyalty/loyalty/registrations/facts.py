"""Facts about registrations to protobuf."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from google.protobuf.message import Message

from loyalty.encoding import id_or_none, moment, moment_or_none
from loyalty.registrations import domain
from rapport.loyalty.events.v1 import registration_events_pb2 as events


def _accepted(fact: domain.RegistrationAccepted) -> events.RegistrationAccepted:
    return events.RegistrationAccepted(
        **_about(fact.registration),
        person_id=_person(fact.registration),
        starts_at=moment(fact.starts_at),
        from_waiting_list=fact.from_waiting_list,
    )


def _waitlisted(fact: domain.RegistrationWaitlisted) -> events.RegistrationWaitlisted:
    return events.RegistrationWaitlisted(
        **_about(fact.registration), person_id=_person(fact.registration)
    )


def _cancelled(fact: domain.RegistrationCancelled) -> events.RegistrationCancelled:
    return events.RegistrationCancelled(
        **_about(fact.registration),
        person_id=id_or_none(fact.registration.person_id),
        reason=fact.reason,
    )


def _checked_in(fact: domain.RegistrationAdmitted) -> events.RegistrationAdmitted:
    return events.RegistrationAdmitted(
        **_about(fact.registration), person_id=_person(fact.registration)
    )


def _attended(fact: domain.ActivityAttended) -> events.ActivityAttended:
    return events.ActivityAttended(
        **_about(fact.registration),
        person_id=id_or_none(fact.registration.person_id),
        kind=fact.kind,
        venue=fact.venue,
        attended_at=moment_or_none(fact.registration.attended_at),
        points=fact.registration.given.points,
    )


def _missed(fact: domain.ActivityMissed) -> events.ActivityMissed:
    return events.ActivityMissed(
        **_about(fact.registration), person_id=id_or_none(fact.registration.person_id)
    )


def _refresh_asked(fact: domain.ContactDetailsRefreshAsked) -> events.ContactDetailsRefreshAsked:
    return events.ContactDetailsRefreshAsked(
        person_id=str(fact.asking.person_id),
        member_id=str(fact.asking.member_id),
        program_id=str(fact.asking.program_id),
        activity_id=str(fact.asking.activity_id),
    )


def _about(registration: domain.Registration) -> dict[str, str]:
    return {
        "registration_id": str(registration.id),
        "activity_id": str(registration.activity_id),
        "program_id": str(registration.program_id),
        "member_id": str(registration.member_id),
    }


def _person(registration: domain.Registration) -> str:
    return id_or_none(registration.person_id) or ""


REGISTRATION_FACTS: Mapping[type[Any], Callable[[Any], Message]] = {
    domain.RegistrationAccepted: _accepted,
    domain.RegistrationWaitlisted: _waitlisted,
    domain.RegistrationCancelled: _cancelled,
    domain.RegistrationAdmitted: _checked_in,
    domain.ActivityAttended: _attended,
    domain.ActivityMissed: _missed,
    domain.ContactDetailsRefreshAsked: _refresh_asked,
}

"""Facts about leads to protobuf."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from google.protobuf.message import Message

from rapport.sales.events.v1 import lead_events_pb2 as events
from rapport.sales.v1.lead_pb2 import LeadHeader, LeadOrigin
from sales.encoding import id_or_none, moment, moment_or_none
from sales.lead_facts.domain import (
    LeadArchived,
    LeadCaptured,
    LeadChanged,
    LeadClaimed,
    LeadConverted,
    LeadDisqualified,
    LeadErased,
    LeadFirstContacted,
    LeadFreshnessChanged,
    LeadQualified,
    LeadReconsidered,
    LeadRecycled,
    LeadRestored,
    LeadScoreChanged,
    LeadStanding,
    LeadTouched,
    Origin,
)


def _captured(fact: LeadCaptured) -> events.LeadCaptured:
    return events.LeadCaptured(
        lead_id=str(fact.standing.lead_id),
        person_id=id_or_none(fact.standing.person_id),
        lead=lead_header(fact.standing),
        touch=fact.touch.kind,
        web_form_id=id_or_none(fact.touch.web_form_id),
        captured_at=moment(fact.at),
    )


def _changed(fact: LeadChanged) -> events.LeadChanged:
    return events.LeadChanged(
        lead_id=str(fact.standing.lead_id),
        lead=lead_header(fact.standing),
        changed_fields=fact.changed_fields,
        previous_owner_id=id_or_none(fact.previous_owner_id),
    )


def _touched(fact: LeadTouched) -> events.LeadTouched:
    touch = fact.touch
    return events.LeadTouched(
        lead_id=str(fact.standing.lead_id),
        person_id=id_or_none(fact.standing.person_id),
        lead=lead_header(fact.standing),
        touch=touch.kind,
        touch_origin=_origin(touch.origin),
        web_form_id=id_or_none(touch.web_form_id),
        touched_at=moment(touch.at),
    )


def _archived(fact: LeadArchived) -> events.LeadArchived:
    return events.LeadArchived(lead_id=str(fact.standing.lead_id), lead=lead_header(fact.standing))


def _restored(fact: LeadRestored) -> events.LeadRestored:
    return events.LeadRestored(lead_id=str(fact.standing.lead_id), lead=lead_header(fact.standing))


def _converted(fact: LeadConverted) -> events.LeadConverted:
    standing, became = fact.standing, fact.became
    return events.LeadConverted(
        lead_id=str(standing.lead_id),
        person_id=id_or_none(standing.person_id),
        opportunity_id=id_or_none(became.opportunity_id),
        lead=lead_header(standing),
        credited=_origin(became.credited.origin),
        credited_touch_at=moment(became.credited.at),
        person_created=became.person_created,
        company_created=became.company_created,
        captured_at=moment(fact.captured_at),
        converted_at=moment(fact.at),
    )


def _erased(fact: LeadErased) -> events.LeadErased:
    return events.LeadErased(lead_id=str(fact.lead_id), erased_at=moment(fact.at))


def _qualified(fact: LeadQualified) -> events.LeadQualified:
    return events.LeadQualified(
        lead_id=str(fact.standing.lead_id),
        person_id=id_or_none(fact.standing.person_id),
        lead=lead_header(fact.standing),
        framework_id=str(fact.framework_id),
        points=fact.points,
        qualified_at=moment(fact.at),
    )


def _disqualified(fact: LeadDisqualified) -> events.LeadDisqualified:
    return events.LeadDisqualified(
        lead_id=str(fact.standing.lead_id),
        person_id=id_or_none(fact.standing.person_id),
        lead=lead_header(fact.standing),
        reason=fact.reason,
        disqualified_at=moment(fact.at),
    )


def _reconsidered(fact: LeadReconsidered) -> events.LeadReconsidered:
    return events.LeadReconsidered(
        lead_id=str(fact.standing.lead_id), lead=lead_header(fact.standing)
    )


def _score_changed(fact: LeadScoreChanged) -> events.LeadScoreChanged:
    return events.LeadScoreChanged(
        lead_id=str(fact.standing.lead_id),
        lead=lead_header(fact.standing),
        previous_score=fact.previous_score,
        score=fact.score,
    )


def _freshness_changed(fact: LeadFreshnessChanged) -> events.LeadFreshnessChanged:
    return events.LeadFreshnessChanged(
        lead_id=str(fact.standing.lead_id),
        lead=lead_header(fact.standing),
        previous_freshness=fact.previous,
        freshness=fact.freshness,
        last_touch_at=moment(fact.last_touch_at),
    )


def _recycled(fact: LeadRecycled) -> events.LeadRecycled:
    return events.LeadRecycled(
        lead_id=str(fact.standing.lead_id),
        lead=lead_header(fact.standing),
        previous_owner_id=str(fact.previous_owner_id),
        times=fact.times,
        recycled_at=moment(fact.at),
    )


def _claimed(fact: LeadClaimed) -> events.LeadClaimed:
    return events.LeadClaimed(
        lead_id=str(fact.standing.lead_id),
        lead=lead_header(fact.standing),
        claimed_at=moment(fact.at),
    )


def _first_contacted(fact: LeadFirstContacted) -> events.LeadFirstContacted:
    return events.LeadFirstContacted(
        lead_id=str(fact.standing.lead_id),
        person_id=id_or_none(fact.standing.person_id),
        lead=lead_header(fact.standing),
        contact=fact.contact,
        contacted_at=moment(fact.at),
        seconds_to_contact=fact.seconds,
        contact_due_at=moment_or_none(fact.due_at),
    )


def lead_header(standing: LeadStanding) -> LeadHeader:
    """What every fact about a lead says of it."""
    return LeadHeader(
        lead_id=str(standing.lead_id),
        person_id=id_or_none(standing.person_id),
        company_id=id_or_none(standing.company_id),
        owner_id=id_or_none(standing.owner_id),
        origin=_origin(standing.origin),
    )


def _origin(origin: Origin) -> LeadOrigin:
    return LeadOrigin(
        source=origin.source,
        campaign=origin.campaign,
        landing_page=origin.landing_page,
        variant=origin.variant,
    )


LEAD_FACTS: Mapping[type[Any], Callable[[Any], Message]] = {
    LeadCaptured: _captured,
    LeadChanged: _changed,
    LeadTouched: _touched,
    LeadArchived: _archived,
    LeadRestored: _restored,
    LeadConverted: _converted,
    LeadErased: _erased,
    LeadQualified: _qualified,
    LeadDisqualified: _disqualified,
    LeadReconsidered: _reconsidered,
    LeadScoreChanged: _score_changed,
    LeadFreshnessChanged: _freshness_changed,
    LeadRecycled: _recycled,
    LeadClaimed: _claimed,
    LeadFirstContacted: _first_contacted,
}

"""Recognises a person whom another service describes, or enters them; one transaction."""

from __future__ import annotations

from collections.abc import Sequence

from chassis.storage.scope import Scope
from contacts.companies.matching import name_key
from contacts.contact_points.domain import ExternalId
from contacts.people.domain import PersonDetails
from contacts.people.finding import find_candidates
from contacts.people.matching import DUPLICATE_KINDS, keys_of
from contacts.people.normalisation import normalised
from contacts.people.operations import create_person, external_id_taken, with_external_ids
from contacts.people.queries import READ, person_summary
from contacts.quality.normalise import Defaults
from contacts.recognition.rules import Likeness, Outcome, Recognition, recognised
from contacts.recognition.turns import take_turns
from contacts.transaction import ContactsTx

_WAYS = (("email",), ("name", "phone"))
_MOST_COMPARED = 50


def match_or_create_person(
    tx: ContactsTx,
    known_as: ExternalId,
    details: PersonDetails,
    *,
    country: str = "",
    must_create: bool = False,
) -> Recognition:
    """The one person who is `known_as`, or fits the details, or else is entered.

    Those at work on the same somebody at the same time take turns. Raises `Invalid` for values that
    cannot be right, `Conflict` when `known_as` is somebody's who is archived or out of reach.
    """
    details = normalised(details, Defaults(country), tx.clock.now().date()).details
    keys = [pair for pair in keys_of(details) if pair[0] in DUPLICATE_KINDS]
    take_turns(tx, "person", [("external_id", f"{known_as.system} {known_as.id}"), *keys])
    known = _known_as(tx, known_as)
    if known is not None:
        return known
    found = None if must_create else recognised(_alike(tx, details), *_WAYS)
    if found is not None:
        return found
    entered = create_person(tx, with_external_ids(details, (known_as,)))
    return Recognition(Outcome.CREATED, entered.person.id)


def _known_as(tx: ContactsTx, key: ExternalId) -> Recognition | None:
    """Whoever an earlier call has entered."""
    person_id = tx.people.ids_of([key]).get(key)
    if person_id is None:
        return None
    summary = person_summary(tx, person_id, Scope.under(tx.caller, READ))
    if summary is None or summary.archived:
        raise external_id_taken(key)
    return Recognition(Outcome.CREATED, person_id, ("external_id",))


def _alike(tx: ContactsTx, details: PersonDetails) -> Sequence[Likeness]:
    name, scope = name_key(details.full_name), Scope.under(tx.caller, READ)
    found = find_candidates(tx, details, scope=scope, most=_MOST_COMPARED)
    return [
        Likeness(
            one.person_id,
            one.full_name,
            # Where no name is given, none speaks against whoever has the number.
            (*one.matched_on, *(("name",) if name in ("", name_key(one.full_name)) else ())),
        )
        for one in found
    ]

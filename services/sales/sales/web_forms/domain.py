"""What a form on a public page asks, from where it may come, and what looks like abuse (SA-1)."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from uuid import UUID

from chassis.domain import Aggregate, Conflict, Fact, Invalid, Violation
from sales.lead_facts.domain import FORM_SOURCE, ConsentSaying, Origin

MOST_FORMS = 500
"""How many a tenant may have."""
MOST_WAITING = 1_000
"""How many submissions of one form may wait to be looked at."""
KEPT_FOR = timedelta(days=90)
"""How long a quarantined submission waits; then what is in it is dropped."""
TICKET_LASTS = timedelta(hours=24)
"""How long after a form was opened it may be sent."""
_MOST_LINKS = 2
_LINK = re.compile(r"https?://|www\.", re.IGNORECASE)


class FormFieldName(StrEnum):
    """What a form may ask."""

    GIVEN_NAME = "given_name"
    FAMILY_NAME = "family_name"
    EMAIL = "email"
    PHONE = "phone"
    COMPANY_NAME = "company_name"
    JOB_TITLE = "job_title"
    INDUSTRY = "industry"
    COMPANY_SIZE = "company_size"
    COUNTRY = "country"
    POSTAL_CODE = "postal_code"
    DESCRIPTION = "description"


class Suspicion(StrEnum):
    """Why a submission is held back."""

    HONEYPOT_FILLED = "honeypot_filled"
    TICKET_MISSING = "ticket_missing"
    TICKET_INVALID = "ticket_invalid"
    TICKET_EXPIRED = "ticket_expired"
    TOO_FAST = "too_fast"
    ORIGIN_MISSING = "origin_missing"
    MANY_LINKS = "many_links"


class SubmissionState(StrEnum):
    """What became of a submission that was held back."""

    QUARANTINED = "quarantined"
    RELEASED = "released"
    DROPPED = "dropped"


@dataclass(frozen=True, slots=True)
class FormField:
    """One question; the label is by language."""

    name: FormFieldName
    label: Mapping[str, str]
    required: bool = False


@dataclass(frozen=True, slots=True)
class FormConsent:
    """A box to tick: a yes to a purpose on a channel, in these words."""

    purpose: str
    channel: str
    wording: Mapping[str, str]
    required: bool = False

    @property
    def key(self) -> str:
        """The name of the box."""
        return f"consent.{self.purpose}.{self.channel}"


@dataclass(frozen=True, slots=True)
class FormDefinition:
    """What a form asks, and where what is submitted comes from.

    `variants` are those of the landing page that are told apart. Of `thank_you_urls` the first is
    where visitors go on, unless the page names another one of them.
    """

    fields: tuple[FormField, ...]
    consents: tuple[FormConsent, ...] = ()
    source: str = "web_form"
    campaign: str = ""
    landing_page: str = ""
    variants: tuple[str, ...] = ()
    allowed_origins: tuple[str, ...] = ()
    thank_you_urls: tuple[str, ...] = ()
    min_fill_seconds: int = 3
    owner_id: UUID | None = None

    def origin(self, variant: str) -> Origin:
        """Where a touch by this form comes from; a variant that it does not know is left out."""
        known = variant if variant in self.variants else ""
        return Origin(self.source, self.campaign, self.landing_page, known)

    def next_address(self, wanted: str) -> str | None:
        """Where a visitor goes on to: never anywhere that the form does not list."""
        if wanted in self.thank_you_urls:
            return wanted
        return next(iter(self.thank_you_urls), None)


@dataclass(frozen=True, slots=True)
class Opening:
    """When the form was opened, as far as its ticket proves it."""

    at: datetime | None
    suspicion: Suspicion | None = None


@dataclass(frozen=True, slots=True)
class Submitted:
    """What somebody has sent: answers by the names of fields and boxes, and how it came."""

    answers: Mapping[str, str]
    opening: Opening
    variant: str = ""
    trap: str = ""
    from_known_page: bool = True
    ticket: str = ""


@dataclass(frozen=True, slots=True)
class WebFormDefined(Fact):
    """A form is new or different."""

    web_form_id: UUID
    definition: FormDefinition


@dataclass(frozen=True, slots=True)
class WebFormArchived(Fact):
    """A form takes nothing any more."""

    web_form_id: UUID


@dataclass(frozen=True, slots=True)
class WebFormRestored(Fact):
    """A form takes submissions again."""

    web_form_id: UUID


@dataclass(frozen=True, slots=True)
class FormSubmissionQuarantined(Fact):
    """A submission looks like abuse."""

    submission_id: UUID
    web_form_id: UUID
    reasons: tuple[Suspicion, ...]


@dataclass(frozen=True, slots=True)
class FormSubmissionReleased(Fact):
    """A submission was no abuse."""

    submission_id: UUID
    web_form_id: UUID
    lead_id: UUID


@dataclass(frozen=True, slots=True)
class FormSubmissionDropped(Fact):
    """What was in a submission is gone."""

    submission_id: UUID
    web_form_id: UUID
    expired: bool


@dataclass(kw_only=True)
class WebForm(Aggregate):
    """A form on a public page."""

    name: str
    definition: FormDefinition
    created_at: datetime
    updated_at: datetime
    archived_at: datetime | None = None

    def define(self) -> None:
        """Say that it is there. Raises `Invalid` for one that asks the same twice."""
        _require_sound(self.definition)
        self.record(WebFormDefined(self.id, self.definition))

    def change(self, name: str, definition: FormDefinition, now: datetime) -> None:
        """Ask something else from now on; nothing happens when nothing differs. Raises `Invalid`."""
        if (name, definition) == (self.name, self.definition):
            return
        self.name, self.definition, self.updated_at = name, definition, now
        self.define()

    def archive(self, now: datetime) -> None:
        """Take nothing any more; a second time is no error."""
        if self.archived_at is None:
            self.archived_at = self.updated_at = now
            self.record(WebFormArchived(self.id))

    def restore(self, now: datetime) -> None:
        """Take submissions again; nothing happens to one that does."""
        if self.archived_at is not None:
            self.archived_at, self.updated_at = None, now
            self.record(WebFormRestored(self.id))

    def require_complete(self, answers: Mapping[str, str]) -> None:
        """Check what was sent. Raises `Invalid` for what is missing, and what was not asked."""
        asked = {f.name.value: f.required for f in self.definition.fields}
        asked |= {c.key: c.required for c in self.definition.consents}
        wrong = [
            Violation(f"/{name}", "field_unknown", "The form does not ask this.")
            for name in answers
            if name not in asked
        ]
        wrong += [
            Violation(f"/{name}", "field_missing", "This has to be filled in.")
            for name, required in asked.items()
            if required and not answers.get(name, "").strip()
        ]
        if wrong:
            raise Invalid("Not everything is filled in as asked.", violations=tuple(wrong))

    def suspicions(self, sent: Submitted, now: datetime) -> tuple[Suspicion, ...]:
        """All that looks like abuse; nothing when it is taken at once."""
        opened = sent.opening
        found = [Suspicion.HONEYPOT_FILLED] if sent.trap.strip() else []
        if opened.suspicion is not None:
            found.append(opened.suspicion)
        elif opened.at is not None:
            filled_in = now - opened.at
            if filled_in < timedelta(seconds=self.definition.min_fill_seconds):
                found.append(Suspicion.TOO_FAST)
            if filled_in > TICKET_LASTS:
                found.append(Suspicion.TICKET_EXPIRED)
        if not sent.from_known_page:
            found.append(Suspicion.ORIGIN_MISSING)
        if any(len(_LINK.findall(text)) > _MOST_LINKS for text in sent.answers.values()):
            found.append(Suspicion.MANY_LINKS)
        return tuple(found)

    def consents_in(
        self, answers: Mapping[str, str], language: str, at: datetime
    ) -> tuple[ConsentSaying, ...]:
        """What was agreed to; a box that was left alone says nothing."""
        return tuple(
            ConsentSaying(
                one.purpose,
                one.channel,
                granted=True,
                wording=one.wording.get(language) or next(iter(one.wording.values())),
                source=f"{FORM_SOURCE} {self.name}"[:100],
                said_at=at,
            )
            for one in self.definition.consents
            if answers.get(one.key, "").strip()
        )


@dataclass(kw_only=True)
class FormSubmission(Aggregate):
    """A submission that was held back, until somebody has looked at it."""

    web_form_id: UUID
    state: SubmissionState
    reasons: tuple[Suspicion, ...]
    answers: Mapping[str, str]
    variant: str
    received_at: datetime
    reviewed_at: datetime | None = None
    reviewed_by: str | None = None
    lead_id: UUID | None = None

    def quarantine(self) -> None:
        """Say that it is held back."""
        self.record(FormSubmissionQuarantined(self.id, self.web_form_id, self.reasons))

    def release(self, lead_id: UUID, actor: str, now: datetime) -> None:
        """Note what came of it; its answers are the lead's now. Raises `Conflict` unless it waits."""
        self.require_waiting()
        self.state, self.lead_id, self.answers = SubmissionState.RELEASED, lead_id, {}
        self.reviewed_at, self.reviewed_by = now, actor
        self.record(FormSubmissionReleased(self.id, self.web_form_id, lead_id))

    def drop(self, actor: str, now: datetime, *, expired: bool = False) -> None:
        """Forget what is in it. Raises `Conflict` unless it waits."""
        self.require_waiting()
        self.state, self.answers = SubmissionState.DROPPED, {}
        self.reviewed_at, self.reviewed_by = now, actor
        self.record(FormSubmissionDropped(self.id, self.web_form_id, expired))

    def require_waiting(self) -> None:
        """Check that nobody has decided yet. Raises `Conflict`."""
        if self.state is not SubmissionState.QUARANTINED:
            message = f"The submission was {self.state} already."
            raise Conflict(message, code="submission_reviewed")


def _require_sound(definition: FormDefinition) -> None:
    names = [one.name for one in definition.fields] + [one.key for one in definition.consents]
    twice = sorted({str(name) for name in names if names.count(name) > 1})
    if twice:
        message = f"The form asks {', '.join(twice)} more than once."
        raise Invalid.at("/fields", "asked_twice", message)
    reachable = {FormFieldName.EMAIL, FormFieldName.PHONE}
    if not any(one.name in reachable and one.required for one in definition.fields):
        message = "The form has to require an e-mail address or a telephone number."
        raise Invalid.at("/fields", "nobody_to_reach", message)

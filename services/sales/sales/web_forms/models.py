"""Web forms and what they hold back, as the REST face takes and shows them."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from pydantic import BaseModel, Field

from chassis.http.body import Body
from chassis.http.query_string import Query
from sales.leads.models import Channel
from sales.names import Key, Label, Language, Line, Short
from sales.web_forms.domain import (
    FormConsent,
    FormDefinition,
    FormField,
    FormFieldName,
    FormSubmission,
    SubmissionState,
    Suspicion,
    WebForm,
)
from sales.web_forms.storage import document_of

Site = Annotated[
    str, Field(max_length=200, pattern=r"^https?://[a-z0-9]([a-z0-9.-]*[a-z0-9])?(:[0-9]{1,5})?$")
]
"""Where a page is, as browsers say it: `https://www.example.com`, without a path."""
Address = Annotated[str, Field(max_length=500, pattern=r"^https?://[^\s/?#\\@]+([/?#][^\s\\]*)?$")]
Wording = Annotated[
    dict[Language, Annotated[str, Field(min_length=1, max_length=2_000)]],
    Field(min_length=1, max_length=20),
]


class FormFieldIn(Body):
    """One question, by the name of what it asks; the label is by language."""

    name: FormFieldName
    label: Label
    required: bool = False


class FormConsentIn(Body):
    """A box to tick: a yes to a purpose on a channel, in these words."""

    purpose: Key
    channel: Channel
    wording: Wording
    required: bool = False


class WebFormIn(Body):
    """A form. What comes by it has this source, campaign, landing page, and one of the variants.

    It is taken from pages of `allowed_origins` alone. Visitors go on to the first of
    `thank_you_urls`, unless their page names another one of them.
    """

    name: Annotated[str, Field(min_length=1, max_length=100)]
    fields: Annotated[tuple[FormFieldIn, ...], Field(min_length=1, max_length=20)]
    consents: Annotated[tuple[FormConsentIn, ...], Field(max_length=10)] = ()
    source: Short = "web_form"
    campaign: Short = ""
    landing_page: Line = ""
    variants: Annotated[tuple[Short, ...], Field(max_length=20)] = ()
    allowed_origins: Annotated[tuple[Site, ...], Field(min_length=1, max_length=20)]
    thank_you_urls: Annotated[tuple[Address, ...], Field(max_length=20)] = ()
    min_fill_seconds: Annotated[int, Field(ge=0, le=3_600)] = 3
    owner_id: UUID | None = None


class WebFormOut(BaseModel):
    """A form."""

    id: UUID
    version: int
    name: str
    fields: list[FormFieldIn]
    consents: list[FormConsentIn]
    source: str
    campaign: str
    landing_page: str
    variants: list[str]
    allowed_origins: list[str]
    thank_you_urls: list[str]
    min_fill_seconds: int
    owner_id: UUID | None
    created_at: datetime
    updated_at: datetime
    archived_at: datetime | None


class SnippetQuery(Query):
    language: Annotated[str, Field(max_length=35)] = "en"


class SnippetOut(BaseModel):
    """HTML to put into a page."""

    language: str
    html: str


class FormSubmissionOut(BaseModel):
    """A submission that was held back; its answers are there as long as it waits."""

    id: UUID
    version: int
    web_form_id: UUID
    state: SubmissionState
    reasons: list[Suspicion]
    answers: dict[str, str]
    variant: str
    received_at: datetime
    reviewed_at: datetime | None
    reviewed_by: str | None
    lead_id: UUID | None


def definition_in(body: WebFormIn) -> FormDefinition:
    """The definition that a body gives."""
    plain = (
        "source",
        "campaign",
        "landing_page",
        "variants",
        "allowed_origins",
        "thank_you_urls",
        "min_fill_seconds",
        "owner_id",
    )
    return FormDefinition(
        fields=tuple(FormField(one.name, one.label, one.required) for one in body.fields),
        consents=tuple(
            FormConsent(one.purpose, one.channel, one.wording, one.required)
            for one in body.consents
        ),
        **{name: getattr(body, name) for name in plain},
    )


def shown(form: WebForm) -> dict[str, Any]:
    """A form as the API shows one."""
    own = ("id", "version", "name", "created_at", "updated_at", "archived_at")
    return {**{name: getattr(form, name) for name in own}, **document_of(form.definition)}


def submission_shown(submission: FormSubmission) -> dict[str, Any]:
    """A submission as the API shows one."""
    return {name: getattr(submission, name) for name in FormSubmissionOut.model_fields}

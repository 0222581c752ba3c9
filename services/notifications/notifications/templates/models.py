"""Templates as the REST face takes and shows them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from pydantic import BaseModel, Field

from chassis.http.body import Body, Patch
from notifications.templates.built_in import BUILT_IN
from notifications.templates.channels import Channel
from notifications.templates.domain import Category, Draft, Template
from notifications.templates.drafts import LONGEST_SOURCE, MOST_LANGUAGES, merged
from notifications.templates.flows import Trial
from notifications.templates.proving import SOMEBODY
from notifications.templates.rendering.messages import RecipientFields

LanguageTag = Annotated[str, Field(min_length=2, max_length=35, examples=["zh-Hant"])]
Source = Annotated[str, Field(max_length=LONGEST_SOURCE)]
PartName = Annotated[str, Field(max_length=20, examples=["subject"])]
Variables = Annotated[
    dict[str, Any],
    Field(
        description="A JSON Schema of an object, of the plain keywords.",
        examples=[{"type": "object", "properties": {"link": {"type": "string"}}}],
    ),
]
Content = Annotated[
    dict[
        Channel,
        Annotated[
            dict[LanguageTag, Annotated[dict[PartName, Source], Field(max_length=10)]],
            Field(max_length=MOST_LANGUAGES),
        ],
    ],
    Field(
        description="What is said, by channel, language and part.",
        examples=[{"sms": {"en": {"text": "Hello {{ recipient.name }}"}}}],
    ),
]
ContentPatch = Annotated[
    dict[
        Channel,
        Annotated[
            dict[
                LanguageTag, Annotated[dict[PartName, Source | None], Field(max_length=10)] | None
            ],
            Field(max_length=MOST_LANGUAGES),
        ]
        | None,
    ],
    Field(description="What changes, by channel, language and part; null takes away."),
]
Name = Annotated[str, Field(min_length=1, max_length=200)]
Number = Annotated[int, Field(ge=1, lt=2**31)]
FixedText = Annotated[str, Field(max_length=200)]


class TemplateIn(Body):
    """A new template."""

    key: Annotated[str, Field(min_length=1, max_length=63, pattern="^[a-z][a-z0-9_]*$")]
    name: Name
    category: Category = Category.TRANSACTIONAL
    default_language: LanguageTag = "en"
    variables: Variables = Field(default_factory=dict)
    content: Content = Field(default_factory=dict)


class TemplatePatch(Patch):
    """What may change about a draft."""

    name: Name = ""
    category: Category = Category.TRANSACTIONAL
    default_language: LanguageTag = "en"
    variables: Variables = Field(default_factory=dict)
    content: ContentPatch = Field(default_factory=dict)


class RollBackIn(Body):
    """The number of the version to send again."""

    to: Number


class RecipientIn(Body):
    """Whom a preview is for; what is left out is empty."""

    name: FixedText = ""
    given_name: FixedText = ""
    family_name: FixedText = ""
    language: Annotated[str, Field(max_length=35)] = ""
    time_zone: Annotated[str, Field(max_length=100, examples=["Asia/Taipei"])] = ""


class PreviewIn(Body):
    """What to show: without variables they are made up, without a recipient somebody is."""

    channel: Channel
    language: Annotated[str, Field(max_length=35)] = ""
    variables: dict[str, Any] | None = None
    recipient: RecipientIn | None = None
    person_id: UUID | None = None


class DraftPreviewIn(PreviewIn):
    """What to show of a template: the draft, or the version with a number."""

    number: Number | None = None


class SentPreviewIn(PreviewIn):
    """What to show of that which is sent under a key."""

    key: Annotated[str, Field(min_length=1, max_length=63)]


class TemplateSummaryOut(BaseModel):
    """A template in a list. `live` is the number of the version that is sent, if any was."""

    id: UUID
    version: int
    key: str
    name: str
    category: Category
    default_language: str
    live: int | None
    latest: int
    overrides_built_in: bool
    created_at: datetime
    updated_at: datetime
    archived_at: datetime | None


class TemplateOut(TemplateSummaryOut):
    """A template with its draft."""

    variables: dict[str, Any]
    content: dict[Channel, dict[str, dict[str, str]]]


class VersionSummaryOut(BaseModel):
    """A version in a list."""

    number: int
    live: bool
    name: str
    category: Category
    default_language: str
    published_at: datetime
    published_by: str


class VersionOut(VersionSummaryOut):
    """A version with what it says, for good."""

    variables: dict[str, Any]
    content: dict[Channel, dict[str, dict[str, str]]]


class BuiltInOut(BaseModel):
    """A template that comes with the platform."""

    key: str
    name: str
    category: Category
    default_language: str
    variables: dict[str, Any]
    content: dict[Channel, dict[str, dict[str, str]]]


class BuiltInsOut(BaseModel):
    """All templates that come with the platform."""

    items: list[BuiltInOut]


class PreviewOut(BaseModel):
    """A message as it would be sent; what the channel does not have is empty."""

    channel: Channel
    language: str
    subject: str
    title: str
    text: str
    html: str
    link: str


def draft_in(body: TemplateIn) -> Draft:
    """The draft that a body gives."""
    content = {str(channel): texts for channel, texts in body.content.items()}
    return Draft(body.name, body.category, body.default_language, body.variables, content)


def changed(draft: Draft, body: TemplatePatch) -> Draft:
    """The draft with what a merge patch mentions."""
    changes: dict[str, Any] = {
        name: getattr(body, name)
        for name in body.model_fields_set & {"name", "category", "default_language"}
    }
    if "variables" in body.model_fields_set:
        changes["variables"] = merged(draft.variables, body.variables)
    if "content" in body.model_fields_set:
        patch = {str(channel): texts for channel, texts in body.content.items()}
        changes["content"] = merged(draft.content, patch)
    return replace(draft, **changes)


def trial_in(body: PreviewIn) -> Trial:
    """What a body asks to see."""
    recipient = SOMEBODY
    if body.recipient is not None:
        recipient = RecipientFields(**body.recipient.model_dump())
    return Trial(body.channel, body.language, body.variables, recipient, body.person_id)


def shown(template: Template) -> Mapping[str, Any]:
    """A template as the API shows one, without reading it back."""
    draft = template.draft
    return {
        "id": template.id,
        "version": template.version,
        "key": template.key,
        "name": draft.name,
        "category": draft.category,
        "default_language": draft.default_language,
        "live": template.live,
        "latest": template.latest,
        "overrides_built_in": template.key in BUILT_IN,
        "created_at": template.created_at,
        "updated_at": template.updated_at,
        "archived_at": template.archived_at,
        "variables": draft.variables,
        "content": draft.content,
    }

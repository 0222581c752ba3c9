"""Rules as the REST face takes and shows them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import BaseModel, Field

from chassis.http.body import Body, Moment, Patch
from notifications.rules.domain import (
    LONGEST_DELAY,
    HolderReach,
    OncePer,
    RecipientChoice,
    RecipientKind,
    Rule,
    RuleDefinition,
    VariableSource,
)
from notifications.rules.fields import LONGEST_PATH, FieldType
from notifications.rules.holders import LONGEST_PERMISSION
from notifications.rules.trying import MOST_TRIED
from notifications.templates.channels import Channel
from notifications.templates.models import PreviewOut

Name = Annotated[str, Field(min_length=1, max_length=200)]
FactTypeName = Annotated[
    str,
    Field(
        min_length=1, max_length=200, examples=["rapport.contacts.events.v1.InteractionRecorded"]
    ),
]
Key = Annotated[str, Field(min_length=1, max_length=63)]
Purpose = Annotated[str, Field(max_length=63)]
FieldPath = Annotated[str, Field(max_length=LONGEST_PATH)]
Delay = Annotated[int, Field(ge=0, le=LONGEST_DELAY)]
Condition = Annotated[
    dict[str, Any],
    Field(
        description="All, any or not of comparisons over the fact's fields; empty always holds.",
        examples=[
            {
                "all": [
                    {"field": "kind", "operator": "in", "value": ["purchase", "review"]},
                    {"field": "value.amount", "operator": "gte", "value": 1000},
                ]
            }
        ],
    ),
]


class RecipientChoiceIn(Body):
    """Whose id the field holds, or always the user with `user_id`; then `field` is empty.

    For `holders`: all active users with the `permission`, at least as far as `reach`, but whoever caused the
    fact; where `field` names one of the fact's, those of them who have the role whose id it holds.
    """

    kind: RecipientKind = RecipientKind.PERSON
    field: FieldPath | None = Field(
        default=None, description="`person_id` unless said otherwise, where it is needed."
    )
    user_id: UUID | None = None
    permission: Annotated[str, Field(max_length=LONGEST_PERMISSION)] = ""
    reach: HolderReach = HolderReach.ALL

    def choice(self) -> RecipientChoice:
        """Whom a rule writes to."""
        field = self.field
        if field is None:
            names_nobody = self.kind is RecipientKind.HOLDERS or self.user_id is not None
            field = "" if names_nobody else RecipientChoice().field
        return RecipientChoice(self.kind, field, self.user_id, self.permission, self.reach)


class VariableSourceIn(Body):
    """A field of the fact, or a value that is always the same."""

    field: FieldPath = ""
    value: Any = None


Sources = Annotated[dict[Key, VariableSourceIn], Field(max_length=100)]


class RuleIn(Body):
    """A new rule."""

    name: Name
    fact_type: FactTypeName
    template: Key
    channel: Channel
    purpose: Purpose = ""
    condition: Condition = Field(default_factory=dict)
    recipient: RecipientChoiceIn = Field(default_factory=RecipientChoiceIn)
    variables: Sources = Field(default_factory=dict)
    delay_seconds: Delay = 0
    once_per: OncePer = OncePer.AGGREGATE
    enabled: bool = True


class RulePatch(Patch):
    """What may change about a rule; condition, recipient and variables are replaced as a whole."""

    name: Name = ""
    fact_type: FactTypeName = ""
    template: Key = ""
    channel: Channel = Channel.EMAIL
    purpose: Purpose = ""
    condition: Condition = Field(default_factory=dict)
    recipient: RecipientChoiceIn = Field(default_factory=RecipientChoiceIn)
    variables: Sources = Field(default_factory=dict)
    delay_seconds: Delay = 0
    once_per: OncePer = OncePer.AGGREGATE
    enabled: bool = True


class RuleTestIn(Body):
    """A fact in its JSON form, as the feed shows it; `aggregate_id` is what it is about."""

    fact: dict[str, Any]
    aggregate_id: UUID | None = None
    occurred_at: Moment | None = None


class SimulationIn(Body):
    """How many of the facts that were stored last are tried."""

    facts: Annotated[int, Field(ge=1, le=MOST_TRIED)]


class RecipientChoiceOut(BaseModel):
    """Whom the rule writes to. `permission` is empty and `reach` means nothing but for holders."""

    kind: RecipientKind
    field: str
    user_id: UUID | None
    permission: str
    reach: HolderReach


class VariableSourceOut(BaseModel):
    """Where a variable comes from."""

    field: str
    value: Any


class RuleOut(BaseModel):
    """A rule."""

    id: UUID
    version: int
    name: str
    fact_type: str
    enabled: bool
    template: str
    channel: Channel
    purpose: str
    delay_seconds: int
    once_per: OncePer
    condition: dict[str, Any]
    recipient: RecipientChoiceOut
    variables: dict[str, VariableSourceOut]
    created_at: datetime
    updated_at: datetime


class HoldersOut(BaseModel):
    """Those who would be told; who they are, identity says once a fact is there."""

    permission: str
    reach: HolderReach
    role_id: UUID | None


class OutcomeOut(BaseModel):
    """What the rule makes of a fact; `reason` is what it does not hold on when it does not fire."""

    fires: bool
    reason: Literal["fires", "condition", "recipient"]
    person_id: UUID | None
    user_id: UUID | None
    holders: HoldersOut | None
    variables: dict[str, Any] | None
    send_at: datetime | None


class RuleTestOut(OutcomeOut):
    """The message for somebody made up, or the problem with it."""

    message: PreviewOut | None
    problem: str | None


class ExampleOut(OutcomeOut):
    """What the rule would have made of one fact."""

    fact_id: UUID
    occurred_at: datetime


class SimulationOut(BaseModel):
    """How many facts were tried, how many messages they would have led to, and some of them.

    What all holders of a permission are told counts as one.
    """

    facts: int
    messages: int
    examples: list[ExampleOut]


class FieldOut(BaseModel):
    """A field that a rule can speak of; `words` are those of a choice."""

    path: str
    type: FieldType
    list: bool
    words: tuple[str, ...]


class RuleFactOut(BaseModel):
    """A type of fact that a rule can wait for."""

    type: str
    fields: tuple[FieldOut, ...]


class RuleFactsOut(BaseModel):
    """All types of facts that the caller's rules can wait for."""

    items: tuple[RuleFactOut, ...]


def definition_in(body: RuleIn) -> RuleDefinition:
    """The definition that a body gives."""
    fresh = RuleDefinition(body.name, body.fact_type, body.template, body.channel)
    return _with(fresh, body, set(RuleIn.model_fields))


def changed(definition: RuleDefinition, body: RulePatch) -> RuleDefinition:
    """The definition with what a merge patch mentions."""
    return _with(definition, body, body.model_fields_set)


def _with(definition: RuleDefinition, body: RuleIn | RulePatch, names: set[str]) -> RuleDefinition:
    changes: dict[str, Any] = {name: getattr(body, name) for name in names}
    if "channel" in changes:
        changes["channel"] = body.channel.value
    if "recipient" in changes:
        changes["recipient"] = body.recipient.choice()
    if "variables" in changes:
        changes["variables"] = {
            name: VariableSource(source.field, source.value)
            for name, source in body.variables.items()
        }
    return replace(definition, **changes)


def shown(rule: Rule) -> Mapping[str, Any]:
    """A rule as the API shows one, without reading it back."""
    definition = rule.definition
    return {
        "id": rule.id,
        "version": rule.version,
        "name": definition.name,
        "fact_type": definition.fact_type,
        "enabled": definition.enabled,
        "template": definition.template,
        "channel": definition.channel,
        "purpose": definition.purpose,
        "delay_seconds": definition.delay_seconds,
        "once_per": definition.once_per,
        "condition": definition.condition,
        "recipient": definition.recipient,
        "variables": definition.variables,
        "created_at": rule.created_at,
        "updated_at": rule.updated_at,
    }

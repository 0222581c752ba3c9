"""Whether a rule makes sense: its fact, condition, recipient, template and variables."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, cast

from google.protobuf.descriptor import Descriptor

from chassis.domain import Invalid, NotFound, Violation
from chassis.storage.unit_of_work import Reading, UnitOfWork
from notifications.feed.catalogue import FactType, fact_types
from notifications.feed.rights import Reaching, lacking, may_read
from notifications.rules import conditions
from notifications.rules.domain import RecipientChoice, RecipientKind, RuleDefinition
from notifications.rules.fields import FieldKind, FieldType, NoSuchField, kind_of
from notifications.rules.holders import is_permission
from notifications.templates.domain import Category, TemplateVersion
from notifications.templates.live import live_version

ABOUT_MESSAGES = "rapport.notifications.events.v1.Message"
"""Facts about messages lead to no messages: those would lead to the next ones, without end."""


def fact_type_of(definition: RuleDefinition) -> FactType:
    """The type of fact that a rule waits for. Raises `Invalid`."""
    found = fact_types().get(definition.fact_type)
    if found is None:
        message = f"There is no type of fact {definition.fact_type}."
        raise Invalid.at("/fact_type", "fact_type_unknown", message)
    if found.name.startswith(ABOUT_MESSAGES):
        message = "A message about messages would lead to messages without end."
        raise Invalid.at("/fact_type", "fact_type_refused", message)
    return found


def require_sound(
    reading: Reading | UnitOfWork, reader: Reaching, definition: RuleDefinition
) -> None:
    """Raise `Invalid` that points at everything that is wrong with a rule.

    And `Forbidden` where whoever defines it may not read such facts: a rule tells what is in them.
    """
    fact = fact_type_of(definition)
    if not may_read(reader, fact):
        raise lacking(fact)
    descriptor = cast("Descriptor", fact.message.DESCRIPTOR)
    _, wrong = conditions.checked(definition.condition, descriptor)
    wrong += _wrong_recipient(definition, descriptor)
    wrong += _wrong_sources(definition, descriptor)
    wrong += _wrong_template(reading, definition, descriptor)
    if wrong:
        raise Invalid("Such a rule cannot be.", violations=tuple(wrong))


def _wrong_recipient(definition: RuleDefinition, descriptor: Descriptor) -> Iterator[Violation]:
    choice = definition.recipient
    if choice.kind is RecipientKind.HOLDERS:
        yield from _wrong_holders(choice, descriptor)
        return
    if choice.permission:
        message = "Only holders have a permission."
        yield Violation("/recipient/permission", "recipient_unfit", message)
    if choice.user_id is not None:
        if choice.kind is not RecipientKind.USER or choice.field:
            message = "A fixed recipient is a user, and then there is no field."
            yield Violation("/recipient/user_id", "recipient_unfit", message)
        return
    yield from _wrong_id_field(choice.field, descriptor)


def _wrong_holders(choice: RecipientChoice, descriptor: Descriptor) -> Iterator[Violation]:
    if choice.user_id is not None:
        message = "Holders are no fixed user."
        yield Violation("/recipient/user_id", "recipient_unfit", message)
    if not is_permission(choice.permission):
        message = "A permission is service.records.verb, without a pattern."
        yield Violation("/recipient/permission", "permission_malformed", message)
    if choice.field:
        yield from _wrong_id_field(choice.field, descriptor)


def _wrong_id_field(field: str, descriptor: Descriptor) -> Iterator[Violation]:
    pointer = "/recipient/field"
    try:
        kind = kind_of(descriptor, field)
    except NoSuchField as error:
        yield Violation(pointer, "field_unknown", f"{error}.")
        return
    if kind.type is not FieldType.TEXT or kind.is_list:
        yield Violation(pointer, "field_unfit", "A field that holds one id is needed.")


def _wrong_sources(definition: RuleDefinition, descriptor: Descriptor) -> Iterator[Violation]:
    for name, source in definition.variables.items():
        pointer = f"/variables/{name}"
        if bool(source.field) == (source.value is not None):
            message = "A variable has either a field or a value."
            yield Violation(pointer, "variable_unfit", message)
        elif source.field:
            try:
                kind_of(descriptor, source.field)
            except NoSuchField as error:
                yield Violation(f"{pointer}/field", "field_unknown", f"{error}.")


def _wrong_template(
    reading: Reading | UnitOfWork, definition: RuleDefinition, descriptor: Descriptor
) -> Iterator[Violation]:
    try:
        version = live_version(reading, definition.template)
    except NotFound:
        message = f"No template {definition.template} is published."
        yield Violation("/template", "template_unknown", message)
        return
    if definition.channel not in version.channels:
        message = f"The template has {', '.join(version.channels)}."
        yield Violation("/channel", "channel_missing", message)
    if version.draft.category is Category.PROMOTIONAL and not definition.purpose:
        message = "The template is promotional: it needs a purpose that people can consent to."
        yield Violation("/purpose", "purpose_missing", message)
    yield from _wrong_variables(definition, version, descriptor)


def _wrong_variables(
    definition: RuleDefinition, version: TemplateVersion, descriptor: Descriptor
) -> Iterator[Violation]:
    schema = version.draft.variables
    declared: Mapping[str, Any] = schema.get("properties", {})
    for name in sorted(set(schema.get("required", ())) - definition.variables.keys()):
        message = "The template needs this variable."
        yield Violation(f"/variables/{name}", "variable_missing", message)
    for name, source in definition.variables.items():
        pointer = f"/variables/{name}"
        if name not in declared:
            message = f"The template has {', '.join(sorted(declared)) or 'no variables'}."
            yield Violation(pointer, "variable_undeclared", message)
        elif source.field:
            wanted = declared[name].get("type")
            try:
                kind = kind_of(descriptor, source.field)
            except NoSuchField:
                continue
            if wanted is not None and wanted not in _json_types(kind):
                message = f"The template needs {wanted}; the field holds {_said(kind)}."
                yield Violation(f"{pointer}/field", "field_unfit", message)


_JSON_TYPES: Mapping[FieldType, tuple[str, ...]] = {
    FieldType.TEXT: ("string",),
    FieldType.CHOICE: ("string",),
    FieldType.TIME: ("string",),
    FieldType.MONEY: ("string",),
    FieldType.NUMBER: ("number", "integer"),
    FieldType.BOOLEAN: ("boolean",),
    FieldType.RECORD: ("object",),
}


def _json_types(kind: FieldKind) -> tuple[str, ...]:
    return ("array",) if kind.is_list else _JSON_TYPES[kind.type]


def _said(kind: FieldKind) -> str:
    return f"a list of {kind.type}" if kind.is_list else kind.type

"""Definitions as rows of their table."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import sqlalchemy as sa

from contacts.custom_fields.domain import (
    Choice,
    Definition,
    FieldType,
    Limits,
    RecordKind,
    ReferenceTarget,
)


def definition_of(row: Mapping[str, Any] | sa.RowMapping) -> Definition:
    """The definition that a row holds."""
    target = row["reference_to"]
    return Definition(
        object=RecordKind(row["object"]),
        key=row["key"],
        type=FieldType(row["type"]),
        label=row["label"],
        help_text=row["help_text"],
        required=row["required"],
        default=row["default"],
        choices=tuple(Choice(**choice) for choice in row["choices"]),
        limits=Limits(**row["limits"]),
        reference_to=None if target is None else ReferenceTarget(target),
        position=row["position"],
    )


def columns_of(definition: Definition) -> dict[str, Any]:
    """The columns that hold a definition."""
    return {
        "object": definition.object,
        "key": definition.key,
        "type": definition.type,
        "label": definition.label,
        "help_text": definition.help_text,
        "required": definition.required,
        "default": definition.default,
        "choices": definition.choices,
        "limits": definition.limits,
        "reference_to": definition.reference_to,
        "position": definition.position,
    }

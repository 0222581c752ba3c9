"""Checks the custom fields of a record, on every way in: the one function that all writes call."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from typing import Any
from uuid import UUID

from chassis.domain import Invalid, Violation
from chassis.storage.statements import Statement
from contacts.custom_fields.domain import FieldType, RecordKind, ReferenceTarget
from contacts.custom_fields.known_fields import Fields, KnownField
from contacts.custom_fields.values import Unfit, fitted, is_absent
from contacts.transaction import ContactsTx

_MOST_NAMED = 50


def validate_values(
    tx: ContactsTx,
    kind: RecordKind,
    values: Mapping[str, Any],
    *,
    before: Mapping[str, Any] | None = None,
) -> dict[str, Any]:
    """The values of a record in normal form.

    `values` are all that the record is to hold, `before` all that it holds until now; None for a
    new record, which gets defaults and has to have what is required. Of a record that is there
    only what changes is checked: a value that was right when it was entered stays, whatever the
    field has become. Raises `Invalid` with a pointer `/custom_fields/<key>` for each that is wrong.
    """
    fields = tx.known_fields.of(kind, mentioned=bool(values))
    if not fields and not values:
        return {}
    checked = _Check(fields, before)
    result = checked.values(values)
    _check_references(tx, checked)
    if checked.wrong:
        keys = ", ".join(v.pointer.rpartition("/")[2] for v in checked.wrong[:5])
        raise Invalid(
            f"Some custom fields cannot be so: {keys}.",
            violations=tuple(checked.wrong[:_MOST_NAMED]),
        )
    return result


class _Check:
    """One check: what was found wrong, and which references have still to be looked up."""

    def __init__(self, fields: Fields, before: Mapping[str, Any] | None) -> None:
        self._fields = fields
        self._is_new = before is None
        self._before = before or {}
        self.wrong: list[Violation] = []
        self.references: defaultdict[ReferenceTarget, dict[str, str]] = defaultdict(dict)

    def values(self, given: Mapping[str, Any]) -> dict[str, Any]:
        """The values in normal form, as far as they are right."""
        result = {
            key: self._value(key, value) for key, value in given.items() if not is_absent(value)
        }
        for key, known in self._fields.items():
            if key not in result and not known.archived:
                self._complete(result, key, known)
        return result

    def _value(self, key: str, value: Any) -> Any:
        old = self._before.get(key)
        if key in self._before and old == value:
            return value
        known = self._fields.get(key)
        if known is None:
            return self._refuse(key, "custom_field_unknown", "is not defined")
        if known.archived:
            return self._refuse(key, "custom_field_archived", "is archived")
        try:
            result = fitted(known.definition, value, old)
        except Unfit as error:
            return self._refuse(key, error.code, error.message)
        if known.definition.type is FieldType.REFERENCE and known.definition.reference_to:
            self.references[known.definition.reference_to][key] = result
        return result

    def _complete(self, result: dict[str, Any], key: str, known: KnownField) -> None:
        """Add a default, or note that a value is missing; nobody is asked for it later on."""
        if self._is_new and known.definition.default is not None:
            result[key] = known.definition.default
        elif known.definition.required and (self._is_new or key in self._before):
            self._refuse(key, "custom_field_required", "is required")

    def refuse_reference(self, key: str, target: ReferenceTarget) -> None:
        """Note that there is nothing at the other end."""
        self._refuse(key, "reference_unknown", f"points to a {target} that there is not")

    def _refuse(self, key: str, code: str, message: str) -> None:
        pointer = "/custom_fields/" + key.replace("~", "~0").replace("/", "~1")
        self.wrong.append(Violation(pointer, code, f"{key[:60]} {message}."))


def _check_references(tx: ContactsTx, check: _Check) -> None:
    """Note references to what is absent or out of reach.

    Users are identity's, which is not asked here: a write waits for no other service.
    """
    for target, named in check.references.items():
        statement = _FOUND.get(target)
        if statement is None:
            continue
        about = {"tenant_id": tx.tenant_id, "ids": [UUID(value) for value in named.values()]}
        rows = tx.fetch_all(statement, about)
        seen = {str(row["id"]) for row in rows if tx.scope.allows(row["owner_id"])}
        for key, value in named.items():
            if value not in seen:
                check.refuse_reference(key, target)


_FOUND = {
    ReferenceTarget.PERSON: Statement(
        "SELECT id, owner_id FROM people WHERE tenant_id = %(tenant_id)s AND id = ANY(%(ids)s)"
    ),
    ReferenceTarget.COMPANY: Statement(
        "SELECT id, owner_id FROM companies WHERE tenant_id = %(tenant_id)s AND id = ANY(%(ids)s)"
    ),
}

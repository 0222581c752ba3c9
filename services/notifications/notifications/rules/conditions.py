"""Conditions over facts: data that is checked against the fact's fields, and evaluated in no time.

A condition is `{"all": […]}`, `{"any": […]}`, `{"not": …}`, or a comparison such as
`{"field": "lifecycle_stage", "operator": "is", "value": "customer"}`. Where a field has several
values, a comparison holds when it holds for any of them.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from google.protobuf.descriptor import Descriptor

from chassis.domain import Violation
from notifications.rules.fields import (
    FieldKind,
    FieldType,
    NoSuchField,
    as_number,
    as_time,
    each_value,
    kind_of,
)

DEEPEST = 6
MOST_PARTS = 50
MOST_VALUES = 100
LONGEST_VALUE = 500
CHANGED = "changed_fields"
"""The field by which facts tell what was changed."""

Holds = Callable[[Mapping[str, Any]], bool]
_ORDERED = frozenset({FieldType.NUMBER, FieldType.MONEY, FieldType.TIME})
_ANY_TYPE = frozenset(FieldType) - {FieldType.RECORD}
_ALLOWED: Mapping[str, frozenset[FieldType]] = {
    "is": _ANY_TYPE,
    "is_not": _ANY_TYPE,
    "in": _ANY_TYPE - {FieldType.BOOLEAN},
    "not_in": _ANY_TYPE - {FieldType.BOOLEAN},
    "gt": _ORDERED,
    "gte": _ORDERED,
    "lt": _ORDERED,
    "lte": _ORDERED,
    "contains": frozenset({FieldType.TEXT, FieldType.CHOICE}),
    "starts_with": frozenset({FieldType.TEXT}),
    "exists": frozenset(FieldType),
}
OPERATORS = (*_ALLOWED, "changed")
_COMPARE: Mapping[str, Callable[[Any, Any], bool]] = {
    "gt": lambda one, other: one > other,
    "gte": lambda one, other: one >= other,
    "lt": lambda one, other: one < other,
    "lte": lambda one, other: one <= other,
}


def checked(condition: Mapping[str, Any], descriptor: Descriptor) -> tuple[Holds, list[Violation]]:
    """What tells whether a condition holds, and all that is wrong with it."""
    if not condition:
        return _always, []
    reading = _Reading(descriptor)
    return reading.read(condition, "/condition", 1), reading.wrong


def _always(_values: Mapping[str, Any]) -> bool:
    return True


@dataclass(slots=True)
class _Reading:
    """Reads one condition, and notes what is wrong on the way."""

    descriptor: Descriptor
    wrong: list[Violation]
    parts: int

    def __init__(self, descriptor: Descriptor) -> None:
        self.descriptor = descriptor
        self.wrong = []
        self.parts = 0

    def read(self, part: Any, pointer: str, depth: int) -> Holds:
        """The part as something to call; one that never holds when it is wrong."""
        self.parts += 1
        if self.parts > MOST_PARTS or depth > DEEPEST:
            bound = f"{MOST_PARTS} parts" if depth <= DEEPEST else f"{DEEPEST} levels"
            return self._refuse(pointer, "condition_too_large", f"At most {bound} are taken.")
        if not isinstance(part, dict):
            return self._refuse(pointer, "condition_malformed", "A condition is an object.")
        if part.keys() == {"all"} or part.keys() == {"any"}:
            return self._read_many(part, pointer, depth)
        if part.keys() == {"not"}:
            below = self.read(part["not"], f"{pointer}/not", depth + 1)
            return lambda values: not below(values)
        if "field" in part and part.keys() <= {"field", "operator", "value"}:
            return self._read_comparison(part, pointer)
        message = "A condition has all, any or not, or else field, operator and value."
        return self._refuse(pointer, "condition_malformed", message)

    def _read_many(self, part: Mapping[str, Any], pointer: str, depth: int) -> Holds:
        ((word, below),) = part.items()
        if not isinstance(below, list) or not below:
            message = "A list of conditions is needed."
            return self._refuse(f"{pointer}/{word}", "condition_malformed", message)
        each = [
            self.read(one, f"{pointer}/{word}/{place}", depth + 1)
            for place, one in enumerate(below[: MOST_PARTS + 1])
        ]
        joined = all if word == "all" else any
        return lambda values: joined(holds(values) for holds in each)

    def _read_comparison(self, part: Mapping[str, Any], pointer: str) -> Holds:
        path, operator = part["field"], part.get("operator", "is")
        if not isinstance(path, str):
            return self._refuse(f"{pointer}/field", "field_unknown", "A field is named by a path.")
        if operator == "changed":
            return self._read_changed(path, pointer)
        try:
            kind = kind_of(self.descriptor, path)
        except NoSuchField as error:
            return self._refuse(f"{pointer}/field", "field_unknown", f"{error}.")
        if operator not in _ALLOWED:
            message = f"An operator is {', '.join(OPERATORS)}."
            return self._refuse(f"{pointer}/operator", "operator_unknown", message)
        if kind.type not in _ALLOWED[operator]:
            message = f"{operator} does not go with {path}, which holds {kind.type}."
            return self._refuse(f"{pointer}/operator", "operator_unfit", message)
        return self._comparison(path, kind, operator, part.get("value"), f"{pointer}/value")

    def _read_changed(self, name: str, pointer: str) -> Holds:
        if CHANGED not in self.descriptor.fields_by_name:
            message = f"{self.descriptor.name} does not tell which fields were changed."
            return self._refuse(f"{pointer}/operator", "operator_unfit", message)
        return lambda values: name in values.get(CHANGED, ())

    def _comparison(
        self, path: str, kind: FieldKind, operator: str, given: Any, pointer: str
    ) -> Holds:
        if operator == "exists":
            if not isinstance(given, bool):
                return self._refuse(pointer, "value_unfit", "exists takes true or false.")
            return lambda values: _is_there(each_value(values, path)) is given
        if operator in {"in", "not_in"}:
            return self._membership(path, kind, operator, given, pointer)
        value, problem = _read_value(given, kind)
        if problem:
            return self._refuse(pointer, "value_unfit", problem)
        wanted = operator != "is_not"
        test = _test(operator, value, kind)
        return lambda values: _any(values, path, kind, test) is wanted

    def _membership(
        self, path: str, kind: FieldKind, operator: str, given: Any, pointer: str
    ) -> Holds:
        if not isinstance(given, list) or not 1 <= len(given) <= MOST_VALUES:
            message = f"A list of 1 to {MOST_VALUES} values is needed."
            return self._refuse(pointer, "value_unfit", message)
        wanted = []
        for place, one in enumerate(given):
            value, problem = _read_value(one, kind)
            if problem:
                self._refuse(f"{pointer}/{place}", "value_unfit", problem)
            wanted.append(value)
        is_in = operator == "in"
        return lambda values: _any(values, path, kind, lambda one: one in wanted) is is_in

    def _refuse(self, pointer: str, code: str, message: str) -> Holds:
        self.wrong.append(Violation(pointer, code, message))
        return lambda _values: False


def _test(operator: str, value: Any, kind: FieldKind) -> Callable[[Any], bool]:
    """What one value of the field has to be."""
    if operator in _COMPARE:
        compare = _COMPARE[operator]
        return lambda one: compare(one, value)
    if operator == "starts_with":
        return lambda one: bool(one.startswith(value))
    if operator == "contains" and not kind.is_list:
        return lambda one: value in one
    return lambda one: bool(one == value)


def _any(
    values: Mapping[str, Any], path: str, kind: FieldKind, test: Callable[[Any], bool]
) -> bool:
    for value in each_value(values, path):
        comparable = _comparable(value, kind)
        if comparable is not None and test(comparable):
            return True
    return False


def _comparable(value: Any, kind: FieldKind) -> Any:
    if kind.type is FieldType.TIME:
        return as_time(value)
    if kind.type in {FieldType.NUMBER, FieldType.MONEY}:
        return as_number(value)
    return value


def _is_there(found: Any) -> bool:
    return any(value not in ("", None, [], {}) for value in found)


def _read_value(given: Any, kind: FieldKind) -> tuple[Any, str]:
    """The value to compare with, and what is wrong with it."""
    if isinstance(given, str) and len(given) > LONGEST_VALUE:
        return None, f"A value has at most {LONGEST_VALUE} characters."
    if kind.type is FieldType.BOOLEAN:
        return given, "" if isinstance(given, bool) else "true or false is needed."
    if kind.type is FieldType.TIME:
        moment = as_time(given) if isinstance(given, str) else None
        return moment, "" if moment is not None else "An RFC 3339 time with its zone is needed."
    if kind.type in {FieldType.NUMBER, FieldType.MONEY}:
        number = as_number(given)
        return number, "" if number is not None else "A number is needed."
    if not isinstance(given, str):
        return None, "A text is needed."
    if kind.type is FieldType.CHOICE and given not in kind.words:
        return None, f"One of {', '.join(kind.words)} is needed."
    return given, ""

"""What an administrator may say about a field, and its normal form."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from decimal import Decimal

from chassis.domain import Invalid, Violation
from contacts.custom_fields.domain import KEY, Choice, Definition, FieldType, Limits
from contacts.custom_fields.pattern import LONGEST_TEXT as LONGEST_WITH_PATTERN
from contacts.custom_fields.pattern import WrongPattern, compiled
from contacts.custom_fields.values import (
    LONGEST_TEXT,
    Unfit,
    decimal_text,
    fitted,
    is_absent,
    iso_date,
)
from contacts.quality.language import normalise_language
from contacts.quality.problem import Problem

MOST_CHOICES = 500

_RANGE = frozenset({"minimum", "maximum"})
_LIMITS: Mapping[FieldType, frozenset[str]] = {
    FieldType.TEXT: frozenset({"min_length", "max_length", "pattern"}),
    FieldType.NUMBER: _RANGE,
    FieldType.MONEY: _RANGE,
    FieldType.DATE: _RANGE,
}
_WITH_CHOICES = frozenset({FieldType.CHOICE, FieldType.MULTI_CHOICE})


def checked(definition: Definition) -> Definition:
    """The definition in normal form. Raises `Invalid` that names everything wrong at its place."""
    wrong: list[Violation] = []
    if KEY.fullmatch(definition.key) is None:
        message = "A key has 1 to 50 of a-z, 0-9 and _, and begins with a letter."
        wrong.append(Violation("/key", "key_malformed", message))
    result = replace(
        definition,
        label=by_language(definition.label, "/label", wrong, needed=True),
        help_text=by_language(definition.help_text, "/help_text", wrong),
        choices=_checked_choices(definition, wrong),
        limits=_checked_limits(definition, wrong),
    )
    _check_reference(result, wrong)
    if not wrong:
        result = replace(result, default=_checked_default(result, wrong))
    if wrong:
        raise Invalid("Such a field cannot be.", violations=tuple(wrong))
    return result


def by_language(
    texts: Mapping[str, str], pointer: str, wrong: list[Violation], *, needed: bool = False
) -> dict[str, str]:
    """Texts with their language tags in normal form; empty ones are left out."""
    found: dict[str, str] = {}
    for language, text in texts.items():
        tag = normalise_language(language)
        if isinstance(tag, Problem) or not tag:
            message = "This is no language tag like en or zh-Hant."
            wrong.append(Violation(f"{pointer}/{language}", "language_unknown", message))
        elif text.strip():
            found[tag] = text.strip()
    if needed and not found and not wrong:
        wrong.append(Violation(pointer, "text_missing", "A text in some language is needed."))
    return found


def _checked_choices(definition: Definition, wrong: list[Violation]) -> tuple[Choice, ...]:
    if definition.type not in _WITH_CHOICES:
        if definition.choices:
            message = f"A field of type {definition.type} has no choices."
            wrong.append(Violation("/choices", "choices_unwanted", message))
        return ()
    if not 1 <= len(definition.choices) <= MOST_CHOICES:
        message = f"1 to {MOST_CHOICES} choices are needed."
        wrong.append(Violation("/choices", "choices_missing", message))
    seen: set[str] = set()
    for index, choice in enumerate(definition.choices):
        if KEY.fullmatch(choice.key) is None or choice.key in seen:
            message = "A choice has a key of its own, 1 to 50 of a-z, 0-9 and _, a letter first."
            wrong.append(Violation(f"/choices/{index}/key", "key_malformed", message))
        seen.add(choice.key)
    return tuple(
        replace(c, label=by_language(c.label, f"/choices/{index}/label", wrong, needed=True))
        for index, c in enumerate(definition.choices)
    )


def _checked_limits(definition: Definition, wrong: list[Violation]) -> Limits:
    limits = definition.limits
    for name in sorted(limits.given - _LIMITS.get(definition.type, frozenset())):
        message = f"A field of type {definition.type} has no {name}."
        wrong.append(Violation(f"/validation/{name}", "limit_unwanted", message))
    if definition.type is FieldType.TEXT:
        _check_lengths(limits, wrong)
        _check_pattern(limits, wrong)
        return limits
    return _checked_range(definition, wrong) if definition.type in _LIMITS else limits


def _check_lengths(limits: Limits, wrong: list[Violation]) -> None:
    longest = LONGEST_WITH_PATTERN if limits.pattern is not None else LONGEST_TEXT
    least, most = limits.min_length or 0, limits.max_length or longest
    if not 0 <= least <= most <= longest or limits.max_length == 0:
        message = f"Lengths are 1 to {longest}, the least not over the most."
        wrong.append(Violation("/validation/max_length", "lengths_impossible", message))


def _check_pattern(limits: Limits, wrong: list[Violation]) -> None:
    if limits.pattern is None:
        return
    try:
        compiled(limits.pattern)
    except WrongPattern as error:
        wrong.append(Violation("/validation/pattern", "pattern_wrong", f"The pattern {error}."))


def _checked_range(definition: Definition, wrong: list[Violation]) -> Limits:
    read = iso_date if definition.type is FieldType.DATE else decimal_text
    bounds: dict[str, str | None] = {"minimum": None, "maximum": None}
    for name in bounds:
        given = getattr(definition.limits, name)
        if given is None:
            continue
        try:
            bounds[name] = read(given)
        except Unfit as error:
            wrong.append(Violation(f"/validation/{name}", error.code, f"It {error.message}."))
    least, most = bounds["minimum"], bounds["maximum"]
    if least is not None and most is not None and _order(definition, least, most) > 0:
        message = "The minimum is over the maximum."
        wrong.append(Violation("/validation/minimum", "range_empty", message))
    return replace(definition.limits, minimum=least, maximum=most)


def _order(definition: Definition, one: str, other: str) -> int:
    """Positive when the first of two bounds is the larger."""
    if definition.type is FieldType.DATE:
        return (one > other) - (one < other)
    return int(Decimal(one).compare(Decimal(other)))


def _check_reference(definition: Definition, wrong: list[Violation]) -> None:
    if (definition.type is FieldType.REFERENCE) != (definition.reference_to is not None):
        message = "A reference says to what it points, and no other field does."
        wrong.append(Violation("/reference_to", "target_misplaced", message))


def _checked_default(definition: Definition, wrong: list[Violation]) -> object:
    if is_absent(definition.default):
        return None
    if definition.type is FieldType.REFERENCE:
        message = "A reference has no default: what it points to may go."
        wrong.append(Violation("/default", "default_unwanted", message))
        return None
    try:
        return fitted(definition, definition.default)
    except Unfit as error:
        wrong.append(Violation("/default", error.code, f"The default {error.message}."))
        return None

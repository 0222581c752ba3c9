"""Suggests which column of a file is which field of a person, from its header and from what is in it.

A suggestion has a confidence from 0 to 1. The header speaks first: a name known from common programs counts 0.95, one
that holds a telling word 0.75; values that fit raise it and values that do not lower it. A column whose header says
nothing is judged by its values alone, with 0.7 at most; what fits nothing becomes a custom field, or is ignored if it
is empty. Each field of which a person has one is suggested for one column only, the surest.
"""

import re
import unicodedata
from collections.abc import Callable, Sequence
from datetime import date
from typing import NamedTuple

from contacts.imports.header_words import (
    FIELDS_BY_HEADER,
    ID_HEADERS,
    LABELS,
    PROGRAMS,
    TELLING_WORDS,
)
from contacts.quality.calendar_date import normalise_date
from contacts.quality.country import normalise_country
from contacts.quality.email_address import normalise_email
from contacts.quality.language import normalise_language
from contacts.quality.person import LIFECYCLE_STAGES
from contacts.quality.phone import normalise_phone
from contacts.quality.problem import Problem

MAX_SAMPLES = 100
REPEATABLE = frozenset(
    {"emails", "phones", "line_ids", "social_handles", "tags", "street", "ignore"}
)
FIELDS = (
    "given_name",
    "family_name",
    "full_name",
    "emails",
    "phones",
    "line_ids",
    "social_handles",
    "company_name",
    "job_title",
    "birthday",
    "street",
    "city",
    "region",
    "postal_code",
    "country",
    "language",
    "time_zone",
    "tags",
    "source",
    "lifecycle_stage",
    "ignore",
)
"""What a column may be mapped to, besides `external_id:<system>` and `custom.<key>`."""

_KNOWN, _TELLING, _BY_VALUE = 0.95, 0.75, 0.7
_CUSTOM, _EMPTY = 0.3, 0.6
_FITTING = 0.6
_LONGEST_KEY = 60
_WORD_BREAK = re.compile(r"(?<=[a-z])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")
_NOISE = re.compile(r"[\W_0-9]+")
_DIRECT = re.compile(r"external_id:[a-z0-9][a-z0-9_.-]{0,59}|custom\.[a-z][a-z0-9_]{0,59}")


class Suggestion(NamedTuple):
    """What a column probably is; `label` is what an address or number is for, `reason` a word for the person who checks."""

    column: int
    header: str
    field: str
    confidence: float
    reason: str
    label: str = ""


def suggest_mapping(
    header: Sequence[str],
    samples: Sequence[Sequence[str]] = (),
    default_region: str = "",
) -> tuple[Suggestion, ...]:
    """A suggestion for every column, in order; `samples` are some rows, of which the first 100 are looked at."""
    keys = [header_key(name) for name in header]
    program = program_of(keys)
    suggestions = []
    for column, name in enumerate(header):
        values = [row[column].strip() for row in samples[:MAX_SAMPLES] if column < len(row)]
        filled = [value for value in values if value]
        suggestions.append(_suggest(column, name, keys[column], filled, program, default_region))
    return _one_column_a_field(suggestions)


def header_key(name: str) -> str:
    """A header as it is compared: `E-mail 1 - Value`, `eMailValue` and `e_mail value` are `e mail value`."""
    text = unicodedata.normalize("NFKC", name)
    return " ".join(_NOISE.sub(" ", _WORD_BREAK.sub(" ", text)).casefold().split())


def program_of(keys: Sequence[str]) -> str:
    """The program whose export has such headers, or empty."""
    found = {name: len(marks.intersection(keys)) for name, marks in PROGRAMS.items()}
    best = max(found, key=lambda name: found[name])
    return best if found[best] >= 2 else ""


def _suggest(
    column: int, name: str, key: str, values: list[str], program: str, region: str
) -> Suggestion:
    plain = name.strip().lower()
    if plain in FIELDS or _DIRECT.fullmatch(plain):
        return Suggestion(column, name, plain, 1.0, "the header names the field")
    if key in ID_HEADERS:
        system = program or "import"
        return Suggestion(
            column, name, f"external_id:{system}", 0.9, f"the record's key in {system}"
        )
    field, confidence, reason = _by_header(key)
    if field in _CHECKS and values:
        share = _share(field, values, region)
        confidence = (
            min(0.99, confidence + 0.04) if share >= _FITTING else confidence * max(share, 0.3)
        )
        reason += f"; {share:.0%} of the values fit"
    if not field or (confidence < _BY_VALUE * _FITTING and values):
        field, confidence, reason = _by_values(values, region) or (field, confidence, reason)
    if not field:
        field, confidence, reason = _unknown(column, key, values)
    return Suggestion(column, name, field, round(confidence, 2), reason, _label(key, field))


def _by_header(key: str) -> tuple[str, float, str]:
    if key in FIELDS_BY_HEADER:
        return FIELDS_BY_HEADER[key], _KNOWN, "the header is known"
    for word, field in TELLING_WORDS:
        if word in key:
            return field, _TELLING, f"the header holds “{word}”"
    return "", 0.0, ""


def _by_values(values: list[str], region: str) -> tuple[str, float, str] | None:
    """The field whose rule most values fit, if it is most of them."""
    if not values:
        return None
    shares = {field: _share(field, values, region) for field in _TELLING_CHECKS}
    best = max(shares, key=lambda field: shares[field])
    if shares[best] < _FITTING:
        return None
    return best, _BY_VALUE * shares[best], f"{shares[best]:.0%} of the values look like it"


def _unknown(column: int, key: str, values: list[str]) -> tuple[str, float, str]:
    if not values:
        return "ignore", _EMPTY, "the column is empty"
    slug = re.sub(r"[^a-z0-9]+", "_", key).strip("_")[:_LONGEST_KEY].strip("_")
    slug = slug if slug[:1].isalpha() else f"column_{column + 1}"
    return f"custom.{slug}", _CUSTOM, "no field is known for it"


def _label(key: str, field: str) -> str:
    if field not in {"emails", "phones", "street", "city", "region", "postal_code", "country"}:
        return ""
    return next((label for label, words in LABELS if any(word in key for word in words)), "")


def _one_column_a_field(suggestions: list[Suggestion]) -> tuple[Suggestion, ...]:
    """Of several columns for a field that there is once, the surest (then the first) keeps it.

    Fields of an address count once for each label, as home and work are two addresses.
    """
    taken: set[tuple[str, str]] = set()
    chosen: dict[int, Suggestion] = {}
    keys: set[str] = set()
    for suggestion in sorted(suggestions, key=lambda s: (-s.confidence, s.column)):
        place = (suggestion.field, suggestion.label)
        final = suggestion
        if suggestion.field not in REPEATABLE and place in taken:
            field, confidence, reason = _unknown(
                suggestion.column, header_key(suggestion.header), ["x"]
            )
            if field in keys:
                field = f"{field[:_LONGEST_KEY]}_{suggestion.column + 1}"
            final = suggestion._replace(field=field, confidence=confidence, reason=reason, label="")
        taken.add((final.field, final.label))
        keys.add(final.field)
        chosen[suggestion.column] = final
    return tuple(chosen[column] for column in sorted(chosen))


def _share(field: str, values: list[str], region: str) -> float:
    check = _CHECKS[field]
    return sum(check(value, region) for value in values) / len(values)


def _is_email(value: str, _: str) -> bool:
    return "@" in value and not isinstance(normalise_email(value), Problem)


def _is_phone(value: str, region: str) -> bool:
    digits = sum(map(str.isdigit, value))
    return 6 < digits < 16 and not isinstance(normalise_phone(value, region or "TW"), Problem)


def _is_date(value: str, _: str) -> bool:
    found = normalise_date(value, day_first=True)
    return isinstance(found, date) and 1900 <= found.year <= 2100


def _is_country(value: str, _: str) -> bool:
    return not isinstance(normalise_country(value), Problem)


def _is_language(value: str, _: str) -> bool:
    return not isinstance(normalise_language(value), Problem)


def _is_stage(value: str, _: str) -> bool:
    return value.lower().replace(" ", "_") in LIFECYCLE_STAGES


_CHECKS: dict[str, Callable[[str, str], bool]] = {
    "emails": _is_email,
    "phones": _is_phone,
    "birthday": _is_date,
    "country": _is_country,
    "language": _is_language,
    "lifecycle_stage": _is_stage,
}
# A language or a date can be anything's; these are not taken for something else.
_TELLING_CHECKS = ("emails", "phones", "lifecycle_stage", "country")

"""Brings a draft into its normal form, and says what cannot even be kept."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from chassis.domain import Invalid, Violation
from notifications.templates.channels import PARTS, Channel
from notifications.templates.domain import Draft
from notifications.templates.languages import normal_tag
from notifications.templates.variables import schema_violations

MOST_LANGUAGES = 50
LONGEST_SOURCE = 100_000


def checked(draft: Draft) -> Draft:
    """The draft with language tags in normal form; what is unfinished may stay so.

    Raises `Invalid` that points at everything that is wrong.
    """
    wrong = schema_violations(draft.variables)
    content: dict[str, dict[str, Mapping[str, str]]] = {}
    for channel, languages in draft.content.items():
        content[channel] = {}
        for tag, parts in languages.items():
            pointer = f"/content/{channel}/{tag}"
            normal = normal_tag(tag)
            if normal is None:
                wrong.append(_wrong_tag(pointer))
            elif normal in content[channel]:
                message = f"{normal} is there already."
                wrong.append(Violation(pointer, "language_repeated", message))
            content[channel][normal or tag] = parts
            wrong += _wrong_parts(channel, parts, pointer)
        if len(languages) > MOST_LANGUAGES:
            message = f"At most {MOST_LANGUAGES} languages are taken."
            wrong.append(Violation(f"/content/{channel}", "too_many_languages", message))
    default = normal_tag(draft.default_language)
    if default is None:
        wrong.append(_wrong_tag("/default_language"))
    if wrong:
        raise Invalid("Such a template cannot be.", violations=tuple(wrong))
    return replace(draft, content=content, default_language=default or "")


def unfinished(draft: Draft) -> list[Violation]:
    """What is missing for messages to be made of a draft."""
    found: list[Violation] = []
    if not any(draft.content.values()):
        message = "There is nothing to say on any channel."
        found.append(Violation("/content", "content_missing", message))
    for channel, languages in draft.content.items():
        if draft.default_language not in languages:
            message = f"The default language {draft.default_language} is missing."
            found.append(Violation(f"/content/{channel}", "default_language_missing", message))
        for language, parts in languages.items():
            found += _missing_parts(channel, parts, f"/content/{channel}/{language}")
    return found


def merged(target: Any, patch: Any) -> Any:
    """A value with a JSON merge patch over it (RFC 7396)."""
    if not isinstance(patch, dict):
        return patch
    result = dict(target) if isinstance(target, Mapping) else {}
    for name, value in patch.items():
        if value is None:
            result.pop(name, None)
        else:
            result[name] = merged(result.get(name), value)
    return result


def _wrong_tag(pointer: str) -> Violation:
    message = "A language is a BCP 47 tag such as en, zh-Hant or pt-BR."
    return Violation(pointer, "language_malformed", message)


def _wrong_parts(channel: str, parts: Mapping[str, str], pointer: str) -> Iterator[Violation]:
    rules = PARTS[Channel(channel)]
    for name, source in parts.items():
        if name not in rules:
            message = f"A message by {channel} has {', '.join(rules)}."
            yield Violation(f"{pointer}/{name}", "part_unknown", message)
        if len(source) > LONGEST_SOURCE:
            message = f"At most {LONGEST_SOURCE} characters are taken."
            yield Violation(f"{pointer}/{name}", "part_too_long", message)
    if "mjml" in parts and "html" in parts:
        message = "HTML is made from MJML where there is MJML: leave one of them out."
        yield Violation(f"{pointer}/html", "part_doubled", message)


def _missing_parts(channel: str, parts: Mapping[str, str], pointer: str) -> Iterator[Violation]:
    for name, rule in PARTS[Channel(channel)].items():
        if rule.required and not parts.get(name, "").strip():
            yield Violation(f"{pointer}/{name}", "part_missing", f"The {name} is missing.")
    if channel == Channel.EMAIL and not any(parts.get(n) for n in ("mjml", "html", "text")):
        message = "A mail needs MJML, HTML or text."
        yield Violation(f"{pointer}/mjml", "part_missing", message)

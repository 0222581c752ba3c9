"""Makes templates that come with the platform, and the variables that they often have."""

from __future__ import annotations

from collections.abc import Mapping
from importlib.resources import files
from typing import Any
from uuid import NAMESPACE_URL, uuid5

from notifications.templates.domain import Category, Draft, TemplateVersion

Content = Mapping[str, Mapping[str, Mapping[str, str]]]
LANGUAGES = ("en", "zh-Hant")

TEXT: Mapping[str, Any] = {"type": "string"}
ADDRESS: Mapping[str, Any] = {"type": "string", "format": "uri", "maxLength": 2000}
TIME: Mapping[str, Any] = {"type": "string", "format": "date-time"}
DAY: Mapping[str, Any] = {"type": "string", "format": "date"}
MONEY: Mapping[str, Any] = {
    "type": "object",
    "properties": {"amount": {"type": "string"}, "currency": {"type": "string"}},
    "required": ["amount", "currency"],
    "examples": [{"amount": "1250.00", "currency": "TWD"}],
}
BY_LANGUAGE: Mapping[str, Any] = {"type": "object", "examples": [{"en": "News"}]}


def mail_template(
    key: str, name: str, variables: Mapping[str, Any], lines: Mapping[str, Mapping[str, Any]]
) -> TemplateVersion:
    """A template whose mail is in files beside this one, and whose short texts are in `lines`."""
    content: dict[str, dict[str, dict[str, str]]] = {}
    for language in LANGUAGES:
        for channel, parts in lines[language].items():
            content.setdefault(channel, {})[language] = dict(parts)
        mail = files(__package__).joinpath(f"{key}.{language}.mjml").read_text("utf-8")
        content["email"][language]["mjml"] = mail
    return short_template(key, name, variables, content)


def short_template(
    key: str, name: str, variables: Mapping[str, Any], content: Content
) -> TemplateVersion:
    """A template that is in code as a whole."""
    draft = Draft(name, Category.TRANSACTIONAL, LANGUAGES[0], variables, content)
    return TemplateVersion(uuid5(NAMESPACE_URL, f"rapport:template:{key}"), key, 0, draft)


def required_object(required: tuple[str, ...], **properties: Mapping[str, Any]) -> dict[str, Any]:
    """The schema of variables, of which some have to be there."""
    return {"type": "object", "properties": properties, "required": list(required)}


def told_template(
    key: str,
    name: str,
    variables: Mapping[str, Any],
    path: str,
    *words: tuple[str, str],
) -> TemplateVersion:
    """A template for inbox, push and chat; `words` are title and text in each language."""
    content: dict[str, dict[str, dict[str, str]]] = {"inbox": {}, "push": {}, "chat": {}}
    for language, (title, text) in zip(LANGUAGES, words, strict=True):
        titled = {"title": title, "text": text, "link": path}
        content["inbox"][language] = content["push"][language] = titled
        content["chat"][language] = {"text": f"{title}\n{text}"}
    return short_template(key, name, variables, content)


def mailed_template(
    key: str, name: str, variables: Mapping[str, Any], *words: tuple[str, str]
) -> TemplateVersion:
    """A template for mail, short messages and apps; `words` are subject and text in each language."""
    content: dict[str, dict[str, dict[str, str]]] = {}
    for language, (subject, text) in zip(LANGUAGES, words, strict=True):
        content.setdefault("email", {})[language] = {"subject": subject, "text": text}
        for channel in ("sms", "line"):
            content.setdefault(channel, {})[language] = {"text": f"{subject}\n{text}"}
        content.setdefault("push", {})[language] = {"title": subject, "text": text, "link": ""}
    return short_template(key, name, variables, content)

"""Templates for tests."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import uuid4

from notifications.templates.domain import Draft, TemplateVersion
from notifications.templates.rendering.messages import (
    RecipientFields,
    RenderedMessage,
    RenderOrder,
)
from notifications.templates.rendering.renderer import Renderer

ADA = RecipientFields("Ada Lovelace", "Ada", "Lovelace", "en", "Europe/London")


def text_draft(source: str, **properties: Mapping[str, Any]) -> Draft:
    """A text message; all its variables are required."""
    return draft({"sms": {"en": {"text": source}}}, **properties)


def draft(content: Mapping[str, Any], **properties: Mapping[str, Any]) -> Draft:
    """A draft with such content; all its variables are required."""
    variables = {"type": "object", "properties": properties, "required": list(properties)}
    return Draft("A test", variables=variables, content=content)


def rendered(
    renderer: Renderer, made: Draft, language: str = "en", **variables: Any
) -> RenderedMessage:
    """What a draft makes of these variables on its only channel."""
    version = TemplateVersion(uuid4(), "test", 1, made, renderer.compile(made))
    (channel,) = version.channels
    return renderer.render(version, RenderOrder(channel, language, variables, ADA))


def mjml(body: str) -> str:
    """A mail with this in its only column."""
    return (
        "<mjml>\n<mj-body>\n<mj-section>\n<mj-column>\n"
        f"{body}\n"
        "</mj-column>\n</mj-section>\n</mj-body>\n</mjml>"
    )

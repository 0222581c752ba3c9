"""Proves that messages can be made of a draft, before it is published."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from uuid import UUID

from chassis.domain import Invalid, Violation
from notifications.templates.domain import Compiled, Draft, TemplateVersion
from notifications.templates.drafts import unfinished
from notifications.templates.rendering.messages import (
    RecipientFields,
    RenderOrder,
    TemplateFailed,
)
from notifications.templates.rendering.renderer import Renderer
from notifications.templates.samples import sample

SOMEBODY = RecipientFields(
    name="Ada Lovelace", given_name="Ada", family_name="Lovelace", time_zone="Europe/London"
)
_LINKS = dict.fromkeys(("unsubscribe", "preferences", "browser"), "https://example.com/")


@dataclass(frozen=True, slots=True)
class Proof:
    """What came of trying a draft: it was tried before the transaction that publishes it."""

    draft: Draft
    compiled: Compiled | None
    failure: TemplateFailed | None = None

    def result(self) -> Compiled:
        """The compiled HTML. Raises what was found."""
        if self.compiled is None:
            raise self.failure or Invalid("The draft was not proven.")
        return self.compiled


def proof_of(renderer: Renderer, draft: Draft) -> Proof:
    """Try a draft. Raises `Unavailable`."""
    try:
        return Proof(draft, proven(renderer, draft))
    except TemplateFailed as failed:
        return Proof(draft, None, failed)


def proven(renderer: Renderer, draft: Draft) -> Compiled:
    """The compiled HTML of a draft of which every text compiles and can be rendered.

    Each is rendered twice, with all variables and with only those that are required: one that may
    be missing has to be asked for with `is defined` or `default`. Raises `TemplateFailed` with all
    that is wrong, and `Unavailable`.
    """
    missing = unfinished(draft)
    if missing:
        raise TemplateFailed("The template is not finished.", violations=tuple(missing))
    compiled = renderer.compile(draft)
    version = TemplateVersion(UUID(int=0), "", 0, draft, compiled)
    found = tuple(dict.fromkeys(_failures(renderer, version)))
    if found:
        raise TemplateFailed("The template cannot be rendered.", violations=found)
    return compiled


def _failures(renderer: Renderer, version: TemplateVersion) -> Iterator[Violation]:
    for optional in (True, False):
        variables = sample({"type": "object", **version.draft.variables}, optional=optional)
        recipient = SOMEBODY if optional else RecipientFields()
        for channel, languages in version.draft.content.items():
            for language in languages:
                order = RenderOrder(
                    channel, language, variables, recipient, _LINKS if optional else {}
                )
                try:
                    renderer.render(version, order)
                except TemplateFailed as failed:
                    yield from failed.violations

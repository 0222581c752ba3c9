"""Renders messages from templates, and says what is wrong with a template before it is published."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import asdict
from typing import Any

from chassis.domain import Violation
from notifications.templates.channels import PARTS, Channel, Format
from notifications.templates.domain import Compiled, CompiledHtml, Draft, Parts, TemplateVersion
from notifications.templates.languages import best_language, fallbacks
from notifications.templates.rendering.messages import (
    Finding,
    RenderedMessage,
    RenderOrder,
    TemplateFailed,
)
from notifications.templates.rendering.processes import Killed, RenderingProcesses

_LINKS = ("unsubscribe", "preferences", "browser")


class Renderer:
    """A part of the service: its processes are started with the first rendering, and end with it.

    Safe to be used by many threads at once.
    """

    def __init__(self, processes: RenderingProcesses | None = None) -> None:
        self._processes = processes or RenderingProcesses()

    def render(self, version: TemplateVersion, order: RenderOrder) -> RenderedMessage:
        """The message that a version makes for a reader.

        The variables are taken as they are: whoever accepts them checks them
        (`variables.accepted`). Raises `TemplateFailed`, which is final, and `Unavailable`.
        """
        content = version.draft.content.get(order.channel, {})
        default = version.draft.default_language
        language = best_language(order.language, content, default)
        if language is None:
            raise TemplateFailed(
                f"The template {version.key} has nothing to say by {order.channel}.",
                violations=(
                    Violation("/channel", "channel_missing", "The template lacks this channel."),
                ),
            )
        made = version.compiled.get(order.channel, {}).get(language)
        job = {
            "task": "render",
            "language": language,
            "languages": [*fallbacks(order.language), *fallbacks(default)],
            "time_zone": order.recipient.time_zone,
            "parts": _parts(order.channel, content[language], made),
            "context": _context(order, language),
        }
        answer = self._ask(job, order.channel, language)
        parts: dict[str, str] = answer["parts"]
        parts.pop("preheader", None)
        return RenderedMessage(order.channel, language, **parts)

    def compile(self, draft: Draft) -> Compiled:
        """The HTML of a draft's MJML.

        Raises `TemplateFailed` with all that is wrong in the parts: what does not compile, and
        variables that are not declared; `Unavailable`.
        """
        wrong: list[Violation] = []
        compiled: dict[str, dict[str, CompiledHtml]] = {}
        for channel, language, parts in _texts(draft):
            job = {
                "task": "check",
                "language": language,
                "schema": draft.variables,
                "parts": _parts(channel, parts, None),
            }
            try:
                made = self._ask(job, channel, language)["compiled"]
            except TemplateFailed as failed:
                wrong += failed.violations
                continue
            if made is not None:
                html = CompiledHtml(made["html"], tuple(made["lines"]))
                compiled.setdefault(channel, {})[language] = html
        if wrong:
            raise TemplateFailed("The template has mistakes.", violations=tuple(wrong))
        return compiled

    def start(self) -> None:
        """Nothing yet: a service that sends nothing needs no process."""

    def stop(self, timeout: float) -> None:
        """End the processes."""
        del timeout
        self._processes.stop()

    def is_healthy(self) -> bool:
        """A process that has died is replaced when the next is needed."""
        return True

    def _ask(self, job: Mapping[str, Any], channel: str, language: str) -> dict[str, Any]:
        try:
            answer = self._processes.ask(job)
        except Killed as killed:
            answer = {"findings": [asdict(_killed(job, killed))]}
        findings = [Finding(**finding) for finding in answer.get("findings", ())]
        if findings:
            violations = tuple(finding.violation(channel, language) for finding in findings)
            message = f"{violations[0].pointer}: {violations[0].message}"
            raise TemplateFailed(message, violations=violations)
        return answer


def _killed(job: Mapping[str, Any], killed: Killed) -> Finding:
    part = next(iter(job["parts"]), "")
    if killed.out_of_time:
        return Finding(part, "too_long", "one of the parts takes too long and could not be stopped")
    return Finding(part, "too_much", "one of the parts ends the process that it is rendered in")


def _texts(draft: Draft) -> Iterator[tuple[str, str, Parts]]:
    for channel, languages in draft.content.items():
        for language, parts in languages.items():
            yield channel, language, parts


def _parts(channel: str, parts: Parts, made: CompiledHtml | None) -> dict[str, dict[str, Any]]:
    """What a rendering process needs to know of each part; compiled HTML in place of MJML."""
    rules = PARTS[Channel(channel)]
    job: dict[str, dict[str, Any]] = {}
    for name, source in parts.items():
        rule = rules[name]
        about = {"format": rule.format, "source": source, "longest": rule.longest}
        if rule.format is Format.MJML and made is not None:
            about |= {"format": Format.HTML, "source": made.html, "lines": made.lines}
        job[name] = about
    return job


def _context(order: RenderOrder, language: str) -> dict[str, Any]:
    return {
        **order.variables,
        "recipient": asdict(order.recipient),
        "links": {name: order.links.get(name, "") for name in _LINKS},
        "language": language,
    }

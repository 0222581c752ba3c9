"""Compiles and renders the parts of a message; runs within a rendering process."""

from __future__ import annotations

import hashlib
import re
import signal
from collections import OrderedDict
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from types import FrameType, TracebackType
from typing import Any

from jinja2 import Template, TemplateSyntaxError
from jinja2.exceptions import TemplateError
from markupsafe import escape

from notifications.message_links.domain import may_be_followed
from notifications.templates.rendering.environment import (
    MessageEnvironment,
    ReadAloudEnvironment,
    refused_constructs,
)
from notifications.templates.rendering.formatting import LOCALE, TIME_ZONE, locale_of, zone_of
from notifications.templates.rendering.messages import Finding
from notifications.templates.rendering.mjml_compiler import WrongMjml, compile_mjml
from notifications.templates.rendering.plain_text import text_of, text_template, tidied
from notifications.templates.rendering.variable_use import undeclared

MOST_COMPILED = 500
_BODY = re.compile(r"<body\b[^>]*>", re.IGNORECASE)
_SCRIPT_ADDRESS = re.compile(
    r"""(?:href|src|action)\s*=\s*["']?\s*(?:javascript|vbscript):""", re.IGNORECASE
)
_NO_LINE = re.compile(r"[\x00-\x1f\x7f\u2028\u2029]+")
_MARKUP = frozenset({"html", "mjml"})


class OutOfTime(BaseException):
    """The timer has run out. No error, so that nothing on the way takes it for one of its own."""


class WrongPart(Exception):
    """A part that cannot be compiled or rendered."""

    def __init__(self, code: str, message: str, line: int | None = None) -> None:
        super().__init__(message)
        self.code, self.message, self.line = code, message, line


@dataclass(frozen=True, slots=True)
class Compiled:
    """A part ready to be rendered: `lines` maps its lines to those of the source.

    `text` makes the text of HTML, where that can be made beforehand.
    """

    template: Template
    lines: tuple[int, ...] = ()
    text: Template | None = None

    def line(self, own: int) -> int:
        """The line of the source."""
        return self.lines[min(own, len(self.lines)) - 1] if self.lines else own


class Workshop:
    """Keeps what was compiled last; `part` is what it works on."""

    def __init__(self) -> None:
        self._html = MessageEnvironment(html=True)
        self._text = MessageEnvironment(html=False)
        self._aloud = ReadAloudEnvironment(text_of)
        self._compiled: OrderedDict[bytes, Compiled] = OrderedDict()
        self._armed = False
        self._rendering: Compiled | None = None
        self.part = ""
        self.line_of_interruption: int | None = None

    @contextmanager
    def timed(self, seconds: float) -> Iterator[None]:
        """Raises `OutOfTime` in the block after so many seconds of processor time."""
        self._armed, self.line_of_interruption = True, None
        signal.setitimer(signal.ITIMER_PROF, seconds, seconds)
        try:
            yield
        finally:
            self._armed = False
            signal.setitimer(signal.ITIMER_PROF, 0)

    def out_of_time(self, _signal: int, frame: FrameType | None) -> None:
        """What the timer's signal does."""
        if self._armed:
            self._armed = False
            self.line_of_interruption = self._line_of_frame(frame)
            raise OutOfTime

    def work(self, job: Mapping[str, Any]) -> dict[str, Any]:
        """Check or render what the job names."""
        if job["task"] == "check":
            return self._check(job)
        try:
            return {"parts": self._render(job)}
        except WrongPart as wrong:
            return {"findings": [asdict(_finding(self.part, wrong))]}

    def _check(self, job: Mapping[str, Any]) -> dict[str, Any]:
        """Compile each part, and look which variables it uses."""
        findings: list[Finding] = []
        compiled: dict[str, Any] | None = None
        for name, part in job["parts"].items():
            self.part = name
            try:
                if part["format"] == "mjml":
                    compiled = self._compiled_html(part["source"], job["language"])
                findings += self._check_part(name, part, job)
            except WrongPart as wrong:
                findings.append(_finding(name, wrong))
        return {"findings": [asdict(finding) for finding in findings], "compiled": compiled}

    def _check_part(
        self, name: str, part: Mapping[str, Any], job: Mapping[str, Any]
    ) -> list[Finding]:
        self._compile(part, job["language"])
        environment = self._environment(part)
        tree = environment.parse(part["source"])
        return [
            Finding(name, "variable_undeclared", f"{variable} is not declared", line)
            for line, variable in undeclared(tree, job["schema"], environment.globals)
        ]

    def _render(self, job: Mapping[str, Any]) -> dict[str, str]:
        context = {
            **job["context"],
            LOCALE: locale_of(job["language"]),
            TIME_ZONE: zone_of(job["time_zone"]),
            "_languages": job["languages"],
        }
        rendered: dict[str, str] = {}
        for name, part in job["parts"].items():
            self.part = name
            compiled = self._compile(part, job["language"])
            text = self._rendered(compiled, context, part["longest"])
            rendered[name] = _finished(part["format"], text)
            if part["format"] in _MARKUP and "text" not in job["parts"]:
                rendered["text"] = self._read_aloud(compiled, context, rendered[name])
        return _with_html(rendered)

    def _read_aloud(self, compiled: Compiled, context: Mapping[str, Any], html: str) -> str:
        if compiled.text is None:
            return text_of(html)
        return tidied(self._rendered(Compiled(compiled.text), context, len(html)))

    def _rendered(self, compiled: Compiled, context: Mapping[str, Any], longest: int) -> str:
        self._rendering = compiled
        out: list[str] = []
        length = 0
        try:
            for piece in compiled.template.root_render_func(
                compiled.template.new_context(dict(context))
            ):
                length += len(piece)
                if length > longest:
                    raise WrongPart("too_large", f"becomes longer than {longest} characters")
                out.append(piece)
        except (WrongPart, MemoryError, RecursionError):
            raise
        except Exception as error:  # noqa: BLE001 - what a template may do wrong has no bounds
            line = _line_of_error(error.__traceback__, compiled)
            raise WrongPart(_code(error), _said(error), line) from None
        finally:
            self._rendering = None
        return "".join(out)

    def _compile(self, part: Mapping[str, Any], language: str) -> Compiled:
        """The part, compiled now or before. Raises `WrongPart`."""
        kind, source = part["format"], part["source"]
        digest = hashlib.blake2b(f"{kind}\0{language}\0{source}".encode(), digest_size=16).digest()
        known = self._compiled.get(digest)
        if known is None:
            known = self._compiled[digest] = self._compile_anew(part, language)
            if len(self._compiled) > MOST_COMPILED:
                self._compiled.popitem(last=False)
        self._compiled.move_to_end(digest)
        return known

    def _compile_anew(self, part: Mapping[str, Any], language: str) -> Compiled:
        environment, source = self._environment(part), part["source"]
        lines = tuple(part.get("lines") or ())
        try:
            for line, text in refused_constructs(environment.parse(source)):
                raise WrongPart("construct_refused", f"{text} is not available in templates", line)
            if part["format"] == "mjml":
                made = self._compiled_html(source, language)
                source, lines = made["html"], tuple(made["lines"])
            html = part["format"] in _MARKUP
            aloud = text_template(source, self._aloud) if html else None
            return Compiled(environment.from_string(source), lines, aloud)
        except TemplateSyntaxError as error:
            line = Compiled(Template(""), lines).line(error.lineno)
            raise WrongPart("template_syntax", error.message or str(error), line) from None

    def _compiled_html(self, source: str, language: str) -> dict[str, Any]:
        try:
            html, lines = compile_mjml(source, self._html, language)
        except WrongMjml as wrong:
            raise WrongPart("mjml_invalid", wrong.message, wrong.line) from None
        except TemplateSyntaxError as error:
            raise WrongPart("template_syntax", error.message or "", error.lineno) from None
        return {"html": html, "lines": lines}

    def _environment(self, part: Mapping[str, Any]) -> MessageEnvironment:
        return self._html if part["format"] in _MARKUP else self._text

    def _line_of_frame(self, frame: FrameType | None) -> int | None:
        while frame is not None:
            if self._rendering is not None and "__jinja_template__" in frame.f_globals:
                template = self._rendering.template
                return self._rendering.line(template.get_corresponding_lineno(frame.f_lineno))
            frame = frame.f_back
        return None


def _finding(part: str, wrong: WrongPart) -> Finding:
    return Finding(part, wrong.code, wrong.message, wrong.line)


def _line_of_error(traceback: TracebackType | None, compiled: Compiled) -> int | None:
    """The line of the template in which the error arose."""
    line = None
    while traceback is not None:
        if "__jinja_template__" in traceback.tb_frame.f_globals:
            line = compiled.line(compiled.template.get_corresponding_lineno(traceback.tb_lineno))
        traceback = traceback.tb_next
    return line


def _code(error: Exception) -> str:
    if type(error).__name__ == "SecurityError":
        return "unsafe"
    return "variable_missing" if type(error).__name__ == "UndefinedError" else "template_error"


def _said(error: Exception) -> str:
    text = str(error)
    if not isinstance(error, TemplateError):
        text = f"{type(error).__name__}: {text}"
    return text if len(text) <= 300 else f"{text[:300]}…"


def _finished(kind: str, text: str) -> str:
    """The part as it is sent. Raises `WrongPart` for an address that a reader should not follow."""
    if kind in _MARKUP:
        if _SCRIPT_ADDRESS.search(text):
            raise WrongPart("unsafe", "has a link that runs a script")
        return text
    text = text.strip()
    if kind in {"line", "url"}:
        text = _NO_LINE.sub(" ", text)
    if kind == "url" and text and not may_be_followed(text):
        raise WrongPart(
            "link_not_http", "is no address that begins with https://, and no path with one slash"
        )
    return text


def _with_html(rendered: dict[str, str]) -> dict[str, str]:
    """The parts that are sent: HTML whatever it was made of, with the preheader in front."""
    html = rendered.pop("mjml", None)
    if html is not None:
        rendered["html"] = html
    if "html" in rendered:
        rendered["html"] = _with_preheader(rendered["html"], rendered.pop("preheader", ""))
    return rendered


def _with_preheader(html: str, preheader: str) -> str:
    """The HTML with a line that inboxes show behind the subject, and mails themselves do not."""
    if not preheader:
        return html
    hidden = (
        '<div style="display:none;max-height:0;max-width:0;overflow:hidden;mso-hide:all">'
        f"{escape(preheader)}</div>"
    )
    body = _BODY.search(html)
    at = 0 if body is None else body.end()
    return html[:at] + hidden + html[at:]

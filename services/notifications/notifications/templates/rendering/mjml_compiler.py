"""Makes HTML of MJML while what is Jinja in it stays as it is.

MJML is compiled once, when a template is published, and Jinja runs over the HTML for each message:
so what was published is known to compile, whatever the variables are, and values are escaped for
the HTML that they stand in. For the compiler each piece of Jinja is a word that means nothing to
it; afterwards the pieces are put back wherever their words have come to stand.
"""

from __future__ import annotations

from collections.abc import Sequence
from html.parser import HTMLParser

import mjml
from jinja2 import Environment

from notifications.templates.rendering.masking import MARK, Piece, Unmaskable, lost, mask

DEEPEST = 50
_COMPONENTS = frozenset(
    "accordion accordion-element accordion-text accordion-title all attributes body breakpoint"
    " button carousel carousel-image class column divider font group head hero html-attributes"
    " image navbar navbar-link preview raw section selector social social-element spacer style"
    " table text title wrapper html-attribute".split()
)


class WrongMjml(Exception):
    """MJML that cannot be compiled; `line` is that of the source, where it is known."""

    def __init__(self, message: str, line: int | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.line = line


def compile_mjml(
    source: str, environment: Environment, language: str
) -> tuple[str, tuple[int, ...]]:
    """The HTML with its Jinja, and for each of its lines that of the source.

    Raises `WrongMjml`, and Jinja's own error where a piece does not end.
    """
    try:
        masked, pieces = mask(source, environment)
    except Unmaskable as error:
        raise WrongMjml(str(error)) from None
    _Structure(masked).check()
    try:
        html = mjml.mjml2html(masked)
    except ValueError as error:
        raise WrongMjml(f"MJML: {error}") from None
    for piece in lost(html, pieces):
        raise WrongMjml(f"MJML has no place here for {piece.text[:60]}", piece.line)
    return _unmasked(html.replace('lang="und"', f'lang="{language}"'), pieces)


def _unmasked(html: str, pieces: Sequence[Piece]) -> tuple[str, tuple[int, ...]]:
    """Put the pieces back, each in a line of its own by means of a comment that gives nothing."""
    out: list[str] = []
    lines = [1]
    position = 0
    for found in MARK.finditer(html):
        between = html[position : found.start()]
        piece = pieces[int(found[1])]
        out += (between, "{#\n#}", piece.text)
        lines += [lines[-1]] * between.count("\n")
        lines += range(piece.line, piece.line + piece.text.count("\n") + 1)
        position = found.end()
    out.append(html[position:])
    lines += [lines[-1]] * html.count("\n", position)
    return "".join(out), tuple(lines)


class _Structure(HTMLParser):
    """What the compiler does not tell, or tells without a line: unknown, open and nested tags."""

    def __init__(self, masked: str) -> None:
        super().__init__(convert_charrefs=False)
        self._masked = masked
        self._open: list[tuple[str, int]] = []

    def check(self) -> None:
        """Raises `WrongMjml`."""
        self.feed(self._masked)
        self.close()
        if self._open:
            name, line = self._open[-1]
            raise WrongMjml(f"<{name}> is not closed", line)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note a component that is opened."""
        del attrs
        self._check_name(tag)
        if not _is_component(tag):
            return
        self._open.append((tag, self.getpos()[0]))
        if len(self._open) > DEEPEST:
            raise WrongMjml(f"more than {DEEPEST} components one in another", self.getpos()[0])

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Look at a component without content."""
        del attrs
        self._check_name(tag)

    def handle_endtag(self, tag: str) -> None:
        """Compare with what was opened last."""
        if not _is_component(tag):
            return
        line = self.getpos()[0]
        if not self._open:
            raise WrongMjml(f"</{tag}> closes nothing", line)
        name, opened = self._open.pop()
        if name != tag:
            raise WrongMjml(f"</{tag}> closes <{name}> of line {opened}", line)

    def _check_name(self, tag: str) -> None:
        line = self.getpos()[0]
        if tag == "mj-include":
            raise WrongMjml("mj-include is not available: a template stands by itself", line)
        if tag.startswith("mj-") and tag.removeprefix("mj-") not in _COMPONENTS:
            raise WrongMjml(f"there is no component <{tag}>", line)


def _is_component(tag: str) -> bool:
    return tag == "mjml" or tag.startswith("mj-")

"""The text of an HTML mail, for readers and programs that show no HTML."""

from __future__ import annotations

import re
from html.parser import HTMLParser

from jinja2 import Environment, Template, TemplateSyntaxError

from notifications.templates.rendering.masking import MARK, Unmaskable, lost, mask

_SKIPPED = frozenset({"head", "script", "style", "title", "noscript", "template"})
_VOID = frozenset("area base br col embed hr img input link meta param source track wbr".split())
_PARAGRAPHS = frozenset(
    "address article blockquote div dl fieldset footer form h1 h2 h3 h4 h5 h6 header main nav ol p"
    " pre section table ul".split()
)
_LINES = frozenset({"br", "dd", "dt", "li", "tr"})
_HIDDEN = re.compile(r"display\s*:\s*none", re.IGNORECASE)
_SPACE = re.compile(r"[ \t\r\n\f\u200b\u200c\u034f\ufeff]+")
_BLANK_LINES = re.compile(r"\n{3,}")


def text_of(html: str) -> str:
    """What the HTML says, with the addresses of links behind their words."""
    reader = _Reader()
    reader.feed(html)
    reader.close()
    return reader.text()


def text_template(html: str, environment: Environment) -> Template | None:
    """The template of the text, made once from that of the HTML: a tenth of the work per message.

    None where that would not be the same: when a block of Jinja stands where nobody sees it, or
    its parts on two sides of something that nobody sees.
    """
    try:
        masked, pieces = mask(html, environment, keep_lines=False)
        text = text_of(masked)
        if any(piece.text.startswith("{%") for piece in lost(text, pieces)):
            return None
        return environment.from_string(
            MARK.sub(lambda found: _restored(pieces[int(found[1])].text), text)
        )
    except (Unmaskable, TemplateSyntaxError):
        return None


def _restored(piece: str) -> str:
    return "" if piece.startswith("{#") else piece


def tidied(text: str) -> str:
    """Text without spaces around its lines and without blank lines in a row."""
    lines = "\n".join(line.strip() for line in text.split("\n"))
    return _BLANK_LINES.sub("\n\n", lines).strip()


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self._out: list[str] = []
        self._skipping: list[str] = []
        self._links: list[tuple[str, int]] = []

    def text(self) -> str:
        """All of it, without blank lines in a row."""
        return tidied("".join(self._out))

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Begin a paragraph, a line or a link, or skip what nobody sees."""
        if self._skipping:
            if tag not in _VOID:
                self._skipping.append(tag)
            return
        about = dict(attrs)
        if tag in _SKIPPED or _HIDDEN.search(about.get("style") or ""):
            if tag not in _VOID:
                self._skipping.append(tag)
            return
        self._break(tag)
        if tag == "li":
            self._out.append("- ")
        elif tag == "a":
            self._links.append((about.get("href") or "", len(self._out)))
        elif tag == "img" and about.get("alt"):
            self._out.append(str(about["alt"]))

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """A tag that has no end: its beginning is all."""
        if tag in _VOID:
            self.handle_starttag(tag, attrs)

    def handle_endtag(self, tag: str) -> None:
        """End a paragraph, a line or a link."""
        if self._skipping:
            # Up to the tag that is closed; what was left open within it ends with it.
            if tag in self._skipping:
                while self._skipping.pop() != tag:
                    pass
            return
        if tag == "a" and self._links:
            self._end_link()
        if tag in _PARAGRAPHS:
            self._break(tag)
        elif tag in {"td", "th"}:
            self._out.append(" ")

    def handle_data(self, data: str) -> None:
        """Words; spaces and line breaks between them are one space."""
        if self._skipping:
            return
        text = _SPACE.sub(" ", data)
        if text != " " or not self._ends_in_space():
            self._out.append(text)

    def _break(self, tag: str) -> None:
        if tag in _LINES:
            self._out.append("\n")
        elif tag in _PARAGRAPHS:
            self._out.append("\n\n")

    def _ends_in_space(self) -> bool:
        return not self._out or self._out[-1][-1:] in (" ", "\n")

    def _end_link(self) -> None:
        address, since = self._links.pop()
        words = "".join(self._out[since:]).strip()
        shown = address.removeprefix("mailto:").removeprefix("tel:")
        if shown and not shown.startswith("#") and shown != words:
            self._out.append(f" ({shown})" if words else shown)

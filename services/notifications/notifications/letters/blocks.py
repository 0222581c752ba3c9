"""What a letter says, as blocks to be set one below the other: from HTML, or from text where there is none."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from html.parser import HTMLParser

_SKIPPED = frozenset({"head", "script", "style", "title", "noscript", "template"})
_VOID = frozenset("area base br col embed hr img input link meta param source track wbr".split())
_HEADINGS = frozenset({"h1", "h2", "h3", "h4", "h5", "h6"})
_BREAKS = _HEADINGS | frozenset(
    "address article blockquote body dd div dl dt footer form header hr li main ol p pre section"
    " table tr ul".split()
)
_BOLD = frozenset({"b", "strong", "th"})
_HIDDEN = re.compile(r"display\s*:\s*none", re.IGNORECASE)
_SPACE = re.compile(r"[ \t\r\n\f\u200b\u200c\u034f\ufeff]+")
_BULLET = "\N{BULLET}"


class Kind(StrEnum):
    """How a block is set."""

    HEADING = "heading"
    TEXT = "text"
    ITEM = "item"


@dataclass(frozen=True, slots=True)
class Run:
    """Characters that look alike."""

    text: str
    bold: bool = False


@dataclass(frozen=True, slots=True)
class Block:
    """A heading, a paragraph or an item of a list; `mark` stands before an item."""

    kind: Kind
    runs: Sequence[Run]
    mark: str = ""

    @property
    def text(self) -> str:
        """What it says."""
        return "".join(run.text for run in self.runs)


def blocks_of(html: str, text: str) -> list[Block]:
    """The blocks of HTML, else of a text whose paragraphs have blank lines between them."""
    if html.strip():
        reader = _Reader()
        reader.feed(html)
        reader.close()
        return reader.blocks()
    paragraphs = re.split(r"\n\s*\n", text.replace("\r\n", "\n"))
    return [Block(Kind.TEXT, (Run(one.strip("\n")),)) for one in paragraphs if one.strip()]


class _Reader(HTMLParser):
    """Takes from HTML what can be printed: words, what is bold, headings and lists; no colours or pictures."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self._blocks: list[Block] = []
        self._runs: list[Run] = []
        self._kind, self._mark = Kind.TEXT, ""
        self._skipping: list[str] = []
        self._bold: list[str] = []
        self._lists: list[int | None] = []
        self._links: list[tuple[str, int]] = []

    def blocks(self) -> list[Block]:
        """All that was read."""
        self._end_block()
        return self._blocks

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Begin a block, a list, a link or something bold, or skip what nobody sees."""
        about = dict(attrs)
        hidden = tag in _SKIPPED or _HIDDEN.search(about.get("style") or "")
        if self._skipping or hidden:
            if tag not in _VOID:
                self._skipping.append(tag)
            return
        if tag in _BREAKS:
            self._begin_block(tag)
        elif tag == "br":
            self._runs.append(Run("\n"))
        elif tag == "img":
            self._say(about.get("alt") or "")
        elif tag == "a":
            self._links.append((about.get("href") or "", len(self._runs)))
        if tag in _BOLD:
            self._bold.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """A tag that has no end: its beginning is all."""
        if tag in _VOID:
            self.handle_starttag(tag, attrs)

    def handle_endtag(self, tag: str) -> None:
        """End what was begun; what was left open within it ends with it."""
        if self._skipping:
            if tag in self._skipping:
                while self._skipping.pop() != tag:
                    pass
            return
        if tag == "a" and self._links:
            self._end_link()
        if tag in {"ol", "ul"} and self._lists:
            self._lists.pop()
        if tag in _BREAKS:
            self._end_block()
        elif tag in {"td", "th"}:
            self._runs.append(Run("  "))
        if tag in self._bold:
            self._bold.remove(tag)

    def handle_data(self, data: str) -> None:
        """Words; spaces and line breaks between them are one space."""
        if not self._skipping:
            self._say(_SPACE.sub(" ", data))

    def _say(self, text: str) -> None:
        if not self._runs or self._runs[-1].text[-1:] in (" ", "\n"):
            text = text.lstrip(" ")
        if text:
            self._runs.append(Run(text, bool(self._bold)))

    def _begin_block(self, tag: str) -> None:
        self._end_block()
        if tag in {"ol", "ul"}:
            self._lists.append(0 if tag == "ol" else None)
        elif tag == "li":
            self._kind, self._mark = Kind.ITEM, self._next_mark()
        elif tag in _HEADINGS:
            self._kind = Kind.HEADING

    def _next_mark(self) -> str:
        number = self._lists[-1] if self._lists else None
        if number is None:
            return _BULLET
        self._lists[-1] = number + 1
        return f"{number + 1}."

    def _end_block(self) -> None:
        if "".join(run.text for run in self._runs).strip():
            self._blocks.append(Block(self._kind, tuple(self._runs), self._mark))
            self._kind, self._mark = Kind.TEXT, ""
        self._runs, self._links = [], []

    def _end_link(self) -> None:
        address, since = self._links.pop()
        words = "".join(run.text for run in self._runs[since:]).strip()
        shown = address.removeprefix("mailto:").removeprefix("tel:")
        if shown and not shown.startswith("#") and shown != words:
            self._say(f" ({shown})" if words else shown)

"""The guides: Markdown files, shown as pages. `name.zh-Hant.md` is the Chinese of `name.md`."""

from __future__ import annotations

import re
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any

from markdown_it import MarkdownIt
from markdown_it.token import Token
from pygments import highlight
from pygments.formatters import HtmlFormatter
from pygments.lexers import get_lexer_by_name
from pygments.util import ClassNotFound

from portal.texts import DEFAULT_LANGUAGE, LANGUAGES

_SLUG = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]*\Z")
_MARKDOWN_LINK = re.compile(r"(?:\./)?([A-Za-z0-9][A-Za-z0-9_-]*)\.md(#.*)?\Z")
_FORMATTER: Any = HtmlFormatter(nowrap=True)


@dataclass(frozen=True, slots=True)
class Guide:
    """A guide as it is shown."""

    slug: str
    title: str
    html: str


class Guides:
    """Reads the guides of a folder; a file that changes shows at the next reading."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._markdown = MarkdownIt("commonmark", {"html": False, "highlight": _highlighted})
        self._markdown.enable("table")
        self._read: dict[Path, tuple[int, Guide]] = {}

    def all(self, language: str) -> list[Guide]:
        """Every guide in the language, or in English where it is not translated, by title."""
        slugs = sorted(path.stem for path in self._folder.glob("*.md") if _SLUG.match(path.stem))
        guides = [guide for slug in slugs if (guide := self.get(slug, language))]
        return sorted(guides, key=lambda guide: (guide.slug != "index", guide.slug))

    def get(self, slug: str, language: str) -> Guide | None:
        """One guide; None when there is none of that name."""
        if not _SLUG.match(slug):
            return None
        names = [f"{slug}.md"]
        if language != DEFAULT_LANGUAGE and language in LANGUAGES:
            names.insert(0, f"{slug}.{language}.md")
        for name in names:
            guide = self._from_file(slug, self._folder / name)
            if guide is not None:
                return guide
        return None

    def _from_file(self, slug: str, path: Path) -> Guide | None:
        try:
            changed = path.stat().st_mtime_ns
            known = self._read.get(path)
            if known is None or known[0] != changed:
                known = (changed, self._rendered(slug, path.read_text(encoding="utf-8")))
                self._read[path] = known
        except (FileNotFoundError, NotADirectoryError):
            return None
        return known[1]

    def _rendered(self, slug: str, text: str) -> Guide:
        tokens = self._markdown.parse(text)
        title = slug.replace("-", " ").capitalize()
        for heading, content in pairwise(tokens):
            if heading.type == "heading_open":
                heading.attrSet("id", _anchor(content.content))
                if heading.tag == "h1":
                    title = content.content
        for token in tokens:
            for child in token.children or ():
                _point_to_page(child)
        return Guide(
            slug, title, self._markdown.renderer.render(tokens, self._markdown.options, {})
        )


def _anchor(text: str) -> str:
    """The id of a heading, as GitHub makes it, so that links work there and here."""
    return re.sub(r"\s", "-", re.sub(r"[^\w\s-]", "", text.strip().lower()))


def _point_to_page(token: Token) -> None:
    """A link to another guide's file becomes one to its page."""
    href = token.attrGet("href") if token.type == "link_open" else None
    match = _MARKDOWN_LINK.match(str(href)) if href else None
    if match:
        token.attrSet("href", f"/docs/guides/{match[1]}{match[2] or ''}")


def _highlighted(code: str, language: str, _attributes: str) -> str:
    try:
        return str(highlight(code, get_lexer_by_name(language), _FORMATTER))
    except ClassNotFound:
        return ""

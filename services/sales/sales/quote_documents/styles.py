"""How texts of a printed quote look: sizes, colours, and lines that break where Chinese may."""

from __future__ import annotations

from typing import Any

from reportlab.lib.colors import HexColor
from reportlab.lib.enums import TA_LEFT, TA_RIGHT
from reportlab.lib.styles import ParagraphStyle
from reportlab.platypus import Paragraph

from chassis.printing.typefaces import Typefaces

INK = HexColor("#16202e")
SOFT = HexColor("#5b6877")
ACCENT = HexColor("#0b6b63")
RULE = HexColor("#d5dbe2")
TINT = HexColor("#f1f5f6")


class Styles:
    """Makes paragraphs in the typefaces of one document."""

    def __init__(self, typefaces: Typefaces) -> None:
        self._typefaces = typefaces

    def title(self, text: str) -> Any:
        """What it is."""
        return self._paragraph(text, 21, bold=True, color=ACCENT)

    def heading(self, text: str) -> Any:
        """The head of a part; it stays with what comes after it."""
        return self._paragraph(text, 9.5, bold=True, color=ACCENT, keepWithNext=1, spaceAfter=3)

    def text(self, text: str, *, bold: bool = False, right: bool = False, color: Any = INK) -> Any:
        """Running text."""
        return self._paragraph(text, 9, bold=bold, right=right, color=color)

    def strong(self, text: str, *, right: bool = False) -> Any:
        """What is looked for first."""
        return self._paragraph(text, 11.5, bold=True, right=right)

    def small(self, text: str, *, right: bool = False, color: Any = INK, indent: float = 0) -> Any:
        """Small print."""
        return self._paragraph(text, 7.5, right=right, color=color, leftIndent=indent)

    def column(self, text: str, *, right: bool = False) -> Any:
        """The head of a column."""
        return self._paragraph(text, 7.5, bold=True, right=right, color=SOFT)

    def cell(self, text: str, *, right: bool = False, indent: float = 0) -> Any:
        """What stands in a column."""
        return self._paragraph(text, 8.5, right=right, leftIndent=indent)

    def _paragraph(
        self,
        text: str,
        size: float,
        *,
        bold: bool = False,
        right: bool = False,
        color: Any = INK,
        **more: Any,
    ) -> Any:
        style = ParagraphStyle(
            "document",
            fontName=self._typefaces.name(bold=bold),
            fontSize=size,
            leading=size * 1.45,
            textColor=color,
            alignment=TA_RIGHT if right else TA_LEFT,
            wordWrap="CJK",
            **more,
        )
        return Paragraph(self._typefaces.marked(text, bold=bold), style)

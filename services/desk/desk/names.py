"""Names as the REST face takes them: keys that are for good, and texts by language."""

from __future__ import annotations

from typing import Annotated

from pydantic import AfterValidator, Field

Key = Annotated[str, Field(min_length=1, max_length=50, pattern="^[a-z][a-z0-9_]*$")]
"""What records name a definition by."""
Name = Annotated[str, Field(min_length=1, max_length=200)]
Text = Annotated[str, Field(max_length=10_000)]
Reason = Annotated[str, Field(min_length=1, max_length=500)]
"""Why somebody did something, in their own words."""
Language = Annotated[str, Field(pattern="^[a-z]{2,3}(-[A-Za-z0-9]{2,8})*$", max_length=35)]

Sku = Annotated[str, Field(max_length=100)]
"""The article number of a product, as sales has it; empty for none."""
Tag = Annotated[str, Field(min_length=1, max_length=50, pattern=r"^[^\s,]+$")]
"""What a ticket is marked with, in the tenant's own words: no blanks, no commas."""


def _said(texts: dict[str, str]) -> dict[str, str]:
    if any(not text.strip() for text in texts.values()):
        raise ValueError("has an empty text")
    return texts


Label = Annotated[
    dict[Language, Annotated[str, Field(min_length=1, max_length=100)]],
    Field(min_length=1, max_length=20),
    AfterValidator(_said),
]
"""What something is called, by language: `{"en": "Coffee", "zh-Hant": "咖啡"}`."""
Sentence = Annotated[
    dict[Language, Annotated[str, Field(min_length=1, max_length=500)]],
    Field(max_length=20),
    AfterValidator(_said),
]
"""What is said to customers, by language; in none where nothing is said."""

"""A tenant of its own whose people also came with imports."""

from __future__ import annotations

from services.contacts.tests.imports.conftest import importing

__all__ = ["importing"]

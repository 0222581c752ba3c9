"""How a batch of letters is made for the estate."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

from chassis.testing.client import ApiAnswer
from notifications.letters.keeping import StoredLetters
from notifications.providers.port import Outgoing

_MARK = "Amphitrite"
"""The estate's mark."""


def letters(owned: Any, good: Callable[[ApiAnswer, str], ApiAnswer]) -> str:
    """A batch of one letter."""
    outgoing = Outgoing(
        tenant_id=owned.tenant_id,
        message_id=uuid4(),
        idempotency_key=str(uuid4()),
        address=_MARK,
        name=_MARK,
        subject=_MARK,
        text=_MARK,
        html="",
        language="en",
        purpose="",
        transactional=True,
        unsubscribe_url="",
        written_at=datetime.now(UTC),
    )
    StoredLetters(owned.services["notifications"].harness.service.operations).put(outgoing)
    path = "/v1/notifications/letters/batches"
    return str(good(owned.owner("notifications").post(path), path).json["id"])

"""Those who hold a permission, as recipients of a rule: who they are is asked only once a fact is there."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Protocol
from uuid import UUID

from notifications.rules.domain import HolderReach

LONGEST_PERMISSION = 130
_WORD = "[a-z][a-z0-9_-]{0,40}"
_PERMISSION = re.compile(rf"{_WORD}\.{_WORD}\.{_WORD}")


@dataclass(frozen=True, slots=True)
class Holders:
    """The active users who hold a permission at least so far; with a role, those of them who have it."""

    permission: str
    reach: HolderReach
    role_id: UUID | None = None


class PermissionHolders(Protocol):
    """Whoever knows who may do what: identity."""

    def of(self, tenant_id: UUID, holders: Holders) -> list[UUID]:
        """The users, a bounded number of them, the longest known first. Raises `Unavailable`."""
        ...


def is_permission(text: str) -> bool:
    """Whether this names one permission, such as `loyalty.adjustments.approve`."""
    return _PERMISSION.fullmatch(text) is not None

"""Stand-ins for what contacts asks others."""

from __future__ import annotations

from collections.abc import Collection
from uuid import UUID

from chassis.context import Caller


class FakeUsers:
    """A tenant with everybody in it, but for those whose ids begin with zeros."""

    def absent(self, caller: Caller, user_ids: Collection[UUID]) -> frozenset[UUID]:
        """Those of the ids that are nobody's."""
        assert caller.tenant_id is not None
        return frozenset(user_id for user_id in user_ids if user_id.int < 2**96)

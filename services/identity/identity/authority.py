"""Nobody gives what they have not: what callers grant is measured by what they may do."""

from __future__ import annotations

from collections.abc import Iterable

from chassis.context import Caller, Reach
from chassis.domain import Forbidden
from chassis.storage.scope import Scope
from identity.roles.domain import Grant


def require_authority(caller: Caller, grants: Iterable[Grant]) -> None:
    """Raises `Forbidden` unless the caller may do all of this, at least as far."""
    for grant in grants:
        # A pattern is covered by the same or a wider one, just as a permission is.
        reach = caller.reach(grant.permission)
        if reach is None or reach < Reach[grant.reach.upper()]:
            raise Forbidden(
                f"This takes {grant.permission} with reach {grant.reach}, which you do not have.",
                code="beyond_own_permissions",
            )


def require_scopes(caller: Caller, scopes: Iterable[str], at_least: Reach) -> None:
    """Raises `Forbidden` unless the caller may do what every scope allows, that far."""
    for scope in scopes:
        reach = caller.reach(scope)
        if reach is None or reach < at_least:
            raise Forbidden(
                f"This takes {scope} with reach {at_least.name.lower()}, which you do not have.",
                code="beyond_own_permissions",
            )


def require_full_reach(scope: Scope) -> None:
    """Raises `Forbidden` for a reach of less than all, where things are nobody's own."""
    if scope.owners is not None:
        raise Forbidden("This takes the permission with reach all.", code="reach_too_short")

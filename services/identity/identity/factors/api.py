"""Second factors over REST: one's own, and for administrators those of others."""

from __future__ import annotations

from uuid import UUID

from flask import Response

from chassis.http.call import Call
from chassis.http.reply import Reply
from chassis.http.routes import SIGNED_IN, Routes
from chassis.storage.listing import Listing
from identity.factors import operations, queries
from identity.factors.models import FactorOut, FactorPatch, RecoveryCodesOut, ResetOut
from identity.factors.proven_api import RouteParts, changing_routes, own_user
from identity.sign_in.queries import get_account
from identity.transaction import IdentityTx

READ = "identity.factors.read"
WRITE = "identity.factors.write"

own_factors = Routes("/v1/identity/me", tag="second factors")


@own_factors.get("/factors", permission=SIGNED_IN, listing=queries.FACTORS, returns=FactorOut)
def list_own_factors(call: Call[IdentityTx], listing: Listing) -> Reply:
    """List one's own second factors, the oldest first."""
    return Reply(call.read(queries.list_factors, own_user(call), listing))


@own_factors.get("/factors/<uuid:factor_id>", permission=SIGNED_IN, returns=FactorOut)
def get_own_factor(call: Call[IdentityTx], factor_id: UUID) -> Reply:
    """Get one of one's own second factors."""
    factor = call.read(queries.get_factor, own_user(call), factor_id)
    return Reply(factor, version=factor["version"])


@own_factors.patch(
    "/factors/<uuid:factor_id>", permission=SIGNED_IN, body=FactorPatch, returns=FactorOut
)
def change_own_factor(call: Call[IdentityTx], body: FactorPatch, factor_id: UUID) -> Response:
    """Call one of one's own second factors something else."""
    user_id = own_user(call)

    def change(tx: IdentityTx) -> None:
        if "name" in body.model_fields_set:
            operations.rename_factor(tx, user_id, factor_id, body.name)
        else:
            operations.own_factor(tx, user_id, factor_id)

    return call.run(change, lambda tx, _done: _shown(tx, user_id, factor_id))


@own_factors.get("/recovery-codes", permission=SIGNED_IN, returns=RecoveryCodesOut)
def get_own_recovery_codes(call: Call[IdentityTx]) -> Reply:
    """Get how many recovery codes one has left."""
    return Reply(call.read(queries.get_recovery_codes, own_user(call)))


def factor_routes(parts: RouteParts) -> tuple[Routes, ...]:
    """The routes of factors."""
    return own_factors, changing_routes(parts), _administration(parts)


def _administration(parts: RouteParts) -> Routes:
    routes = Routes("/v1/identity/users", tag="second factors")

    @routes.get(
        "/<uuid:user_id>/factors", permission=READ, listing=queries.FACTORS, returns=FactorOut
    )
    def list_factors(call: Call[IdentityTx], listing: Listing, user_id: UUID) -> Reply:
        """List the second factors of a user within reach."""
        return Reply(call.read(queries.list_factors, user_id, listing))

    @routes.post(
        "/<uuid:user_id>/reset-factors", permission=WRITE, returns=ResetOut, problems=(403,)
    )
    def reset_factors(call: Call[IdentityTx], user_id: UUID) -> Response:
        """Take away all second factors and recovery codes of a user who has lost them.

        All sessions of the user end. One's own are removed with a proof instead.
        """

        def reset(tx: IdentityTx) -> int:
            removed = operations.reset_factors(tx, user_id)
            account = get_account(tx, user_id)
            if account is not None and removed:
                parts.mail.reset(tx, account)
            return removed

        return call.run(reset, lambda _tx, removed: Reply({"removed": removed}))

    return routes


def _shown(tx: IdentityTx, user_id: UUID, factor_id: UUID) -> Reply:
    factor = queries.get_factor(tx, user_id, factor_id)
    return Reply(factor, version=factor["version"])

"""The kinds of refusals that only identity knows."""

from __future__ import annotations

from chassis.domain import Conflict
from chassis.http.problem_kinds import ProblemKind

EMAIL_UNIQUE = "users_email_unique"
CONFLICTS = {
    "tenants_slug_unique": Conflict("Another tenant has this slug.", code="slug_taken"),
    "factors_credential": Conflict("This passkey is known already.", code="passkey_known"),
    EMAIL_UNIQUE: Conflict("Another user has this address.", code="email_taken"),
    "roles_name_unique": Conflict("Another role has this name.", code="role_name_taken"),
    "user_roles_role": Conflict("Users have this role; take it from them.", code="role_in_use"),
}
"""What constraints of the database stand for."""

PROBLEMS = (
    ProblemKind(
        "beyond_own_permissions",
        403,
        "Nobody grants, or registers an app for, more than they have.",
    ),
    ProblemKind("reach_too_short", 403, "This needs the permission with reach over all."),
    ProblemKind("user_needed", 403, "This is for users; an app acts for nobody here."),
    ProblemKind("wrong_password", 403, "The current password is not the one that was given."),
    ProblemKind("wrong_factor", 403, "What was given does not prove that it is the user."),
    ProblemKind("second_factor_needed", 403, "The password alone is not enough for this account."),
    ProblemKind("own_factors", 403, "One's own factors are removed with a proof, not reset."),
    ProblemKind("ceremony_over", 409, "It took too long, or was finished already; begin anew."),
    ProblemKind("factors_full", 409, "A user has 20 factors at most, 3 of them apps."),
    ProblemKind("last_factor", 409, "The organisation requires a second factor."),
    ProblemKind("no_factor", 409, "There is no second factor that codes could stand in for."),
    ProblemKind("no_passkey", 409, "There is no passkey to answer a challenge."),
    ProblemKind("passkey_known", 409, "The passkey is known already."),
    ProblemKind("client_deactivated", 409, "The app is deactivated."),
    ProblemKind("client_public", 409, "A public app has no secrets."),
    ProblemKind("secrets_full", 409, "An app has two secrets at most; revoke one first."),
    ProblemKind("device_code_over", 409, "The device code has been used or has expired."),
    ProblemKind("email_taken", 409, "Another user of the tenant has this e-mail address."),
    ProblemKind("invitation_expired", 409, "The invitation has expired; have it sent again."),
    ProblemKind("invitation_used", 409, "The invitation was accepted already."),
    ProblemKind("link_used", 409, "The link was used, or has expired."),
    ProblemKind("last_administrator", 409, "A tenant keeps one active administrator at least."),
    ProblemKind("role_built_in", 409, "Built-in roles stay as they are; define one of your own."),
    ProblemKind("role_in_use", 409, "Users have this role; take it from them first."),
    ProblemKind("role_name_taken", 409, "Another role of the tenant has this name."),
    ProblemKind("signing_key_in_use", 409, "The key signs tokens; rotate first."),
    ProblemKind("slug_taken", 409, "Another tenant has this slug."),
    ProblemKind(
        "too_many_attempts", 429, "Too many failures; `Retry-After` says how long to wait."
    ),
    ProblemKind("team_not_empty", 409, "The team has members or teams below it."),
)

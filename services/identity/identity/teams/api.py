"""Teams over REST."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from flask import Response
from pydantic import BaseModel, Field

from chassis.http.body import Body, Patch
from chassis.http.call import Call
from chassis.http.reply import Reply
from chassis.http.routes import Routes
from chassis.storage.listing import Listing
from identity.domain import LONGEST_NAME
from identity.teams import operations, queries
from identity.teams.domain import MOST_MEMBERS, Team, TeamDetails
from identity.transaction import IdentityTx

READ = "identity.teams.read"
WRITE = "identity.teams.write"

teams = Routes("/v1/identity/teams", tag="teams")

Name = Annotated[str, Field(min_length=1, max_length=LONGEST_NAME)]
Members = Annotated[tuple[UUID, ...], Field(max_length=MOST_MEMBERS)]


class TeamIn(Body):
    """A team; `parent_team_id` is the team above, none at the top."""

    name: Name
    parent_team_id: UUID | None = None
    manager_id: UUID | None = None
    member_ids: Members = ()


class TeamPatch(Patch):
    name: Name = ""
    parent_team_id: UUID | None = None
    manager_id: UUID | None = None
    member_ids: Members = ()


class TeamOut(BaseModel):
    """A team. `member_ids` are those in the team itself, not in the teams below."""

    id: UUID
    version: int
    name: str
    parent_team_id: UUID | None
    manager_id: UUID | None
    member_ids: list[UUID]
    created_at: datetime
    updated_at: datetime


@teams.get("", permission=READ, listing=queries.TEAMS, returns=TeamOut)
def list_teams(call: Call[IdentityTx], listing: Listing) -> Reply:
    """List teams, by name unless asked otherwise."""
    return Reply(call.read(queries.list_teams, listing))


@teams.post("", permission=WRITE, body=TeamIn, returns=TeamOut, status=201)
def place_team(call: Call[IdentityTx], body: TeamIn) -> Response:
    """Make a team, somewhere in the tree."""
    details = TeamDetails(body.name, body.parent_team_id, body.manager_id)

    def reply(tx: IdentityTx, team: Team) -> Reply:
        shown = queries.get_team(tx, team.id)
        return Reply.created(f"/v1/identity/teams/{team.id}", shown, team.version)

    return call.run(lambda tx: operations.place_team(tx, details, body.member_ids), reply)


@teams.get("/<uuid:team_id>", permission=READ, returns=TeamOut)
def get_team(call: Call[IdentityTx], team_id: UUID) -> Reply:
    """Get a team."""
    team = call.read(queries.get_team, team_id)
    return Reply(team, version=team["version"])


@teams.patch("/<uuid:team_id>", permission=WRITE, body=TeamPatch, returns=TeamOut)
def change_team(call: Call[IdentityTx], body: TeamPatch, team_id: UUID) -> Response:
    """Change what is mentioned of a team: its name, its place, its manager, all of its members."""
    given = body.model_fields_set
    named = {"name": "name", "parent_team_id": "parent_id", "manager_id": "manager_id"}
    changes: dict[str, Any] = {named[name]: getattr(body, name) for name in named if name in given}
    members = body.member_ids if "member_ids" in given else None
    return call.run(
        lambda tx: operations.change_team(
            tx, team_id, lambda details: replace(details, **changes), members
        ),
        _shown,
    )


@teams.delete("/<uuid:team_id>", permission=WRITE)
def remove_team(call: Call[IdentityTx], team_id: UUID) -> Response:
    """Remove a team without members and without teams below."""
    return call.run(
        lambda tx: operations.remove_team(tx, team_id), lambda _tx, _team: Reply.nothing()
    )


@teams.put("/<uuid:team_id>/members/<uuid:user_id>", permission=WRITE, returns=TeamOut)
def add_member(call: Call[IdentityTx], team_id: UUID, user_id: UUID) -> Response:
    """Have a user in a team."""
    return call.run(lambda tx: operations.add_member(tx, team_id, user_id), _shown)


@teams.delete("/<uuid:team_id>/members/<uuid:user_id>", permission=WRITE, conditional=False)
def remove_member(call: Call[IdentityTx], team_id: UUID, user_id: UUID) -> Response:
    """Have a user in a team no more."""
    return call.run(
        lambda tx: operations.remove_member(tx, team_id, user_id),
        lambda _tx, _team: Reply.nothing(),
    )


def _shown(tx: IdentityTx, team: Team) -> Reply:
    return Reply(queries.get_team(tx, team.id), version=team.version)

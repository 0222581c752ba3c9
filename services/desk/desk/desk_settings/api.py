"""Settings of the desk over REST."""

from __future__ import annotations

from flask import Response

from chassis.http.call import Call
from chassis.http.reply import Reply
from chassis.http.routes import Routes
from desk.desk_settings import operations, queries
from desk.desk_settings.models import DeskSettingsIn, DeskSettingsOut, preferences_in, shown
from desk.transaction import DeskTx

READ = "desk.settings.read"
WRITE = "desk.settings.write"

desk_settings = Routes("/v1/desk/settings", tag="settings")


@desk_settings.get("", permission=READ, returns=DeskSettingsOut)
def get_desk_settings(call: Call[DeskTx]) -> Reply:
    """Get how the tenant's desk works."""
    settings = call.read(queries.get_desk_settings)
    return Reply(settings, version=settings["version"])


@desk_settings.put(
    "", permission=WRITE, body=DeskSettingsIn, returns=DeskSettingsOut, conditional=True
)
def change_desk_settings(call: Call[DeskTx], body: DeskSettingsIn) -> Response:
    """Say how the desk works from now on; tickets keep the number and the day of closing they have."""
    chosen = preferences_in(body)
    return call.run(
        lambda tx: operations.change_desk_settings(tx, chosen),
        lambda _tx, settings: Reply(shown(settings), version=settings.version),
        about=call.caller.tenant_id,
    )

"""What notifications is, for whoever prepares it or asks about it."""

from chassis.description import Description, migrations_of
from notifications.problems import PROBLEMS

DESCRIPTION = Description(
    name="notifications",
    version="0.1.0",
    summary="The right message, on the right channel, at the right time, with permission; webhooks and the event feed.",
    migrations=migrations_of(__file__),
    settings="notifications.settings:NotificationsSettings",
    subscriptions="notifications.reactions:SUBSCRIPTIONS",
    problems=PROBLEMS,
)

"""What notifications is, for whoever prepares it or asks about it."""

from chassis.description import Description, migrations_of
from notifications.problems import PROBLEMS
from notifications.reactions import SUBSCRIPTIONS

DESCRIPTION = Description(
    name="notifications",
    version="0.1.0",
    summary="The right message, on the right channel, at the right time, with permission; webhooks and the event feed.",
    migrations=migrations_of(__file__),
    consumes={one.producer: one.types for one in SUBSCRIPTIONS},
    problems=PROBLEMS,
)

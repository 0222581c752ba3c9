"""What sales is, for whoever prepares it or asks about it."""

from chassis.description import Description, migrations_of
from sales.problems import PROBLEMS

DESCRIPTION = Description(
    name="sales",
    version="0.1.0",
    summary="From a name to a signed order: pipelines, opportunities, activities, orders, and what they are worth.",
    migrations=migrations_of(__file__),
    settings="sales.settings:SalesSettings",
    subscriptions="sales.reactions:SUBSCRIPTIONS",
    problems=PROBLEMS,
)

"""`python -m tests.journeys.probe`: serve, prepare, migrate, provision."""

from chassis.command import service_command
from tests.journeys.probe.description import DESCRIPTION

if __name__ == "__main__":
    service_command(DESCRIPTION)()

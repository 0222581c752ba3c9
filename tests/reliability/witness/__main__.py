"""`python -m tests.reliability.witness`: serve, prepare, migrate, provision."""

from chassis.command import service_command
from tests.reliability.witness.description import DESCRIPTION

if __name__ == "__main__":
    service_command(DESCRIPTION)()

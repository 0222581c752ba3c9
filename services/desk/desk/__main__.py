"""`python -m desk`: serve, prepare, migrate, provision."""

from chassis.command import service_command
from desk.description import DESCRIPTION

if __name__ == "__main__":
    service_command(DESCRIPTION)()

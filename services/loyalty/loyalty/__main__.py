"""`python -m loyalty`: serve, prepare, migrate, provision."""

from chassis.command import service_command
from loyalty.description import DESCRIPTION

if __name__ == "__main__":
    service_command(DESCRIPTION)()

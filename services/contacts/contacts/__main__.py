"""`python -m contacts`: serve, prepare, migrate, provision."""

from chassis.command import service_command
from contacts.description import DESCRIPTION

if __name__ == "__main__":
    service_command(DESCRIPTION)()

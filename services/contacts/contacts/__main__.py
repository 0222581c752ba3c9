"""`python -m contacts`: serve, migrate, provision."""

from chassis.command import service_command
from contacts.app import DESCRIPTION, build
from contacts.settings import ContactsSettings

if __name__ == "__main__":
    service_command(DESCRIPTION, ContactsSettings, build)()

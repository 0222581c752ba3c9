"""`python -m contacts`: serve, prepare, migrate, provision, and what operators do."""

from chassis.command import service_command
from contacts.description import DESCRIPTION

if __name__ == "__main__":
    own = {"rebuild-search": "contacts.search.commands:rebuild_search_command"}
    service_command(DESCRIPTION, own=own)()

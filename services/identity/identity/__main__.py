"""`python -m identity`: serve, migrate, provision, and what operators do."""

from chassis.command import service_command
from identity.app import DESCRIPTION, build
from identity.commands import tenant_commands
from identity.settings import IdentitySettings

if __name__ == "__main__":
    command = service_command(DESCRIPTION, IdentitySettings, build)
    command.add_command(tenant_commands(build))
    command()

"""`python -m identity`: serve, prepare, migrate, provision, and what operators do."""

from chassis.command import service_command
from identity.description import DESCRIPTION

if __name__ == "__main__":
    own = {
        "tenants": "identity.commands:tenant_commands",
        "factors": "identity.factors.commands:factor_commands",
        "keys": "identity.keys.commands:key_commands",
        "audit": "identity.audit.commands:audit_commands",
        "operators": "identity.keys.commands:operator_commands",
    }
    service_command(DESCRIPTION, own=own)()

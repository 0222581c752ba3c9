"""The identity service: tenants, users, teams, roles, clients, sessions and tokens."""

"""What the chassis' own tests stand on: one PostgreSQL server for a test process, and signed tokens."""

from chassis.testing.fixtures import access, postgres, tokens

__all__ = ["access", "postgres", "tokens"]

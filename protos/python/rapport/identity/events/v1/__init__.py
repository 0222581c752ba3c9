"""Generated from protos/rapport/identity/events/v1."""

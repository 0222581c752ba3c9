"""Generated from protos/rapport/identity/events."""

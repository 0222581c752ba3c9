"""Generated from protos/rapport/desk/events/v1."""

"""Generated from protos/rapport/desk/events."""

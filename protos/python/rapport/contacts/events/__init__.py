"""Generated from protos/rapport/contacts/events."""

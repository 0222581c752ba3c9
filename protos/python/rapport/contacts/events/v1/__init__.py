"""Generated from protos/rapport/contacts/events/v1."""

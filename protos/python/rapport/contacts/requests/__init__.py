"""Generated from protos/rapport/contacts/requests."""

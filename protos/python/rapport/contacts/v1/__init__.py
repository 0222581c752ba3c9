"""Generated from protos/rapport/contacts/v1."""

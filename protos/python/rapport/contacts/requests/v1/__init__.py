"""Generated from protos/rapport/contacts/requests/v1."""

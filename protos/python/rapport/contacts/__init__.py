"""Generated from protos/rapport/contacts."""

"""Generated from protos/rapport/identity/v1."""

"""Generated from protos/rapport/desk/requests."""

"""Generated from protos/rapport/sales/events/v1."""

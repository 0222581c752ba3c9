"""Generated from protos/rapport/sales/events."""

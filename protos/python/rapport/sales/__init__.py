"""Generated from protos/rapport/sales."""

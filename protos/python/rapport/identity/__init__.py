"""Generated from protos/rapport/identity."""

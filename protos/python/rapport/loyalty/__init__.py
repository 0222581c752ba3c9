"""Generated from protos/rapport/loyalty."""

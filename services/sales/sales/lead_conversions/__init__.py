"""Turns leads into people, companies and opportunities (SA-5)."""

"""The contacts service: one true view of every person and company."""

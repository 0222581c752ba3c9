"""Starts real PostgreSQL and NATS servers from pip packages, for tests and for the local platform."""

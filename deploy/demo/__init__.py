"""What an external app does with Rapport: a client of its public API, and a demonstration with real data."""

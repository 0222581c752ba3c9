"""Validation, normal forms, plausibility and the data-quality score of contacts: pure functions, no reading or writing."""

"""Customers who stay, drift away and come back, in the demonstration."""

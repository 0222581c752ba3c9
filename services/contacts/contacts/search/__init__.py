"""Search as you type over names, companies, e-mail addresses and phones: terms, plans, spelling, ranking (CO-6)."""

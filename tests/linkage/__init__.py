"""How well duplicates are found, measured on data sets of which the truth is known."""

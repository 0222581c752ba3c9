"""What every Rapport service stands on; it knows no business word."""

"""Search over published articles, in Chinese and English, with ranking (DE-7)."""

"""A service of the tests' own: it notes the facts of contacts that reach it, and with which trace."""

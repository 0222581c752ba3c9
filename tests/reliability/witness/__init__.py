"""A service of the harness's own: it counts how often each fact of every service has had its effect."""

"""Services with one deliberate bug each: a run against them has to turn red, or it proves nothing."""

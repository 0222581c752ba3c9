"""The checks of `rapport doctor`: each gives findings, and changes nothing."""

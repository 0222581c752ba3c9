"""Documents to print: the typefaces that they are set in."""

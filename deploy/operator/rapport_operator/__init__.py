"""What operators of a deployment use: the command `rapport`."""

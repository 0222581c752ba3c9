"""The providers that there are, one file each; a file that is put here is found."""

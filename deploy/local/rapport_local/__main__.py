"""`python -m rapport_local`: the local platform's command line."""

from rapport_local.cli import main

if __name__ == "__main__":
    main()

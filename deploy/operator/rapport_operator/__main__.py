"""`python -m rapport_operator`: the operator's command line."""

from rapport_operator.cli import main

if __name__ == "__main__":
    main()

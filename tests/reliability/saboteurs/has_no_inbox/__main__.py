"""`python -m tests.reliability.saboteurs.has_no_inbox`: the witness with this one bug."""

from chassis.command import service_command
from tests.reliability.witness.description import description

if __name__ == "__main__":
    service_command(description("tests.reliability.saboteurs.has_no_inbox"))()

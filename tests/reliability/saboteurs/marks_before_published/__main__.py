"""`python -m tests.reliability.saboteurs.marks_before_published`: contacts with this one bug."""

from chassis.command import service_command
from tests.reliability.saboteurs.description import posing_as_contacts

if __name__ == "__main__":
    service_command(posing_as_contacts("tests.reliability.saboteurs.marks_before_published"))()

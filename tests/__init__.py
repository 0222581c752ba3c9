"""What crosses services: the rules of the architecture, the contracts, and the journeys through the gateway."""

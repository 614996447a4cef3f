"""The demonstration: a street that burns, an agent that sees it, a subscriber that is told."""

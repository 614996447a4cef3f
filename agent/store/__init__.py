"""What survives: incidents, the outbox and the pictures."""

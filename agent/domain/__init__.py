"""What the agent talks about: pure values and rules, standard library only, no clock, no I/O."""

"""Examines a machine before and while the agent runs on it: one small check a concern."""

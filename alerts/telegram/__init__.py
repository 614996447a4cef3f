"""The way to Telegram and back: one connection, its limits, and what is said on it."""

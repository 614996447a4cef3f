"""The way to Telegram and back: one connection, its limits, and what is said on it."""

import os

# python-telegram-bot 22 says durations as numbers only with a warning; timedeltas are what it will keep.
os.environ.setdefault("PTB_TIMEDELTA", "true")

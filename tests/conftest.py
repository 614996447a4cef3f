"""What holds for the whole suite."""

from __future__ import annotations

from hypothesis import settings

# A timing is never a test: a busy machine must not fail one.
settings.register_profile("beffroi", deadline=None)
settings.load_profile("beffroi")

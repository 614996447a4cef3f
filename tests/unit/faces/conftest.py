"""A database and a clock, as the store's tests have them."""

from __future__ import annotations

from tests.unit.store.conftest import clock, database

__all__ = ["clock", "database"]

"""Fixtures of the tests that use real components."""

from tests.fakes.broker import broker

__all__ = ["broker"]

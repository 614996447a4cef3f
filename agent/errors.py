"""Every error the agent raises on purpose; each class has one exit code.

An error's message is for the person who must act: it says what is wrong, where, and what to do.
Secrets never appear in one.
"""

from __future__ import annotations

from typing import Optional


class BeffroiError(Exception):
    """Base of all; `exit_code` is what a command returns when the error ends it."""

    exit_code = 1


class ConfigError(BeffroiError):
    """The configuration cannot be used."""

    exit_code = 2


class BundleError(BeffroiError):
    """A model bundle is missing, damaged or not what its manifest says."""

    exit_code = 3


class InferenceError(BeffroiError):
    """The backend failed on a batch or at load."""

    exit_code = 4


class SourceError(BeffroiError):
    """A camera's source cannot be opened or stopped giving pictures.

    `stalled` is true where the far end is still there but gives nothing (a time-out), false where the
    connection is gone (refused, closed, end of stream). `permanent` is true where retrying cannot help
    without a person (bad credentials, no such file); a camera retries all the same, more slowly.
    `reason` says it in a few words, for the camera's status.
    """

    exit_code = 5

    def __init__(
        self,
        message: str,
        *,
        stalled: bool = False,
        permanent: bool = False,
        reason: str = "disconnected",
    ) -> None:
        super().__init__(message)
        self.stalled = stalled
        self.permanent = permanent
        self.reason = reason


class StoreError(BeffroiError):
    """The database or a snapshot cannot be read or written."""

    exit_code = 6


class DeliveryError(BeffroiError):
    """A sink did not take a message. Use one of the two below."""

    exit_code = 7


class TransientDeliveryError(DeliveryError):
    """Worth trying again; after `retry_after_s` seconds where the far end said so."""

    def __init__(self, message: str, retry_after_s: Optional[float] = None) -> None:
        super().__init__(message)
        self.retry_after_s = retry_after_s


class PermanentDeliveryError(DeliveryError):
    """Trying the same message again cannot help; it is parked and counted."""


class EngineError(BeffroiError):
    """A TensorRT engine cannot be built or did not pass its check; ONNX Runtime goes on looking."""

    exit_code = 8

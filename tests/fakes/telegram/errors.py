"""Refusals, in the words of the Bot API."""

from __future__ import annotations

from typing import Any, Dict, Optional


class ApiError(Exception):
    """An answer with ok=false. `parameters` is the API's ResponseParameters."""

    def __init__(self, code: int, description: str, parameters: Optional[Dict[str, Any]] = None) -> None:
        super().__init__(f"{code} {description}")
        self.code = code
        self.description = description
        self.parameters = parameters

    def body(self) -> Dict[str, Any]:
        """The JSON object that goes over the wire."""
        body: Dict[str, Any] = {"ok": False, "error_code": self.code, "description": self.description}
        if self.parameters:
            body["parameters"] = self.parameters
        return body


class MisuseError(ApiError):
    """A call that no correct client makes; the server remembers it."""

    def __init__(self, description: str, code: int = 400) -> None:
        super().__init__(code, description)


def bad_request(why: str) -> ApiError:
    return ApiError(400, f"Bad Request: {why}")


def forbidden(why: str) -> ApiError:
    return ApiError(403, f"Forbidden: {why}")


def too_many_requests(retry_after_s: int) -> ApiError:
    return ApiError(429, f"Too Many Requests: retry after {retry_after_s}", {"retry_after": retry_after_s})


def migrated(to_chat_id: int) -> ApiError:
    return ApiError(
        400,
        "Bad Request: group chat was upgraded to a supergroup chat",
        {"migrate_to_chat_id": to_chat_id},
    )


def bot_blocked() -> ApiError:
    return forbidden("bot was blocked by the user")


def picture_refused() -> ApiError:
    return bad_request("IMAGE_PROCESS_FAILED")


def too_large() -> ApiError:
    return ApiError(413, "Request Entity Too Large")


def server_error(code: int = 500) -> ApiError:
    """5xx with a JSON body; `faults.Broken` has one in HTML."""
    return ApiError(code, "Bad Gateway" if code == 502 else "Internal Server Error")


def conflict() -> ApiError:
    return ApiError(
        409,
        "Conflict: terminated by other getUpdates request; make sure that only one bot instance is running",
    )


def unauthorized() -> ApiError:
    return ApiError(401, "Unauthorized")

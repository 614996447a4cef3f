"""What Telegram's refusals and a network's failures mean for whoever must act."""

from __future__ import annotations

from datetime import timedelta
from typing import Callable

from telegram import error as telegram_error

from agent.errors import DeliveryError, PermanentDeliveryError, TransientDeliveryError

_GONE = (
    "chat not found",
    "bot was blocked",
    "bot was kicked",
    "bot is not a member",
    "user is deactivated",
    "chat was deleted",
    "group chat was deactivated",
    "have no rights to send",
    "peer_id_invalid",
    "chat_write_forbidden",
)
_MESSAGE_GONE = ("message to edit not found", "message can't be edited", "message_id_invalid")
_TOO_LARGE = ("(413)", "entity too large", "file is too big")


class ChatGoneError(PermanentDeliveryError):
    """Nothing can be written to this chat any more; `why` in Telegram's words."""

    def __init__(self, why: str) -> None:
        super().__init__(f"the chat cannot be reached: {why}")
        self.why = why


class ChatMovedError(PermanentDeliveryError):
    """The group became a supergroup: it goes on as `new_chat`."""

    def __init__(self, new_chat: int) -> None:
        super().__init__(f"the group goes on as {new_chat}")
        self.new_chat = new_chat


class MessageGoneError(PermanentDeliveryError):
    """The message that was to be edited is no longer there, or can be edited no more."""


class TokenRefusedError(TransientDeliveryError):
    """Telegram does not know the token; a person must see to it."""

    def __init__(self) -> None:
        super().__init__(
            "Telegram refuses the bot's token; copy it anew from @BotFather into telegram.token",
            retry_after_s=60.0,
        )


def verdict(error: telegram_error.TelegramError, strike: Callable[[str], str]) -> DeliveryError:
    """What an answer means for what was to be delivered; `strike` takes secrets out of a text."""
    text = strike(str(error)).partition(". Parsing the server response")[0]
    if isinstance(error, telegram_error.RetryAfter):
        return TransientDeliveryError(f"Telegram asks for a pause: {text}", retry_after(error))
    if isinstance(error, telegram_error.ChatMigrated):
        return ChatMovedError(error.new_chat_id)
    if isinstance(error, telegram_error.InvalidToken):
        return TokenRefusedError()
    if isinstance(error, telegram_error.Forbidden):
        return ChatGoneError(text)
    if isinstance(error, telegram_error.BadRequest):
        if any(sign in text.lower() for sign in _GONE):
            return ChatGoneError(text)
        if any(sign in text.lower() for sign in _MESSAGE_GONE):
            return MessageGoneError(text)
        return PermanentDeliveryError(f"Telegram refused it: {text}")
    if isinstance(error, telegram_error.NetworkError) and any(sign in text.lower() for sign in _TOO_LARGE):
        return PermanentDeliveryError(f"Telegram refused it: {text}")
    if isinstance(error, telegram_error.TimedOut):
        return TransientDeliveryError("Telegram does not answer in time")
    return TransientDeliveryError(f"Telegram cannot be reached: {text}")


def retry_after(error: telegram_error.RetryAfter) -> float:
    """Seconds; python-telegram-bot 22 can say it as a timedelta."""
    wait = error.retry_after
    return wait.total_seconds() if isinstance(wait, timedelta) else float(wait)

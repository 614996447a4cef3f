"""The settings of the Telegram bot: who it is, and how it speaks."""

# pydantic evaluates annotations: on Python 3.8 they must be typing's List and Optional.

import re
from typing import Literal, Optional

from pydantic import Field, SecretStr
from pydantic.functional_validators import AfterValidator
from pydantic_core import PydanticCustomError
from typing_extensions import Annotated

from agent.config.section import DAY_S, RULE, Says, Section


def _token(value: SecretStr) -> SecretStr:
    if re.fullmatch(r"\d{3,20}:[A-Za-z0-9_-]{20,100}", value.get_secret_value()) is None:
        raise PydanticCustomError(
            RULE,
            "{problem}. {remedy}",
            {"problem": "is not a bot token", "remedy": "Copy it from @BotFather: 123456789:AbC..."},
        )
    return value


BotToken = Annotated[SecretStr, AfterValidator(_token), Says("a bot token, as @BotFather gives it")]
WebAddress = Annotated[
    str, Field(pattern=r"^https?://[^\s/?#]+[^\s?#]*$"), Says("an address such as https://host:port")
]
ProxyAddress = Annotated[
    SecretStr, Says("an address such as http://host:port or socks5://user:password@host:port")
]


class TelegramSettings(Section):
    """The bot; without this section nobody is told over Telegram."""

    token: BotToken = Field(
        description="The bot's token. Secret.", examples=["file:/etc/beffroi/telegram-token"]
    )
    api_url: WebAddress = Field(
        "https://api.telegram.org", description="The Bot API server: Telegram's own, or one that you run."
    )
    proxy: Optional[ProxyAddress] = Field(
        None,
        description="Reach the Bot API through this proxy. Secret, since it may hold a password.",
        examples=["http://proxy.example:3128"],
    )
    language: Literal["en", "fr", "nl"] = Field(
        "en", description="The language of chats that have not chosen one with /lang."
    )
    min_severity: Literal["informational", "low", "medium", "high", "critical"] = Field(
        "medium", description="Incidents below this severity are not told; fire always is."
    )
    loud_from: Literal["informational", "low", "medium", "high", "critical"] = Field(
        "high", description="Incidents below this severity arrive without a sound; fire never does."
    )
    album: bool = Field(
        False, description="Send the three best pictures of an incident as an album once it is over."
    )
    timeout_s: float = Field(
        10.0, gt=0, le=300, description="How long a request may take before it is tried again."
    )
    poll_s: int = Field(30, ge=0, le=50, description="How long one request waits for news from people.")
    invitation_s: float = Field(
        900.0, gt=0, le=30 * DAY_S, description="How long a pairing code is good, unless it says otherwise."
    )

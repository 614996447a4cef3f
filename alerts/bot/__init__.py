"""The bot: what people ask of the device over Telegram, and who may ask it."""

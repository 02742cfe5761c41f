"""What the environment says: read once, at start, into `settings`.

Secrets come from the environment only. Every value has a default that is right on a development machine; in production
`load` refuses a start that would be unsafe, and says what to set.
"""

import os
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field, fields

PRODUCTION = "production"


class BadSettings(RuntimeError):
    """The environment asks for something unsafe or unreadable; the text says what to change."""


@dataclass
class Settings:
    """All settings, in plain types. Durations are whole seconds; sizes are bytes unless the name says otherwise."""

    app_env: str = "development"
    secret_key: str = field(default_factory=lambda: secrets.token_urlsafe(32))
    database_url: str = ""
    redis_url: str = ""
    elasticsearch_url: str = ""
    media_dir: str = "var/media"
    public_url: str = ""
    log_level: str = "INFO"
    rate_limits: str = "development"
    trusted_proxies: int = 0
    health_token: str = ""
    checkout_hold_seconds: int = 600
    unpaid_seconds: int = 1800
    payment_grace_seconds: int = 300
    ship_within_seconds: int = 48 * 3600
    auto_receive_seconds: int = 10 * 24 * 3600
    access_token_seconds: int = 3600
    refresh_token_seconds: int = 30 * 24 * 3600
    sandbox_payments: bool = False
    sandbox_secret: str = ""
    sandbox_messages: bool = False
    smtp_url: str = ""
    smtp_from: str = "Town <no-reply@localhost>"
    goods_review: bool = False
    alipay_app_id: str = ""
    alipay_seller_id: str = ""
    alipay_private_key_file: str = ""
    alipay_public_key_file: str = ""
    alipay_url: str = "https://openapi.alipay.com/gateway.do"
    wechat_app_id: str = ""
    wechat_mini_app_id: str = ""
    wechat_merchant_id: str = ""
    wechat_serial: str = ""
    wechat_api_key: str = ""
    wechat_private_key_file: str = ""
    wechat_public_key_file: str = ""
    wechat_public_key_id: str = ""
    wechat_url: str = "https://api.mch.weixin.qq.com"
    wallet_top_up: bool = False
    wallet_withdrawals: bool = False
    shop_review: bool = False
    shop_deposit: int = 0
    accounts_file: str = ""
    search_index_prefix: str = "town"
    failpoints: str = ""
    web_threads: int = 4

    @property
    def is_production(self) -> bool:
        return self.app_env == PRODUCTION


settings = Settings()


def load(environment: Mapping[str, str] = os.environ) -> Settings:
    """Fill `settings` from `environment` (NAME in capitals for each field) and answer it.

    Raises BadSettings for a value of the wrong form and for an unsafe production start.
    """
    fresh = Settings()
    for one in fields(Settings):
        text = environment.get(one.name.upper())
        if text is not None and text != "":
            setattr(settings, one.name, _read(one.name, text, getattr(fresh, one.name)))
        elif one.name != "secret_key":
            setattr(settings, one.name, getattr(fresh, one.name))
    _refuse_unreadable(settings)
    _refuse_unsafe(settings, environment)
    return settings


def _read(name: str, text: str, default: object) -> object:
    if isinstance(default, bool):
        return text.strip().lower() in {"1", "true", "yes", "on"}
    if isinstance(default, int):
        try:
            value = int(text)
        except ValueError:
            raise BadSettings(f"{name.upper()} must be a whole number, not {text!r}") from None
        if value < 0:
            raise BadSettings(f"{name.upper()} must not be negative")
        return value
    return text


def _refuse_unreadable(found: Settings) -> None:
    if found.smtp_url and not found.smtp_url.startswith(("smtp://", "smtps://")):
        raise BadSettings("SMTP_URL begins with smtp:// or smtps://")
    for one in fields(Settings):
        path = getattr(found, one.name)
        if one.name.endswith("_key_file") and path and not os.access(path, os.R_OK):
            raise BadSettings(f"{one.name.upper()}={path} cannot be read")


def _refuse_unsafe(found: Settings, environment: Mapping[str, str]) -> None:
    if not found.is_production:
        return
    if found.sandbox_payments:
        raise BadSettings("SANDBOX_PAYMENTS=1 gives goods away: unset it when APP_ENV=production")
    if len(environment.get("SECRET_KEY", "")) < 32:
        raise BadSettings("APP_ENV=production needs SECRET_KEY, at least 32 random characters")
    if "RATE_LIMITS" not in environment:
        found.rate_limits = PRODUCTION

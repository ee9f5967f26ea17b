"""Codes of a second factor: time-based (RFC 6238: SHA-1, 6 digits, 30 s) and for recovery (EMA A4.12).

A code is taken once: after it, no code of the same or of an earlier step passes. Of recovery codes, which are 128
random bits, only the SHA-256 is stored.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import secrets
from datetime import datetime

from cryptography.hazmat.primitives.hashes import SHA1
from cryptography.hazmat.primitives.twofactor.totp import TOTP

from exotrial.store.home import Opened
from exotrial.store.models import Account

STEP_SECONDS = 30
DRIFT = 1
"""Steps before and after the present one that are taken too (RFC 6238 5.2): a phone's clock is seconds off."""
RECOVERY_CODES = 10


def generator(secret: bytes, *, digits: int = 6) -> TOTP:
    """The generator of a secret's codes; SHA-1 is RFC 6238's default and what every authenticator knows."""
    return TOTP(secret, digits, SHA1(), STEP_SECONDS)


def new_secret() -> bytes:
    """160 random bits (RFC 4226 4, R6)."""
    return secrets.token_bytes(20)


def find_step(secret: bytes, code: str, *, now: datetime, after: int) -> int | None:
    """The step, later than `after`, whose code this is, None where there is none within a step of now."""
    given = code.replace(" ", "")
    if len(given) != 6 or not (given.isascii() and given.isdigit()):
        return None
    maker = generator(secret)
    present = int(now.timestamp()) // STEP_SECONDS
    for step in range(present - DRIFT, present + DRIFT + 1):
        right = hmac.compare_digest(maker.generate(step * STEP_SECONDS), given.encode())
        if right and step > after:
            return step
    return None


def accept_code(opened: Opened, account: Account, code: str, *, now: datetime) -> bool:
    """Whether a code, or an unused recovery code, proves the account's second factor; it is used up by this."""
    step = find_step(open_secret(opened, account), code, now=now, after=account.totp_last_step)
    if step is not None:
        account.totp_last_step = step
        account.save(update_fields=["totp_last_step"])
        return True
    digest = recovery_digest(code)
    if digest in account.recovery_codes:
        account.recovery_codes = [kept for kept in account.recovery_codes if kept != digest]
        account.save(update_fields=["recovery_codes"])
        return True
    return False


def seal_secret(opened: Opened, account: Account, secret: bytes) -> str:
    """The secret as it is stored: it opens for this account only."""
    return opened.keys.seal(base64.b32encode(secret).decode(), purpose="totp", where=_where(account))


def open_secret(opened: Opened, account: Account) -> bytes:
    """The account's secret. Refuses with KEY-002."""
    return base64.b32decode(opened.keys.unseal(account.totp_sealed, purpose="totp", where=_where(account)))


def new_recovery_codes() -> list[str]:
    """Ten codes of 128 random bits, in groups of four letters and digits."""
    codes = [base64.b32encode(secrets.token_bytes(16)).decode().rstrip("=") for _ in range(RECOVERY_CODES)]
    return ["-".join(code[i : i + 4] for i in range(0, len(code), 4)).lower() for code in codes]


def recovery_digest(code: str) -> str:
    """SHA-256 of a recovery code, however its groups and letters were typed."""
    plain = "".join(code.split()).replace("-", "").lower()
    return hashlib.sha256(plain.encode(errors="surrogatepass")).hexdigest()


def _where(account: Account) -> str:
    return f"account:{account.username}"

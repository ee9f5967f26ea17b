"""What a password must be: long, not common, not the name (NIST SP 800-63B 5.1.1.2; 21 CFR 11.300)."""

from __future__ import annotations

from exotrial.core.errors import ErrorCode, Place

WEAK_PASSWORD = ErrorCode(
    "PWD-001",
    "The password is too short, too common or like the username.",
    "use twelve characters or more, such as four words that have nothing to do with each other.",
)

SHORTEST = 12


def check_new_password(password: str, *, username: str) -> None:
    """Refuse a weak password with PWD-001, all its faults in one sentence."""
    from django.contrib.auth.password_validation import CommonPasswordValidator
    from django.core.exceptions import ValidationError

    faults = []
    if len(password) < SHORTEST:
        faults.append(f"it has {len(password)} characters and needs {SHORTEST}")
    try:
        CommonPasswordValidator().validate(password)
    except ValidationError:
        faults.append("it is one of the most common passwords")
    if username.lower() in password.lower():
        faults.append("it holds the username")
    if len(set(password)) < 5:
        faults.append("it is made of fewer than 5 different characters")
    if faults:
        raise WEAK_PASSWORD.refuse(
            f"the password cannot be used: {', '.join(faults)}", place=Place(path="password")
        )

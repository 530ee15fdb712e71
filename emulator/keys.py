"""API keys the emulator knows."""

import secrets
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Key:
    """One pair; a temporary one has a token that must come with it."""

    secret_id: str
    secret_key: str = field(repr=False)
    token: str | None = field(default=None, repr=False)


def new_key(*, temporary: bool = False) -> Key:
    """A random pair in the vendor's look."""
    return Key(
        secret_id="AKID" + secrets.token_hex(16),
        secret_key=secrets.token_hex(16),
        token=secrets.token_hex(24) if temporary else None,
    )


@dataclass(frozen=True)
class Keys:
    """Every key of one emulator.

    `account` and `temporary` belong to the customer; `vendor` signs the URLs the vendor hands out
    and never leaves the emulator.
    """

    account: Key = field(default_factory=new_key)
    temporary: Key = field(default_factory=lambda: new_key(temporary=True))
    vendor: Key = field(default_factory=new_key)

    def customers(self, secret_id: str) -> Key | None:
        """The customer's key of this id."""
        for key in (self.account, self.temporary):
            if key.secret_id == secret_id:
                return key
        return None

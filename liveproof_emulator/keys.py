"""API keys, and what each may do."""

import re
import secrets
from collections.abc import Iterable
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Permission:
    """One thing that a key may do. `*` stands for any text.

    `action` is a product and an action (`cos:PutObject`, `faceid:*`). `resource` is a bucket's host
    and a key (`team-1250000000.cos.ap-singapore.myqcloud.com/uploads/*`), for a list the prefix
    that is listed. An API action has no resource: only `*` matches it.
    """

    action: str
    resource: str

    def allows(self, action: str, resource: str) -> bool:
        """Whether the permission covers this action on this resource."""
        return _matches(self.action, action) and _matches(self.resource, resource)


def _matches(pattern: str, text: str) -> bool:
    parts = (re.escape(part) for part in pattern.split("*"))
    return re.fullmatch(".*".join(parts), text, re.DOTALL) is not None


@dataclass(frozen=True)
class Key:
    """An id and a secret. A temporary key has a token, which must come with each request.

    `permissions` are all that the key may do; None: everything.
    """

    secret_id: str
    secret_key: str = field(repr=False)
    token: str | None = field(default=None, repr=False)
    permissions: tuple[Permission, ...] | None = None

    def may(self, action: str, resource: str = "") -> bool:
        """Whether the key may do this action on this resource."""
        if self.permissions is None:
            return True
        return any(permission.allows(action, resource) for permission in self.permissions)


def new_key(*, temporary: bool = False, permissions: Iterable[Permission] | None = None) -> Key:
    """A random key that looks like one of the vendor's."""
    return Key(
        secret_id="AKID" + secrets.token_hex(16),
        secret_key=secrets.token_hex(16),
        token=secrets.token_hex(24) if temporary else None,
        permissions=None if permissions is None else tuple(permissions),
    )


@dataclass(frozen=True)
class Keys:
    """Every key of one emulator.

    `account` and `temporary` are the customer's. `vendor` signs the URLs that the vendor
    returns; it never leaves the emulator. `issued` are the temporary keys that the controls made,
    by id. The ids in `disabled` are nobody's for the moment.
    """

    account: Key = field(default_factory=new_key)
    temporary: Key = field(default_factory=lambda: new_key(temporary=True))
    vendor: Key = field(default_factory=new_key)
    issued: dict[str, Key] = field(default_factory=dict, repr=False)
    disabled: set[str] = field(default_factory=set)

    def issue(self, permissions: Iterable[Permission] | None) -> Key:
        """A new temporary key of the customer's. Permissions None: it may do everything."""
        key = new_key(temporary=True, permissions=permissions)
        self.issued[key.secret_id] = key
        return key

    def customers(self, secret_id: str) -> Key | None:
        """The customer's key with this id; None if there is none."""
        if secret_id in self.disabled:
            return None
        for key in (self.account, self.temporary):
            if key.secret_id == secret_id:
                return key
        return self.issued.get(secret_id)

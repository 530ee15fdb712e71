"""What a verification holds of the limits of its day, from its creation to its decision."""

from __future__ import annotations

from msgspec import Struct


class Reservation(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What was counted for a verification when it was created (`domain/limits.py`).

    Attributes:
        client: whether the client's counter has it, as open and with `spend`.
        deployment: whether the deployment's counter has `spend`.
        spend: the most that its calls may cost, in millionths of the currency.
    """

    client: bool = False
    deployment: bool = False
    spend: int = 0

"""The settings of the limits before money; `liveproof.settings` has the others."""

from __future__ import annotations

from typing import Annotated

import msgspec
from msgspec import Meta, Struct

from liveproof.environment_names import environment_name
from liveproof.prices import default_prices

Money = Annotated[float, Meta(ge=0, le=1_000_000_000)]


class LimitSettings(Struct, frozen=True, kw_only=True, rename=environment_name):
    """What a new verification must not pass; each limit is off where it is 0."""

    attempts_per_reference_per_day: Annotated[
        int,
        Meta(
            ge=0,
            le=1_000_000,
            description="How many verifications a client may create for one `reference` on one day"
            " (UTC). The next one is refused: 429 `too_many_attempts`. 0: no limit. See"
            " [limits](limits.md), also for the next settings.",
        ),
    ] = 0
    attempts_per_client_per_day: Annotated[
        int,
        Meta(
            ge=0,
            le=100_000_000,
            description="How many verifications a client may create on one day (UTC). The next one"
            " is refused: 429 `too_many_attempts`. 0: no limit.",
        ),
    ] = 0
    open_verifications_per_client: Annotated[
        int,
        Meta(
            ge=0,
            le=10_000_000,
            description="How many verifications of one client and one day (UTC) may be undecided at"
            " the same time. The next one is refused: 429 `too_many_open`. 0: no limit.",
        ),
    ] = 0
    rejected_files_hours: Annotated[
        int,
        Meta(
            ge=0,
            le=8_760,
            description="For how many hours the files of a rejected verification are remembered, as"
            " a keyed digest. The same files with the same `reference` are refused meanwhile: 429"
            " `files_already_rejected`. Never longer than `record_retention_days`. 0: not at all.",
        ),
    ] = 0
    daily_spend: Annotated[
        Money,
        Meta(
            description="What the calls of one day's verifications may cost the whole deployment"
            " (UTC), by `prices`. A verification that may pass that is refused: 429"
            " `spend_limit_reached`. 0: no limit."
        ),
    ] = 0.0
    daily_spend_per_client: Annotated[
        Money, Meta(description="The same for each client. 0: no limit.")
    ] = 0.0
    spend_warning_percent: Annotated[
        int,
        Meta(
            ge=1,
            le=100,
            description="At this part of `daily_spend` and of `daily_spend_per_client` the metric"
            " `SpendWarning` counts one.",
        ),
    ] = 80
    prices: Annotated[
        dict[str, Money],
        Meta(
            description="What a billed call of an API costs, in one currency of your choice:"
            ' `{"VideoLivenessCompare": 0.1}`. The limits of spend need them; no page of the'
            " vendor's names them. 0: nothing, or not known."
        ),
    ] = msgspec.field(default_factory=default_prices)

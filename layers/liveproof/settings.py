"""Every setting of a deployed function: one model. `liveproof.environment` reads it."""

from __future__ import annotations

from typing import Annotated, Literal

import msgspec
from msgspec import Meta

from liveproof import facts
from liveproof.environment_names import environment_name
from liveproof.limit_settings import LimitSettings

Text = Annotated[str, Meta(min_length=1)]
Rate = Annotated[float, Meta(gt=0, le=1_000)]
"""Requests a second."""
Bytes = Annotated[int, Meta(ge=1, le=100 * 1024 * 1024)]


class SettingsError(Exception):
    """The environment is not one that a function can run in; the text names the setting."""


class Settings(
    LimitSettings, frozen=True, kw_only=True, rename=environment_name, forbid_unknown_fields=True
):
    """The settings of both clouds. A cloud adds its own in `liveproof.clouds.<cloud>.settings`.

    A field is all there is to write for a setting that a deployment may choose: `make docs` makes
    of it the param of AWS (`infra/aws/settings.json`), the variable of Tencent Cloud
    (`infra/tencent/variables_settings.tf`) and its row of `docs/settings.md`. A mapping is JSON in
    the environment; it changes the defaults of the keys that it names.
    """

    cloud: Annotated[Literal["aws", "tencent"], Meta(description="Where the functions run.")]
    region: Annotated[
        Text,
        Meta(
            description="The cloud region of bucket and functions; must be the region that the"
            " runtime itself is in."
        ),
    ]
    vendor_region: Annotated[
        Text,
        Meta(
            description="The region in which the vendor judges; biometric bytes go nowhere else."
            " It is the one in the same place as `region`."
        ),
    ]
    allow_distant_vendor_region: Annotated[
        bool,
        Meta(
            description="`true` takes any `vendor_region`: the files then travel to another place,"
            " and perhaps under other laws."
        ),
    ] = False
    vendor_endpoint: Annotated[
        Text,
        Meta(
            description="Scheme and host of Face ID. The default is the international host;"
            " whether region-pinned international hosts exist is unconfirmed."
        ),
    ]
    file_transfer: Annotated[
        Literal["relay", "bucket"],
        Meta(
            description="How Face ID gets files by URL: `relay` brings them to the vendor's storage"
            " by CreateUploadUrl; `bucket` lets it read them from the deployment's own bucket,"
            " which must be COS in the vendor's region. LivenessCompare's large files are relayed"
            " in both."
        ),
    ]
    iai_endpoint: Annotated[
        Text, Meta(description="Scheme and host of Face Recognition, for `photo`.")
    ] = "https://iai.intl.tencentcloudapi.com"
    senseid_url: Annotated[
        str,
        Meta(
            description="Scheme, host and port of the SenseID private cloud, for `silent`; empty"
            " switches the check off. The product itself has no authentication and no TLS."
        ),
    ] = ""
    video_api: Annotated[
        Literal["VideoLivenessCompare", "LivenessCompare", "CompareFaceLiveness"],
        Meta(description="Which API answers `video`. LivenessCompare is the legacy one."),
    ] = "VideoLivenessCompare"
    best_frame_count: Annotated[
        int, Meta(ge=1, le=10, description="Frames asked of LivenessCompare as evidence.")
    ] = 1
    bucket: Annotated[Text, Meta(description="The bucket of uploads and evidence.")]
    api_keys_secret: Annotated[
        Text, Meta(description="The secret with the clients and their API keys' digests.")
    ]
    webhooks_secret: Annotated[Text, Meta(description="The secret with the webhook endpoints.")]
    vendor_key_secret: Annotated[
        Text, Meta(description="The secret with the vendor account's key.")
    ]
    senseid_key_secret: Annotated[
        Text, Meta(description="The secret with SenseID's key and IV, for `silent` only.")
    ]
    secrets_cache_seconds: Annotated[
        int,
        Meta(ge=0, le=86_400, description="How long a function keeps a secret that it has read."),
    ] = 300
    unknown_outcome: Annotated[
        Literal["repeat_once", "hold"],
        Meta(
            description="What follows a paid call whose outcome is unknown: `repeat_once` makes one"
            " more call and records it, `hold` waits for an operator."
        ),
    ] = "repeat_once"
    call_timeout_seconds: Annotated[
        int,
        Meta(
            ge=1,
            le=300,
            description="The time for the whole of a paid call, from connecting to the answer's"
            " last byte. `run_check`'s own time must have room for it.",
        ),
    ] = 30
    calls_per_second: Annotated[
        dict[str, Rate],
        Meta(
            description="The rate at which the paid API of a check is called, by the whole"
            ' deployment: `{"reflect": 9}` changes that of `reflect`. Name the vendor\'s limit of'
            " your account: liveproof keeps to it, and slows down by itself where others use the"
            " account. The defaults are the published limits, on the page of the"
            " [checks](checks.md#apis); SenseID publishes none, so the rate of `silent` is what"
            " your service can bear."
        ),
    ] = msgspec.field(default_factory=facts.default_calls_per_second)
    upload_urls_per_second: Annotated[
        Rate,
        Meta(
            description="The rate at which CreateUploadUrl is called: for light sequences and for"
            " files that are relayed (with `file_transfer` = `bucket` only LivenessCompare's large"
            " ones). The default is the vendor's limit."
        ),
    ] = 20.0
    webhook_address_policy: Annotated[
        Literal["public", "any"],
        Meta(
            description="`public` sends webhooks to public https addresses only; `any` is for"
            " local runs."
        ),
    ] = "public"
    webhook_attempts_in_flight: Annotated[
        int,
        Meta(
            ge=1,
            le=50,
            description="Attempts that are made at the same time to one client's endpoint, if it"
            " accepted the last one; otherwise one at a time. Far fewer than deliveries are sent at"
            " once by the whole deployment, so that an endpoint that does not answer leaves room"
            " for the others.",
        ),
    ] = 10
    webhook_pause_after_seconds: Annotated[
        int,
        Meta(
            ge=60,
            le=604_800,
            description="An endpoint at which every attempt has failed for so long is paused: its"
            " deliveries wait, and one probe at a time finds out when it is back. A 410 pauses it"
            " at once.",
        ),
    ] = 3600
    webhook_turns_per_second: Annotated[
        Rate,
        Meta(
            description="The rate at which the deliveries that waited for one client's endpoint are"
            " sent when it is back. On Tencent Cloud the default is 1.",
        ),
    ] = 10.0
    metric_clients: Annotated[
        str,
        Meta(
            max_length=1_000,
            description="Clients whose deliveries are metrics of their own, comma separated; each"
            " costs up to five metrics. The log has the client of every delivery without that.",
        ),
    ] = ""
    trace_endpoint: Annotated[
        str,
        Meta(
            description="Where each run's spans go, by OTLP over HTTP: the whole URL, such as"
            " `https://xray.REGION.amazonaws.com/v1/traces`. Empty: there are no traces. See"
            " [traces](traces.md)."
        ),
    ] = ""
    trace_attributes: Annotated[
        str,
        Meta(
            pattern=r"^([A-Za-z0-9._-]+=[^,=\s]+(,[A-Za-z0-9._-]+=[^,=\s]+)*)?$",
            description="What every span says of its sender: NAME=VALUE, comma separated. Tencent"
            " Cloud's APM wants its `token` here, which may send spans and read nothing.",
        ),
    ] = ""
    max_bytes: Annotated[
        dict[str, Bytes],
        Meta(
            description="The largest file of an input for which the vendor documents no number"
            ' (unconfirmed): `{"reflect.image": 5242880}`. A larger one is refused before any'
            " call. The defaults are on the page of the [checks](checks.md#inputs)."
        ),
    ] = msgspec.field(default_factory=facts.default_max_bytes)
    require_consent: Annotated[
        bool,
        Meta(
            description="`true` refuses a verification without `consent_reference`, the client's"
            " own reference to the person's consent."
        ),
    ] = False
    record_retention_days: Annotated[
        int,
        Meta(
            ge=1,
            le=3_650,
            description="Days from its creation after which a finished verification's record is"
            " deleted.",
        ),
    ] = 365

    def largest_file(self, check: str, input_name: str) -> int:
        """Bytes that a check's input may have: the vendor's limit, or the setting."""
        documented = facts.checks()[check].inputs[input_name].max_bytes
        return self.max_bytes[f"{check}.{input_name}"] if documented is None else documented

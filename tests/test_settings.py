"""Settings: an invalid setting stops the function and is named."""

from __future__ import annotations

import json

import msgspec
import pytest

from liveproof import facts
from liveproof.clouds.aws import settings as aws_settings
from liveproof.clouds.aws.settings import AwsSettings
from liveproof.clouds.tencent.settings import TencentSettings
from liveproof.environment import load
from liveproof.environment_names import environment_names
from liveproof.settings import Settings, SettingsError
from tools.docs.infrastructure import description

GOOD = {
    "LIVEPROOF_CLOUD": "aws",
    "LIVEPROOF_REGION": "ap-southeast-1",
    "LIVEPROOF_VENDOR_REGION": "ap-singapore",
    "LIVEPROOF_VENDOR_ENDPOINT": "https://faceid.intl.tencentcloudapi.com",
    "LIVEPROOF_FILE_TRANSFER": "relay",
    "LIVEPROOF_TABLE": "table",
    "LIVEPROOF_BUCKET": "bucket",
    "LIVEPROOF_UPLOADS_QUEUE_URL": "https://queue/uploads",
    "LIVEPROOF_CHECK_QUEUE_URLS": json.dumps(
        {check: f"https://queue/{check}" for check in facts.checks()}
    ),
    "LIVEPROOF_DELIVERIES_QUEUE_URL": "https://queue/deliveries",
    "LIVEPROOF_ERASURES_QUEUE_URL": "https://queue/erasures",
    "LIVEPROOF_API_KEYS_SECRET": "arn:api-keys",
    "LIVEPROOF_WEBHOOKS_SECRET": "arn:webhooks",
    "LIVEPROOF_VENDOR_KEY_SECRET": "arn:vendor-key",
    "LIVEPROOF_SENSEID_KEY_SECRET": "arn:senseid-key",
}


def loaded(**changes: str) -> AwsSettings:
    return load(AwsSettings, {**GOOD, "PATH": "/bin", **changes}, "ap-southeast-1")


def test_a_setting_with_a_default_may_be_left_out() -> None:
    settings = loaded()

    assert settings.unknown_outcome == "repeat_once"
    assert settings.webhook_address_policy == "public"
    assert settings.secrets_cache_seconds == 300
    assert 0 < settings.calls_per_second["reflect"] <= 5


def test_values_are_read_as_what_they_are() -> None:
    settings = loaded(
        LIVEPROOF_SECRETS_CACHE_SECONDS="0",
        LIVEPROOF_UPLOAD_URLS_PER_SECOND="2.5",
        LIVEPROOF_UNKNOWN_OUTCOME="hold",
    )

    assert (settings.secrets_cache_seconds, settings.upload_urls_per_second) == (0, 2.5)
    assert settings.unknown_outcome == "hold"


@pytest.mark.parametrize("checks", [(), ("reflect",), (*facts.checks(), "other")])
def test_each_check_needs_its_queue_and_no_other_has_one(checks: tuple[str, ...]) -> None:
    urls = json.dumps(dict.fromkeys(checks, "https://queue/x"))
    environment = {**GOOD, "AWS_REGION": "ap-southeast-1", "LIVEPROOF_CHECK_QUEUE_URLS": urls}

    with pytest.raises(SettingsError, match="LIVEPROOF_CHECK_QUEUE_URLS must name the queue of"):
        aws_settings.load(environment)


def test_an_empty_queue_is_refused() -> None:
    urls = json.dumps({**dict.fromkeys(facts.checks(), "x"), "reflect": ""})

    with pytest.raises(SettingsError, match="LIVEPROOF_CHECK_QUEUE_URLS: reflect"):
        loaded(LIVEPROOF_CHECK_QUEUE_URLS=urls)


def test_a_mapping_changes_the_defaults_that_it_names_and_leaves_the_others() -> None:
    settings = loaded(
        LIVEPROOF_CALLS_PER_SECOND='{"reflect": 2.5, "photo": 3}',
        LIVEPROOF_MAX_BYTES='{"reflect.image": 1024}',
    )

    assert settings.calls_per_second == {
        **facts.default_calls_per_second(),
        "reflect": 2.5,
        "photo": 3.0,
    }
    assert settings.largest_file("reflect", "image") == 1024
    for check, name in (("reflect", "live_data"), ("silent", "video")):
        default = facts.default_max_bytes()[f"{check}.{name}"]
        assert settings.largest_file(check, name) == default
    assert loaded(LIVEPROOF_CALLS_PER_SECOND="{}") == loaded()


@pytest.mark.parametrize(
    ("name", "value", "reason"),
    [
        ("CALLS_PER_SECOND", '{"reflex": 1}', "no reflex, only reflect, video, photo, silent"),
        ("CALLS_PER_SECOND", '{"reflect": 0}', "reflect: .* > 0"),
        ("CALLS_PER_SECOND", '{"reflect": -1}', "reflect: .* > 0"),
        ("CALLS_PER_SECOND", '{"reflect": 1001}', "reflect: .* <= 1000"),
        ("CALLS_PER_SECOND", '{"reflect": "4.5"}', "reflect: .*`float`, got `str`"),
        ("CALLS_PER_SECOND", '{"reflect": true}', "reflect: .*`float`, got `bool`"),
        ("CALLS_PER_SECOND", '{"reflect": null}', "reflect: .*`float`, got `null`"),
        ("CALLS_PER_SECOND", '{"reflect": NaN}', "not JSON"),
        ("CALLS_PER_SECOND", '{"reflect": 1, "reflect": 2}', "reflect: is there twice"),
        ("CALLS_PER_SECOND", "4.5", "`object`, got `float`"),
        ("CALLS_PER_SECOND", "reflect=4.5", "not JSON"),
        ("CALLS_PER_SECOND", "", "not JSON"),
        ("MAX_BYTES", '{"image": 1}', "no image, only reflect.live_data"),
        ("MAX_BYTES", '{"photo.image": 1}', "no photo.image"),
        ("MAX_BYTES", '{"reflect.image": 0}', "reflect.image: .* >= 1"),
        ("MAX_BYTES", '{"reflect.image": 1.5}', "reflect.image: .*`int`, got `float`"),
        ("MAX_BYTES", '{"reflect.image": 104857601}', "reflect.image: .* <= 104857600"),
    ],
)
def test_an_entry_of_a_mapping_that_is_out_of_its_range_is_named_with_the_limit(
    name: str, value: str, reason: str
) -> None:
    with pytest.raises(SettingsError, match=f"LIVEPROOF_{name}.*{reason}"):
        loaded(**{f"LIVEPROOF_{name}": value})


@pytest.mark.parametrize("name", sorted(GOOD))
def test_a_missing_setting_is_named(name: str) -> None:
    environment = {key: value for key, value in GOOD.items() if key != name}

    with pytest.raises(SettingsError, match=name):
        load(AwsSettings, environment, "ap-southeast-1")


@pytest.mark.parametrize("name", sorted(GOOD))
def test_an_empty_setting_is_named(name: str) -> None:
    with pytest.raises(SettingsError, match=name):
        loaded(**{name: ""})


def test_unknown_settings_are_named_all_of_them() -> None:
    with pytest.raises(SettingsError, match="LIVEPROOF_COLOR, LIVEPROOF_TABEL"):
        loaded(LIVEPROOF_TABEL="x", LIVEPROOF_COLOR="red")


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("LIVEPROOF_SECRETS_CACHE_SECONDS", "-1"),
        ("LIVEPROOF_SECRETS_CACHE_SECONDS", "soon"),
        ("LIVEPROOF_SECRETS_CACHE_SECONDS", "1.5"),
        ("LIVEPROOF_UNKNOWN_OUTCOME", "retry"),
        ("LIVEPROOF_UPLOAD_URLS_PER_SECOND", "0"),
        ("LIVEPROOF_UPLOAD_URLS_PER_SECOND", "nan"),
        ("LIVEPROOF_UPLOAD_URLS_PER_SECOND", "inf"),
        ("LIVEPROOF_WEBHOOK_ADDRESS_POLICY", "Public"),
        ("LIVEPROOF_RECORD_RETENTION_DAYS", "0"),
        ("LIVEPROOF_CALL_TIMEOUT_SECONDS", "0"),
    ],
)
def test_an_invalid_value_names_its_setting(name: str, value: str) -> None:
    with pytest.raises(SettingsError, match=name):
        loaded(**{name: value})


@pytest.mark.parametrize("runtime", [None, "", "eu-central-1"])
def test_a_function_in_another_region_refuses_to_start_and_names_both(runtime: str | None) -> None:
    with pytest.raises(SettingsError, match=f"ap-southeast-1.*{runtime}"):
        load(AwsSettings, GOOD, runtime)


def test_a_region_where_the_vendor_does_not_judge_is_refused_with_those_where_it_does() -> None:
    with pytest.raises(SettingsError, match=r"eu-frankfurt.*ap-singapore, ap-hongkong, ap-bangkok"):
        loaded(LIVEPROOF_VENDOR_REGION="eu-frankfurt")


def test_an_endpoint_pinned_to_another_region_is_refused_naming_both() -> None:
    endpoint = "https://faceid.ap-hongkong.tencentcloudapi.com"

    with pytest.raises(SettingsError, match=r"ap-hongkong.*ap-singapore"):
        loaded(LIVEPROOF_VENDOR_ENDPOINT=endpoint)
    same = loaded(LIVEPROOF_VENDOR_ENDPOINT=endpoint, LIVEPROOF_VENDOR_REGION="ap-hongkong")
    assert same.vendor_endpoint == endpoint


@pytest.mark.parametrize(
    "endpoint",
    [
        "faceid.intl.tencentcloudapi.com",
        "https://",
        "https://host/path",
        "ftp://host",
        "https://[::1",
        "https://host:65536",
        "https://host:port",
        "http://faceid.intl.tencentcloudapi.com",
    ],
)
def test_an_endpoint_that_cannot_be_one_is_refused(endpoint: str) -> None:
    with pytest.raises(SettingsError, match="LIVEPROOF_VENDOR_ENDPOINT"):
        loaded(LIVEPROOF_VENDOR_ENDPOINT=endpoint)


@pytest.mark.parametrize(
    "host", ["user@host", "host\\@other", "host?x=1", "host#x", "host:0", "ho st", "[::1]"]
)
@pytest.mark.parametrize(
    "name", ["LIVEPROOF_VENDOR_ENDPOINT", "LIVEPROOF_IAI_ENDPOINT", "LIVEPROOF_SENSEID_URL"]
)
def test_a_url_that_no_request_can_be_sent_to_is_refused_by_its_settings_name(
    name: str, host: str
) -> None:
    """It was taken here, and refused without a name when the vendor's client was built."""
    with pytest.raises(SettingsError, match=name):
        loaded(**{name: f"https://{host}"})
    loaded(**{name: "https://host:8443/"})  # the control


def test_plain_http_to_the_vendor_is_for_local_runs() -> None:
    endpoint = "http://127.0.0.1:4600"
    local = loaded(LIVEPROOF_VENDOR_ENDPOINT=endpoint, LIVEPROOF_WEBHOOK_ADDRESS_POLICY="any")

    assert local.vendor_endpoint == endpoint


def test_every_setting_begins_with_the_prefix() -> None:
    assert all(name.startswith("LIVEPROOF_") for name in environment_names(AwsSettings))
    assert set(GOOD) < set(environment_names(AwsSettings))


@pytest.mark.parametrize("kind", [AwsSettings, TencentSettings])
def test_every_setting_has_a_sentence(kind: type[Settings]) -> None:
    for field in msgspec.structs.fields(kind):
        assert description(field).endswith("."), field.name

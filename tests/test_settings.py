"""Settings: whatever cannot be meant stops the function and is named."""

from __future__ import annotations

import pytest

from liveproof.clouds.aws.settings import AwsSettings
from liveproof.settings import SettingsError, environment_names, load

GOOD = {
    "LIVEPROOF_CLOUD": "aws",
    "LIVEPROOF_REGION": "ap-southeast-1",
    "LIVEPROOF_VENDOR_REGION": "ap-singapore",
    "LIVEPROOF_VENDOR_ENDPOINT": "https://faceid.intl.tencentcloudapi.com",
    "LIVEPROOF_VENDOR_FILES": "relay",
    "LIVEPROOF_TABLE": "table",
    "LIVEPROOF_BUCKET": "bucket",
    "LIVEPROOF_UPLOADS_QUEUE_URL": "https://queue/uploads",
    "LIVEPROOF_CHECKS_QUEUE_URL": "https://queue/checks",
    "LIVEPROOF_DELIVERIES_QUEUE_URL": "https://queue/deliveries",
    "LIVEPROOF_API_KEYS_SECRET": "arn:api-keys",
    "LIVEPROOF_WEBHOOKS_SECRET": "arn:webhooks",
    "LIVEPROOF_VENDOR_KEY_SECRET": "arn:vendor-key",
    "LIVEPROOF_SENSEID_KEY_SECRET": "arn:senseid-key",
}


def loaded(**changes: str) -> AwsSettings:
    return load(AwsSettings, {**GOOD, "PATH": "/bin", **changes}, "ap-southeast-1")


def test_what_has_a_default_may_be_left_out() -> None:
    settings = loaded()

    assert settings.unknown_outcome == "recall"
    assert settings.webhook_addresses == "public"
    assert settings.secrets_lifetime == 300
    assert 0 < settings.reflect_calls_per_second <= 5


def test_values_are_read_as_what_they_are() -> None:
    settings = loaded(
        LIVEPROOF_SECRETS_LIFETIME="0",
        LIVEPROOF_REFLECT_CALLS_PER_SECOND="2.5",
        LIVEPROOF_IMAGE_MAX_BYTES="1024",
        LIVEPROOF_UNKNOWN_OUTCOME="hold",
    )

    assert (settings.secrets_lifetime, settings.reflect_calls_per_second) == (0, 2.5)
    assert settings.max_bytes("reflect", "image") == 1024
    assert settings.unknown_outcome == "hold"


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
        ("LIVEPROOF_SECRETS_LIFETIME", "-1"),
        ("LIVEPROOF_SECRETS_LIFETIME", "soon"),
        ("LIVEPROOF_SECRETS_LIFETIME", "1.5"),
        ("LIVEPROOF_UNKNOWN_OUTCOME", "retry"),
        ("LIVEPROOF_REFLECT_CALLS_PER_SECOND", "0"),
        ("LIVEPROOF_REFLECT_CALLS_PER_SECOND", "nan"),
        ("LIVEPROOF_REFLECT_CALLS_PER_SECOND", "inf"),
        ("LIVEPROOF_WEBHOOK_ADDRESSES", "Public"),
        ("LIVEPROOF_IMAGE_MAX_BYTES", "0"),
        ("LIVEPROOF_RECORD_DAYS", "0"),
        ("LIVEPROOF_CALL_TIMEOUT", "0"),
    ],
)
def test_a_value_that_cannot_be_meant_names_its_setting(name: str, value: str) -> None:
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
    local = loaded(LIVEPROOF_VENDOR_ENDPOINT=endpoint, LIVEPROOF_WEBHOOK_ADDRESSES="any")

    assert local.vendor_endpoint == endpoint


def test_every_setting_begins_with_the_prefix() -> None:
    assert all(name.startswith("LIVEPROOF_") for name in environment_names(AwsSettings))
    assert set(GOOD) < set(environment_names(AwsSettings))

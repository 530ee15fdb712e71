"""Settings on Tencent Cloud: a deployment that disagrees with itself does not start."""

from __future__ import annotations

import pytest

from liveproof import facts
from liveproof.clouds.tencent.settings import TencentSettings, load
from liveproof.environment_names import environment_names
from liveproof.settings import SettingsError

REGION = "ap-singapore"
GOOD = {
    "LIVEPROOF_CLOUD": "tencent",
    "LIVEPROOF_REGION": REGION,
    "LIVEPROOF_VENDOR_REGION": REGION,
    "LIVEPROOF_VENDOR_ENDPOINT": "https://faceid.intl.tencentcloudapi.com",
    "LIVEPROOF_FILE_TRANSFER": "bucket",
    "LIVEPROOF_BUCKET": "team-1250000000",
    "LIVEPROOF_API_KEYS_SECRET": "api-keys:v1",
    "LIVEPROOF_WEBHOOKS_SECRET": "webhooks:v1",
    "LIVEPROOF_VENDOR_KEY_SECRET": "vendor-key:v1",
    "LIVEPROOF_SENSEID_KEY_SECRET": "senseid-key:v1",
    "LIVEPROOF_DATABASE_URL": "mysql://10.0.0.3:3306/liveproof",
    "LIVEPROOF_DATABASE_SECRET": "database:v1",
    "LIVEPROOF_FUNCTION_PREFIX": "liveproof-production-",
}
LOCAL = {
    "LIVEPROOF_WEBHOOK_ADDRESS_POLICY": "any",
    "LIVEPROOF_SCF_ENDPOINT": "http://127.0.0.1:4600",
}


DISTANT = {"LIVEPROOF_ALLOW_DISTANT_VENDOR_REGION": "true"}


def loaded(region: str | None = REGION, **changes: str) -> TencentSettings:
    return load({**GOOD, **changes}, region)


def test_a_setting_with_a_default_may_be_left_out() -> None:
    settings = loaded()

    assert settings.ssm_endpoint == "https://ssm.tencentcloudapi.com"
    assert settings.scf_endpoint == "https://scf.tencentcloudapi.com"
    assert settings.cos_endpoint == ""


@pytest.mark.parametrize("name", sorted(GOOD))
def test_a_missing_setting_is_named(name: str) -> None:
    environment = {key: value for key, value in GOOD.items() if key != name}

    with pytest.raises(SettingsError, match=name):
        load(environment, REGION)


@pytest.mark.parametrize("runtime", [None, "", "ap-hongkong"])
def test_a_function_in_another_region_refuses_to_start_and_names_both(runtime: str | None) -> None:
    with pytest.raises(SettingsError, match=f"ap-singapore.*{runtime}"):
        loaded(runtime)


def test_a_bucket_that_the_vendor_would_read_across_regions_is_refused_with_the_way_out() -> None:
    with pytest.raises(SettingsError, match=r"ap-hongkong.*ap-singapore.*relay"):
        loaded(LIVEPROOF_VENDOR_REGION="ap-hongkong", **DISTANT)


def test_a_vendor_in_another_region_is_refused_unless_that_is_allowed_by_name() -> None:
    variables = {"LIVEPROOF_VENDOR_REGION": "ap-hongkong", "LIVEPROOF_FILE_TRANSFER": "relay"}
    with pytest.raises(SettingsError, match=r"ap-hongkong.*ap-singapore.*ALLOW_DISTANT_VENDOR"):
        loaded(**variables)
    assert loaded(**variables, **DISTANT).vendor_region == "ap-hongkong"


def test_bangkok_where_no_functions_run_is_refused_unless_the_relay_is_chosen() -> None:
    variables = {"LIVEPROOF_REGION": REGION, "LIVEPROOF_VENDOR_REGION": "ap-bangkok", **DISTANT}
    assert "ap-bangkok" not in facts.scf_regions()

    with pytest.raises(
        SettingsError, match=r"run functions in ap-bangkok.*LIVEPROOF_FILE_TRANSFER"
    ):
        loaded(**variables)
    settings = loaded(**variables, LIVEPROOF_FILE_TRANSFER="relay")
    assert (settings.region, settings.vendor_region) == (REGION, "ap-bangkok")


def test_the_settings_of_another_cloud_are_refused() -> None:
    with pytest.raises(SettingsError, match="LIVEPROOF_CLOUD is aws"):
        loaded(LIVEPROOF_CLOUD="aws")
    with pytest.raises(SettingsError, match="LIVEPROOF_TABLE"):
        loaded(LIVEPROOF_TABLE="table")


@pytest.mark.parametrize("name", ["LIVEPROOF_SSM_ENDPOINT", "LIVEPROOF_SCF_ENDPOINT"])
@pytest.mark.parametrize("value", ["ssm.tencentcloudapi.com", "https://host/path", "http://host"])
def test_an_endpoint_that_cannot_be_one_is_refused(name: str, value: str) -> None:
    with pytest.raises(SettingsError, match=name):
        loaded(**{name: value})


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("LIVEPROOF_WEBHOOK_ADDRESS_POLICY", "any"),
        ("LIVEPROOF_COS_ENDPOINT", "http://127.0.0.1:4600/cos"),
        ("LIVEPROOF_DATABASE_URL", "sqlite:////tmp/records.db"),
        ("LIVEPROOF_DATABASE_URL", "mysql://127.0.0.1:3306/liveproof?tls=off"),
    ],
)
def test_unsafe_settings_are_for_local_runs_only(name: str, value: str) -> None:
    with pytest.raises(SettingsError, match=name):
        loaded(**{name: value})
    local = LOCAL | {name: value}
    assert loaded(**local).webhook_address_policy == "any"


def test_a_database_of_its_own_needs_a_login() -> None:
    with pytest.raises(SettingsError, match="LIVEPROOF_DATABASE_SECRET"):
        loaded(LIVEPROOF_DATABASE_SECRET="")
    sqlite = {"LIVEPROOF_DATABASE_URL": "sqlite:////tmp/a.db", "LIVEPROOF_DATABASE_SECRET": ""}
    assert loaded(**LOCAL, **sqlite).database_secret == ""


def test_every_setting_begins_with_the_prefix() -> None:
    names = environment_names(TencentSettings)

    assert all(name.startswith("LIVEPROOF_") for name in names)
    assert set(GOOD) < set(names)

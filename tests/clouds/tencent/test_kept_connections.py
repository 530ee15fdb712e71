"""Connections to SSM and SCF that are used again."""

from __future__ import annotations

from liveproof.clouds.tencent.retrying import RetryingApi
from liveproof.secret_documents import VendorKey
from liveproof.vendors.tencent.api import TencentApi
from liveproof_emulator.keys import Key
from tests.clouds.tencent.standin import ApiStandIn
from tests.support.memory import MemoryClock

REGION = "ap-singapore"


def api_of(standin: ApiStandIn, *, keep_alive: bool = False) -> TencentApi:
    def key() -> VendorKey:
        return VendorKey(standin.key.secret_id, standin.key.secret_key, standin.key.token)

    return TencentApi(standin.url, REGION, key, keep_alive=keep_alive)


def ask_three_times(api: TencentApi) -> None:
    for _ in range(3):
        api.ask("ssm", "2019-09-23", "GetSecretValue", {}, 5.0)


def test_a_kept_connection_serves_every_request(standin: ApiStandIn) -> None:
    ask_three_times(api_of(standin, keep_alive=True))

    assert (len(standin.requests), standin.connections) == (3, 1)


def test_a_request_has_a_connection_of_its_own_unless_it_is_said_that_it_may_be_repeated(
    standin: ApiStandIn,
) -> None:
    ask_three_times(api_of(standin))

    assert (len(standin.requests), standin.connections) == (3, 3)


def test_each_request_is_signed_with_the_key_of_its_moment(standin: ApiStandIn) -> None:
    api = api_of(standin, keep_alive=True)
    ask_three_times(api)
    standin.key = Key("AKIDrenewed", "another-secret", "another-token")

    ask_three_times(api)

    assert (len(standin.requests), standin.connections) == (6, 1)


def test_a_connection_that_was_closed_meanwhile_costs_nothing(standin: ApiStandIn) -> None:
    api = api_of(standin, keep_alive=True)
    ask_three_times(api)
    standin.answers = [None, {}]  # closes it in the place of an answer

    RetryingApi(api, "scf", "2018-04-16", MemoryClock()).request("Invoke", {})

    assert len(standin.requests) == 5

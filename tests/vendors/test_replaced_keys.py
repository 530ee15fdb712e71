"""A vendor's key that was replaced: what is asked again, and what never is."""

from __future__ import annotations

import json
import time
from typing import Any

import pytest

from liveproof.clouds.cached_secrets import CachedSecrets
from liveproof.secret_documents import vendor_key
from liveproof.vendors.answer import Answer
from liveproof.vendors.errors import KeyReplaced, VendorRefused
from liveproof.vendors.tencent.api import TencentApi
from liveproof_emulator import testing
from liveproof_emulator.keys import Key
from tests.support.memory import MemoryClock, MemorySecrets


class Rotating:
    """A secret with the vendor's key, in a container that caches it."""

    def __init__(self, key: Key) -> None:
        self._secrets = MemorySecrets({})
        self._cached = CachedSecrets(self._secrets.get, 300, MemoryClock())
        self.put(key)
        self.stored = vendor_key(self._cached, "vendor-key")
        self.stored()

    def put(self, key: Key) -> None:
        document = {"secret_id": key.secret_id, "secret_key": key.secret_key, "token": key.token}
        self._secrets.values["vendor-key"] = json.dumps(document).encode()

    def api(self, url: str) -> TencentApi:
        return TencentApi(url, "ap-singapore", self.stored, is_replaced=self.stored.is_replaced)


TARGET = {"TargetAction": "DetectReflectLivenessAndCompare"}
UPLOAD = ("faceid", "2018-03-01", "CreateUploadUrl", TARGET, 5.0)


def test_a_free_request_is_made_again_with_the_key_that_replaced_the_refused_one(
    vendor: testing.Running,
) -> None:
    old, new = vendor.issue_key(), vendor.issue_key()
    rotating = Rotating(old)
    api = rotating.api(vendor.url)
    assert api.ask(*UPLOAD)["UploadUrl"]
    rotating.put(new)
    vendor.disable_keys(old.secret_id)

    assert api.ask(*UPLOAD)["UploadUrl"]
    codes = [call["code"] for call in vendor.calls("CreateUploadUrl")]
    assert codes[-2:] == ["AuthFailure.SecretIdNotFound", None]


def test_a_free_request_that_is_made_again_has_the_rest_of_the_time(
    api: TencentApi, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Else it ends after its function, or it has no time at all."""
    now = [1_000.0]
    timeouts: list[float] = []

    def call(*arguments: Any) -> Answer:
        timeouts.append(arguments[-1])
        now[0] += 2
        if len(timeouts) == 1:
            raise KeyReplaced("AuthFailure.SecretIdNotFound", "request-1")
        return Answer({"UploadUrl": "url"}, None, "request-2", 1)

    monkeypatch.setattr(time, "monotonic", lambda: now[0])
    monkeypatch.setattr(api, "call", call)

    assert api.ask(*UPLOAD) == {"UploadUrl": "url"}
    assert timeouts == [5, 3]


def test_a_call_is_not_made_again_but_says_that_its_key_was_replaced(
    vendor: testing.Running,
) -> None:
    old, new = vendor.issue_key(), vendor.issue_key()
    rotating = Rotating(old)
    api = rotating.api(vendor.url)
    rotating.put(new)
    vendor.disable_keys(old.secret_id)

    with pytest.raises(KeyReplaced) as replaced:
        api.call(*UPLOAD)
    assert replaced.value.code == "AuthFailure.SecretIdNotFound"
    assert replaced.value.request_id
    assert len(vendor.calls("CreateUploadUrl")) == 1
    assert api.call(*UPLOAD).error is None


def test_a_refused_key_that_nobody_replaced_is_a_refusal(vendor: testing.Running) -> None:
    old = vendor.issue_key()
    api = Rotating(old).api(vendor.url)
    vendor.disable_keys(old.secret_id)

    assert api.call(*UPLOAD).error == "AuthFailure.SecretIdNotFound"
    with pytest.raises(VendorRefused):
        api.ask(*UPLOAD)
    assert len(vendor.calls("CreateUploadUrl")) == 2


@pytest.mark.parametrize(
    ("scenario", "code"), [(None, None), ("rate-limited-always", "RequestLimitExceeded")]
)
def test_an_answer_to_a_key_that_still_works_counts_although_there_is_another_key(
    vendor: testing.Running, scenario: str | None, code: str | None
) -> None:
    """Else an answer that was paid for is thrown away, and the call is made a second time."""
    rotating = Rotating(vendor.issue_key())
    api = rotating.api(vendor.url)
    rotating.put(vendor.issue_key())
    if scenario is not None:
        vendor.fault("CreateUploadUrl", scenario)

    assert api.call(*UPLOAD).error == code

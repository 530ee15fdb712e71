"""The operator's mistakes, and people who may write a secret: documents and settings."""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any
from unittest import mock

from liveproof import facts
from liveproof.clouds.aws import settings as aws_settings
from liveproof.clouds.tencent import settings as tencent_settings
from liveproof.ports import SecretUnusable
from liveproof.secret_documents import ApiKeys, SenseIdKey, VendorKey, Webhooks, read_secret
from liveproof.settings import Settings, SettingsError
from liveproof.use_cases.run_check import require_fit
from tests.attack.rows import Outcome, Row, Side, bounded
from tests.support.deployment import WEBHOOK_SECRET
from tests.support.memory import MemorySecrets
from tools.local.cloud import LocalCloud

_CANARY = "canaryValueOfASecret"
_DIGEST = hashlib.sha256(b"key").hexdigest()
_SECRET = WEBHOOK_SECRET


@dataclass(frozen=True)
class Document:
    """A secret's text. It is refused, and the refusal names `names`; or taken, without names."""

    name: str
    kind: type[Any]
    text: str
    names: tuple[str, ...] = ()
    taken: bool = False


def keys(**clients: Any) -> str:
    return json.dumps({"clients": clients})


def key(**changes: Any) -> dict[str, Any]:
    return {"keys_sha256": [_DIGEST], **changes}


def hooks(**changes: Any) -> str:
    endpoint = {"url": "https://hook.example/", "secrets": [_SECRET], **changes}
    return json.dumps({"endpoints": {"shop": endpoint}})


DOCUMENTS = (
    Document("API keys as they should be", ApiKeys, keys(shop=key(thresholds={"photo": 90})),
             taken=True),
    Document("a threshold of a check that is none", ApiKeys,
             keys(shop=key(thresholds={"foto": 9})), ("shop", "foto")),
    Document("a threshold beyond the scale of 1", ApiKeys,
             keys(shop=key(thresholds={"silent": 70})), ("shop", "silent")),
    Document("a threshold beyond the scale of 100", ApiKeys,
             keys(shop=key(thresholds={"photo": 101})), ("shop", "photo")),
    Document("a threshold below 0", ApiKeys, keys(shop=key(thresholds={"photo": -1})), ("shop",)),
    Document("a threshold in words", ApiKeys, keys(shop=key(thresholds={"photo": "90"})),
             ("shop",)),
    Document("a threshold that is NaN", ApiKeys,
             keys(shop=key(thresholds={"photo": 1})).replace(": 1}", ": NaN}")),
    Document("thresholds misspelt", ApiKeys, keys(shop=key(treshold={"photo": 90})),
             ("shop", "treshold")),
    Document("a field beside clients", ApiKeys, keys()[:-1] + ', "client": {}}', ("client",)),
    Document("no key at all", ApiKeys, keys(shop=key(keys_sha256=[])), ("shop",)),
    Document("the key itself for its digest", ApiKeys, keys(shop=key(keys_sha256=[_CANARY])),
             ("shop",)),
    Document("a digest in upper case", ApiKeys, keys(shop=key(keys_sha256=[_DIGEST.upper()])),
             ("shop",)),
    Document("a digest and a newline", ApiKeys, keys(shop=key(keys_sha256=[_DIGEST + "\n"])),
             ("shop",)),
    Document("one key of two clients", ApiKeys, keys(shop=key(), other=key())),
    Document("the digest of an empty key", ApiKeys,
             keys(shop=key(keys_sha256=[hashlib.sha256(b"").hexdigest()])), ("shop",)),
    Document("an endpoint as it should be", Webhooks, hooks(), taken=True),
    Document("a webhook secret without whsec_", Webhooks, hooks(secrets=[_CANARY]), ("shop",)),
    Document("a webhook secret that is no base64", Webhooks, hooks(secrets=["whsec_" + "!" * 40]),
             ("shop",)),
    Document("a webhook secret of 8 bytes", Webhooks, hooks(secrets=["whsec_AAAAAAAAAAA="]),
             ("shop",)),
    Document("an endpoint's field misspelt", Webhooks, hooks(ulr="x"), ("shop", "ulr")),
    Document("an endpoint without URL", Webhooks, hooks(url=""), ("shop",)),
    Document("an endpoint that is no URL", Webhooks, hooks(url=f"ftp://{_CANARY}/"), ("shop",)),
    Document("an endpoint with NUL in its host", Webhooks, hooks(url="https://a\x00b/"), ("shop",)),
    Document("a vendor's key of another form", VendorKey,
             json.dumps({"SecretId": "a", "SecretKey": _CANARY})),
    Document("a vendor's key with a newline", VendorKey,
             json.dumps({"secret_id": "a", "secret_key": f"{_CANARY}\n"}), ("secret_key",)),
    Document("a SenseID key too short", SenseIdKey, json.dumps({"key": _CANARY, "iv": "i" * 12}),
             ("key",)),
    Document("no JSON", ApiKeys, _CANARY),
    Document("JSON of another kind", ApiKeys, json.dumps([_CANARY])),
    Document("an empty text", ApiKeys, ""),
)  # fmt: skip


def _read(document: Document) -> Outcome:
    secrets = MemorySecrets({"name-of-the-secret": document.text.encode()})
    try:
        read_secret(secrets, "name-of-the-secret", document.kind)
    except SecretUnusable as refused:
        text = str(refused)
        named = all(name in text for name in document.names)
        hidden = _CANARY not in text and _DIGEST not in text and _SECRET not in text
        cause = refused.__cause__ is None and refused.__suppress_context__
        summary = text if hidden else "(shows a value)"
        return Outcome(summary, not document.taken and named and hidden and cause)
    return Outcome("taken", document.taken)


def _every_key_is_compared() -> Outcome:
    """How many digests are compared does not depend on the key."""
    document = keys(**{f"client{number}": key(keys_sha256=[hashlib.sha256(bytes([number]))
                       .hexdigest()]) for number in range(20)})  # fmt: skip
    secrets = MemorySecrets({"keys": document.encode()})
    made = read_secret(secrets, "keys", ApiKeys)
    counts = []
    for attempt in ("\x00", "\x13", "unknown", ""):
        with mock.patch.object(hmac, "compare_digest", wraps=hmac.compare_digest) as compare:
            made.client_of(attempt)
        counts.append(compare.call_count)
    return Outcome(f"compared {counts}", counts == [20] * 4)


# -- settings ---------------------------------------------------------------------------------

_COMMON = {
    "LIVEPROOF_VENDOR_REGION": "ap-singapore",
    "LIVEPROOF_VENDOR_ENDPOINT": "https://faceid.intl.tencentcloudapi.com",
    "LIVEPROOF_BUCKET": "bucket",
    "LIVEPROOF_API_KEYS_SECRET": "a",
    "LIVEPROOF_WEBHOOKS_SECRET": "b",
    "LIVEPROOF_VENDOR_KEY_SECRET": "c",
    "LIVEPROOF_SENSEID_KEY_SECRET": "d",
}
_CLOUDS: dict[str, tuple[Callable[[Mapping[str, str]], Settings], dict[str, str]]] = {
    "aws": (
        aws_settings.load,
        {
            **_COMMON,
            "AWS_REGION": "ap-southeast-1",
            "LIVEPROOF_CLOUD": "aws",
            "LIVEPROOF_REGION": "ap-southeast-1",
            "LIVEPROOF_FILE_TRANSFER": "relay",
            "LIVEPROOF_TABLE": "table",
            "LIVEPROOF_UPLOADS_QUEUE_URL": "https://sqs.example/u",
            "LIVEPROOF_CHECK_QUEUE_URLS": json.dumps(
                {check: f"https://sqs.example/{check}" for check in facts.checks()}
            ),
            "LIVEPROOF_DELIVERIES_QUEUE_URL": "https://sqs.example/d",
            "LIVEPROOF_ERASURES_QUEUE_URL": "https://sqs.example/e",
        },
    ),
    "tencent": (
        lambda environment: tencent_settings.load(environment, "ap-singapore"),
        {
            **_COMMON,
            "LIVEPROOF_CLOUD": "tencent",
            "LIVEPROOF_REGION": "ap-singapore",
            "LIVEPROOF_FILE_TRANSFER": "bucket",
            "LIVEPROOF_BUCKET": "bucket-1250000000",
            "LIVEPROOF_DATABASE_URL": "mysql://10.0.0.2:3306/liveproof",
            "LIVEPROOF_DATABASE_SECRET": "e:v1",
            "LIVEPROOF_FUNCTION_PREFIX": "liveproof-test-",
            "LIVEPROOF_API_KEYS_SECRET": "a:v1",
            "LIVEPROOF_WEBHOOKS_SECRET": "b:v1",
            "LIVEPROOF_VENDOR_KEY_SECRET": "c:v1",
            "LIVEPROOF_SENSEID_KEY_SECRET": "d:v1",
        },
    ),
}


@dataclass(frozen=True)
class Environment:
    """A deployment's settings with changes, and which setting the refusal names."""

    name: str
    changes: Mapping[str, str]
    names: str


def setting(name: str, value: str) -> dict[str, str]:
    return {f"LIVEPROOF_{name}": value}


ENVIRONMENTS = (
    Environment("a misspelt name", setting("VENDOR_REGOIN", "ap-singapore"), "VENDOR_REGOIN"),
    Environment("a vendor's region that is none", setting("VENDOR_REGION", "ap-nowhere"),
                "VENDOR_REGION"),
    Environment("a vendor's region far from the bucket's", setting("VENDOR_REGION", "ap-bangkok"),
                "ap-bangkok"),
    Environment("a cloud's region that is not the function's", setting("REGION", "us-east-1"),
                "REGION"),
    Environment("plain http to the vendor", setting("VENDOR_ENDPOINT", "http://faceid.example"),
                "VENDOR_ENDPOINT"),
    Environment("a path in the vendor's endpoint",
                setting("VENDOR_ENDPOINT", "https://faceid.example/x"), "VENDOR_ENDPOINT"),
    Environment("userinfo in the vendor's endpoint",
                setting("VENDOR_ENDPOINT", "https://a@faceid.example"), "VENDOR_ENDPOINT"),
    Environment("a call as long as a run", setting("CALL_TIMEOUT_SECONDS", "109"),
                "CALL_TIMEOUT_SECONDS"),
    Environment("a call longer than any run", setting("CALL_TIMEOUT_SECONDS", "300"),
                "CALL_TIMEOUT_SECONDS"),
    Environment("a call of 0 seconds", setting("CALL_TIMEOUT_SECONDS", "0"),
                "CALL_TIMEOUT_SECONDS"),
    Environment("webhooks to any address on a real account",
                setting("WEBHOOK_ADDRESS_POLICY", "any"), "WEBHOOK_ADDRESS_POLICY"),
    Environment("a policy that is none", setting("UNKNOWN_OUTCOME", "ignore"), "UNKNOWN_OUTCOME"),
    Environment("no calls a second", setting("CALLS_PER_SECOND", '{"reflect": 0}'),
                "CALLS_PER_SECOND"),
    Environment("SenseID at a file", setting("SENSEID_URL", "file:///etc/passwd"), "SENSEID_URL"),
)  # fmt: skip


def _start(settings: Settings) -> None:
    """What `run_check` asks besides at its start, with the time that it has by default."""
    require_fit(120, settings.call_timeout_seconds)


def _load(environment: Environment, cloud: str) -> Outcome:
    load, honest = _CLOUDS[cloud]
    _start(load(honest))  # the control: without the change it is taken
    try:
        _start(load({**honest, **environment.changes}))
    except SettingsError as refused:
        return Outcome(str(refused), environment.names in str(refused))
    return Outcome("taken", False)


# -- the table --------------------------------------------------------------------------------


def _tables() -> Iterator[Row]:
    for document in DOCUMENTS:
        expected = "taken" if document.taken else "refused, no value shown"
        expected += f", names {' and '.join(document.names)}" if document.names else ""
        yield bounded(f"secret: {document.name}", expected, _read, document)
    yield bounded(
        "secret: an API key is compared with each digest", "as many for each key",
        _every_key_is_compared,
    )  # fmt: skip
    for cloud in _CLOUDS:
        for environment in ENVIRONMENTS:
            name = f"settings on {cloud}: {environment.name}"
            expected = f"refused at start, names {environment.names}"
            yield bounded(name, expected, _load, environment, cloud)


def rows(_cloud: str | None) -> Sequence[Row]:
    """The table."""

    return tuple(_tables())


@contextmanager
def standing(_cloud: LocalCloud | None) -> Iterator[None]:
    """Nothing."""
    yield None


SIDE = Side("operator", "the operator's mistakes, and whoever may write a secret", rows, standing)

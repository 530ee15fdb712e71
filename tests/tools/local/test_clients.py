"""The clients that `make local` makes, and where it hands their webhooks on to."""

from __future__ import annotations

import base64

import pytest

from tools.local.clients import local_clients
from tools.processes import UsageError
from tools.webhooks.keys import parse_key

SECRET = "whsec_" + base64.b64encode(b"s" * 32).decode()
OTHER = "whsec_" + base64.b64encode(b"o" * 32).decode()
SEED = "whsk_" + base64.b64encode(b"k" * 32).decode()
HOOK = "http://127.0.0.1:4000/hook"


def test_without_a_choice_there_is_one_client_with_new_keys() -> None:
    (first,), (second,) = local_clients(), local_clients()
    assert first.name == "demo"
    assert first.target is None
    assert first.path == "/webhooks"
    assert not set(first.document().values()) & set(second.document().values())


def test_the_public_key_verifies_what_the_private_key_signs() -> None:
    (client,) = local_clients()
    assert client.public_key.startswith("whpk_")
    content = b"msg_1.1.{}"
    public, private = parse_key(client.public_key), parse_key(client.private_key)
    assert public.version == private.version == "v1a"
    assert not public.has_signed(content, bytes(64))


def test_a_url_is_the_endpoint_of_demo_and_a_name_makes_another_client() -> None:
    demo, shop = local_clients([HOOK, f"shop={HOOK}?a=b"])
    assert (demo.name, shop.name) == ("demo", "shop")
    assert demo.target is not None
    assert shop.target is not None
    assert (demo.target.path, shop.target.path) == ("/hook", "/hook?a=b")
    assert shop.path == "/webhooks/shop"
    assert demo.api_key != shop.api_key
    assert demo.secret != shop.secret


def test_keys_may_be_chosen() -> None:
    demo, shop = local_clients([f"shop={HOOK}"], [SECRET, SEED, f"shop={SECRET}"])
    assert (demo.secret, demo.private_key, shop.secret) == (SECRET, SEED, SECRET)
    assert shop.private_key != SEED


@pytest.mark.parametrize(
    ("urls", "keys", "part"),
    [
        ([HOOK, HOOK], [], "demo has an endpoint"),
        ([f"a={HOOK}", f"a={HOOK}"], [], "a has an endpoint"),
        (["ftp://127.0.0.1/"], [], "has to begin with http://"),
        (["http://"], [], "no host"),
        (["127.0.0.1:4000"], [], "NAME="),
        ([f"a b={HOOK}"], [], "NAME="),
        ([f"a/b={HOOK}"], [], "NAME="),
        ([], [f"shop={SECRET}"], "no such client; --webhook shop=URL"),
        ([], ["whsec_AAAA"], "24 to 64 bytes"),
        ([], ["whsk_AAAA"], "32 or 64 bytes"),
        ([], ["demo=whpk_AAAA"], "begin with whsec_ or whsk_"),
        ([], [SECRET, OTHER], "two of whsec_"),
    ],
)
def test_unusable_clients_are_refused_before_anything_starts(
    urls: list[str], keys: list[str], part: str
) -> None:
    with pytest.raises(UsageError) as refused:
        local_clients(urls, keys)
    assert part in str(refused.value)
    assert "whsec_c3Nz" not in str(refused.value)

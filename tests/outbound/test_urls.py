"""What is judged is what is sent: a URL that parsers could read in two ways is refused."""

from __future__ import annotations

from urllib.parse import urlsplit

import pytest
from hypothesis import example, find, given
from hypothesis import strategies as st
from urllib3.util import parse_url

from liveproof.outbound.urls import Origin, parse_target

HOST = "b.cos.ap-singapore.myqcloud.com"


@pytest.mark.parametrize(
    ("url", "origin", "authority", "path"),
    [
        ("https://a.example", Origin(True, "a.example", 443), "a.example", "/"),
        ("http://a.example", Origin(False, "a.example", 80), "a.example", "/"),
        ("https://A.Example/B", Origin(True, "a.example", 443), "A.Example", "/B"),
        ("http://127.0.0.1:9/x?y=%2F", Origin(False, "127.0.0.1", 9), "127.0.0.1:9", "/x?y=%2F"),
        ("https://a.example?x=1", Origin(True, "a.example", 443), "a.example", "/?x=1"),
        (
            f"https://{HOST}/a%2Fb//../c?q-sign-time=1%3B2&q-ak=A&x=",
            Origin(True, HOST, 443),
            HOST,
            "/a%2Fb//../c?q-sign-time=1%3B2&q-ak=A&x=",
        ),
    ],
)
def test_a_plain_url_is_taken_apart_and_its_path_left_as_it_is(
    url: str, origin: Origin, authority: str, path: str
) -> None:
    target = parse_target(url)

    assert (target.origin, target.authority, target.path) == (origin, authority, path)


ODD = [
    "",
    "a.example",
    "//a.example/",
    "ftp://a.example/",
    "HTTPS://a.example/",
    "https:///x",
    "https://",
    f"https://evil.example\\@{HOST}/a",
    f"https://evil.example\\.{HOST}/a",
    f"https://evil.example:8443\\@{HOST}/a",
    f"https://evil.example@{HOST}/a",
    f"https://{HOST}@evil.example/a",
    f"https://evil.example#@{HOST}/a",
    f"https://{HOST}/a#b",
    f"https://evil.example\t.{HOST}/",
    f"https://{HOST}/a\r\nX: y",
    f"https://{HOST}/a b",
    f" https://{HOST}/a",
    f"https://{HOST}/a\n",
    f"https://{HOST}:0/a",
    f"https://{HOST}:65536/a",
    f"https://{HOST}:/a",
    f"https://{HOST}:4 4/a",
    f"https://{HOST}:\u0664\u0664\u0663/a",
    f"https://.{HOST}/a",
    f"https://{HOST}./a",
    f"https://%65vil.example.{HOST}/a",
    "https://evil\u3002example/a",
    "https://[::1]/a",
    f"https://{HOST}/\u00e9",
    f"https://{HOST}/a?b=\\",
    f"https://{HOST}/<a>",
    f"https://{HOST}?a\x00",
    f"https:/{HOST}/a",
    f"https:{HOST}/a",
    f"https://{HOST}\\a",
]


@pytest.mark.parametrize("url", ODD)
def test_an_odd_url_is_refused_without_showing_it(url: str) -> None:
    with pytest.raises(ValueError, match=r"no such port|not a plain") as refused:
        parse_target(url)

    assert "example" not in str(refused.value)
    assert HOST not in str(refused.value)


WORDS = f"{HOST} evil.example a .. . / // \\ @ # ? % %2f %5C & = ; : 443 80 0 [ ] ::1 _ - ' < | ^ `"
PIECES = st.sampled_from(
    [*WORDS.split(), "http", "https", "~", "!", "{", "\u3002", "\uff0f", "\u2044", '"']
) | st.sampled_from([" ", "\t", "\r\n", "\0", "\x7f"])
BEGINNINGS = st.sampled_from(
    ["https://", "http://", f"https://{HOST}", f"http://{HOST}:443/", "//"]
)
URLS = st.builds(
    lambda first, rest: first + "".join(rest), BEGINNINGS, st.lists(PIECES, max_size=8)
)


@given(URLS)
@example(f"https://{HOST}/a?b=c")
@example(f"https://evil.example\\@{HOST}/a")
@example("https://a.example:443?@evil.example/")
def test_every_parser_reads_an_accepted_url_the_same_way(url: str) -> None:
    try:
        target = parse_target(url)
    except ValueError:
        return
    origin = target.origin
    split, other = urlsplit(url), parse_url(url)

    assert split.scheme == other.scheme == ("https" if origin.tls else "http")
    assert split.hostname == other.host == origin.host
    for port in (split.port, other.port):
        assert (port or (443 if origin.tls else 80)) == origin.port
    assert (split.username, split.password, other.auth) == (None, None, None)
    assert split.netloc == target.authority
    assert (split.path or "/") + (f"?{split.query}" if "?" in url else "") == target.path
    assert (split.fragment, other.fragment) == ("", None)


def test_the_generated_urls_are_taken_and_refused() -> None:
    """Without this, the test above could pass on refusals alone."""
    taken = find(URLS, lambda url: _is_taken(url))
    refused = find(URLS, lambda url: not _is_taken(url))

    assert taken
    assert refused


def _is_taken(url: str) -> bool:
    try:
        parse_target(url)
    except ValueError:
        return False
    return True

"""URLs and DNS answers that must lead to no address but a public one."""

from __future__ import annotations

REFUSED = {
    "no https": (
        "http://example.com/", "HTTP://example.com/", "ftp://example.com/", "file:///etc/passwd",
        "gopher://x/", "//example.com/", "example.com", "", "javascript:alert(1)", "data:,x",
    ),
    "no host": (
        "https://", "https:///x", "https:/127.0.0.1", "https:127.0.0.1", "https://[",
        "https://[::1", "https://]/", "https://a:b:c/", "https://example.com:99999/",
        "https://example.com:-1/", "https://example.com:0x50/", "https://a..b/",
        "https://.example/", "https://-/", "https://xn--/", "https://" + "a" * 64 + ".com/",
        "https://" + "a." * 130 + "com/", "https://a\x00b.example/",
    ),
    "IPv4": (
        "https://127.0.0.1/", "https://127.1/", "https://127.0.1/", "https://2130706433/",
        "https://0x7f000001/", "https://0x7f.1/", "https://0177.0.0.1/", "https://017700000001/",
        "https://0x7f.0x0.0x0.0x1/", "https://127.0.0.1./", "https://127.0.0.1:22/", "https://0/",
        "https://0.0.0.0/", "https://0.1.2.3/", "https://10.0.0.1/", "https://10.254.0.0/",
        "https://012.0.0.1/", "https://172.16.0.1/", "https://172.31.255.255/",
        "https://172.16.10.65/", "https://192.168.10.65/", "https://192.168.0.1/",
        "https://169.254.169.254/latest/meta-data/", "https://2852039166/", "https://0xa9fea9fe/",
        "https://169.254.43518/", "https://0251.0376.0251.0376/", "https://169.254.170.2/",
        "https://169.254.0.23/", "https://169.254.0.55/", "https://100.100.100.200/",
        "https://100.64.0.1/", "https://100.127.255.255/", "https://192.0.0.1/",
        "https://192.0.0.192/", "https://192.0.0.170/", "https://192.0.2.255/",
        "https://198.51.100.65/", "https://203.0.113.6/", "https://192.88.99.3/",
        "https://198.18.0.1/", "https://198.19.255.255/", "https://224.1.2.3/",
        "https://233.252.0.16/", "https://239.255.255.250/", "https://240.240.240.240/",
        "https://255.255.255.255/",
    ),
    "IPv6": (
        "https://[::]/", "https://[::1]/", "https://[::0]/", "https://[0:0:0:0:0:0:0:1]/",
        "https://[::ffff:127.0.0.1]/", "https://[::ffff:7f00:1]/", "https://[::ffff:8.8.8.8]/",
        "https://[::127.0.0.1]/", "https://[::ffff:0:127.0.0.1]/", "https://[64:ff9b::7f00:1]/",
        "https://[64:ff9b::169.254.169.254]/", "https://[64:ff9b::808:808]/",
        "https://[64:ff9b:1::dead:beef]/", "https://[2002:7f00:1::]/",
        "https://[2002:c000:204::dead:beef]/", "https://[2002:a9fe:a9fe::]/", "https://[2001::1]/",
        "https://[2001:0:4136:e378:8000:63bf:3fff:fdd2]/", "https://[2001:10::1]/",
        "https://[2001:20::1]/", "https://[2001:2::1]/", "https://[2001:db8::1]/",
        "https://[3fff::dead:beef]/", "https://[3fff:fff::1]/", "https://[5f00::dead:beef]/",
        "https://[fc00::1]/", "https://[fd00:ec2::254]/", "https://[fdee:3a45:9057::1]/",
        "https://[fd7a:115c:a1e0::1]/", "https://[fe80::1]/", "https://[fe80::1%25eth0]/",
        "https://[fe80::1%25lo]/", "https://[fe80::1%lo]/", "https://[febf:ffff::dead:beef]/",
        "https://[fec0::1]/", "https://[ff02::1]/", "https://[100::1:2:3:4]/",
        "https://[100:0:0:1::1]/", "https://[4000::1]/", "https://[::ffff:169.254.169.254]/",
    ),
    "names and notations": (
        "https://localhost/", "https://LOCALHOST/", "https://localhost./",
        "https://localhost:8443/", "https://user:pw@127.0.0.1/", "https://example.com@127.0.0.1/",
        "https://127.0.0.1#@example.com/", "https://127.0.0.1\\@example.com/",
        "https://example.com\\@127.0.0.1/", "https://127.0.0.1%2f@example.com/",
        "https://127.0.0.1%00.example.com/", "https://127.0.0.1 .example.com/",
        "https://127.0.0.1\t/", "https://127.\n0.0.1/", "https://①②⑦.⓪.⓪.①/",
        "https://127。0。0。1/", "https://ⓛⓞⓒⓐⓛⓗⓞⓢⓣ/", "https://ip6-localhost/",
    ),
}  # fmt: skip
"""Sent to nobody by a deployment whose `webhookAddressPolicy` is `public`."""

_PUBLIC, _PUBLIC6 = "93.184.216.34", "2606:4700::1"
ANSWERS: dict[str, tuple[tuple[str, ...], bool]] = {
    "a public address": ((_PUBLIC,), True),
    "a public IPv6 address": ((_PUBLIC6,), True),
    "two public addresses": ((_PUBLIC, _PUBLIC6), True),
    "public, then private": ((_PUBLIC, "10.0.0.1"), False),
    "private, then public": (("10.0.0.1", _PUBLIC), False),
    "public and ::1": ((_PUBLIC, "::1"), False),
    "public and the metadata service, mapped": ((_PUBLIC, "::ffff:169.254.169.254"), False),
    "NAT64 of the metadata service": (("64:ff9b::a9fe:a9fe",), False),
    "6to4 of loopback": (("2002:7f00:1::",), False),
    "a link-local address with a zone": (("fe80::1%lo",), False),
    "no address": ((), False),
    # Globally reachable by IANA's registries, or public space that some network uses inside.
    "192.31.196.1 (AS112)": (("192.31.196.1",), True),
    "192.52.193.1 (AMT)": (("192.52.193.1",), True),
    "192.175.48.1 (AS112)": (("192.175.48.1",), True),
    "2620:4f:8000::1 (AS112)": (("2620:4f:8000::1",), True),
    "168.63.129.16": (("168.63.129.16",), True),
    "9.0.0.1": (("9.0.0.1",), True),
    "11.0.0.1": (("11.0.0.1",), True),
    "30.0.0.1": (("30.0.0.1",), True),
}
"""What a name resolves to, and whether a webhook may go there."""

REQUEST_LINES = {
    "%0d%0a in the path": "/a%0d%0aX-Evil:1",
    "spaces": "/a b?c d",
    "CR and LF": "/\r\nX-Evil: 1",
    "letters and a picture": "/é?ü=😀",
    "no path but a query": "?x",
    "a fragment": "/#frag",
    "a percent sign alone": "/%",
    "NUL": "/a\x00b",
    "a backslash": "/a\\b",
    "a second request": "/ HTTP/1.1\r\nHost: evil.example\r\n\r\nGET /",
}

LITERALS = {
    "http://[2606:4700::abcd]/": "[2606:4700::abcd]",
    "http://[2a00:1450:4001:81b::200e]/": "[2a00:1450:4001:81b::200e]",
    "http://[2606:4700:4700::1111]:8443/": "[2606:4700:4700::1111]:8443",
}
"""Addresses in a URL, and the Host header that they make."""

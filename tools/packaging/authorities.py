"""The certificates that TLS trusts, a file for each, under the name by which OpenSSL finds it.

OpenSSL looks in such a folder for the certificate that it needs, and reads no other. A file with
all of them is read whole at each start.
"""

from __future__ import annotations

import re
from collections import Counter
from pathlib import Path

from OpenSSL import crypto

_CERTIFICATE = re.compile(rb"-----BEGIN CERTIFICATE-----.*?-----END CERTIFICATE-----", re.DOTALL)


def split(bundle: Path, into: Path) -> None:
    """Write the certificates of a file into a new folder: the hash of the subject, and a number.

    Raises:
        ValueError: the file has no certificate.
    """
    names: Counter[str] = Counter()
    into.mkdir(parents=True)
    for pem in _CERTIFICATE.findall(bundle.read_bytes()):
        subject = crypto.load_certificate(crypto.FILETYPE_PEM, pem).subject_name_hash()
        name = f"{subject:08x}"
        (into / f"{name}.{names[name]}").write_bytes(pem + b"\n")
        names[name] += 1
    if not names:
        raise ValueError(f"{bundle.name} has no certificate")

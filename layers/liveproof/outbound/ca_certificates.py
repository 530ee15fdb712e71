"""The certificate authorities that outbound TLS trusts: those that certifi lists, on each platform.

Whether SCF's Python finds a list of its own is not documented. The vendor's SDK uses certifi, too.
"""

from __future__ import annotations

from functools import lru_cache
from importlib.util import find_spec
from pathlib import Path

FOLDER = "authorities"
"""In certifi's folder of a deployed package: a file for each certificate, by the name under which
OpenSSL looks for it (tools/packaging/authorities.py). To read all of them, as certifi's one file
has them, takes 20 ms of a cold start; a connection needs one."""


@lru_cache(maxsize=1)
def authorities_path() -> Path:
    """The folder of the authorities' certificates, or a file with all of them, in PEM."""
    # Importing certifi would import what reads zips and temporary files, for another 7 ms.
    spec = find_spec("certifi")
    if spec is None or spec.origin is None:
        raise ModuleNotFoundError("certifi")
    package = Path(spec.origin).parent
    folder = package / FOLDER
    return folder if folder.is_dir() else package / "cacert.pem"

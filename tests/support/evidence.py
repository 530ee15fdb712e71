"""A deployment with a key of evidence."""

from __future__ import annotations

import base64
import json

from liveproof.domain.verification import Verification
from liveproof.webhooks.keys import PrivateKey, public_key_text
from tests.support.checks import answer
from tests.support.deployment import Deployment

SEED = bytes(range(32, 64))
PRIVATE_KEY = "whsk_" + base64.b64encode(SEED).decode()
PUBLIC_KEY = public_key_text(PrivateKey(SEED).public_key())


def put_evidence_keys(deployment: Deployment, *keys: dict[str, str]) -> None:
    """Put these keys of evidence into the webhooks' secret; by default one that signs."""
    document = json.loads(deployment.secrets.values["webhooks"])
    document["evidence_keys"] = list(keys) or [{"key": PRIVATE_KEY}]
    deployment.secrets.values["webhooks"] = json.dumps(document).encode()


def passed(deployment: Deployment) -> Verification:
    """A verification that has just passed, with a best frame. Its webhook is due."""
    deployment.check.script = [answer(frame=True)]
    return deployment.run_check(deployment.ready())

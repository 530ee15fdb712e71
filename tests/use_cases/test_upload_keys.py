"""Keys of uploads, and those of probes that belong to nobody."""

from __future__ import annotations

from liveproof import heartbeats
from liveproof.domain.ids import is_verification_id, new_verification_id
from liveproof.heartbeats import Heartbeat
from liveproof.use_cases.uploads import NOBODY, key_owner, new_key, probe_key
from liveproof.use_cases.verify_upload import object_created
from tests.support.deployment import Deployment
from tests.support.verifications import NOW

TOKEN = "0123456789abcdef" * 2


def test_a_key_tells_its_verification_and_its_input() -> None:
    id = new_verification_id(NOW)

    assert key_owner(new_key(id, "image")) == (id, "image")


def test_a_probe_asks_the_cloud_with_an_id_of_the_right_form_that_nothing_has() -> None:
    assert is_verification_id(NOBODY)
    assert new_verification_id(NOW) > NOBODY


def test_the_event_of_a_probe_is_kept_with_the_probes_token(deployment: Deployment) -> None:
    object_created(deployment.dependencies, probe_key(TOKEN))

    trigger = deployment.heartbeats.last(heartbeats.BUCKET_TRIGGER)
    assert trigger == Heartbeat(deployment.clock.now(), TOKEN)
    assert deployment.bucket.reads == []

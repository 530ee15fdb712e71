"""A check reads proven inputs alone."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from liveproof.domain.verification import InputState
from liveproof.use_cases.uploads import proven_sources
from tests.support.deployment import FILES, IMAGE, Deployment, md5_of


def test_a_proven_input_is_read_under_the_key_of_its_proof(deployment: Deployment) -> None:
    entry = deployment.ready()
    sources = proven_sources(deployment.bucket, entry)

    assert sources.keys() == FILES.keys()
    image = sources["image"]
    assert image.key == entry.inputs["image"].proven_key
    assert (image.md5, image.size) == (md5_of(IMAGE), len(IMAGE))
    with image.open() as stream:
        assert stream.read() == IMAGE


@pytest.mark.parametrize(
    ("state", "has_key"),
    [
        (InputState.MISSING, False),
        (InputState.MISSING, True),
        (InputState.REFUSED, True),
        (InputState.PROVEN, False),
    ],
)
def test_an_input_without_its_state_or_its_key_is_an_error_of_the_code(
    deployment: Deployment, state: InputState, has_key: bool
) -> None:
    entry = deployment.ready()
    image = entry.inputs["image"]
    key = image.proven_key if has_key else None
    inputs = {**entry.inputs, "image": replace(image, state=state, proven_key=key)}

    with pytest.raises(ValueError, match="input image of"):
        proven_sources(deployment.bucket, replace(entry, inputs=inputs))

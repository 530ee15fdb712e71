"""What every Bucket must make sure of: only the bytes that were proven are judged."""

from __future__ import annotations

import pytest

from liveproof.domain.verification import Decision
from tests.support.deployment import verdict_code
from tests.support.ways import INPUTS, WAYS, Uploading, Way, other


class ReplacedUploadsContract:
    """For each way in which a file reaches its vendor; a subclass has the fixture `uploading`."""

    @pytest.mark.parametrize("way", WAYS, ids=str)
    def test_files_that_stay_as_they_were_proven_are_judged(
        self, uploading: Uploading, way: Way
    ) -> None:
        proven, _ = uploading.proven(way)

        assert verdict_code(uploading.judged(way, proven))[0] is Decision.PASSED
        assert uploading.paid(way) == 1

    @pytest.mark.parametrize(("way", "name"), INPUTS, ids=str)
    def test_a_file_that_was_replaced_after_its_proof_is_never_judged(
        self, uploading: Uploading, way: Way, name: str
    ) -> None:
        proven, files = uploading.proven(way)
        uploading.put(proven.inputs[name].keys[0], other(files[name]))

        after = uploading.judged(way, proven)
        assert verdict_code(after) == (Decision.RESUBMIT, "upload_replaced")
        assert uploading.paid(way) == 0

"""Delete the files of a verification whose erasure was requested."""

from __future__ import annotations

from liveproof.runtime import step_function
from liveproof.use_cases.erase import erase

handler = step_function(erase, preload=("liveproof.clouds.object_versions",))

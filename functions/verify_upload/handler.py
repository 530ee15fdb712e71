"""Prove uploaded bytes; let verifications expire whose files never came."""

from __future__ import annotations

from liveproof.runtime import step_function
from liveproof.use_cases.verify_upload import object_created, uploads_due

handler = step_function(uploads_due, object_created)

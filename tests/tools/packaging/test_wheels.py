"""Locked dependencies for another interpreter."""

from __future__ import annotations

from tools.packaging import wheels


def test_conditions_of_a_lock_are_decided_for_the_target() -> None:
    lock = (
        "# made by a tool\n"
        "old==1 ; python_full_version < '3.11' \\\n    --hash=sha256:aa\n    # via x\n"
        "new==2 ; python_full_version >= '3.11' \\\n    --hash=sha256:bb \\\n    --hash=sha256:cc\n"
        "all==3 \\\n    --hash=sha256:dd\n"
    )
    ten = "old==1 \\\n    --hash=sha256:aa\nall==3 \\\n    --hash=sha256:dd\n"
    assert wheels.lock_for(lock, "3.10") == ten
    assert wheels.lock_for(lock, "3.13").startswith("new==2 \\\n    --hash=sha256:bb \\\n")

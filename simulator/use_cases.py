"""What the functions do when a message or an event arrives: the use cases, and nothing else."""

from __future__ import annotations

from liveproof.dependencies import Dependencies
from liveproof.domain.states import Step
from liveproof.use_cases.deliver_result import deliver_result
from liveproof.use_cases.erase import erase
from liveproof.use_cases.run_check import run_check
from liveproof.use_cases.sweep import sweep
from liveproof.use_cases.verify_upload import object_created, uploads_due

_STEPS = {
    Step.VERIFY_UPLOAD: uploads_due,
    Step.RUN_CHECK: run_check,
    Step.DELIVER_RESULT: deliver_result,
    Step.ERASE: erase,
}


class UseCases:
    """The use cases with their dependencies, which are complete only after the platform."""

    dependencies: Dependencies

    def run(self, step: Step, verification_id: str, deadline: int) -> None:
        """One run of a step."""
        _STEPS[step](self.dependencies, verification_id, deadline)

    def created(self, key: str) -> None:
        """An object has appeared in the bucket."""
        object_created(self.dependencies, key)

    def sweep(self, deadline: int) -> None:
        """One run of the sweep."""
        sweep(self.dependencies, deadline)

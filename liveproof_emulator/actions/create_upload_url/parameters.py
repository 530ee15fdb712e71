"""What CreateUploadUrl takes."""

from dataclasses import dataclass

from liveproof_emulator.actions.parameters import text


@dataclass(frozen=True)
class Parameters:
    """The action an uploaded file is meant for."""

    target_action: str = text("TargetAction")

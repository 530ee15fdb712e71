"""Single files that are uploaded to a deployment in memory with every real check."""

from __future__ import annotations

from dataclasses import replace

from liveproof.checks.registry import build_vendors
from liveproof.domain.requests import CreateVerification, DeclaredInput
from liveproof.domain.verification import InputState, Verification
from liveproof.secret_documents import ApiClient
from liveproof.use_cases.create_verification import create_verification
from liveproof.use_cases.verify_upload import object_created
from tests.support.deployment import CLIENT, Deployment, md5_of, settings

_TYPES = {
    "live_data": "application/octet-stream",
    "image": "image/jpeg",
    "video": "video/mp4",
}
_OTHER = {
    "live_data": b"not uploaded",
    "image": b"\xff\xd8\xff\xe0 not uploaded",
    "video": b"not uploaded",
}


class Uploads:
    """A deployment in memory with every check, to which files are uploaded."""

    def __init__(self) -> None:
        self.deployment = Deployment()
        made = settings(senseid_url="http://127.0.0.1:9")
        self.deployment.dependencies = replace(
            self.deployment.dependencies,
            settings=made,
            checks=build_vendors(made, self.deployment.secrets).checks,
        )

    def upload(self, check: str, name: str, body: bytes) -> Verification:
        """One input of a new verification; its other input never comes."""
        dependencies = self.deployment.dependencies
        needed = dependencies.checks[check].facts.inputs
        files = {
            input_name: body if input_name == name else _OTHER[input_name] for input_name in needed
        }
        request = CreateVerification(
            check=check,
            inputs={
                input_name: DeclaredInput(md5_of(data), len(data), _TYPES[input_name])
                for input_name, data in files.items()
            },
        )
        made, _ = create_verification(dependencies, CLIENT, ApiClient(("0" * 64,)), request, None)
        key = made.inputs[name].keys[0]
        self.deployment.bucket.objects[key] = body
        object_created(dependencies, key)
        del self.deployment.bucket.objects[key]
        return self.deployment.load(made.id)


def reason_of(verification: Verification, name: str) -> str | None:
    """Why the input was refused; None if its bytes are proven."""
    declared = verification.inputs[name]
    if declared.state is InputState.PROVEN:
        return None
    verdict = verification.verdict
    if verdict is None or verdict.decision.value != "resubmit":
        return f"({declared.state.value}, undecided)"
    return declared.reason

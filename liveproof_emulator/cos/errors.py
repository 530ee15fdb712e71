"""What COS refuses."""


class CosError(Exception):
    """A refusal, with HTTP status and COS code."""

    def __init__(self, status: int, code: str, message: str) -> None:
        super().__init__(code)
        self.status = status
        self.code = code
        self.message = message

"""How COS refuses a request."""


class CosError(Exception):
    """COS answers with an error: HTTP status, COS's code, and our sentence."""

    def __init__(self, status: int, code: str, message: str) -> None:
        super().__init__(code)
        self.status = status
        self.code = code
        self.message = message

"""The error that the API answers through Response.Error."""


class ApiError(Exception):
    """The call is answered with a code through Response.Error.

    Args:
        code: the vendor's code, exactly.
        message: our own sentence; None takes the one in data/codes.json.
    """

    def __init__(self, code: str, message: str | None = None) -> None:
        super().__init__(code)
        self.code = code
        self.message = message

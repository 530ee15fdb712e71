"""What an action raises to be answered through Response.Error."""


class ApiError(Exception):
    """An answer of the vendor through its Error channel.

    Args:
        code: the vendor's code, exactly.
        message: our own words; None takes the sentence of data/codes.json.
    """

    def __init__(self, code: str, message: str | None = None) -> None:
        super().__init__(code)
        self.code = code
        self.message = message

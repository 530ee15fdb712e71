"""Client of liveproof's HTTP API, for the server that has the API key.

`Liveproof` blocks, `AsyncLiveproof` is the same for asyncio and trio. `models` has the types of
what the API takes and answers.
"""

from liveproof_client import models
from liveproof_client._async.client import AsyncLiveproof
from liveproof_client._sync.client import Liveproof
from liveproof_client.errors import (
    ApiError,
    LiveproofError,
    NoAnswerError,
    UploadError,
    UploadErrorCode,
)
from liveproof_client.files import FileSource, describe_file
from liveproof_client.uploading import OnProgress, UploadResult

__version__ = "0.1.0"

__all__ = [
    "ApiError",
    "AsyncLiveproof",
    "FileSource",
    "Liveproof",
    "LiveproofError",
    "NoAnswerError",
    "OnProgress",
    "UploadError",
    "UploadErrorCode",
    "UploadResult",
    "describe_file",
    "models",
]

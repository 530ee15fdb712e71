"""Which operation a request is: by its method and the sub-resource among its parameters.

The names are those that permissions use. Source: COS API documentation 436/7751 (list of the
operations) and 436/31923 (what a policy calls them).
"""

from collections.abc import Mapping

from liveproof_emulator.cos.errors import CosError

_OBJECT = {
    "PUT": "PutObject",
    "GET": "GetObject",
    "HEAD": "HeadObject",
    "DELETE": "DeleteObject",
    "OPTIONS": "OptionsObject",
}
_BUCKET = {"GET": "GetBucket", "HEAD": "HeadBucket", "OPTIONS": "OptionsObject"}
# Sub-resources of an object, in lower case. The first one that a request names decides.
_OBJECT_RESOURCES = {
    "acl": {"PUT": "PutObjectACL", "GET": "GetObjectACL"},
    "tagging": {
        "PUT": "PutObjectTagging",
        "GET": "GetObjectTagging",
        "DELETE": "DeleteObjectTagging",
    },
    "uploads": {"POST": "InitiateMultipartUpload"},
    "uploadid": {
        "PUT": "UploadPart",
        "POST": "CompleteMultipartUpload",
        "DELETE": "AbortMultipartUpload",
        "GET": "ListParts",
    },
    "append": {"POST": "AppendObject"},
    "restore": {"POST": "PostObjectRestore"},
    "retention": {"PUT": "PutObjectRetention", "GET": "GetObjectRetention"},
    "select": {"POST": "SelectObjectContent"},
    "symlink": {"PUT": "PutSymlink", "GET": "GetSymlink"},
}
_SETTINGS = {
    "accelerate": "Accelerate",
    "acl": "ACL",
    "cors": "CORS",
    "domain": "Domain",
    "encryption": "Encryption",
    "intelligenttiering": "IntelligentTiering",
    "inventory": "Inventory",
    "lifecycle": "Lifecycle",
    "logging": "Logging",
    "object-lock": "ObjectLockConfiguration",
    "origin": "Origin",
    "policy": "Policy",
    "referer": "Referer",
    "replication": "Replication",
    "strict-signature": "StrictSignature",
    "tagging": "Tagging",
    "versioning": "Versioning",
    "website": "Website",
}
_BUCKET_RESOURCES = {
    **{
        name: {method: f"{method.title()}Bucket{title}" for method in ("GET", "PUT", "DELETE")}
        for name, title in _SETTINGS.items()
    },
    "delete": {"POST": "DeleteMultipleObjects"},
    "uploads": {"GET": "ListMultipartUploads"},
    "versions": {"GET": "GetBucketObjectVersions"},
}
# Settings of a bucket that the emulator stores and obeys.
SUPPORTED_SETTINGS = {"cors": "CORS", "policy": "Policy", "strict-signature": "StrictSignature",
                 "versioning": "Versioning"}  # fmt: skip
SUPPORTED = frozenset(
    {
        *_OBJECT.values(),
        *_BUCKET.values(),
        *_BUCKET_RESOURCES["versions"].values(),
        *(
            operation
            for name in SUPPORTED_SETTINGS
            for operation in _BUCKET_RESOURCES[name].values()
        ),
    }
)
# The operations that the controls can queue a fault for.
OPERATIONS = tuple(dict.fromkeys((*_OBJECT.values(), *_BUCKET.values())))


def find_operation(method: str, key: str, params: Mapping[str, str]) -> str:
    """The operation's name in permissions.

    Args:
        method: of the request.
        key: the object's key; empty for a bucket.
        params: by names in lower case.

    Raises:
        CosError: 405, there is no such operation.
    """
    table = _OBJECT if key else _BUCKET
    for name, methods in (_OBJECT_RESOURCES if key else _BUCKET_RESOURCES).items():
        if name in params:
            table = methods
            break
    if method not in table:
        raise CosError(405, "MethodNotAllowed", "There is no such operation here.")
    return table[method]

"""The two APIs that functions call: SSM for secrets, SCF to invoke each other. TC3 signatures.

An operator's key may write secrets and read the account's quota, too.

Error codes are from the vendor's lists for either product.
"""

from __future__ import annotations

import json
import time
import uuid
from collections.abc import Mapping
from typing import Any

from aiohttp import web

from liveproof_emulator.api import tc3
from liveproof_emulator.api.request import RawRequest
from liveproof_emulator.errors import ApiError
from liveproof_emulator.keys import Key
from liveproof_emulator.requests import read_body
from tools.local.tencent.platform.async_queue import MAX_BYTES as MAX_ASYNC_BYTES
from tools.local.tencent.platform.outcome import Failure
from tools.local.tencent.platform.scf import MAX_BYTES, Scf, new_request_id

_SSM = ("ssm", "2019-09-23")
_SCF = ("scf", "2018-04-16")
_VERSIONS = {
    "GetSecretValue": _SSM,
    "PutSecretValue": _SSM,
    "UpdateSecret": _SSM,
    "Invoke": _SCF,
    "GetAccount": _SCF,
}
_MAX_REQUEST_BYTES = 10 * 1024 * 1024

Parameters = dict[str, Any]


class Apis:
    """Both APIs on one address; the action decides which.

    Args:
        scf: runs what Invoke starts.
        keys: the callers' keys, with permissions for SSM's actions on a secret's name, for
            `scf:InvokeFunction` on a function's name on SCF, and for `scf:GetAccount`.
        concurrency_mb: the region's quota, for GetAccount.
        reserved_mb: what functions have reserved of it.
    """

    def __init__(
        self, scf: Scf, keys: Mapping[str, Key], *, concurrency_mb: int, reserved_mb: int
    ) -> None:
        self._scf = scf
        self._concurrency_mb, self._reserved_mb = concurrency_mb, reserved_mb
        self._keys = {key.secret_id: key for key in keys.values()}
        self._secrets: dict[tuple[str, str], str] = {}

    def put_secret(self, name: str, version: str, value: str) -> None:
        """Stores a version of a secret, as an operator does; replaces one of the same name."""
        self._secrets[name, version] = value

    async def serve(self, request: web.Request) -> web.Response:
        """One call."""
        request_id = str(uuid.uuid4())
        try:
            fields = await self._answer(request)
        except ApiError as error:
            message = error.message or "refused"
            fields = {"Error": {"Code": error.code, "Message": message}}
        return web.json_response({"Response": {**fields, "RequestId": request_id}})

    async def _answer(self, request: web.Request) -> dict[str, Any]:
        arrived = await _arrived(request)
        action = arrived.headers.get("x-tc-action", "")
        service, version = _VERSIONS.get(action, ("", ""))
        key = tc3.verify(arrived, self._keys.get, {service}, time.time())
        if not service:
            raise ApiError("InvalidAction", f"Only {', '.join(_VERSIONS)} are here.")
        if arrived.headers.get("x-tc-version") != version:
            raise ApiError("NoSuchVersion", f"{action} is of version {version}.")
        if "x-tc-region" not in arrived.headers:
            raise ApiError("MissingParameter", "X-TC-Region is missing.")
        here = arrived.headers["x-tc-region"] == self._scf.location.region
        parameters = _parameters(arrived.body)
        if action == "GetSecretValue":
            return self._get_secret_value(key, parameters, here=here)
        if service == "ssm":
            return self._write_secret(action, key, parameters, here=here)
        if action == "GetAccount":
            return self._get_account(key, parameters)
        return await self._invoke(key, parameters, here=here)

    def _get_secret_value(self, key: Key, parameters: Parameters, *, here: bool) -> dict[str, Any]:
        name, version = _text(parameters, "SecretName"), _text(parameters, "VersionId")
        _only(parameters, {"SecretName", "VersionId"})
        if not key.may("ssm:GetSecretValue", name):
            raise ApiError("UnauthorizedOperation", "The key may not read this secret.")
        value = self._secrets.get((name, version)) if here else None
        if value is None:
            raise ApiError("ResourceNotFound", "There is no such secret, or not this version.")
        return {"SecretName": name, "VersionId": version, "SecretString": value}

    def _write_secret(
        self, action: str, key: Key, parameters: Parameters, *, here: bool
    ) -> dict[str, Any]:
        """PutSecretValue makes a version, UpdateSecret writes over one."""
        name, version, value = (
            _text(parameters, field) for field in ("SecretName", "VersionId", "SecretString")
        )
        _only(parameters, {"SecretName", "VersionId", "SecretString"})
        if not key.may(f"ssm:{action}", name):
            raise ApiError("UnauthorizedOperation", "The key may not write this secret.")
        is_there = (name, version) in self._secrets
        if not here or (action == "UpdateSecret" and not is_there):
            raise ApiError("ResourceNotFound", "There is no such secret, or not this version.")
        if action == "PutSecretValue" and is_there:
            raise ApiError("ResourceInUse.VersionIdExists", "The secret has this version.")
        self._secrets[name, version] = value
        return {"SecretName": name, "VersionId": version}

    def _get_account(self, key: Key, parameters: Parameters) -> dict[str, Any]:
        """The region's concurrency, and no more: the answer has every limit of the product."""
        _only(parameters, set())
        if not key.may("scf:GetAccount", "*"):
            raise ApiError("UnauthorizedOperation.CAM", "The key may not read the account.")
        usage = {
            "NamespacesCount": 1,
            "TotalConcurrencyMem": self._concurrency_mb,
            "TotalAllocatedConcurrencyMem": self._reserved_mb,
            "UserConcurrencyMemLimit": self._concurrency_mb,
        }
        return {"AccountUsage": usage, "AccountLimit": {"NamespacesCount": 5}}

    async def _invoke(self, key: Key, parameters: Parameters, *, here: bool) -> dict[str, Any]:
        _only(
            parameters,
            {"FunctionName", "InvocationType", "Qualifier", "ClientContext", "Namespace"},
        )
        name = _text(parameters, "FunctionName")
        if not key.may("scf:InvokeFunction", name):
            raise ApiError("UnauthorizedOperation.CAM", "The key may not invoke this function.")
        function = self._scf.deployed(name) if here else None
        if function is None:
            raise ApiError("ResourceNotFound.FunctionName", "There is no such function.")
        if parameters.get("Namespace", "default") != "default":
            raise ApiError("ResourceNotFound.Namespace", "There is only the namespace default.")
        if parameters.get("Qualifier", "$LATEST") not in ("$LATEST", "$DEFAULT"):
            raise ApiError("ResourceNotFound.Qualifier", "There is only the version $LATEST.")
        kind = parameters.get("InvocationType", "RequestResponse")
        event = _event(parameters, MAX_ASYNC_BYTES if kind == "Event" else MAX_BYTES)
        if kind == "Event":
            return {"Result": _result(self._scf.send(function, event, "invoke"))}
        if kind != "RequestResponse":
            raise ApiError("InvalidParameterValue.InvokeType", "Event or RequestResponse.")
        request_id = new_request_id()
        outcome = await self._scf.invoke(function, event, request_id)
        if outcome.failure is not None:
            return {"Result": _failed(request_id, outcome.failure)}
        return {"Result": _result(request_id, json.dumps(outcome.value))}


def _result(request_id: str, value: str = "") -> dict[str, Any]:
    numbers = {"MemUsage": 0, "Duration": 0, "BillDuration": 0, "InvokeResult": 0}
    return {"Log": "", "ErrMsg": "", "RetMsg": value, "FunctionRequestId": request_id, **numbers}


def _failed(request_id: str, failure: Failure) -> dict[str, Any]:
    error = {"ErrMsg": failure.text, "RetMsg": json.dumps(failure.document(request_id))}
    return {**_result(request_id), **error, "InvokeResult": 1}


def _event(parameters: Parameters, most: int) -> object:
    text = parameters.get("ClientContext", "{}")
    if not isinstance(text, str):
        raise ApiError("InvalidParameter.Payload", "ClientContext is a string of JSON.")
    if len(text.encode()) > most:
        raise ApiError("InvalidParameter.Payload", f"The event has more than {most} bytes.")
    try:
        event: object = json.loads(text)
    except (ValueError, RecursionError):
        raise ApiError("InvalidParameterValue.Param", "ClientContext is no JSON.") from None
    return event


async def _arrived(request: web.Request) -> RawRequest:
    body = await read_body(request.content, _MAX_REQUEST_BYTES)
    if body is None:
        raise ApiError("RequestSizeLimitExceeded")
    headers = {name.lower(): value for name, value in request.headers.items()}
    return RawRequest(request.method, request.raw_path.partition("?")[2], headers, body)


def _parameters(body: bytes) -> Parameters:
    try:
        value = json.loads(body)
    except (ValueError, RecursionError):
        raise ApiError("InvalidParameter", "The body is no JSON.") from None
    if not isinstance(value, dict):
        raise ApiError("InvalidParameter", "The body is no JSON object.")
    return value


def _text(parameters: Parameters, name: str) -> str:
    value = parameters.get(name)
    if value is None or value == "":
        raise ApiError("MissingParameter", f"{name} is missing.")
    if not isinstance(value, str):
        raise ApiError("InvalidParameterValue", f"{name} is a string.")
    return value


def _only(parameters: Parameters, names: set[str]) -> None:
    unknown = sorted(parameters.keys() - names)
    if unknown:
        raise ApiError("UnknownParameter", f"There is no parameter {unknown[0]!a}.")

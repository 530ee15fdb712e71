"""Who may ask the console's server: the page that it served, opened with this start's token.

Other pages of the same browser could reach a port of this machine. Three things stop them. The name
in `Host` has to be this machine's own, so that no foreign name that resolves to 127.0.0.1 is
served. A request that a browser marks as another site's is refused. And every request but for the
page's own files needs the token in a header, which a foreign page neither knows nor may send
without a preflight, and a preflight is never allowed.
"""

from __future__ import annotations

import hmac
from collections.abc import Awaitable, Callable

from aiohttp import web
from aiohttp.typedefs import Middleware

TOKEN_HEADER = "X-Console-Token"  # noqa: S105 - the header's name

_OWN_NAMES = ("127.0.0.1", "localhost")
_DEFAULT_PORT = 80
"""A browser does not send it."""

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


def guard(token: str, port: Callable[[], int], policy: str) -> Middleware:
    """The middleware that lets only the console's own page in, and dresses every answer.

    Args:
        token: of this start.
        port: the one that is listened on; asked for with each request.
        policy: the Content-Security-Policy.
    """

    @web.middleware
    async def guarded(request: web.Request, handler: Handler) -> web.StreamResponse:
        refusal = _refusal(request, token, port())
        if refusal is not None:
            response: web.StreamResponse = web.json_response(
                {"detail": refusal[1]}, status=refusal[0]
            )
        else:
            try:
                response = await handler(request)
            except web.HTTPException as error:
                response = web.json_response({"detail": error.reason}, status=error.status)
        if not response.prepared:
            response.headers.update(headers(policy))
        return response

    return guarded


def headers(policy: str) -> dict[str, str]:
    """The headers of every answer."""
    return {
        "Cache-Control": "no-store",
        "Content-Security-Policy": policy,
        "Cross-Origin-Opener-Policy": "same-origin",
        "Cross-Origin-Resource-Policy": "same-origin",
        "Permissions-Policy": "camera=(self), microphone=()",
        "Referrer-Policy": "no-referrer",
        "X-Content-Type-Options": "nosniff",
        "X-Frame-Options": "DENY",
    }


def content_policy(bucket_sources: tuple[str, ...]) -> str:
    """The page's Content-Security-Policy: its own files, and the bucket for uploads and frames."""
    buckets = " ".join(bucket_sources)
    return "; ".join(
        (
            "default-src 'none'",
            "script-src 'self'",
            "style-src 'self'",
            "worker-src 'self'",
            f"connect-src 'self' {buckets}",
            f"img-src 'self' blob: {buckets}",
            "media-src 'self' blob:",
            "base-uri 'none'",
            "form-action 'none'",
            "frame-ancestors 'none'",
        )
    )


def _refusal(request: web.Request, token: str, port: int) -> tuple[int, str] | None:
    """The status and the reason for a request that is not the page's own."""
    own = {f"{name}:{port}" for name in _OWN_NAMES}
    if port == _DEFAULT_PORT:
        own |= set(_OWN_NAMES)
    if request.headers.get("Host", "") not in own:
        return 403, "The console answers under 127.0.0.1 and localhost only."
    origin = request.headers.get("Origin")
    if origin is not None and origin not in {f"http://{name}" for name in own}:
        return 403, "The console answers its own page only."
    if request.path.startswith("/api/"):
        sent = request.headers.get(TOKEN_HEADER, "")
        # A header may have any bytes, which aiohttp hands on as surrogates.
        if not hmac.compare_digest(sent.encode("utf-8", "surrogateescape"), token.encode()):
            return 401, (
                "This page was not opened with the address of this start. Open the address that"
                " the terminal shows: it ends in #token=..."
            )
    return None

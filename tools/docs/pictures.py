"""The generated pictures of docs/concepts.md and docs/states.md."""

from __future__ import annotations

from liveproof.domain.states import STATES, Status
from tools.docs.drawing import Arrow, Box, Frame, Note, Part, picture


def path() -> str:
    """docs/path.svg: what happens to a verification, in the order of the numbers."""
    parts: list[Part] = [
        Frame(225, 20, 570, 400, "your account on AWS or Tencent Cloud"),
        Box(20, 60, 165, 64, "app", ("on the person's phone",), "outside"),
        Box(
            20, 220, 165, 180, "your server", ("knows the person,", "acts on decisions"), "outside"
        ),
        Box(880, 60, 130, 64, "vendor", ("judges the files",), "outside"),
        Box(250, 60, 140, 64, "bucket", ("refuses other files",)),
        Box(440, 60, 140, 64, "verify_upload", ("proves the MD5",)),
        Box(630, 60, 145, 64, "run_check", ("under the quota",)),
        Box(250, 220, 140, 64, "create_upload", ("signs upload URLs",)),
        Box(440, 220, 140, 64, "store", ("records, ledger, quota",)),
        Box(630, 330, 145, 64, "deliver_result", ("signs, tries again",)),
        Box(440, 330, 140, 50, "sweep", ("by a timer",)),
        Arrow(((185, 238), (250, 238)), "1 create", (218, 231)),
        Arrow(((250, 266), (185, 266)), "2 URLs", (218, 283)),
        Arrow(((102, 220), (102, 124)), "3 URLs", (110, 176), "start"),
        Arrow(((185, 92), (250, 92)), "4 PUT", (218, 84)),
        Arrow(((390, 92), (440, 92)), "5 event", (415, 84)),
        Arrow(((580, 92), (630, 92)), "6", (605, 84)),
        Arrow(((775, 82), (880, 82)), "7 call", (838, 74)),
        Arrow(((880, 106), (775, 106)), "8 answer", (838, 122)),
        Arrow(((702, 124), (702, 330)), "9 decision", (710, 232), "start"),
        Arrow(((630, 392), (185, 392)), "10 signed webhook", (330, 410)),
        Arrow(((510, 330), (510, 284)), "what is due?", (518, 311), "start"),
    ]
    return picture(
        1030,
        440,
        "The path of a verification",
        "Your server creates a verification and gets upload URLs (1, 2). It hands them to the app"
        " (3), which puts the files into the bucket (4). The bucket's event starts verify_upload"
        " (5), which proves the files and starts run_check (6). run_check makes the paid call and"
        " gets the vendor's answer (7, 8). The decision (9) goes to your server as a signed"
        " webhook (10). The sweep asks the store by a timer what is due.",
        parts,
    )


def boundaries() -> str:
    """docs/boundaries.svg: who owns what, and what guards each way across a boundary."""
    parts: list[Part] = [
        Frame(20, 20, 215, 350, "you: app and server"),
        Frame(385, 20, 240, 350, "you: the cloud account"),
        Frame(765, 20, 215, 350, "the vendor"),
        Box(40, 60, 175, 70, "app", ("holds upload URLs,", "for 15 minutes"), "outside"),
        Box(40, 270, 175, 70, "your server", ("API key, webhook secret",), "outside"),
        Box(405, 60, 200, 70, "bucket", ("faces, for a day;", "best frames, 30 days")),
        Box(405, 165, 200, 70, "functions", ("a permission for", "each task")),
        Box(
            405, 270, 200, 70, "store and secrets", ("no faces in records,", "API keys as digests")
        ),
        Box(785, 60, 175, 70, "its storage", ("copies, for two hours",), "outside"),
        Box(785, 165, 175, 70, "its API", ("one region, your key",), "outside"),
        Box(785, 270, 175, 70, "its bill", ("a line for each paid call",), "outside"),
        Arrow(((215, 95), (405, 95)), "signed: MD5, size, type", (310, 87)),
        Arrow(((215, 290), (405, 210)), "TLS, API key", (290, 236)),
        Arrow(((405, 225), (215, 318)), "signed webhook", (330, 290)),
        Arrow(((605, 185), (785, 95)), "the proven bytes", (680, 118)),
        Arrow(((605, 205), (785, 205)), "TLS, signed, paced", (695, 222)),
        Note(
            20,
            400,
            "The authors of liveproof own nothing in this picture:"
            " no file, no key and no telemetry reaches them.",
        ),
    ]
    return picture(
        1000,
        420,
        "Who owns what",
        "Three owners. You own the app and the server; the app holds upload URLs for fifteen"
        " minutes, the server the API key and the webhook secret. You also own the cloud account:"
        " the bucket with the faces, the functions, the store and the secrets. The vendor owns its"
        " storage with copies for two hours, its API in one region, and its bill. Uploads are"
        " signed over MD5, size and type; the API is reached over TLS with a key; webhooks are"
        " signed; the vendor gets the proven bytes over TLS.",
        parts,
    )


_PLACES = {
    Status.AWAITING_UPLOAD: (20, 150),
    Status.READY: (240, 150),
    Status.HELD: (460, 40),
    Status.CHECKING: (460, 150),
    Status.DECIDED: (680, 150),
    Status.ERASING: (460, 280),
    Status.ERASED: (680, 280),
}
_WIDTH, _HEIGHT = 150, 44


def states() -> str:
    """docs/states.svg: an arrow for each transition of the table in the code."""
    parts: list[Part] = [
        Box(x, y, _WIDTH, _HEIGHT, status.value) for status, (x, y) in _PLACES.items()
    ]
    parts += [
        Arrow(_WAYS.get((status, after)) or _straight(status, after))
        for status, state in STATES.items()
        for after in state.successors
    ]
    words = "; ".join(
        f"{status.value} to {', '.join(after.value for after in state.successors)}"
        for status, state in STATES.items()
        if state.successors
    )
    return picture(850, 350, "The states of a verification", f"{words}.", parts)


def _straight(status: Status, after: Status) -> tuple[tuple[int, int], ...]:
    """From the middle of the right side to the middle of the left, or between top and bottom."""
    (x, y), (to_x, to_y) = _PLACES[status], _PLACES[after]
    if y == to_y and x < to_x:
        return ((x + _WIDTH, y + _HEIGHT // 2), (to_x, to_y + _HEIGHT // 2))
    if y < to_y:
        return ((x + _WIDTH // 2, y + _HEIGHT), (to_x + _WIDTH // 2, to_y))
    return ((x + _WIDTH // 2, y), (to_x + _WIDTH // 2, to_y + _HEIGHT))


# The transitions whose straight line would cross a box or lie on another arrow.
_WAYS: dict[tuple[Status, Status], tuple[tuple[int, int], ...]] = {
    (Status.AWAITING_UPLOAD, Status.DECIDED): ((95, 150), (95, 16), (755, 16), (755, 150)),
    (Status.READY, Status.DECIDED): ((315, 150), (315, 120), (720, 120), (720, 150)),
    (Status.READY, Status.HELD): ((350, 150), (460, 74)),
    (Status.HELD, Status.READY): ((460, 54), (285, 150)),
    (Status.CHECKING, Status.HELD): ((510, 150), (510, 84)),
    (Status.HELD, Status.CHECKING): ((560, 84), (560, 150)),
    (Status.HELD, Status.DECIDED): ((610, 62), (740, 150)),
    (Status.HELD, Status.ERASING): ((585, 84), (640, 110), (640, 240), (585, 280)),
    (Status.AWAITING_UPLOAD, Status.ERASING): ((95, 194), (95, 310), (460, 310)),
    (Status.READY, Status.ERASING): ((315, 194), (315, 292), (460, 292)),
    (Status.CHECKING, Status.ERASING): ((535, 194), (535, 280)),
    (Status.DECIDED, Status.ERASING): ((740, 194), (600, 280)),
}

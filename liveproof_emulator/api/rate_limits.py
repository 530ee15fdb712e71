"""Rate limits: requests per second, in a sliding window of one second."""

from collections import defaultdict, deque

Subject = tuple[str, str, str]
"""Action, region and id of the key: the vendor counts each of these apart."""


class RateLimiter:
    """Counts the admitted calls of the last second. A refused call does not count."""

    def __init__(self) -> None:
        self._admitted: defaultdict[Subject, deque[float]] = defaultdict(deque)

    def reset(self) -> None:
        """Forget every call."""
        self._admitted.clear()

    def admit(self, subject: Subject, limit: int, now: float) -> bool:
        """Whether a call at `now` (monotonic seconds) is within `limit` calls per second."""
        window = self._admitted[subject]
        while window and now - window[0] >= 1.0:
            window.popleft()
        if len(window) >= limit:
            return False
        window.append(now)
        return True

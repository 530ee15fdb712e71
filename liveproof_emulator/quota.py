"""Requests per second, in a sliding one-second window."""

from collections import defaultdict, deque

Subject = tuple[str, str, str]


class Windows:
    """Arrival times per action, region and key; a refused call takes no place in its window."""

    def __init__(self) -> None:
        self._admitted: defaultdict[Subject, deque[float]] = defaultdict(deque)

    def reset(self) -> None:
        """Forget every arrival."""
        self._admitted.clear()

    def admit(self, subject: Subject, limit: int, now: float) -> bool:
        """Whether a call arriving at `now` (monotonic seconds) is within `limit` per second."""
        window = self._admitted[subject]
        while window and now - window[0] >= 1.0:
            window.popleft()
        if len(window) >= limit:
            return False
        window.append(now)
        return True

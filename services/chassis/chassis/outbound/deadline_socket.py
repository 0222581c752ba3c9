"""A socket whose every step counts against one deadline, so that a peer that drips bytes gains no time."""

from __future__ import annotations

import io
import socket
import time


class DeadlineSocket:
    """As much of a socket as `http.client` uses; raises TimeoutError when the time is up."""

    def __init__(self, inner: socket.socket, ends_at: float) -> None:
        self._inner = inner
        self._ends_at = ends_at

    def sendall(self, data: bytes) -> None:
        """Send all of it in the time that is left."""
        left = memoryview(data)
        while left:
            self.wait_no_longer()
            left = left[self._inner.send(left) :]

    def makefile(self, mode: str) -> io.BufferedReader:
        """What the answer is read from."""
        del mode  # "rb", always
        return io.BufferedReader(_Reader(self._inner, self))

    def wait_no_longer(self) -> None:
        """Let the next step wait for what is left of the time."""
        left = self._ends_at - time.monotonic()
        if left <= 0:
            raise TimeoutError
        self._inner.settimeout(left)

    def close(self) -> None:
        """Nothing yet: `http.client` says this before it reads the body of a last answer."""

    def hang_up(self) -> None:
        """Close the connection."""
        self._inner.close()


class _Reader(io.RawIOBase):
    def __init__(self, inner: socket.socket, deadline: DeadlineSocket) -> None:
        super().__init__()
        self._inner = inner
        self._deadline = deadline

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: memoryview, /) -> int:  # type: ignore[override]
        self._deadline.wait_no_longer()
        return self._inner.recv_into(buffer)

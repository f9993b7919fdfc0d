"""A Redis or Valkey of the tests' own: started on a free port of this machine, ended by its pid."""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import socket
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Final, Self

import pytest


class RedisServer:
    """One server process that keeps nothing on disk.

    Attributes:
        port: On 127.0.0.1. It stays the same over `restart`.
    """

    def __init__(self, binary: str, directory: Path, *options: str) -> None:
        self.port = free_port()
        self._command = [
            *(binary, "--port", str(self.port), "--bind", "127.0.0.1", "--dir", str(directory)),
            *("--save", "", "--appendonly", "no", "--loglevel", "warning", *options),
        ]
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        """What clients connect to."""
        return f"redis://127.0.0.1:{self.port}"

    @property
    def socket(self) -> socket.socket:
        """A new connection."""
        return socket.create_connection(("127.0.0.1", self.port), 5)

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.kill()

    def start(self) -> None:
        """Start, and wait until it answers."""
        self._process = subprocess.Popen(
            self._command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        for _ in range(1000):
            with contextlib.suppress(OSError):
                if self.command("PING"):
                    return
            assert self._process.poll() is None, "the server ended at once"
            time.sleep(0.01)
        raise AssertionError("the server does not answer")

    def kill(self) -> None:
        """End it without a word; what it knew is gone."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            self._process = None

    def command(self, line: str) -> bytes:
        """Say something to it on a connection of its own, and take the answer as it comes."""
        with self.socket as connection:
            connection.sendall(line.encode() + b"\r\n")
            return connection.recv(100_000)

    def stored(self) -> list[str]:
        """All its keys."""
        return self.command("KEYS *").decode().split()

    def pause(self) -> None:
        """Stop it in its tracks; connections stay open."""
        self._signal(signal.SIGSTOP)

    def resume(self) -> None:
        """Let it go on."""
        self._signal(signal.SIGCONT)

    def _signal(self, number: signal.Signals) -> None:
        assert self._process is not None
        self._process.send_signal(number)


def free_port() -> int:
    """A port that nobody listens on."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port: int = listener.getsockname()[1]
        return port


def binary(name: str) -> str:
    """Where a server is, or a skipped test."""
    found = shutil.which(name) or shutil.which(
        name, path=f"{os.environ.get('IVS_ASYNC_PEERS')}/bin"
    )
    if found is None:
        pytest.skip(f"{name} is not installed")
    return found


# the oldest that is supported, and the other one, are had by make soak
EVERY_SERVER: Final = [
    "redis-server",
    *(pytest.param(name, marks=pytest.mark.soak) for name in ("redis-server-6.2", "valkey-server")),
]


@pytest.fixture(scope="session")
def redis_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RedisServer]:
    """A server for all tests that only use it."""
    with RedisServer(binary("redis-server"), tmp_path_factory.mktemp("redis")) as server:
        yield server

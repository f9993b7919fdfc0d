"""A client of a real Redis for event loops in virtual time: the script runs, its clock is ours.

Owns the way to the server and what can go wrong on it. The server executes the limiter's own
script. Only its clock is replaced, and keys live longer, since the server counts their time by its
own clock, which goes on while ours stands still.
"""

from __future__ import annotations

import asyncio
import hashlib
import select
import socket
from collections import deque
from collections.abc import Callable
from typing import Any, Literal

from ivs_async.redis import script

CLOCK = """
local server = redis
local redis = {call = function(command, ...)
  local arguments = {...}
  if command == 'TIME' then
    return {ARGV[2], ARGV[3]}
  elseif command == 'PEXPIRE' then
    arguments[2] = 1000 * arguments[2]
  elseif command == 'SET' then
    arguments[4] = 1000 * arguments[4]
  end
  return server.call(command, unpack(arguments))
end}
"""
SCRIPT = CLOCK + script.SCRIPT
SHA = hashlib.sha1(SCRIPT.encode()).hexdigest()

Fate = Literal["well", "refused", "answer lost", "late", "lost", "twice"]
"""What becomes of a command.

``refused``: never sent. ``answer lost``: executed, and the connection breaks. ``late``: executed
after the sender has given up. ``lost``: never arrives, and no answer comes. ``twice``: the client
sends it again by itself, and gets the second answer.
"""


class NoScriptError(Exception):
    """Named as in redis-py."""


class FarRedis:
    """One process's way to a server.

    Attributes:
        round_trip: Seconds that a command and its answer travel.
        late_by: Seconds after which a late command is executed.
        stands_until: Time until which the server stands still. What arrives is executed then, one
            after the other, even if its sender has given up.
        fates: What becomes of the next commands; after them, of all, it is ``always``.
        calls: How many commands were sent.
    """

    # seconds since 1970 in which the loop's time begins
    EPOCH = 1_800_000_000

    def __init__(self, server: socket.socket, *, round_trip: float = 0.0) -> None:
        server.setblocking(False)
        self.round_trip = round_trip
        self.late_by = 1.0
        self.stands_until = 0.0
        self.fates: deque[Fate] = deque()
        self.always: Fate = "well"
        self.calls = 0
        self._server = server
        self._waiting: list[Callable[[], None]] = []

    async def execute_command(self, *arguments: Any, **_: Any) -> Any:
        """What a limiter sends."""
        self.calls += 1
        fate = self.fates.popleft() if self.fates else self.always
        if fate == "refused":
            raise ConnectionRefusedError("nobody listens")
        if fate == "lost":
            await asyncio.sleep(1e9)
        if fate == "late":
            asyncio.get_running_loop().call_later(self.late_by, self.execute, *arguments)
            await asyncio.sleep(1e9)
        await asyncio.sleep(self.round_trip / 2)
        answer = await self._in_time(arguments)
        if fate == "twice":
            answer = self.execute(*arguments)
        await asyncio.sleep(self.round_trip / 2)
        if fate == "answer lost":
            raise ConnectionResetError("the connection broke")
        if isinstance(answer, Exception):
            raise answer
        return answer

    async def _in_time(self, arguments: tuple[Any, ...]) -> Any:
        loop = asyncio.get_running_loop()
        if loop.time() >= self.stands_until:
            return self.execute(*arguments)
        executed = loop.create_future()

        def execute() -> None:
            answer = self.execute(*arguments)
            if not executed.done():
                executed.set_result(answer)

        if not self._waiting:
            loop.call_at(self.stands_until, self._go_on)
        self._waiting.append(execute)
        return await executed

    def _go_on(self) -> None:
        for execute in self._waiting:
            execute()
        self._waiting.clear()

    def execute(self, *arguments: Any) -> Any:
        """Execute a command at once, at the loop's time; errors are returned."""
        command, *rest = arguments
        if command in ("EVALSHA", "EVAL"):
            seconds, part = divmod(asyncio.get_running_loop().time(), 1)
            clock = (self.EPOCH + int(seconds), int(part * 1_000_000))
            rest = [SHA if command == "EVALSHA" else SCRIPT, *rest[1:], *clock]
        parts = [str(part).encode() for part in (command, *rest)]
        request = b"*%d\r\n" % len(parts)
        request += b"".join(b"$%d\r\n%b\r\n" % (len(part), part) for part in parts)
        self._send(request)
        return self._answer()

    def _send(self, request: bytes) -> None:
        while request:
            select.select([], [self._server], [])
            request = request[self._server.send(request) :]

    def _answer(self) -> Any:
        kind, rest = (line := self._line())[:1], line[1:]
        if kind == b":":
            return int(rest)
        if kind == b"*":
            return [self._answer() for _ in range(int(rest))]
        if kind == b"$":
            return None if rest == b"-1" else self._read(int(rest) + 2)[:-2]
        if kind == b"+":
            return rest
        error = rest.decode()
        return NoScriptError(error) if error.startswith("NOSCRIPT") else RuntimeError(error)

    def _line(self) -> bytes:
        line = b""
        while not line.endswith(b"\r\n"):
            line += self._read(1)
        return line[:-2]

    def _read(self, size: int) -> bytes:
        data = b""
        while len(data) < size:
            select.select([self._server], [], [])
            data += self._server.recv(size - len(data))
        return data

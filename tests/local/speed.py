"""Prints the processor time that a local IVS spends on a signed GetChannel, in seconds.

A script of its own, so that nothing of the tests around it is measured:
``python -m tests.local.speed``. It starts itself as the client, ``... speed PORT REQUEST``.
"""

from __future__ import annotations

import asyncio
import json
import socket
import sys
import time

from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

from ivs_async.local import LocalIvs

CALLS = 400
ROUNDS = 5


def hammer(port: int, request: bytes) -> None:
    """Send one request again and again on one connection."""
    connection = socket.create_connection(("127.0.0.1", port))
    answers = connection.makefile("rb")
    for _ in range(CALLS):
        connection.sendall(request)
        assert b" 200 " in answers.readline()
        length = 0
        while (line := answers.readline()) != b"\r\n":
            name, _, value = line.partition(b":")
            if name.lower() == b"content-length":
                length = int(value)
        answers.read(length)


def signed(local: LocalIvs) -> bytes:
    """A GetChannel request, whole, as botocore signs it."""
    (arn,) = local.load({"channels": [{}]})["channels"]
    body = json.dumps({"arn": arn})
    request = AWSRequest(method="POST", url=f"{local.endpoint_url}/GetChannel", data=body)
    key = local.credentials
    signer = SigV4Auth(Credentials(key.access_key_id, key.secret_access_key), "ivs", local.region)
    signer.add_auth(request)
    lines = [
        "POST /GetChannel HTTP/1.1",
        f"Host: 127.0.0.1:{local.port}",
        f"Content-Length: {len(body)}",
        *(f"{name}: {value}" for name, value in request.headers.items()),
        "",
        body,
    ]
    return "\r\n".join(lines).encode()


async def measure() -> float:
    """Seconds of processor time for a call: the best of some rounds, since noise only adds."""
    best = float("inf")
    async with LocalIvs(rates=None) as local:
        request = signed(local).hex()
        for _ in range(ROUNDS):
            began = time.process_time()
            client = await asyncio.create_subprocess_exec(
                sys.executable, "-m", "tests.local.speed", str(local.port), request
            )
            assert await client.wait() == 0
            best = min(best, (time.process_time() - began) / CALLS)
    return best


if __name__ == "__main__":
    if len(sys.argv) > 1:
        hammer(int(sys.argv[1]), bytes.fromhex(sys.argv[2]))
    else:
        sys.stdout.write(f"{asyncio.run(measure())}\n")

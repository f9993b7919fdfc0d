"""``python -m ivs_async.local``: a local IVS for programs in any language."""

from __future__ import annotations

import argparse
import asyncio
import json
import logging
import shlex
import signal
import sys
from contextlib import suppress
from pathlib import Path

from ivs_async.credentials import Credentials

from . import DEFAULT_CREDENTIALS, LocalError, LocalIvs
from .rates import WINDOWS


def main(arguments: list[str] | None = None) -> int:
    """Serve until interrupted.

    Returns:
        The exit status: 0, or 2 if it cannot be served as asked.
    """
    options = _parser().parse_args(arguments)
    logging.basicConfig(
        level=logging.WARNING if options.quiet else logging.INFO,
        format="%(asctime)s %(message)s",
        stream=sys.stderr,
    )
    try:
        local = LocalIvs(
            host=options.host,
            port=options.port,
            region=options.region,
            account_id=options.account_id,
            credentials=Credentials(options.access_key_id, options.secret_access_key),
            verify_signatures=not options.no_signatures,
            rates=None if options.rates == "off" else options.rates,
            latency=options.latency[0] if len(options.latency) == 1 else tuple(options.latency),
            data=_read(options.data),
        )
        asyncio.run(_serve(local))
    except KeyboardInterrupt:
        return 0
    except (LocalError, OSError, ValueError) as error:
        sys.stderr.write(f"ivs_async.local: {error}\n")
        return 2
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m ivs_async.local", description=__doc__)
    parser.add_argument("--host", default="127.0.0.1", help="address to listen on (%(default)s)")
    parser.add_argument("--port", type=int, default=4599, help="0 for any free one (%(default)s)")
    parser.add_argument("--region", default="us-west-2", help="(%(default)s)")
    parser.add_argument("--account-id", default="123456789012", help="(%(default)s)")
    parser.add_argument(
        "--access-key-id",
        default=DEFAULT_CREDENTIALS.access_key_id,
        help="what callers sign with (%(default)s)",
    )
    parser.add_argument(
        "--secret-access-key",
        default=DEFAULT_CREDENTIALS.secret_access_key,
        help="what callers sign with (%(default)s)",
    )
    parser.add_argument(
        "--no-signatures", action="store_true", help="accept requests however signed"
    )
    parser.add_argument(
        "--rates",
        choices=[*WINDOWS, "off"],
        default="sliding",
        help="how call rates are counted (%(default)s)",
    )
    parser.add_argument(
        "--latency",
        type=float,
        nargs="+",
        default=[0.0],
        metavar="SECONDS",
        help="for each call: one figure, or two between which it varies (0)",
    )
    parser.add_argument("--data", type=Path, help="JSON file of what exists from the start")
    parser.add_argument("--quiet", action="store_true", help="no line for each call")
    return parser


def _read(path: Path | None) -> dict[str, object]:
    if path is None:
        return {}
    data = json.loads(path.read_bytes())
    if not isinstance(data, dict):
        raise LocalError(f"{path} holds no JSON object")
    return data


async def _serve(local: LocalIvs) -> None:
    stop = asyncio.Event()
    with suppress(NotImplementedError):  # Windows has no SIGTERM to handle
        asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stop.set)
    async with local:
        for name, value in local.environment().items():
            sys.stdout.write(f"export {name}={shlex.quote(value)}\n")
        sys.stdout.flush()
        await stop.wait()


if __name__ == "__main__":
    sys.exit(main())

"""nginx on 127.0.0.1, one worker, with fixed answers: the same server for every client."""

from __future__ import annotations

import contextlib
import json
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

PAGES = 50
PER_PAGE = 100

CONFIGURATION = """
worker_processes 1;
daemon off;
pid {root}/nginx.pid;
error_log {root}/error.log crit;
events {{ worker_connections 4096; }}
http {{
    access_log off;
    keepalive_requests 1000000000;
    keepalive_timeout 600s;
    client_body_temp_path {root}/body;
    proxy_temp_path {root}/proxy;
    fastcgi_temp_path {root}/fastcgi;
    uwsgi_temp_path {root}/uwsgi;
    scgi_temp_path {root}/scgi;
    client_body_in_single_buffer on;
    map $request_body $page {{
        default 0;
        "~page-(?<number>[0-9]+)" $number;
    }}
    server {{
        listen 127.0.0.1:{port} backlog=4096;
        root {root}/answers;
        default_type application/json;
        error_page 405 =200 $uri;
        location = /PutMetadata {{ return 204; }}
        # the address of proxy_pass is settled before the body is read, a header after it
        location = /ListChannels {{
            proxy_method GET;
            proxy_pass_request_body off;
            proxy_set_header Content-Length "";
            proxy_set_header X-Page $page;
            proxy_pass http://127.0.0.1:{port}/page;
        }}
        location = /page {{ try_files /pages/$http_x_page =404; }}
    }}
}}
"""


def channel(number: int) -> dict[str, Any]:
    """A channel as the service describes one."""
    return {
        "arn": f"arn:aws:ivs:us-west-2:123456789012:channel/abcdefgh{number:04d}",
        "name": f"channel-{number}",
        "latencyMode": "LOW",
        "type": "STANDARD",
        "recordingConfigurationArn": "",
        "ingestEndpoint": "a1b2c3d4e5f6.global-contribute.live-video.net",
        "playbackUrl": "https://a1b2c3d4e5f6.us-west-2.playback.live-video.net/api/video/v1/"
        f"us-west-2.123456789012.channel.abcdefgh{number:04d}.m3u8",
        "authorized": False,
        "tags": {"team": "sports"},
        "insecureIngest": False,
        "preset": "",
        "playbackRestrictionPolicyArn": "",
    }


def summary(number: int) -> dict[str, Any]:
    """The same as a list gives it."""
    return {
        name: value
        for name, value in channel(number).items()
        if name not in ("ingestEndpoint", "playbackUrl")
    }


@contextlib.contextmanager
def static_server() -> Iterator[str]:
    """Run nginx; gives its URL."""
    if shutil.which("nginx") is None:
        raise SystemExit("nginx is needed: apt-get install nginx-light")
    with tempfile.TemporaryDirectory() as folder, socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
        probe.close()
        root = Path(folder)
        root.chmod(0o755)
        pages = root / "answers" / "pages"
        pages.mkdir(parents=True)
        answers = root / "answers"
        (answers / "GetChannel").write_text(json.dumps({"channel": channel(1)}))
        (answers / "BatchGetChannel").write_text(
            json.dumps({"channels": [channel(number) for number in range(50)], "errors": []})
        )
        for page in range(PAGES):
            first = page * PER_PAGE
            content: dict[str, Any] = {
                "channels": [summary(number) for number in range(first, first + PER_PAGE)]
            }
            if page + 1 < PAGES:
                content["nextToken"] = f"page-{page + 1}"
            (pages / str(page)).write_text(json.dumps(content))
        configuration = root / "nginx.conf"
        configuration.write_text(CONFIGURATION.format(root=root, port=port))
        server = subprocess.Popen(
            ["nginx", "-c", configuration, "-e", root / "error.log"], stderr=subprocess.DEVNULL
        )
        try:
            _wait_until_it_listens(port)
            yield f"http://127.0.0.1:{port}"
        finally:
            server.terminate()
            server.wait(10)


def _wait_until_it_listens(port: int) -> None:
    for _ in range(200):
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
        except OSError:
            time.sleep(0.02)
        else:
            return
    raise SystemExit("nginx did not start")

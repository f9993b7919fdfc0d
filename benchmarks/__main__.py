"""``make bench``: every client on the same work and server, round by round, as ratios.

Each figure is the median of rounds, each round's cost divided by bare aiohttp's in the same round,
so that a machine that is slow for a while is slow for all. ``--quick`` makes few, short rounds.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import subprocess
import sys
import time
from pathlib import Path
from statistics import median
from typing import Any

from .static_server import static_server

HERE = Path(__file__).parent
PEERS = os.environ.get("IVS_ASYNC_PEERS")
NODE = os.environ.get("IVS_ASYNC_NODE_MODULES")
WORKS = {
    "PutMetadata": 2000,
    "GetChannel": 2000,
    "ListChannels": 400,
    "list 5,000": 8,
    "batch of 500": 32,
}
FLOOR = "bare aiohttp"
OURS = "ivs_async"


def command(client: str) -> list[str] | None:
    """How to run a client, None where it is not installed."""
    if client in (FLOOR, OURS):
        return [sys.executable, "-m", "benchmarks.client", client]
    if client == f"{OURS} on uvloop":
        return [sys.executable, "-m", "benchmarks.client", OURS]
    if client == "boto3":
        return [sys.executable, "-m", "benchmarks.client", client]
    if client == "aiobotocore" and PEERS:
        return [f"{PEERS}/bin/python", "-m", "benchmarks.client", client]
    if client == "JavaScript SDK" and NODE and shutil.which("node"):
        return ["node", str(HERE / "client.mjs"), NODE]
    return None


CLIENTS = (FLOOR, OURS, f"{OURS} on uvloop", "aiobotocore", "boto3", "JavaScript SDK")


def measure(client: str, work: str, url: str, calls: int, tasks: int) -> dict[str, float]:
    arguments = [*(command(client) or []), work, url, str(calls), str(tasks)]
    if client.endswith("uvloop"):
        arguments.append("uvloop")
    run = subprocess.run(arguments, capture_output=True, check=False, text=True, cwd=HERE.parent)
    if run.returncode:
        raise SystemExit(f"{client}, {work}:\n{run.stderr}")
    result: dict[str, float] = json.loads(run.stdout)
    return result


def spread(values: list[float], digits: int = 2) -> str:
    """Median, and the range of the rounds."""
    return f"{median(values):.{digits}f} ({min(values):.{digits}f} to {max(values):.{digits}f})"


def table(title: str, rows: dict[str, list[str]], heads: list[str]) -> None:
    print(f"\n{title}\n")
    print("| | " + " | ".join(heads) + " |")
    print("|---|" + "---|" * len(heads))
    for name, cells in rows.items():
        print(f"| {name} | " + " | ".join(cells) + " |")


def rounds_of(
    clients: list[str], works: dict[str, int], url: str, rounds: int, tasks: int
) -> dict[tuple[str, str], list[dict[str, float]]]:
    """Every client and work in turn, again and again."""
    results: dict[tuple[str, str], list[dict[str, float]]] = {}
    for number in range(rounds):
        for work, calls in works.items():
            for client in clients:
                print(f"round {number + 1}: {client}, {work} ", end="\r", file=sys.stderr)
                # slow clients get fewer calls: enough to measure, soon done
                share = 4 if client == "boto3" else 1
                measured = measure(client, work, url, max(4, calls // share), tasks)
                results.setdefault((client, work), []).append(measured)
    return results


def ratios(
    results: dict[tuple[str, str], list[dict[str, float]]], client: str, to: str, work: str, of: str
) -> list[float]:
    pairs = zip(results[client, work], results[to, work], strict=True)
    return [one[of] / other[of] for one, other in pairs]


def plot(results: dict[tuple[str, str], list[dict[str, float]]], clients: list[str]) -> None:
    import matplotlib as mpl

    mpl.use("Agg")
    from matplotlib import pyplot as plt

    works = ["PutMetadata", "GetChannel", "ListChannels"]
    figure, axes = plt.subplots(figsize=(8, 3.6))
    width = 0.8 / len(clients)
    for place, client in enumerate(clients):
        heights = [median(ratios(results, client, FLOOR, work, "cpu")) for work in works]
        places = [index + place * width for index in range(len(works))]
        grey = f"{0.75 - 0.1 * place:.2f}"
        colour = "#d9480f" if client.startswith(OURS) else grey
        bars = axes.bar(places, heights, width * 0.92, label=client, color=colour)
        axes.bar_label(bars, fmt="%.1f", fontsize=7)
    axes.set_xticks([index + 0.4 - width / 2 for index in range(len(works))], works)
    axes.set_ylabel("CPU per call, bare aiohttp = 1")
    axes.spines[["top", "right"]].set_visible(False)
    axes.legend(frameon=False, fontsize=8)
    figure.tight_layout()
    for suffix in ("png", "svg"):
        figure.savefig(HERE.parent / "docs" / f"cost-per-call.{suffix}", dpi=160)


def first_answers(url: str, rounds: int) -> None:
    """Wall time from starting a process to its first answer, beside aiobotocore's."""
    programs = {
        client: ([f"{PEERS}/bin/python"] if client == "aiobotocore" else [sys.executable])
        + ["-m", "benchmarks.first_answer", client, url]
        for client in (FLOOR, OURS, "aiobotocore", "boto3")
        if client != "aiobotocore" or PEERS
    }
    times: dict[str, list[float]] = {client: [] for client in programs}
    for number in range(rounds + 1):
        for client, program in programs.items():
            began = time.perf_counter()
            with subprocess.Popen(program, stdout=subprocess.PIPE, cwd=HERE.parent) as process:
                assert process.stdout
                process.stdout.readline()
                taken = time.perf_counter() - began
            if number:  # the first round fills the caches of files
                times[client].append(taken)
    base = "aiobotocore" if PEERS else FLOOR
    rows = {
        client: [spread([a / b for a, b in zip(taken, times[base], strict=True)])]
        for client, taken in times.items()
    }
    table("Process start to first answer", rows, [f"wall time, {base} = 1"])


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--no-plot", action="store_true")
    arguments = parser.parse_args()
    rounds = 3 if arguments.quick else 5
    works = {work: calls // (4 if arguments.quick else 1) for work, calls in WORKS.items()}
    clients = [client for client in CLIENTS if command(client)]
    absent = [client for client in CLIENTS if not command(client)]
    if absent:
        print(f"not installed, so not measured: {', '.join(absent)}")
    with static_server() as url:
        results = rounds_of(clients, works, url, rounds, 32)
        table(
            "CPU per call, 32 tasks (bare aiohttp in the same round = 1)",
            {
                client: [spread(ratios(results, client, FLOOR, work, "cpu")) for work in works]
                for client in clients
            },
            list(works),
        )
        table(
            f"Throughput: calls per second of {OURS} over those of the peer",
            {
                client: [spread(ratios(results, client, OURS, work, "wall")) for work in works]
                for client in clients
                if client != OURS
            },
            list(works),
        )
        scaling: dict[str, list[str]] = {}
        for tasks in (1, 32, 1000):
            few = rounds_of([FLOOR, OURS], {"GetChannel": works["GetChannel"]}, url, rounds, tasks)
            scaling[f"{tasks} tasks"] = [spread(ratios(few, OURS, FLOOR, "GetChannel", "cpu"))]
        table("CPU of GetChannel by concurrency (bare aiohttp = 1)", scaling, [OURS])
        heavy = [client for client in (FLOOR, OURS, "aiobotocore", "boto3") if client in clients]
        many = rounds_of(heavy, {"GetChannel": 20_000}, url, 1 if arguments.quick else 3, 32)
        base = "aiobotocore" if "aiobotocore" in heavy else FLOOR
        table(
            "Peak memory of the process after 20,000 calls (boto3: 5,000)",
            {
                client: [spread(ratios(many, client, base, "GetChannel", "memory"))]
                for client in heavy
            },
            [f"{base} = 1"],
        )
        first_answers(url, rounds * 2)
    overhead: dict[str, Any] = json.loads(
        subprocess.run(
            [sys.executable, "-m", "benchmarks.overhead"],
            capture_output=True,
            check=True,
            cwd=HERE.parent,
        ).stdout
    )
    table("By itself", {name: [f"{value:.1f}"] for name, value in overhead.items()}, ["CPU"])
    if not arguments.no_plot:
        plot(results, clients)


if __name__ == "__main__":
    main()

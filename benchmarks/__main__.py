"""Run the benchmarks: ``python -m benchmarks [NAME...]``; without names those of the table of targets.

    python -m benchmarks                                   the table, results in benchmarks/results/
    python -m benchmarks training scale                    parts of it
    python -m benchmarks device --device cuda --out DIR    workload A on an accelerator
    python -m benchmarks betti | orbits | expansion | polish [options of their own]

The exit status is 1 where a figure falls below 70 % of its target.
"""

from __future__ import annotations

import argparse
import importlib
import sys
import time
from pathlib import Path

import torch
from rich.console import Console

from numerics.device import pick_device

from ._common import Row, exit_status, machine, save, table

TABLE = ("training", "flow", "large_steps", "prefix_sums", "scale")
"""The benchmarks that the table of targets is made of."""
OTHERS = ("betti", "expansion", "orbits", "polish")
"""Benchmarks with a table and options of their own."""
RESULTS = Path(__file__).parent / "results"


def main(arguments: list[str] | None = None) -> int:
    """Run what is asked for and return the exit status."""
    given = sys.argv[1:] if arguments is None else arguments
    if given and given[0] in OTHERS:
        sys.argv = given
        importlib.import_module(f"benchmarks.{given[0]}").main()
        return 0
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"out of {', '.join((*TABLE, 'device'))}")
    parser.add_argument("--device", default="cpu")
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--quick", action="store_true", help="small sizes, to see that everything runs")
    parser.add_argument("--out", type=Path, default=RESULTS, help="folder of the results")
    parser.add_argument("--budget", type=float, default=140.0, help="seconds for the benchmark of a device")
    options = parser.parse_args(given)
    names = options.names or list(TABLE)
    unknown = set(names) - {*TABLE, "device"}
    if unknown:
        parser.error(f"got {', '.join(sorted(unknown))}; expected names out of {', '.join((*TABLE, 'device'))}")
    torch.set_num_threads(options.threads)
    device = pick_device(options.device)
    console = Console()
    rows: list[Row] = []
    if "device" in names:
        from . import device as accelerator

        rows += accelerator.run(device, options.quick, options.out, options.budget).rows
        names = [name for name in names if name != "device"]
    details = {}
    for name in names:
        began = time.monotonic()
        found, details[name] = importlib.import_module(f"benchmarks.{name}").run(device, options.quick)
        rows += found
        console.print(f"{name}: {time.monotonic() - began:.0f} s")
    if names:
        kind = "bench-quick" if options.quick else "bench"
        save(options.out, kind if set(names) == set(TABLE) else "-".join(names), rows, details, machine(device))
    console.print(table(rows))
    return exit_status(rows)


if __name__ == "__main__":
    sys.exit(main())

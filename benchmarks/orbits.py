"""Counting orbits: closed form, Burnside's lemma, canonical forms and brute force, side by side.

    python -m benchmarks orbits [--rounds 3] [--largest 16]

Sign vectors of n neurons under all permutations, and patterns of neuron types under rescaling and permutation. The
contenders take turns in each round and the best round of each counts; all of them must give the same number. "scipy" is
what one would write without this package: the exchanges of neighbours as a sparse graph, ``connected_components``.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
from rich.console import Console
from rich.table import Table
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from quadrics.orbits import NeuronPermutations
from quadrics.type_patterns import TypePatterns

Counter = Callable[[], int]

# Beyond these sizes a contender takes minutes and is left out.
LIMITS = {"brute force": 14, "scipy": 20, "canonical forms": 18, "Pólya": 12}


def scipy_components(n: int) -> int:
    """The components of the graph whose edges exchange neighbouring signs, on all 2^n vectors as bit masks."""
    masks = np.arange(2**n)
    edges = []
    for k in range(n - 1):
        low, high = masks >> k & 1, masks >> (k + 1) & 1
        different = low ^ high
        edges.append(masks ^ (different << k) ^ (different << (k + 1)))
    rows, columns = np.tile(masks, n - 1), np.concatenate(edges)
    graph = coo_array((np.ones(len(rows), dtype=bool), (rows, columns)), shape=(2**n, 2**n))
    return int(connected_components(graph, directed=False)[0])


def sign_vectors(n: int) -> dict[str, Counter]:
    """The contenders for sign vectors."""
    G = NeuronPermutations.symmetric(n)
    contenders: dict[str, Counter] = {
        "closed form": G.number_of_orbits,
        "Burnside": G.number_of_orbits_by_burnside,
        "canonical forms": lambda: len({G.canonical_form(p) for p in G.patterns()}),
        "scipy": lambda: scipy_components(n),
        "brute force": lambda: len(list(G.orbits())),
    }
    return {name: run for name, run in contenders.items() if n <= LIMITS.get(name, n)}


def type_patterns(c: Sequence[int]) -> dict[str, Counter]:
    """The contenders for patterns of neuron types; a fresh object each time, since it keeps its orbits."""
    contenders: dict[str, Counter] = {
        "closed form": lambda: TypePatterns(c).number_of_orbits(),
        "Pólya": lambda: TypePatterns(c).number_of_orbits_by_polya(),
        "canonical forms": lambda: len(list(TypePatterns(c).multisets())),
        "brute force": lambda: len(list(TypePatterns(c).orbits())),
    }
    return {
        name: run
        for name, run in contenders.items()
        if (name != "brute force" or len(c) <= 5) and len(c) <= LIMITS.get(name, len(c))
    }


def best_of(contenders: dict[str, Counter], rounds: int) -> tuple[int, dict[str, float]]:
    """The one number that all contenders give, and each one's best time."""
    times = dict.fromkeys(contenders, float("inf"))
    answers = {}
    for _ in range(rounds):
        for name, run in contenders.items():
            started = time.perf_counter()
            answers[name] = run()
            times[name] = min(times[name], time.perf_counter() - started)
    if len(set(answers.values())) != 1:
        raise SystemExit(f"the contenders disagree: {answers}")
    return next(iter(answers.values())), times


def table(title: str, first: str, names: Sequence[str], rows: Sequence[tuple[str, int, dict[str, float]]]) -> Table:
    """A table of times, each with its ratio to the closed form."""
    shown = Table(title=title)
    shown.add_column(first)
    shown.add_column("orbits", justify="right")
    for name in names:
        shown.add_column(name, justify="right")
    for label, orbits, times in rows:
        cells = [
            f"{times[n] * 1e3:.3g} ms  ×{times[n] / times['closed form']:,.0f}" if n in times else "-" for n in names
        ]
        shown.add_row(label, str(orbits), *cells)
    return shown


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--largest", type=int, default=16)
    options = parser.parse_args()
    console = Console()
    rows = []
    for n in (*range(8, options.largest + 1, 2), 50):
        orbits, times = best_of(sign_vectors(n), options.rounds)
        rows.append((str(n), orbits, times))
    columns: Sequence[str] = ("closed form", "Burnside", "canonical forms", "scipy", "brute force")
    console.print(table("sign vectors of n neurons under all permutations", "n", columns, rows))
    rows = []
    for c in ((-1, 1), (-1, -1, 1), (-1, -1, 0, 1), (-1, -1, -1, 1, 1), (-1,) * 4 + (1,) * 4, (-1,) * 6 + (1,) * 4):
        orbits, times = best_of(type_patterns(c), options.rounds)
        rows.append((f"{len(c)} ({c.count(-1)} pathological)", orbits, times))
    columns = ("closed form", "Pólya", "canonical forms", "brute force")
    console.print(table("neuron-type patterns under rescaling and permutation", "neurons", columns, rows))


if __name__ == "__main__":
    main()

"""Counting and listing affine subspaces: this package against SymPy's sums and a literal enumeration.

    python -m benchmarks expansion [--rounds 3] [--width 150]

Listing: the configurations of r = 2, m = 6 by the generator, by partitioning with SymPy and labelling blocks, and by
the definition (every permutation of every tuple, duplicates removed). Counting: G and T at a width where SymPy's
Stirling numbers still come back, and at m = 5,000. The contenders take turns in each round, the best round of each
counts, and their results must agree.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Callable
from itertools import permutations
from math import comb
from pathlib import Path

import sympy
from rich.console import Console
from rich.table import Table
from sympy.functions.combinatorial.numbers import stirling
from sympy.utilities.iterables import multiset_partitions

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from quadrics.expansion.configurations import Configuration
from quadrics.expansion.counts import G, T
from quadrics.expansion.enumeration import affine_subspaces, affine_subspaces_by_definition

Contenders = dict[str, Callable[[], int]]


def by_partitions(r: int, m: int) -> int:
    """List the configurations as partitions from SymPy with r of the blocks labelled."""
    found = set()
    for blocks in multiset_partitions(list(range(m))):
        for chosen in permutations(range(len(blocks)), r):
            zero = [b for i, b in enumerate(blocks) if i not in chosen]
            found.add(Configuration.from_blocks([blocks[i] for i in chosen], zero))
    return len(found)


def sympy_T(r: int, m: int) -> int:
    """The sum of Stirling numbers and falling factorials, in SymPy."""
    return int(sum(stirling(m, k) * sympy.ff(k, r) for k in range(r, m + 1)))


def sympy_G(r: int, m: int) -> int:
    """Inclusion and exclusion, in SymPy."""
    return int(sum((-1) ** (r - i) * sympy.binomial(r, i) * sympy.Integer(i) ** m for i in range(r + 1)))


def python_T(r: int, m: int) -> int:
    """Eq. (4) as it stands, in Python integers."""

    def surjections(k: int, n: int) -> int:
        return sum((-1) ** (k - i) * comb(k, i) * i**n for i in range(k + 1))

    bell = [1]
    for n in range(m):
        bell.append(sum(comb(n, i) * b for i, b in enumerate(bell)))
    return sum(comb(m, u) * surjections(r, m - u) * bell[u] for u in range(m - r + 1))


def race(contenders: Contenders, rounds: int) -> tuple[int, dict[str, float]]:
    """Return the common result and the best CPU time of each contender."""
    best: dict[str, float] = {}
    results = set()
    for _ in range(rounds):
        for name, work in contenders.items():
            sympy.core.cache.clear_cache()
            start = time.process_time()
            results.add(work())
            best[name] = min(best.get(name, float("inf")), time.process_time() - start)
    if len(results) != 1:
        raise SystemExit(f"{', '.join(contenders)} disagree: one of them is wrong")
    return results.pop(), best


def main() -> None:
    """Run the comparison and print the table."""
    parser = argparse.ArgumentParser(description="Counting and listing affine subspaces.")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--width", type=int, default=150, help="m of the comparison of counts")
    options = parser.parse_args()
    m, r, large = options.width, options.width // 5, 5000
    races: dict[str, Contenders] = {
        "list r=2, m=6": {
            "this package": lambda: sum(1 for _ in affine_subspaces(2, 6)),
            "SymPy's partitions, labelled": lambda: by_partitions(2, 6),
            "the definition": lambda: len(affine_subspaces_by_definition(2, 6)),
        },
        "list r=3, m=8": {"this package": lambda: sum(1 for _ in affine_subspaces(3, 8))},
        f"T({r}, {m})": {
            "this package": lambda: T(r, m),
            "eq. (4) in Python": lambda: python_T(r, m),
            "Stirling sum in SymPy": lambda: sympy_T(r, m),
        },
        f"T(30, {large})": {"this package": lambda: T(30, large)},
        f"T(1000, {large})": {"this package": lambda: T(1000, large)},
        f"G(30, {large})": {
            "this package": lambda: G(30, large),
            "inclusion-exclusion in SymPy": lambda: sympy_G(30, large),
        },
        f"G(1000, {large})": {
            "this package": lambda: G(1000, large),
            "inclusion-exclusion in SymPy": lambda: sympy_G(1000, large),
        },
    }
    table = Table(title="affine subspaces of an expansion: listed and counted (CPU time, best of the rounds)")
    for column in ("task", "contender"):
        table.add_column(column)
    for column in ("ms", "subspaces a second", "times slower"):
        table.add_column(column, justify="right")
    for task, contenders in races.items():
        result, times = race(contenders, options.rounds)
        fastest = times["this package"]
        for name, seconds in times.items():
            rate = f"{result / seconds:,.0f}" if task.startswith("list") else ""
            table.add_row(task, name, f"{1e3 * seconds:.2f}", rate, f"{seconds / fastest:.1f}")
        table.add_section()
    Console().print(table)


if __name__ == "__main__":
    main()

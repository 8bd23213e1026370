"""Betti numbers of invariant sets at great width: binomials against expanding the Poincaré polynomial.

    python -m benchmarks betti [--rounds 3] [--width 1000]

Half of the neurons have c_k > 0, half c_k < 0. The contenders take turns in each round and the best of each
counts (what needs more than ten seconds runs once); all must give the same Betti numbers. "expand" is SymPy's
``expand`` of the polynomial of Theorem 1, "Poly" the same polynomial multiplied as a SymPy ``Poly``.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Callable
from pathlib import Path

import sympy
from rich.console import Console
from rich.table import Table
from sympy.external.gmpy import GROUND_TYPES

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from quadrics.invariant_shape import InvariantShape

x = sympy.Symbol("x")
SLOW = 10.0


def contenders(d: int, e: int, width: int) -> dict[str, Callable[[], list[int]]]:
    """Every way to all Betti numbers of one invariant set; nothing is kept from one call to the next."""
    plus, minus = width // 2, width - width // 2

    def ours() -> list[int]:
        return InvariantShape(d, e, plus, minus).betti_numbers()

    def expand() -> list[int]:
        sympy.core.cache.clear_cache()
        expanded = sympy.expand((1 + x ** (d - 1)) ** plus * (1 + x ** (e - 1)) ** minus)
        terms = expanded.as_coefficients_dict()
        return [int(terms[x**i]) for i in range((d - 1) * plus + (e - 1) * minus + 1)]

    def poly() -> list[int]:
        whole = sympy.Poly(1 + x ** (d - 1), x) ** plus * sympy.Poly(1 + x ** (e - 1), x) ** minus
        return [int(v) for v in reversed(whole.all_coeffs())]

    return {"this package": ours, "Poly": poly, "expand": expand}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--width", type=int, default=1000)
    options = parser.parse_args()
    table = Table(title=f"all Betti numbers at width {options.width} (SymPy's ground types: {GROUND_TYPES})")
    for column in ("d, e", "numbers", "this package", "Poly", "expand"):
        table.add_column(column, justify="right")
    for d, e in ((2, 1), (2, 2), (3, 2)):
        runs = contenders(d, e, options.width)
        times = dict.fromkeys(runs, float("inf"))
        answers: dict[str, list[int]] = {}
        for _ in range(options.rounds):
            for name, run in runs.items():
                if SLOW < times[name] < float("inf"):
                    continue
                started = time.perf_counter()
                answers[name] = run()
                times[name] = min(times[name], time.perf_counter() - started)
        if any(answer != answers["this package"] for answer in answers.values()):
            raise SystemExit(f"the contenders disagree at d = {d}, e = {e}")
        base = times["this package"]
        cells = [f"{seconds * 1e3:.3g} ms  ×{seconds / base:.3g}" for seconds in times.values()]
        table.add_row(f"{d}, {e}", str(len(answers["this package"])), *cells)
    Console().print(table)
    started = time.perf_counter()
    number = InvariantShape(3, 2, 50_000, 50_000).betti_number(75_000)
    seconds = time.perf_counter() - started
    Console().print(
        f"one Betti number at width 100,000, a number of {int(number).bit_length():,} bits: {seconds * 1e3:.3g} ms"
    )


if __name__ == "__main__":
    main()

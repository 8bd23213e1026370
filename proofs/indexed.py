"""Statements about networks of any width, neuron by neuron, decided by z3.

A permutation of {1, ..., l} and its inverse are two functions π, ρ with ρ(π(i)) = i and π(ρ(i)) = i; the neurons are
values of a function of the index. A statement about "neuron i" with i free then speaks of every width at once: z3
decides it with the functions left uninterpreted.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

import z3

from .check import Context
from .evidence import Outcome, holds, undecided, violated


@dataclass
class Bijection:
    """A permutation as an uninterpreted function, with its inverse; ``facts`` collects the instances that are used."""

    name: str
    facts: list[Any] = field(default_factory=list)

    def __post_init__(self) -> None:
        integers = z3.IntSort()
        self._map = z3.Function(self.name, integers, integers)
        self._inverse = z3.Function(f"{self.name}_inverse", integers, integers)

    def __call__(self, i: Any) -> Any:
        self.facts.append(self._inverse(self._map(i)) == i)
        return self._map(i)

    def inverse(self, i: Any) -> Any:
        """π⁻¹(i)."""
        self.facts.append(self._map(self._inverse(i)) == i)
        return self._inverse(i)


@dataclass(frozen=True)
class Formula:
    """A conclusion that should follow from hypotheses."""

    hypotheses: Sequence[Any]
    conclusion: Any


def decide(build: Callable[[], Formula], context: Context | None = None) -> Outcome:
    """Whether the conclusion follows, for all interpretations of the functions and constants in it.

    >>> pi, i, j = Bijection("pi"), z3.Int("i"), z3.Int("j")
    >>> def injective():
    ...     same = pi(i) == pi(j)
    ...     return Formula([*pi.facts, same], i == j)
    >>> decide(injective).truth
    <Truth.HOLDS: 'holds'>
    >>> decide(lambda: Formula([], pi(i) == i)).truth
    <Truth.VIOLATED: 'violated'>
    """
    formula = build()
    engine = f"z3 {z3.get_version_string()}"
    solver = z3.Solver()
    solver.set("timeout", 10_000)
    solver.add(*formula.hypotheses, z3.Not(formula.conclusion))
    answer = solver.check()
    if answer == z3.unsat:
        return holds(engine=engine)
    if answer == z3.sat:
        return violated(engine=engine)
    return undecided(engine=engine, reason=solver.reason_unknown())

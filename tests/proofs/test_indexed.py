"""Statements about any number of neurons: bijections behave as bijections, and nothing more is assumed."""

from typing import Any

import z3

from proofs.evidence import Truth
from proofs.indexed import Bijection, Formula, decide


def test_bijections_are_injective() -> None:
    def injective() -> Any:
        pi, (i, j) = Bijection("pi"), z3.Ints("i j")
        same = pi(i) == pi(j)
        return Formula([*pi.facts, same], i == j)

    assert decide(injective).truth is Truth.HOLDS


def test_nothing_more_is_assumed() -> None:
    def involution() -> Any:
        pi, i = Bijection("pi"), z3.Int("i")
        return Formula(pi.facts, pi(pi(i)) == i)

    def forgotten() -> Any:
        pi, (i, j) = Bijection("pi"), z3.Ints("i j")
        return Formula([pi(i) == pi(j)], i == j)

    assert decide(involution).truth is Truth.VIOLATED
    assert decide(forgotten).truth is Truth.VIOLATED


def test_facts_are_collected_before_they_are_used() -> None:
    def surjective() -> Any:
        pi, j = Bijection("pi"), z3.Int("j")
        conclusion = pi(pi.inverse(j)) == j
        return Formula(pi.facts, conclusion)

    assert decide(surjective).truth is Truth.HOLDS

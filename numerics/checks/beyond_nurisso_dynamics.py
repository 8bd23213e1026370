"""Measurements for the exact laws of the dynamics."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from proofs import Check, Context, Control, Outcome, measurement
from quadrics.activation import relu

from .discrete import LawAlongRuns, NoFlips, activation_of_degree, flips, follows, law_on_tensors
from .flows import Conserved, conserved
from .nurisso.section_3 import balanced, homogeneous


def _first_order(statement: LawAlongRuns) -> LawAlongRuns:
    law = statement.law
    return replace(statement, law=lambda c, g1, g2, h: c + (law(c, g1, g2, h) - c) / h)


def _opposite(statement: LawAlongRuns) -> LawAlongRuns:
    law = statement.law
    return replace(statement, law=lambda c, g1, g2, h: 2 * c - law(c, g1, g2, h))


def _flows_of_degree_two(statement: Conserved, context: Context) -> Outcome:
    return conserved(statement, context, "degree")


def _decaying_flows(statement: Conserved, context: Context) -> Outcome:
    return conserved(statement, context, "decaying flow")


CHECKS: dict[str, tuple[Check[Any], ...]] = {
    "beyond.nurisso.discrete-law": (
        measurement(
            "c after every step of 90 runs of full-batch gradient descent; e = 1 and 2, with and without biases",
            lambda: LawAlongRuns(law_on_tensors()),
            follows,
            [
                Control("h for h²", _first_order),
                Control("the sign of the change", _opposite),
                Control("momentum 0.9", lambda s: replace(s, momentum=0.9)),
            ],
        ),
        measurement(
            "the same with minibatches of 8 out of 32 samples",
            lambda: LawAlongRuns(law_on_tensors(), minibatch=8),
            follows,
            [Control("h for h²", _first_order)],
        ),
    ),
    "beyond.nurisso.discrete-obstruction": (
        measurement(
            "sign changes of the output weights of pathological neurons, where h|v| <= 1, in 600 runs",
            NoFlips,
            flips,
            [
                Control("any h|v|", lambda s: replace(s, bound=float("inf"))),
                Control("any c", lambda s: replace(s, pathological=False)),
            ],
        ),
    ),
    "beyond.nurisso.weight-decay": (
        measurement(
            "flows with weight decay by DOP853, gradients by autograd",
            lambda: Conserved(relu, decay=0.3),
            _decaying_flows,
            [
                Control("e^(-λt)", lambda s: replace(s, rate=0.5)),
                Control("conserved", lambda s: replace(s, rate=0.0)),
            ],
        ),
    ),
    "beyond.nurisso.k-homogeneous": (
        measurement(
            "the balance of degree 2 by autograd, at random, kinked and trained parameters",
            lambda: homogeneous({"degree 2": activation_of_degree(2)}, 2),
            balanced,
            [Control("the form of degree 1", lambda s: replace(s, degree=1))],
        ),
        measurement(
            "flows of networks of degree 2: |w|² - 2|a|² is kept",
            lambda: Conserved(activation_of_degree(2), degree=2),
            _flows_of_degree_two,
            [Control("|w|² - |a|²", lambda s: replace(s, degree=1))],
        ),
    ),
}

"""Measurements for the laws of other optimizers, on networks trained in the run."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from proofs import Check, Control, measurement
from quadrics.optimizer_laws import momentum_amplification

from .l1_law import Barrier, L1Law, follows_l1, stays
from .momentum_law import Amplification, MomentumLaw, amplifies, follows_momentum
from .optimizer_study import (
    Implication,
    Rows,
    all_stay,
    lifted_after_crossing,
    most_are_lifted,
    most_fall,
    no_early_flips,
    none_falls,
    none_is_lifted,
    some_neurons_cross,
)
from .sign_law import Limit, SignLaw, adam_tends_to_signs, follows_signs

PLAIN = ("GD", "SGD")
QUIET = (*PLAIN, "L2", "L1")
BOOSTS = ("BoostGD", "BoostSGD")
RESTLESS = ("momentum", "Nesterov", "Adam", "AdamW")


def _forgetful(statement: MomentumLaw) -> MomentumLaw:
    law = statement.law
    return replace(statement, law=lambda c, b, *rest, nesterov: law(c, 0 * b, *rest, nesterov=nesterov))


def _other(statement: MomentumLaw) -> MomentumLaw:
    law = statement.law
    return replace(statement, law=lambda *values, nesterov: law(*values, nesterov=not nesterov))


def _amplification(nesterov: bool) -> Amplification:
    return Amplification(lambda beta: float(momentum_amplification(beta, nesterov)), nesterov=nesterov)


def _signs(statement: SignLaw) -> SignLaw:
    rate = statement.rate
    return SignLaw(lambda *values: -rate(*values))


CHECKS: dict[str, tuple[Check[Any], ...]] = {
    "beyond.nurisso.momentum": (
        measurement(
            "c and ⟨⟨θ, m⟩⟩ after every step of 30 runs with momentum",
            MomentumLaw,
            follows_momentum,
            [
                Control("b forgotten: gradient descent's law", _forgetful),
                Control("the law of Nesterov's step", _other),
            ],
        ),
        measurement(
            "the same with Nesterov's step",
            lambda: MomentumLaw(nesterov=True),
            follows_momentum,
            [Control("the law of the other step", _other)],
        ),
        measurement(
            "drifts at the same speed of training with and without momentum 0.8, extrapolated to small steps",
            lambda: _amplification(False),
            amplifies,
            [
                Control("1/(1 - β)", lambda s: replace(s, factor=lambda beta: 1 / (1 - beta))),
                Control("Nesterov's factor", lambda s: replace(s, factor=_amplification(True).factor)),
            ],
        ),
        measurement(
            "the same with Nesterov's step",
            lambda: _amplification(True),
            amplifies,
            [Control("the factor without it", lambda s: replace(s, factor=_amplification(False).factor))],
        ),
    ),
    "beyond.nurisso.l1": (
        measurement(
            "c after every step of 30 runs with an ℓ1 penalty",
            L1Law,
            follows_l1,
            [
                Control("no penalty", lambda s: L1Law(lambda *x: 0 * s.rate(*x))),
                Control("half the penalty", lambda s: L1Law(lambda *x: s.rate(*x) / 2)),
            ],
        ),
        measurement(
            "pathological neurons at the end of 60 runs",
            Barrier,
            stays,
            [Control("healthy neurons stay healthy", lambda s: Barrier(sign=1))],
        ),
    ),
    "beyond.nurisso.sign-descent": (
        measurement(
            "c after every step of 30 runs by the signs of the gradient",
            SignLaw,
            follows_signs,
            [Control("the opposite rate", _signs), Control("conserved", lambda s: SignLaw(lambda *x: 0 * s.rate(*x)))],
        ),
        measurement(
            "the speed of c under Adam tends to that of sign descent with the step size",
            Limit,
            adam_tends_to_signs,
            [
                Control("a speed of zero", lambda s: replace(s, rate=lambda *x: 0 * x[0])),
                Control("it does not", lambda s: replace(s, order=0)),
            ],
        ),
    ),
    "beyond.nurisso.optimizers": (
        measurement(
            "at the rate 0.01 gradient descent and penalties move no c across zero and lift no run",
            lambda: Rows(QUIET, 0.01),
            none_is_lifted,
            [
                Control("nor does momentum", lambda s: replace(s, names=("momentum",))),
                Control("nor at the rate 0.1", lambda s: replace(s, rate=0.1)),
            ],
        ),
        measurement(
            "boosts, with all the data or minibatches, move no c, flip no sign and lift no run at any rate",
            lambda: Rows(BOOSTS),
            all_stay,
            [
                Control("nor does gradient descent", lambda s: replace(s, names=("GD",))),
                Control("nor does Adam, at the rate 0.01", lambda s: replace(s, names=("Adam",), rate=0.01)),
            ],
        ),
        measurement(
            "at the rate 0.01 momentum and Adam do move c across zero",
            lambda: Rows(RESTLESS, 0.01),
            some_neurons_cross,
            [Control("so does gradient descent", lambda s: replace(s, names=("GD",)))],
        ),
        measurement(
            "at the rate 0.1 Adam lifts most runs on the cancer data",
            lambda: Rows(("Adam", "AdamW"), 0.1, ("cancer",)),
            most_are_lifted,
            [
                Control("so does gradient descent", lambda s: replace(s, names=("GD",))),
                Control("at the rate 0.01 too", lambda s: replace(s, rate=0.01)),
            ],
        ),
        measurement(
            "by gradient descent no c falls",
            lambda: Rows(PLAIN, 0.01),
            none_falls,
            [
                Control("nor by Adam", lambda s: replace(s, names=("Adam",))),
                Control("nor with an ℓ1 penalty", lambda s: replace(s, names=("L1",))),
            ],
        ),
        measurement(
            "with an ℓ1 penalty most c fall, on the cancer data",
            lambda: Rows(("L1",), 0.01, ("cancer",)),
            most_fall,
            [Control("with an ℓ2 penalty too", lambda s: replace(s, names=("L2",)))],
        ),
        measurement(
            "without momentum no output weight changes sign while c < 0 and h|v| <= 1",
            lambda: PLAIN,
            no_early_flips,
            [Control("with momentum neither", lambda names: ("momentum",))],
        ),
        measurement(
            "no run is lifted before some c has crossed zero",
            Implication,
            lifted_after_crossing,
            [Control("all whose c crosses zero are lifted", lambda s: replace(s, converse=True))],
        ),
    ),
}

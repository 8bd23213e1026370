"""Section 6 without training: verdicts, the exact toy task against quadrature, and its refusals."""

from __future__ import annotations

import math

import pytest
import sympy as sp
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.integrate import dblquad

from proofs.claim import Claim
from proofs.ledger import examine
from proofs.nurisso import toy_task as toy
from proofs.nurisso.section_6 import CLAIMS
from proofs.nurisso.section_6_breast_cancer import cross_entropy
from proofs.verdict import Verdict
from quadrics.discretization import gradient_step
from quadrics.errors import ClaimError
from quadrics.forms import imbalance
from quadrics.network import Parameters

EXACT = {
    "nurisso.toy.setup": Verdict.PROVED,
    "nurisso.toy.setup.printed": Verdict.REFUTED,
    "nurisso.toy.inf": Verdict.PROVED,
    "nurisso.toy.obstructed": Verdict.PROVED,
    "nurisso.toy.free": Verdict.CHECKED,
    "nurisso.toy.free.printed": Verdict.REFUTED,
    "nurisso.toy.drift": Verdict.CHECKED,
    "nurisso.toy.drift.printed": Verdict.REFUTED,
    "nurisso.bc.fig4L": Verdict.CHECKED,
}
"""What is known without training a network."""

MEASURED = {"nurisso.fig3", "nurisso.bc.fig4R", "nurisso.bc.fig4R.printed"}
"""Claims that only training can say something of."""

nonnegative = st.fractions(min_value=0, max_value=1, max_denominator=8).map(lambda f: sp.Rational(str(f)))


@pytest.mark.parametrize("claim", CLAIMS, ids=lambda claim: claim.id)
def test_verdicts_without_training(claim: Claim) -> None:
    entry = examine(claim)
    assert entry.failures == []
    assert entry.verdict is (Verdict.OPEN if claim.id in MEASURED else EXACT[claim.id])


def test_every_claim_of_the_section_is_there() -> None:
    assert {claim.id for claim in CLAIMS} == EXACT.keys() | MEASURED


@settings(max_examples=10, deadline=None)
@given(st.lists(nonnegative, min_size=6, max_size=6), st.lists(st.sampled_from([-1, 1]), min_size=2, max_size=2))
def test_loss_and_gradient_agree_with_quadrature(weights: list[sp.Rational], signs: list[int]) -> None:
    w1, w2, w3, w4, a1, a2 = weights
    theta = Parameters([(w1 + 1, w2), (-w3, -w4 - 1)], [[signs[0] * (a1 + 1), signs[1] * a2]])
    wx, wy, a = float(w1) + 1, float(w2), signs[0] * (float(a1) + 1)

    def residual(y: float, x: float) -> float:
        return a * (wx * x + wy * y) + x + y  # the second neuron is off

    loss, _ = dblquad(lambda y, x: residual(y, x) ** 2, 0, 1, 0, 1)
    force, _ = dblquad(lambda y, x: 2 * residual(y, x) * x, 0, 1, 0, 1)
    assert float(toy.loss(theta)) == pytest.approx(loss, rel=1e-9, abs=1e-9)
    gradient = toy.gradient(theta)
    assert float(gradient.W1[0, 0]) == pytest.approx(a * force, rel=1e-9, abs=1e-9)
    assert list(gradient.W1.row(1)) == [0, 0]


def test_the_gradient_is_the_derivative_of_the_loss() -> None:
    h = sp.Symbol("h", negative=True)  # uphill: the signs of the pre-activations are decided
    gradient = toy.gradient(toy.steep())
    along = toy.loss(gradient_step(toy.steep(), gradient, h))
    assert along.diff(h).subs(h, 0) == -sum(g**2 for g in gradient.entries())


@pytest.mark.parametrize("theta", [toy.dead(), toy.steep(), toy.plateau()])
def test_instances_are_initializations_of_the_paper(theta: Parameters) -> None:
    """All weights within (-√2, √2) and |c_k| = 1/10: the rescaling of Proposition 4 is the identity there."""
    assert all(entry**2 < 2 for entry in theta.entries())
    assert all(abs(c) == toy.TENTH for c in imbalance(theta))
    assert all(a > 0 for a in theta.W2)


def test_the_drift_instance_stays_pathological_and_keeps_its_signs() -> None:
    after = gradient_step(toy.steep(), toy.gradient(toy.steep()), toy.RATE)
    assert all(c < 0 for c in imbalance(after))
    assert all(a > 0 for a in after.W2)


def test_a_neuron_that_is_active_on_a_part_of_the_square_is_refused() -> None:
    with pytest.raises(ClaimError, match=">= 0 or all <= 0"):
        toy.forces(Parameters([(1, -1), (0, 0)], [[1, 1]]))


def test_cross_entropy_is_the_usual_one() -> None:
    assert float(cross_entropy(sp.Rational(3, 2), 1)) == pytest.approx(-math.log(1 / (1 + math.exp(-1.5))))
    assert float(cross_entropy(sp.Rational(3, 2), 0)) == pytest.approx(-math.log(1 - 1 / (1 + math.exp(-1.5))))

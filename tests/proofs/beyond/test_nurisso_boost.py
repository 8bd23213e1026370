"""The claims about the boost fall when a formula is broken, and their instances are exact."""

from __future__ import annotations

import pytest
import sympy as sp

from proofs import Context, examine, find
from proofs.beyond import nurisso_boost, nurisso_methods
from proofs.check import run
from proofs.evidence import Status, Truth
from proofs.verdict import Verdict
from quadrics.boost import boost, boost_outputs, coefficients
from quadrics.cayley import cayley


def status_of(claim_id, what):
    (evidence,) = (one for one in find(claim_id).evidence if what in one.what)
    return evidence.run(Context()).status


@pytest.mark.parametrize("claim", [*nurisso_boost.CLAIMS, *nurisso_methods.CLAIMS], ids=lambda claim: claim.id)
def test_every_claim_is_proved_and_every_control_is_rejected(claim):
    entry = examine(claim, Context())
    assert entry.failures == []
    assert entry.verdict is Verdict.PROVED


BROKEN = {
    "B without its square": lambda s, h: (
        coefficients(s, h)[0],
        h / 2 * sp.sinh(h * s / 2) / s if s != 0 else h**2 / 2,
    ),
    "sine for hyperbolic sine": lambda s, h: tuple(x.replace(sp.sinh, sp.sin) for x in coefficients(s, h)),
    "A and B exchanged": lambda s, h: coefficients(s, h)[::-1],
}


@pytest.mark.parametrize("broken", BROKEN.values(), ids=BROKEN)
def test_broken_coefficients_are_noticed(monkeypatch, broken):
    monkeypatch.setattr(nurisso_boost, "coefficients", broken)
    monkeypatch.setattr("quadrics.boost.coefficients", broken)
    assert status_of("beyond.nurisso.boost", "one output") is Status.FAILED
    assert status_of("beyond.nurisso.boost", "several outputs") is Status.FAILED
    assert status_of("beyond.nurisso.boost", "10 matrices") is Status.FAILED


def test_wrong_scales_are_noticed(monkeypatch):
    monkeypatch.setattr(nurisso_boost, "scales", lambda k, rates: (sp.sqrt(rates[0]), sp.sqrt(rates[1] * k)))
    assert status_of("beyond.nurisso.boost-rates", "scaled") is Status.FAILED


def test_a_wrong_cayley_step_is_noticed(monkeypatch):
    monkeypatch.setattr(nurisso_methods, "cayley", lambda w, a, v, h: cayley(w, a, v, 2 * h))
    assert status_of("beyond.nurisso.cayley", "solved") is Status.FAILED


def test_the_boost_of_the_instance_stays_where_the_others_cross():
    w, a, v = [sp.Rational(3, 4)], sp.Rational(5, 4), [sp.Integer(3)]
    after, last = boost(w, a, v, sp.Integer(1))
    # c = -1 and m = w: a+ = cosh(3) 5/4 - sinh(3) 3/4, on the hyperbola a² - w² = 1.
    assert sp.simplify((last - (5 * sp.cosh(3) - 3 * sp.sinh(3)) / 4).rewrite(sp.exp)) == 0
    assert sp.simplify((after[0] ** 2 - last**2 + 1).rewrite(sp.exp)) == 0
    assert last > 1


def test_the_projected_step_is_on_the_quadric_and_on_the_other_sheet():
    after, last = nurisso_methods.projected_step([sp.Rational(3, 4)], sp.Rational(5, 4), [sp.Integer(3)], sp.Integer(1))
    assert sp.radsimp(sp.expand(after[0] ** 2 - last**2)) == -1
    assert last < 0


def test_a_rotation_is_no_solution_of_the_frozen_equation():
    def rotated(w, a, V, h):
        after, last = boost_outputs(w, a, V, h)
        return [x.replace(sp.sinh, sp.sin) for x in after], [x.replace(sp.sinh, sp.sin) for x in last]

    check = next(one for one in find("beyond.nurisso.boost").evidence if "closed form for" in one.what)
    assert check.decide(rotated, Context()).truth is Truth.VIOLATED
    assert run(check).sound

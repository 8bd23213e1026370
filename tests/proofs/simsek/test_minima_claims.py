"""The claims on global minima and activations: verdicts, and that a broken formula makes its claims fall."""

from __future__ import annotations

from importlib import import_module

import pytest
import sympy

from proofs.check import Context
from proofs.ledger import examine
from proofs.registry import find
from proofs.simsek.function_checks import EXP_MINUS_ONE, is_polynomial, same_by_series, same_function
from proofs.verdict import Verdict
from quadrics.network import Parameters
from quadrics.smooth_activation import NAMED, Z, sigmoid, softplus, tanh

MODULES = [
    *(f"proofs.simsek.{name}" for name in ("assumption_checks", "minima_checks", "null_function_checks")),
    *(f"proofs.simsek.{name}" for name in ("extended_checks", "section_4_minima", "appendix_b_activations")),
    "proofs.beyond.simsek_minima",
    "proofs.beyond.simsek_derivatives",
]
CONTEXT = Context()  # shared, so that Theorem B.7 need not repeat what Theorem 4.2 has done


class Wrong:
    """The opposite answer."""

    def __init__(self, answer):
        self.same = not answer.same


@pytest.mark.parametrize(
    ("name", "change", "fallen"),
    [
        ("null_dimension", lambda f: lambda *a, **k: f(*a, **k) + 1, ["simsek.B3.noother"]),
        ("null_functions", lambda f: lambda *a: f(*a)[1:], ["simsek.lemB.6"]),
        ("computes_same_function", lambda f: lambda *a: Wrong(f(*a)), ["simsek.remB.3"]),
        ("function_equations", lambda f: lambda *a: f(*a)[:-1], ["beyond.simsek.extended-manifolds"]),
        ("soft_sigmoid_derivative_at_zero", lambda f: lambda n, a, g: f(n, a, g) + (n == 3), ["simsek.rem4.1"]),
        ("is_irreducible", lambda f: lambda theta: not f(theta), ["simsek.sec4.assump"]),
    ],
)
def test_a_broken_formula_fells_its_claims(monkeypatch, name, change, fallen):
    holders = [module for module in map(import_module, MODULES) if hasattr(module, name)]
    mutant = change(getattr(holders[0], name))
    for module in holders:
        monkeypatch.setattr(module, name, mutant)
    for claim_id in fallen:
        assert examine(find(claim_id), Context()).verdict is Verdict.FAILED


def test_a_wrong_activation_fells_its_identities(monkeypatch):
    """With another formula of the sigmoid its identities and Remark 4.1's derivation fail."""
    module = import_module("proofs.simsek.null_function_checks")
    monkeypatch.setattr(module, "sigmoid", EXP_MINUS_ONE)
    assert examine(find("simsek.B3.sigmoid"), Context()).verdict is Verdict.FAILED


def test_equality_by_series_is_equality_of_functions():
    """On known identities, and their variants with one number changed."""
    one = Parameters([[1]], [[1]])
    same = [
        (Parameters([[1], [2], [-2], [3], [-3]], [[1, 5, 5, -5, -5]]), sigmoid),
        (Parameters([[1], [3], [-3], [2], [-2]], [[1, 2, -2, -3, 3]]), softplus),
        (Parameters([[-1], [0]], [[-1, 4]]), tanh),
        (Parameters([[1], [0]], [[1, 7]]), NAMED["gelu"]),
    ]
    for theta, activation in same:
        assert same_by_series(theta, one, activation)
        changed = theta.W2.as_mutable()
        changed[0] += sympy.Rational(1, 100)
        assert not same_by_series(Parameters(theta.W1, changed), one, activation)


def test_rules():
    assert same_function.decide(softplus.formula - softplus.formula.subs(Z, -Z), Z).truth == "holds"
    assert same_function.decide(softplus.formula, Z).truth == "violated"
    assert is_polynomial.decide(sympy.tanh(Z), True).truth == "violated"
    assert is_polynomial.decide(Z**2, False).truth == "violated"


def test_ranks_with_fractions():
    """Five pairs, one of them ±1/2: the larger sizes of a full run."""
    assert examine(find("simsek.B3.noother"), Context(mode="full")).verdict is Verdict.CHECKED

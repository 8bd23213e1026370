"""The claims on barriers and distances: verdicts, and that a broken formula makes its claims fall."""

from __future__ import annotations

from importlib import import_module

import pytest
import sympy

from proofs.beyond import zhao_barriers
from proofs.check import Context
from proofs.ledger import examine
from proofs.verdict import Verdict
from proofs.zhao import section_5_barrier, section_5_distance

EXPECTED = {
    "zhao.eq3": "proved",
    "zhao.eq3.printed": "refuted",
    "zhao.prop5.3": "proved",
    "zhao.prop5.3.proof": "refuted",
    "zhao.rem5.3": "proved",
    "zhao.prop5.4": "proved",
    "zhao.prop5.4.printed": "refuted",
    "zhao.prop5.4.proof": "refuted",
    "zhao.rem5.compact": "checked",
    "zhao.fig2": "checked",
    "zhao.fig4": "open",  # measured only, in numerics
    "zhao.prop5.5": "proved",
    "zhao.prop5.5.proof": "refuted",
    "zhao.prop5.6": "proved",
    "zhao.rem5.large": "checked",
    "zhao.rem5.large.printed": "refuted",
    "beyond.zhao.barrier-height": "proved",
    "beyond.zhao.permuted-barrier": "checked",
    "beyond.zhao.lmc": "proved",
    "beyond.zhao.balanced-distance": "proved",
}
HOLDERS = [
    import_module(name)
    for name in (
        "proofs.beyond.zhao_barriers",
        "proofs.zhao.barrier_checks",
        "proofs.zhao.barrier_derivations",
        "proofs.zhao.chord_derivations",
        "proofs.zhao.distance_derivations",
        "proofs.zhao.permuted_derivations",
        "proofs.zhao.section_5_barrier",
        "proofs.zhao.section_5_distance",
    )
]
KNOWN = {claim.id: claim for claim in (*section_5_barrier.CLAIMS, *section_5_distance.CLAIMS, *zhao_barriers.CLAIMS)}


def test_every_claim_is_expected():
    assert set(KNOWN) == set(EXPECTED)


@pytest.mark.parametrize("claim_id", EXPECTED)
def test_verdicts(claim_id):
    entry = examine(KNOWN[claim_id], Context())
    assert entry.failures == []
    assert entry.verdict == Verdict(EXPECTED[claim_id])


@pytest.mark.parametrize(
    ("name", "change", "fallen"),
    [
        ("loss_between", lambda f: lambda *given: 2 * f(*given), ["zhao.prop5.3", "beyond.zhao.barrier-height"]),
        ("output_factor", lambda f: lambda *given: f(*given) + 1, ["zhao.prop5.3"]),
        ("factor_exceeding", lambda f: lambda b, N, k: 1 / f(b, N, k), ["zhao.prop5.3"]),
        ("peak", lambda f: lambda m, k=1: f(m, k) / 2, ["beyond.zhao.barrier-height"]),
        ("peak_factor", lambda f: lambda m, k=1: 2 * f(m, k), ["beyond.zhao.barrier-height"]),
        (
            "barrier",
            lambda f: lambda m, k=1, **named: f(m, k, **named) / 2,
            ["zhao.fig2", "beyond.zhao.barrier-height"],
        ),
        ("zero_loss_curve", lambda f: lambda W, t, m, k=1: f(W, t / 2 + t**2, m, 2 * k), ["zhao.prop5.3"]),
        ("chord_error", lambda f: lambda W2, W1, g, a: 2 * f(W2, W1, g, a), ["beyond.zhao.lmc"]),
        ("is_straight", lambda f: lambda g: not f(g), ["beyond.zhao.lmc"]),
        ("middle_output", lambda f: lambda *given: 2 * f(*given), ["zhao.prop5.4", "zhao.prop5.4.proof"]),
        ("leading_coefficient", lambda f: lambda *given: 2 * f(*given), ["zhao.prop5.4"]),
        ("awaken", lambda f: lambda V, Z, sigma: (2 * V, Z), ["beyond.zhao.permuted-barrier"]),
        ("squared_distance", lambda f: lambda k, q: f(k, q) + q, ["beyond.zhao.balanced-distance"]),
        ("lower_bound", lambda f: lambda k, M, q: 2 * f(k, M, q), ["zhao.prop5.5"]),
        ("loss_bound", lambda f: lambda *given: f(*given) / 2, ["zhao.prop5.6"]),
        ("middle_factor", lambda f: lambda beta: f(beta) / beta, ["zhao.prop5.5"]),
        ("_rank", lambda f: lambda matrix: f(matrix) - 1, ["zhao.rem5.large"]),
    ],
)
def test_a_broken_formula_fells_its_claims(monkeypatch, name, change, fallen):
    holders = [module for module in HOLDERS if hasattr(module, name)]
    mutant = change(getattr(holders[0], name))
    for module in holders:
        monkeypatch.setattr(module, name, mutant)
    for claim_id in fallen:
        assert examine(KNOWN[claim_id], Context()).verdict is Verdict.FAILED


def test_the_derived_formula_is_the_barrier():
    formula = KNOWN["beyond.zhao.barrier-height"].formula
    m, k = (sympy.Symbol(name, positive=True) for name in "mk")
    assert formula.subs({k: 1, m: 4}) == sympy.Rational(25, 16)

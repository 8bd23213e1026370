"""The claims on symmetry-induced critical points: verdicts, and that a broken formula makes its claims fall."""

from __future__ import annotations

from importlib import import_module

import pytest

from proofs.beyond import simsek_critical, simsek_inertia
from proofs.check import Context
from proofs.ledger import examine
from proofs.simsek import section_4_critical, section_4_hessian
from proofs.verdict import Verdict
from quadrics.expansion.inertia import Inertia

EXPECTED = {
    "simsek.eq4": "proved",
    "simsek.def4.1": "checked",
    "simsek.prop4.3": "proved",
    "simsek.propB.8": "proved",
    "simsek.propB.8.printed": "refuted",
    "simsek.zero-type": "proved",
    "simsek.open1": "checked",
    "simsek.rem4.4": "checked",
    "simsek.dimtext": "checked",
    "simsek.dimtext.printed": "refuted",
    "simsek.fukumizu": "checked",
    "simsek.prop4.4": "proved",
    "simsek.propB.9": "proved",
    "simsek.prop4.4.proof": "refuted",
    "beyond.simsek.hessian-splits": "proved",
    "beyond.simsek.inertia": "checked",
    "beyond.simsek.strict-saddles": "checked",
    "beyond.simsek.critical-splits": "proved",
    "beyond.simsek.disjoint": "proved",
}
MODULES = (section_4_critical, section_4_hessian, simsek_inertia, simsek_critical)
KNOWN = {claim.id: claim for module in MODULES for claim in module.CLAIMS}


@pytest.fixture(scope="module")
def context():
    """One run, so that the exact Hessians are computed once."""
    return Context()


def test_nothing_is_left_out():
    assert set(KNOWN) == set(EXPECTED)


@pytest.mark.parametrize("claim_id", EXPECTED)
def test_verdicts(claim_id, context):
    entry = examine(KNOWN[claim_id], context)
    assert entry.failures == []
    assert entry.verdict == Verdict(EXPECTED[claim_id])


@pytest.mark.parametrize(
    ("name", "change", "fallen"),
    [
        ("G", lambda f: lambda r, m: f(r, m) + (m > 2), ["simsek.prop4.3"]),
        ("T", lambda f: lambda r, m: f(r, m) + (m > 2), ["simsek.dimtext"]),
        (
            "transverse_inertia",
            lambda f: lambda shares, rank, restricted, e: f(shares, 0, restricted, e),
            ["beyond.simsek.inertia", "beyond.simsek.strict-saddles"],
        ),
        (
            "shares_inertia",
            lambda f: lambda betas: f(betas) + Inertia(0, 0, 1),
            ["beyond.simsek.inertia"],
        ),
        ("least_squares", lambda f: lambda x, e: f(x, e * 0 + 1), ["simsek.prop4.3", "beyond.simsek.critical-splits"]),
    ],
)
def test_a_broken_formula_fells_its_claims(monkeypatch, name, change, fallen, context):
    holders = [
        module for module in (*MODULES, import_module("proofs.simsek.other_critical_points")) if hasattr(module, name)
    ]
    mutant = change(getattr(holders[0], name))
    for module in holders:
        monkeypatch.setattr(module, name, mutant)
    for claim_id in fallen:
        assert examine(KNOWN[claim_id], context).verdict is Verdict.FAILED

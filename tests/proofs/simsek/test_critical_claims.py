"""The claims on symmetry-induced critical points: verdicts, and that a broken formula makes its claims fall."""

from __future__ import annotations

from importlib import import_module

import pytest

from proofs.beyond import simsek_critical, simsek_inertia
from proofs.check import Context
from proofs.ledger import examine
from proofs.registry import find
from proofs.simsek import section_4_critical, section_4_hessian
from proofs.verdict import Verdict
from quadrics.expansion.critical.inertia import Inertia

MODULES = (section_4_critical, section_4_hessian, simsek_inertia, simsek_critical)
HELPERS = [import_module(f"proofs.simsek.{name}") for name in ("critical_checks", "other_critical_points")]


@pytest.fixture(scope="module")
def context():
    """One run, so that the exact Hessians are computed once."""
    return Context()


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
    holders = [module for module in (*MODULES, *HELPERS) if hasattr(module, name)]
    mutant = change(getattr(holders[0], name))
    for module in holders:
        monkeypatch.setattr(module, name, mutant)
    for claim_id in fallen:
        assert examine(find(claim_id), context).verdict is Verdict.FAILED

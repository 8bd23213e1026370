"""The claims on symmetric losses: verdicts, and that a broken formula makes its claims fall."""

from __future__ import annotations

from importlib import import_module

import pytest
import sympy as sp

from proofs.beyond import simsek_toy
from proofs.check import Context
from proofs.evidence import Truth
from proofs.ledger import examine
from proofs.registry import find
from proofs.simsek import appendix_b_regions, section_2_symmetry, section_2_toy
from proofs.simsek.differential_inequalities import gronwall, nondecreasing
from proofs.verdict import Verdict

MODULES = (section_2_symmetry, section_2_toy, appendix_b_regions, simsek_toy)
HOLDERS = (
    *MODULES,
    *map(import_module, ("proofs.simsek.symmetric_flow", "proofs.simsek.region_checks")),
    import_module("quadrics.expansion.losses.toy"),
)


@pytest.mark.parametrize(
    ("name", "change", "fallen"),
    [
        ("diagonal_cubic", lambda f: lambda a, b: f(a, b) + 1, ["simsek.figA5", "beyond.simsek.toy-types"]),
        ("diagonal_curvatures", lambda f: lambda b: f(b)[::-1], ["simsek.figA5", "simsek.figA5.text"]),
        ("toy_discrepancy", lambda f: lambda a, b, *w: f(a, b, *w) + 1, ["simsek.fig2"]),
        ("permute_units", lambda f: lambda theta, perm: theta[::-1, :], ["simsek.def2.1", "simsek.defB.1"]),
        ("image_of_region", lambda f: lambda pi, rho: rho, ["simsek.defB.1"]),
        ("path_around", lambda f: lambda p, q: [p, q], ["simsek.B1.codim"]),
        ("leaving_path", lambda f: lambda: 2 * f(), ["simsek.lem2.1.printed", "simsek.remB.1.printed"]),
        ("rough_network_field", lambda f: lambda y: -f(y), ["simsek.lem2.1.printed"]),
        ("largest_symmetry_subspaces", lambda f: lambda m, D: f(m, D)[1:], ["simsek.def2.2"]),
    ],
)
def test_a_broken_formula_fells_its_claims(monkeypatch, name, change, fallen):
    holders = [module for module in HOLDERS if hasattr(module, name)]
    mutant = change(getattr(holders[0], name))
    for module in holders:
        monkeypatch.setattr(module, name, mutant)
    for claim_id in fallen:
        assert examine(find(claim_id), Context()).verdict is Verdict.FAILED


def test_rules_for_differential_inequalities():
    t, k = sp.Symbol("t", positive=True), sp.Symbol("k")
    q = sp.Function("q")
    slope = sp.Derivative(q(t), t)
    upper = sp.Le(q(t), q(0) * sp.exp(k * t))
    assert gronwall.decide(sp.Le(slope, k * q(t)), upper).truth is Truth.HOLDS
    assert gronwall.decide(sp.Le(slope, 2 * k * q(t)), upper).truth is Truth.VIOLATED
    assert gronwall.decide(sp.Ge(slope, k * q(t)), upper).truth is Truth.VIOLATED
    assert gronwall.decide(sp.Le(slope, k * q(t)), sp.Le(q(t), 2 * q(0) * sp.exp(k * t))).truth is Truth.VIOLATED
    assert gronwall.decide(sp.Le(slope, k), sp.true).truth is Truth.UNDECIDED
    assert nondecreasing(t).decide(t**2, True).truth is Truth.HOLDS
    assert nondecreasing(t).decide(-t, True).truth is Truth.VIOLATED

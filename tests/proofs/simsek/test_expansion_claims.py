"""The claims on expansions and their numbers: verdicts, and that a broken formula makes its claims fall."""

from __future__ import annotations

from importlib import import_module

import pytest

from proofs import simsek
from proofs.check import Context
from proofs.ledger import examine
from proofs.registry import find
from proofs.verdict import Verdict

MODULES = [f"proofs.simsek.{name}" for name in simsek.MODULES if not name.startswith("_")]


@pytest.mark.parametrize(
    ("name", "change", "fallen"),
    [
        ("T", lambda f: lambda r, m: f(r, m) + (m > 3), ["simsek.thm3.1a", "simsek.prop4.5b", "simsek.lem4.6"]),
        ("G", lambda f: lambda r, m: f(r, m) + (m > 3), ["simsek.prop4.5a", "beyond.simsek.near-diagonal"]),
        ("G_polynomial", lambda f: lambda k, m=None: f(k, m) * 2, ["simsek.fig4", "simsek.lem4.6"]),
        ("intersection_dimension", lambda f: lambda P, Q, d, e: f(P, Q, e, d), ["beyond.simsek.intersections"]),
        ("threshold", lambda f: lambda r: f(r) + 1, ["simsek.eq6"]),
        ("level_ratio_leading", lambda f: lambda k, h, r: f(k, h, r) / 2, ["simsek.eq5"]),
        ("type_count", lambda f: lambda c: f(c) + 1, ["simsek.lemB.12", "simsek.lem4.6.proof"]),
        ("most_segments", lambda f: lambda r: 2, ["simsek.thm3.1d"]),
        ("PEAK", lambda f: f * 1.1, ["simsek.figA3"]),
    ],
)
def test_a_broken_formula_fells_its_claims(monkeypatch, name, change, fallen):
    # Import everything first: a module imported later would bind the mutant for good.
    holders = [
        module
        for module in map(import_module, [*MODULES, "proofs.simsek.expansion_checks", "proofs.beyond.simsek_expansion"])
        if hasattr(module, name)
    ]
    mutant = change(getattr(holders[0], name))
    for module in holders:
        monkeypatch.setattr(module, name, mutant)
    for claim_id in fallen:
        assert examine(find(claim_id), Context()).verdict is Verdict.FAILED

"""The claims on expansions and their numbers: verdicts, and that a broken formula makes its claims fall."""

from __future__ import annotations

from importlib import import_module

import pytest

from proofs import simsek
from proofs.beyond import simsek_expansion
from proofs.check import Context
from proofs.graph import claim_graph
from proofs.ledger import examine
from proofs.verdict import Verdict

MODULES = [f"proofs.simsek.{name}" for name in simsek.MODULES if not name.startswith("_")]
EXPECTED = {
    "simsek.net": "stated",
    "simsek.eq2": "checked",
    "simsek.eq2.printed": "refuted",
    "simsek.def3.1": "stated",
    "simsek.reduce": "checked",
    "simsek.def3.2": "proved",
    "simsek.def3.3": "checked",
    "simsek.cross": "checked",
    "simsek.cross.printed": "refuted",
    "simsek.thm3.1a": "checked",
    "simsek.thm3.1a.printed": "refuted",
    "simsek.thm3.1b": "checked",
    "simsek.thm3.1c": "proved",
    "simsek.T_rr": "proved",
    "simsek.fig3": "checked",
    "simsek.thm3.1d": "checked",
    "simsek.thm3.1d.proof": "refuted",
    "simsek.fig4": "checked",
    "simsek.prop4.5a": "checked",
    "simsek.prop4.5b": "checked",
    "simsek.lem4.6": "checked",
    "simsek.lem4.6.printed": "refuted",
    "simsek.lem4.6.proof": "refuted",
    "simsek.eq5": "proved",
    "simsek.eq6": "checked",
    "simsek.eq6.printed": "refuted",
    "simsek.eq6.proof": "refuted",
    "simsek.fig6": "checked",
    "simsek.figA3": "checked",
    "simsek.defB.2": "checked",
    "simsek.lemB.12": "checked",
    "simsek.lemB.12.printed": "refuted",
    "beyond.simsek.intersections": "checked",
    "beyond.simsek.near-diagonal": "proved",
}
KNOWN = {claim.id: claim for claim in (*simsek.claims(), *simsek_expansion.CLAIMS)}


@pytest.mark.parametrize("claim_id", EXPECTED)
def test_verdicts(claim_id):
    entry = examine(KNOWN[claim_id], Context())
    assert entry.failures == []
    assert entry.verdict == Verdict(EXPECTED[claim_id])


def test_the_uses_form_a_graph():
    assert claim_graph(tuple(KNOWN.values())).number_of_nodes() == len(KNOWN)


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
        assert examine(KNOWN[claim_id], Context()).verdict is Verdict.FAILED

"""A formula broken in `quadrics` makes the claims that rest on it fall: the verdicts are computed from the formulas."""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module
from typing import Any

import pytest

from proofs.check import Context
from proofs.ledger import examine
from proofs.verdict import Verdict

MODULES = ("proofs.nurisso.section_3", "proofs.nurisso.section_5_rescaling", "proofs.nurisso.section_8",
           "proofs.beyond.nurisso_dynamics")  # fmt: skip


def verdict_of(claim_id: str) -> Verdict:
    for module in MODULES:
        for claim in import_module(module).CLAIMS:
            if claim.id == claim_id:
                return examine(claim, Context()).verdict
    raise KeyError(claim_id)


def everywhere(monkeypatch: pytest.MonkeyPatch, name: str, change: Callable[[Any], Any]) -> None:
    """Replace a function wherever it has been imported by name."""
    targets = [
        "quadrics.discretization", "quadrics.rescaling", "quadrics.symmetry", "quadrics.forms", "quadrics.conservation",
        "proofs.nurisso.section_3_symmetry", "proofs.nurisso.section_3_gradient",
        "proofs.nurisso.section_3_conservation", "proofs.nurisso.section_5_rescaling",
        "proofs.nurisso.section_8", "proofs.beyond.nurisso_dynamics",
    ]  # fmt: skip
    # Import everything first: a module imported later would bind the mutant for good.
    holders = [module for module in map(import_module, targets) if hasattr(module, name)]
    mutant = change(getattr(holders[0], name))
    for module in holders:
        monkeypatch.setattr(module, name, mutant)


@pytest.mark.parametrize(
    ("name", "change", "fallen"),
    [
        ("rescaling_factor", lambda f: lambda A, C, c: f(A, C, -c), ["nurisso.prop4"]),
        (
            "discrete_imbalance",
            lambda f: lambda c, a, b, h, decay=0: f(c, a / h, b / h, h, decay),
            ["beyond.nurisso.discrete-law", "nurisso.sec8.gd"],
        ),
        ("decayed_imbalance", lambda f: lambda c, lam, t: f(c, lam / 2, t), ["beyond.nurisso.weight-decay"]),
        ("lagrange_imbalance", lambda f: lambda w, v, c, h: f(w, v, -c, h), ["beyond.nurisso.discrete-law"]),
        ("interchange", lambda f: lambda alpha, perm: tuple(alpha), ["nurisso.lemma3"]),
        ("rescale", lambda f: lambda t, a, degree=1: f(t, a, 2), ["nurisso.eq3", "nurisso.eq8", "nurisso.prop4"]),
        ("gram_matrix", lambda f: lambda d, e, bias=False: -f(d, e, bias), ["nurisso.eq10"]),
        ("conserved_quantity", lambda f: lambda M, v, metric=None: f(M, v), ["nurisso.eq11"]),
    ],
)
def test_a_broken_formula_fells_its_claims(
    monkeypatch: pytest.MonkeyPatch, name: str, change: Callable[[Any], Any], fallen: list[str]
) -> None:
    everywhere(monkeypatch, name, change)
    for claim_id in fallen:
        assert verdict_of(claim_id) is Verdict.FAILED


def test_unbroken_they_stand() -> None:
    for claim_id in ("nurisso.prop4", "beyond.nurisso.discrete-law", "nurisso.lemma3", "nurisso.eq3"):
        assert verdict_of(claim_id) is Verdict.PROVED

"""Appendix F, figure 5 and the remarks on initialization: verdicts, and formulas broken on purpose."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Any

import numpy as np
import pytest
import sympy as sp

from proofs.beyond import nurisso_initialization
from proofs.check import Context
from proofs.ledger import examine
from proofs.nurisso import appendix_f, section_7
from proofs.nurisso.neuron_laws import disconnected_by_enumeration, healthy_by_integration
from proofs.verdict import Verdict
from quadrics.errors import DimensionError
from quadrics.initialization import Gaussian, Orthogonal, Uniform, beta, cube, gaussian_weights

EXPECTED = {
    "nurisso.appF.general": Verdict.PROVED,
    "nurisso.appF.general.printed": Verdict.REFUTED,
    "nurisso.appF.kaiming": Verdict.PROVED,
    "nurisso.appF.xavier": Verdict.PROVED,
    "nurisso.appF.xavier.printed": Verdict.REFUTED,
    "nurisso.fig5.a": Verdict.PROVED,
    "nurisso.fig5.a.printed": Verdict.REFUTED,
    "nurisso.fig5.b": Verdict.PROVED,
    "nurisso.fig5.b.printed": Verdict.REFUTED,
    "nurisso.fig5.c": Verdict.CHECKED,
    "nurisso.sec4.init": Verdict.PROVED,
    "nurisso.sec4.init.printed": Verdict.REFUTED,
    "nurisso.sec7.width": Verdict.PROVED,
    "nurisso.sec7.width.printed": Verdict.REFUTED,
    "beyond.nurisso.uniform-init": Verdict.PROVED,
    "beyond.nurisso.orthogonal-init": Verdict.PROVED,
    "beyond.nurisso.xavier-kaiming-crossover": Verdict.PROVED,
}


@cache
def claims() -> dict[str, Any]:
    found = (*appendix_f.CLAIMS, *section_7.CLAIMS, *nurisso_initialization.CLAIMS)
    return {claim.id: claim for claim in found}


def test_every_claim_is_expected() -> None:
    assert set(claims()) == set(EXPECTED)


@pytest.mark.parametrize("claim_id", EXPECTED)
def test_verdict(claim_id: str) -> None:
    entry = examine(claims()[claim_id], Context())
    assert entry.verdict is EXPECTED[claim_id], [e.to_json() for e in entry.evidence if not e.sound]


@pytest.mark.parametrize(
    ("owner", "name", "change", "fallen"),
    [
        (Gaussian, "variance_ratio", lambda f: lambda s, d, l: 1 / f(s, d, l), "nurisso.appF.kaiming"),
        (Gaussian, "variance_ratio", lambda f: lambda s, d, l: f(s, d, l) / 2, "nurisso.appF.xavier"),
        (
            Gaussian,
            "variance_ratio",
            lambda f: lambda s, d, l: 2 * f(s, d, l),
            "beyond.nurisso.xavier-kaiming-crossover",
        ),
        (Gaussian, "healthy_probability", lambda f: lambda s, d, l: 1 - f(s, d, l), "nurisso.appF.general"),
        (Gaussian, "always_disconnected", lambda f: lambda s, d: False, "nurisso.appF.general"),
        (Gaussian, "many_inputs_limit", lambda f: lambda s, l: sp.Integer(0), "nurisso.fig5.a"),
        (Gaussian, "wide_limit", lambda f: lambda s, d: sp.Integer(0), "nurisso.fig5.b"),
        (Gaussian, "wide_limit", lambda f: lambda s, d: sp.Integer(1), "nurisso.sec7.width"),
        (gaussian_weights, "power", lambda f: lambda p, l: f(p, l + 1), "nurisso.appF.general"),
        (beta, "_sum_of_steps", lambda f: lambda *args: -f(*args), "nurisso.appF.general"),
        (Uniform, "radius", lambda f: lambda s, d, l: 2 * f(s, d, l), "beyond.nurisso.uniform-init"),
        (cube, "_volume", lambda f: lambda *args: -f(*args), "beyond.nurisso.uniform-init"),
        (
            Orthogonal,
            "largest_number_of_pathological",
            lambda f: lambda s, d, l: f(s, d, l + 1),
            "beyond.nurisso.orthogonal-init",
        ),
    ],
)
def test_a_broken_formula_fells_its_claim(
    monkeypatch: pytest.MonkeyPatch, owner: Any, name: str, change: Callable[[Any], Any], fallen: str
) -> None:
    cube._evaluate.cache_clear()
    monkeypatch.setattr(owner, name, change(getattr(owner, name)))
    try:
        assert examine(claims()[fallen], Context()).verdict is Verdict.FAILED
    finally:
        cube._evaluate.cache_clear()


@pytest.mark.parametrize(("d", "variances"), [(1, (1, 3)), (2, (2, 1)), (4, (1, 1)), (6, (3, 2))])
def test_plain_integration_against_a_sample(d: int, variances: tuple[int, int]) -> None:
    rng, n = np.random.default_rng(d), 40_000
    w, a = rng.normal(0, variances[0] ** 0.5, (n, d)), rng.normal(0, variances[1] ** 0.5, n)
    rate = float(((w**2).sum(1) > a**2).mean())
    exact = float(healthy_by_integration(d, *map(sp.Integer, variances)))
    assert abs(rate - exact) < 5 * (exact * (1 - exact) / n) ** 0.5  # 5 sigma


def test_total_probability() -> None:
    one, two = sp.Integer(1), sp.Integer(2)
    healthy = healthy_by_integration(2, one, two)
    assert sp.simplify(disconnected_by_enumeration(2, 3, one, two) - (1 - healthy**3)) == 0
    assert disconnected_by_enumeration(1, 3, one, two) == 1
    with_bias = disconnected_by_enumeration(1, 1, one, two, bias=True)
    assert sp.simplify(with_bias - (1 - healthy_by_integration(1, one, two))) == 0
    with pytest.raises(DimensionError, match="even"):
        healthy_by_integration(3, one, one)

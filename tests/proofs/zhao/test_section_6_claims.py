"""The claims of section 6: verdicts, what the printed text loses to, and what falls when a formula is broken."""

from __future__ import annotations

from importlib import import_module

import pytest
import sympy

from proofs.beyond import zhao_chords, zhao_curvature
from proofs.check import Context
from proofs.evidence import Truth
from proofs.ledger import examine
from proofs.verdict import Verdict
from proofs.zhao import (
    approximate_action_checks,
    chord_counterexamples,
    chord_turning,
    section_6_curvature,
    section_6_curves,
    symmetry_curve_checks,
)
from quadrics.errors import ClaimError

EXPECTED = {
    "zhao.eq4": "proved",
    "zhao.eq5": "checked",
    "zhao.eq5.printed": "refuted",
    "zhao.eq6": "proved",
    "zhao.eq6.printed": "refuted",
    "zhao.prop6.1": "proved",
    "zhao.prop6.1.proof": "refuted",
    "zhao.fig3bc.printed": "refuted",
    "zhao.def.kappa": "proved",
    "zhao.def.kappa.printed": "refuted",
    "zhao.thm6.2": "proved",
    "zhao.thm6.2.printed": "refuted",
    "zhao.rem6.2a": "proved",
    "zhao.rem6.2b": "proved",
    "zhao.rem6.2b.printed": "refuted",
    "beyond.zhao.chord-length": "proved",
    "beyond.zhao.chord-turning": "proved",
    "beyond.zhao.chord-reach": "proved",
    "beyond.zhao.curvature": "proved",
    "beyond.zhao.orthogonal-curves": "checked",
    "beyond.zhao.rescaling-curvature": "proved",
}
MODULES = (section_6_curves, section_6_curvature, zhao_chords, zhao_curvature)
KNOWN = {claim.id: claim for module in MODULES for claim in module.CLAIMS}


@pytest.mark.parametrize("claim_id", EXPECTED)
def test_verdicts(claim_id):
    entry = examine(KNOWN[claim_id], Context())
    assert entry.failures == []
    assert entry.verdict == Verdict(EXPECTED[claim_id])


def test_every_claim_is_expected():
    assert set(KNOWN) == {*EXPECTED, "zhao.fig3a", "zhao.fig3bc"}


@pytest.mark.parametrize(
    ("name", "change", "fallen"),
    [
        ("curvature_from", lambda f: lambda a, b, c: 2 * f(a, b, c), ["zhao.def.kappa", "beyond.zhao.chord-length"]),
        ("printed_bound", lambda f: lambda *a: f(*a) / 2, ["beyond.zhao.chord-reach", "zhao.rem6.2a", "zhao.thm6.2"]),
        ("turning_bound", lambda f: lambda *a: f(*a) / 2, ["beyond.zhao.chord-turning"]),
        ("shortest_chord", lambda f: lambda *a: f(*a) / 2, ["zhao.thm6.2"]),
        ("length_bound", lambda f: lambda *a: f(*a) / 2, ["beyond.zhao.chord-length", "zhao.rem6.2b"]),
        ("rescaling_curvature", lambda f: lambda *a: f(*a) / 2, ["beyond.zhao.rescaling-curvature"]),
        ("rescaling_peak", lambda f: lambda *a: f(*a) + 1, ["beyond.zhao.rescaling-curvature"]),
        ("has_real_logarithm", lambda f: lambda g: sympy.Matrix(g).det() > 0, ["zhao.eq5", "zhao.eq5.printed"]),
        ("real_power", lambda f: lambda g, t: f(g, abs(t)), ["zhao.eq4"]),
        ("identity_fixes", lambda f: lambda *a: True, ["zhao.eq6"]),
        ("keeps_output", lambda f: lambda *a: not f(*a), ["zhao.eq6"]),
    ],
)
def test_a_broken_formula_fells_its_claims(monkeypatch, name, change, fallen):
    parts = (*MODULES, symmetry_curve_checks, approximate_action_checks, chord_turning)
    holders = [module for module in parts if hasattr(module, name)]
    mutant = change(getattr(holders[0], name))
    for module in holders:
        monkeypatch.setattr(module, name, mutant)
    for claim_id in fallen:
        assert examine(KNOWN[claim_id], Context()).verdict is Verdict.FAILED


@pytest.mark.parametrize(
    ("decide", "kinds"),
    [
        (chord_counterexamples.within, chord_counterexamples.KINDS),
        (chord_counterexamples.within_loss, chord_counterexamples.LOSING_KINDS),
    ],
)
def test_the_theorem_as_printed_loses_to_each_kind_of_curve(decide, kinds):
    context = Context()
    for kind in kinds:
        assert decide(kind)(section_6_curvature._as_printed, context).truth is Truth.VIOLATED
        assert decide(kind)(lambda one: None, context).truth is Truth.HOLDS
        # zero is too small for the short arcs, which d_max fits exactly
        assert decide(kind)(lambda one: 0 if one.regular else None, context).truth is Truth.VIOLATED


def test_the_kinds_of_curves():
    chords = chord_counterexamples.all_chords()
    assert tuple(chords) == ("short arcs", *chord_counterexamples.KINDS)
    losing = [one for kind in chord_counterexamples.KINDS for one in chords[kind]]
    assert len(losing) == 6
    assert all(not one.regular or sympy.N(one.curvature * one.length - sympy.pi) > 0 for one in losing)


@pytest.mark.parametrize(
    "build",
    [
        lambda: chord_counterexamples.long_way_round(sympy.Rational(1, 2), sympy.Rational(1, 2)),
        lambda: chord_counterexamples.long_way_round(-sympy.Rational(4, 5), sympy.Rational(3, 5)),
        lambda: chord_counterexamples.helix(2),
    ],
)
def test_an_instance_that_is_none_is_refused(build):
    with pytest.raises(ClaimError):
        build()


def test_the_measurements_belong_to_the_claims():
    for name in ("section_6_curves", "section_6_curvature"):
        checks = import_module(f"numerics.checks.zhao.{name}").CHECKS
        assert set(checks) <= set(KNOWN)

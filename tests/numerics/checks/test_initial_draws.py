"""The measurements on initialization: what they share, and that they reject what is wrong at every seed."""

import sympy

from numerics.checks import beyond_nurisso_initialization
from numerics.checks.initial_draws import Cell, draws, fits, probability_of_obstruction, within
from numerics.checks.nurisso import appendix_f, section_7
from numerics.intervals import Interval
from proofs import Context
from proofs.evidence import Status
from quadrics.initialization import gaussian, kaiming_normal, orthogonal

CELL = Cell(kaiming_normal(), 3, 2)


def test_draws_are_kept_for_the_run():
    context = Context()
    assert draws(context, CELL, quick=200) is draws(context, CELL, quick=200)
    assert draws(context, CELL, quick=200) is not draws(context, CELL, quick=300)
    assert (
        draws(context, CELL, quick=200) == draws(Context(), CELL, quick=200) != draws(Context(seed=1), CELL, quick=200)
    )


def test_schemes_of_one_name_are_told_apart():
    context = Context()
    wide, narrow = (draws(context, Cell(gaussian(1, s), 2, 2), quick=500) for s in (10, sympy.Rational(1, 10)))
    assert wide.some > 400 > 100 > narrow.some


def test_rounding_makes_no_pathological_neurons():
    found = draws(Context(), Cell(orthogonal(), 4, 1), quick=2_000)  # c = 0 exactly
    assert (found.networks, found.some, found.largest) == (500, 0, 0)


def test_within():
    assert within(Interval(0.5, 0.4, 0.6), sympy.sqrt(2) / 3)
    assert not within(Interval(0.5, 0.4, 0.6), 0.7)


def test_fits_says_where_it_does_not():
    right, wrong = (fits([CELL])(p, Context()) for p in (probability_of_obstruction, lambda cell: sympy.Integer(0)))
    assert right.truth == "holds"
    assert wrong.truth == "violated"
    assert "Kaiming" in wrong.details["at"]


def test_every_measurement_is_sound():
    context = Context(seed=11)
    for module in (appendix_f, section_7, beyond_nurisso_initialization):
        for claim, checks in module.CHECKS.items():
            for check in checks:
                evidence = check.run(context)
                assert evidence.status is Status.PASSED, (claim, evidence.details)
                assert all(control.rejected for control in evidence.controls), (claim, evidence.controls)

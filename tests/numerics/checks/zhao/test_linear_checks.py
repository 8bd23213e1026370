"""The measurements on linear networks: sound joins, and evidence that holds for other seeds."""

from __future__ import annotations

import pytest
import sympy
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from numerics.checks.zhao import section_3, section_4_linear, section_5_permutations
from numerics.checks.zhao.determinant_roots import classes, safe_segments
from numerics.checks.zhao.section_3 import along, well_conditioned
from proofs.check import Context, run
from quadrics.connectivity.gl_paths import roots_on_segment

CHECKS = [
    (claim_id, check)
    for module in (section_3, section_4_linear, section_5_permutations)
    for claim_id, checks in module.CHECKS.items()
    for check in checks
]


@pytest.mark.parametrize(("claim_id", "check"), CHECKS, ids=[f"{c}: {m.what[:30]}" for c, m in CHECKS])
@pytest.mark.parametrize("seed", [0, 1])
def test_measurements(claim_id, check, seed):
    evidence = run(check, Context(seed=seed))
    assert evidence.status == "passed", evidence.details
    assert evidence.sound, [c for c in evidence.controls if not c.rejected]


@settings(max_examples=100, deadline=None)
@given(st.integers(1, 4), st.integers(0, 2**31))
def test_a_safe_segment_has_no_singular_matrix(n, seed):
    """Against Sturm's theorem, on the exact values of the floats."""
    source = torch.Generator().manual_seed(seed)
    A, B = torch.randn(2, n, n, generator=source, dtype=torch.float64)
    exact = [sympy.Matrix(one.tolist()).applyfunc(sympy.Rational) for one in (A, B)]
    if safe_segments(A, B):
        assert roots_on_segment(*exact) == 0


def test_a_root_on_the_segment_is_seen_between_equal_signs():
    A = torch.eye(2, dtype=torch.float64)
    assert torch.linalg.det(A).sign() == torch.linalg.det(-A).sign() == 1
    assert not safe_segments(A, -A)
    turned = torch.tensor([[0.0, -1.0], [1.0, 0.0]], dtype=torch.float64)
    assert safe_segments(torch.stack([A, turned]), torch.stack([turned, -A])).all()


def test_classes_join_through_others():
    turned = torch.tensor([[0.0, -1.0], [1.0, 0.0]], dtype=torch.float64)
    eye = torch.eye(2, dtype=torch.float64)
    flip = torch.diag(torch.tensor([1.0, -1.0], dtype=torch.float64))
    assert classes(torch.stack([eye, -eye, flip])[:, None]).tolist() == [0, 1, 2]
    assert classes(torch.stack([eye, -eye, turned, flip])[:, None]).tolist() == [0, 0, 0, 1]


def test_points_of_a_polygon_begin_and_end_at_its_ends():
    vertices = torch.randn(5, 3, 3, dtype=torch.float64, generator=torch.Generator().manual_seed(0))
    points = along(vertices, 101)
    assert torch.equal(points[0], vertices[0])
    assert torch.equal(points[-1], vertices[-1])
    assert torch.equal(points[25], vertices[1])


def test_well_conditioned_matrices_are_enough():
    drawn = well_conditioned(torch.Generator().manual_seed(3), 40, 3, 3)
    assert drawn.shape == (40, 3, 3, 3)
    assert (torch.linalg.cond(drawn) <= 100).all()

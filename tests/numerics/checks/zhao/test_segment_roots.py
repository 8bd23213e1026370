"""Segments without roots: never wrongly recognized, exact coefficients, and what the unsound shortcut does."""

import pytest
import sympy as sp
import torch

from numerics.checks.zhao.segment_roots import (
    PIECES,
    bernstein_matrix,
    classes,
    degree,
    determinants,
    layers,
    parameters,
    rootless,
    same_signs,
)
from quadrics.connectivity.residual_blocks import ResidualBlock
from quadrics.connectivity.residual_paths import segment_polynomial

BLOCKS = [ResidualBlock(1, (1, 1), 1), ResidualBlock(2, (2,), -1), ResidualBlock(3, (1,), 2), ResidualBlock(2, (3,), 0)]


def exact(block, flat):
    return [sp.Matrix(W.tolist()).applyfunc(sp.Rational) for W in layers(block, flat)]


@pytest.mark.parametrize("block", BLOCKS, ids=str)
def test_against_sturm(block):
    source = torch.Generator().manual_seed(1)
    starts, ends = (torch.randint(-8, 9, (60, parameters(block)), generator=source).double() / 4 for _ in range(2))
    said = rootless(block, starts, ends)
    found = []
    for start, end, answer in zip(starts, ends, said.tolist(), strict=True):
        p = segment_polynomial(exact(block, start), exact(block, end), block.skip)
        assert p.degree() <= degree(block)
        without = not p.is_zero and p.count_roots(0, 1) == 0
        found.append(without)
        assert without or not answer
    # Parts of a segment are short enough for nearly all segments without root to be recognized.
    assert said.sum() >= 0.8 * sum(found) > 0
    assert sum(found) < 60


def test_bernstein_coefficients():
    """3 t^2 on [a, b] has the coefficients 3 a^2, 3 a b, 3 b^2."""
    values = torch.tensor([0.0, 0.75, 3.0], dtype=torch.float64)
    found = (bernstein_matrix(2) @ values).reshape(PIECES, 3)
    a = torch.arange(PIECES) / PIECES
    b = a + 1 / PIECES
    assert torch.allclose(found, 3 * torch.stack([a * a, a * b, b * b], 1).double(), rtol=0, atol=1e-14)


def test_signs_at_sample_points_join_too_much():
    block = ResidualBlock(1, (1,), 0)
    start, end = torch.tensor([[-4.0, -1.0]]).double(), torch.tensor([[1.0, 4.0]]).double()
    assert determinants(block, (start + end) / 2).item() < 0
    start, end = torch.tensor([[-2.0, -1.0]]).double(), torch.tensor([[1.0, 2.0]]).double()
    middle = torch.lerp(start, end, 0.5)
    assert determinants(block, middle).item() < 0
    near = torch.tensor([[-1.0, -1.1]]).double(), torch.tensor([[3.0, 3.0]]).double()
    assert same_signs(block, *near).item()
    assert not rootless(block, *near).item()


def test_classes_of_quadrants():
    block = ResidualBlock(1, (1,), 0)
    points = torch.tensor([[1.0, 1.0], [2.0, 3.0], [-1.0, 2.0], [-1.0, -1.0], [-3.0, -0.5]]).double()
    assert classes(block, points).tolist() == [0, 0, 1, 2, 2]

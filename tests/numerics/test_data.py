"""The data sets: deterministic, of the right law, and refused when they are no data."""

from __future__ import annotations

import math

import pytest
import torch
from scipy.stats import kstest

from numerics.data import Dataset, breast_cancer, toy
from quadrics.errors import DimensionError, NonFiniteError, ShapeError


def test_toy_is_uniform_on_the_square_and_follows_its_seed() -> None:
    data = toy(8000, seed=3)
    assert data.x.shape == (8000, 2)
    assert data.y.shape == (8000, 1)
    assert torch.equal(data.y[:, 0], -(data.x[:, 0] + data.x[:, 1]))
    # Kolmogorov-Smirnov at level 1e-4, on a fixed seed.
    assert all(kstest(data.x[:, i].numpy(), "uniform").pvalue > 1e-4 for i in (0, 1))
    assert torch.equal(data.x, toy(8000, seed=3).x)
    assert not torch.equal(data.x, toy(8000, seed=4).x)


def test_toy_mean_square_is_within_its_standard_error_of_seven_sixths() -> None:
    # Var F^2 = E (x1+x2)^4 - (7/6)^2 = 31/15 - 49/36: six standard errors.
    data = toy(8000, seed=0)
    error = math.sqrt((31 / 15 - 49 / 36) / 8000)
    assert abs(float(data.y.square().mean()) - 7 / 6) < 6 * error


def test_breast_cancer_split_is_stratified_and_disjoint() -> None:
    train, test = breast_cancer(seed=1)
    assert (len(train), len(test)) == (455, 114)
    everything = torch.cat([train.y, test.y])
    assert everything.sum() == 357
    assert abs(float(train.y.mean() - test.y.mean())) < 1 / 114
    assert set(everything[:, 0].tolist()) == {0.0, 1.0}
    torch.testing.assert_close(train.x.square().mean(dim=0), torch.ones(30, dtype=torch.float64))


def test_breast_cancer_follows_its_seed_and_its_type() -> None:
    assert torch.equal(breast_cancer(seed=1)[0].x, breast_cancer(seed=1)[0].x)
    assert not torch.equal(breast_cancer(seed=1)[0].x, breast_cancer(seed=2)[0].x)
    assert breast_cancer(dtype=torch.float32)[1].y.dtype == torch.float32


def test_datasets_convert() -> None:
    assert toy(3).to(torch.float32).x.dtype == torch.float32
    assert len(toy(3)) == 3


@pytest.mark.parametrize("n", [0, -1, 2.5, True, "8000"])
def test_toy_refuses_what_is_no_count(n: object) -> None:
    with pytest.raises(DimensionError, match="positive integer"):
        toy(n)  # type: ignore[arg-type]


def test_a_dataset_refuses_shapes_and_numbers_that_do_not_fit() -> None:
    with pytest.raises(ShapeError, match="same N"):
        Dataset(torch.zeros(3, 2), torch.zeros(4, 1))
    with pytest.raises(ShapeError, match="same N"):
        Dataset(torch.zeros(0, 2), torch.zeros(0, 1))
    with pytest.raises(NonFiniteError, match="finite"):
        Dataset(torch.full((3, 2), torch.nan), torch.zeros(3, 1))

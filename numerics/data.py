"""The data sets that the papers' experiments train on, as pairs of tensors.

Everything is drawn with numpy's PCG64 from an explicit seed and on the CPU, so that a seed gives the same numbers
with every version of torch and on every device.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch

from quadrics.errors import DimensionError, NonFiniteError, ShapeError

__all__ = ["Dataset", "breast_cancer", "toy"]


@dataclass(frozen=True, eq=False)
class Dataset:
    """A finite sample: inputs ``x`` of shape (N, d_in) and targets ``y`` of shape (N, d_out).

    Raises:
        ShapeError: ``x`` and ``y`` are no matrices with the same, positive number of rows.
        NonFiniteError: NaN or infinity among the numbers.

    >>> toy(4, seed=0)
    Dataset(4 samples, d_in=2, d_out=1, float64)
    >>> Dataset(torch.zeros(3, 2), torch.zeros(2, 1))
    Traceback (most recent call last):
    ...
    quadrics.errors.ShapeError: got x (3, 2) and y (2, 1); expected (N, d_in) and (N, d_out) with the same N > 0
    """

    x: torch.Tensor
    y: torch.Tensor

    def __post_init__(self) -> None:
        x, y = self.x, self.y
        if x.ndim != 2 or y.ndim != 2 or x.shape[0] != y.shape[0] or 0 in (*x.shape, *y.shape):
            raise ShapeError(
                f"got x {tuple(x.shape)} and y {tuple(y.shape)}; expected (N, d_in) and (N, d_out) with the same N > 0"
            )
        if not (bool(torch.isfinite(x).all()) and bool(torch.isfinite(y).all())):
            raise NonFiniteError("got NaN or infinity among the data; expected finite numbers: clean the data first")

    def __len__(self) -> int:
        return int(self.x.shape[0])

    def __repr__(self) -> str:
        kind = str(self.x.dtype).removeprefix("torch.")
        return f"Dataset({len(self)} samples, d_in={self.x.shape[1]}, d_out={self.y.shape[1]}, {kind})"

    def to(self, target: torch.dtype | torch.device | str) -> Dataset:
        """The same sample in another dtype or on another device."""
        return Dataset(self.x.to(target), self.y.to(target))


def toy(n: int = 8000, seed: int = 0, dtype: torch.dtype = torch.float64) -> Dataset:
    """The regression task of Nurisso et al., Section 6: F(x) = -(x_1 + x_2) at ``n`` points uniform in the unit square.

    The mean of F² over the square, which no network with positive output weights can beat, is 7/6.

    Raises:
        DimensionError: ``n`` is no positive integer.

    >>> data = toy(8000, seed=0)
    >>> bool(torch.equal(data.y[:, 0], -(data.x[:, 0] + data.x[:, 1])))
    True
    >>> abs(float(data.y.square().mean()) - 7 / 6) < 0.05
    True
    >>> float(data.y.square().mean()) == 7 / 6  # a sample, not the population
    False
    """
    if isinstance(n, bool) or not isinstance(n, int) or n < 1:
        raise DimensionError(f"got n = {n!r} points; expected a positive integer")
    x = torch.from_numpy(np.random.default_rng(seed).random((n, 2))).to(dtype)
    return Dataset(x, -x.sum(dim=1, keepdim=True))


def breast_cancer(seed: int = 0, dtype: torch.dtype = torch.float64) -> tuple[Dataset, Dataset]:
    """The Wisconsin diagnostic data bundled with scikit-learn, as (train, test).

    A stratified 80/20 split (455 and 114 of the 569 samples) by ``seed``, 30 features z-scored with the **train**
    mean and standard deviation, targets 0 (malignant) and 1 (benign). The paper states neither split nor scaling.

    >>> train, test = breast_cancer(seed=0)
    >>> train, test
    (Dataset(455 samples, d_in=30, d_out=1, float64), Dataset(114 samples, d_in=30, d_out=1, float64))
    >>> bool(train.x.mean(dim=0).abs().max() < 1e-13)
    True
    >>> bool(test.x.mean(dim=0).abs().max() < 1e-13)  # scaled with the train statistics, not with its own
    False

    Reference: W. Wolberg, O. Mangasarian, N. Street, W. Street, Breast Cancer Wisconsin (Diagnostic), UCI Machine
    Learning Repository, 1995.
    """
    from sklearn.datasets import load_breast_cancer
    from sklearn.model_selection import train_test_split
    from sklearn.preprocessing import StandardScaler

    features, labels = load_breast_cancer(return_X_y=True)
    x_train, x_test, y_train, y_test = train_test_split(
        features, labels, test_size=0.2, stratify=labels, random_state=seed
    )
    scaler = StandardScaler().fit(x_train)

    def dataset(x: np.ndarray, y: np.ndarray) -> Dataset:
        return Dataset(torch.from_numpy(scaler.transform(x)).to(dtype), torch.from_numpy(y).to(dtype)[:, None])

    return dataset(x_train, y_train), dataset(x_test, y_test)

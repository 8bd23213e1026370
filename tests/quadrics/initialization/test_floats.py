"""The double-precision maps agree with the exact formulas."""

import numpy as np
import pytest

from quadrics.initialization import INPUTS, WIDTH, evaluate, kaiming_normal, on_arrays, xavier_normal


@pytest.mark.parametrize("scheme", [kaiming_normal(), xavier_normal()], ids=lambda scheme: scheme.name)
def test_agrees_with_exact_values(scheme):
    d, l = np.meshgrid([2, 3, 7, 30], [1, 2, 10, 50], indexing="ij")
    table = on_arrays(scheme.obstruction_probability(INPUTS, WIDTH))(d, l)
    exact = [[float(evaluate(scheme.obstruction_probability(int(i), int(j)))) for j in l[0]] for i in d[:, 0]]
    assert table.shape == d.shape
    assert np.abs(table - np.array(exact)).max() < 1e-12

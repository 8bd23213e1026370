"""Inner products without coordinates agree with inner products in coordinates."""

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from proofs.vectors import dot, inner, square, vectors

small = st.integers(-5, 5)


@given(st.integers(1, 4), st.data())
def test_expansion_agrees_with_coordinates(dimension: int, data: st.DataObject) -> None:
    def draw() -> Any:
        return [data.draw(small) for _ in range(dimension)]

    names = {"u": draw(), "v": draw(), "w": draw()}
    u, v, w = vectors("u v w")
    a, b, c = data.draw(small), data.draw(small), data.draw(small)

    def times(x: list[int], y: list[int]) -> int:
        return sum(p * q for p, q in zip(x, y, strict=True))

    left = [a * x - b * y for x, y in zip(names["u"], names["v"], strict=True)]
    right = [x + c * y for x, y in zip(names["w"], names["u"], strict=True)]
    values = {inner(m, n): times(names[m], names[n]) for m in names for n in names}
    assert dot(a * u - b * v, w + c * u).subs(values) == times(left, right)


def test_symmetric_and_bilinear() -> None:
    u, v = vectors("u v")
    assert dot(u, v) == dot(v, u) == inner("v", "u")
    assert square(u - u) == 0
    assert dot(-u, v) == -dot(u, v)

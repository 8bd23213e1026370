"""Numbers from text: exact, and nothing else ever gets through."""

from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from numerics.cli.parsing import as_number, as_numbers
from quadrics.errors import ImbalanceError


@given(st.fractions())
def test_fractions_survive(value: Fraction) -> None:
    assert as_number(f"{value.numerator}/{value.denominator}") == value


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_floats_are_read_as_the_decimals_that_they_show(value: float) -> None:
    assert as_number(repr(value)) == Fraction(repr(value))


@given(st.lists(st.decimals(allow_nan=False, allow_infinity=False, places=3), min_size=1))
def test_lists(values: list[object]) -> None:
    assert as_numbers(", ".join(map(str, values))) == [Fraction(str(v)) for v in values]


@pytest.mark.parametrize(
    "text",
    [
        *(
            "",
            " ",
            "nan",
            "inf",
            "-infinity",
            "1+1",
            "pi",
            "0x10",
            "1_000",
            "1e",
            "1/0",
            "1/2/3",
            "--1",
            "1 2",
            "²",
            "١",
        ),
        *(
            "1e1000000000",
            "1e-99999",
            "9" * 10_000,
            "exec('1')",
            "__import__('os').system('true')",
            "1,2",
            "c[0]",
            "1j",
        ),
    ],
)
def test_everything_else_is_refused(text: str) -> None:
    with pytest.raises(ImbalanceError, match=r"expected a number such as") as caught:
        as_number(text)
    assert len(str(caught.value)) < 200


def test_the_entry_is_named() -> None:
    with pytest.raises(ImbalanceError, match=r"--imbalance, entry 2: got ''"):
        as_numbers("1,,2", "--imbalance")

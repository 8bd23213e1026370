"""SymPy expressions as C++ on vectors: how a formula comes into a kernel."""

from __future__ import annotations

from typing import Any

import sympy
from sympy.codegen.cfunctions import expm1
from sympy.printing.cxx import CXX17CodePrinter
from sympy.printing.precedence import PRECEDENCE

from quadrics.errors import BridgeError

from ..stable import Sigmoid, stable

__all__ = ["vector_function"]

KNOWN = (sympy.Symbol, sympy.Rational, sympy.Float, sympy.Add, sympy.Mul, sympy.exp, expm1)


class _VectorPrinter(CXX17CodePrinter):  # type: ignore[misc]  # SymPy ships no types
    """Prints numbers in the type T of a vector's entries, and functions as those of ``vectors.hpp``, ``expm1.hpp``."""

    def _print_Rational(self, expr: Any) -> str:
        return f"(T({expr.p}) / T({expr.q}))" if expr.q != 1 else f"T({expr.p})"

    _print_Integer = _print_One = _print_NegativeOne = _print_Zero = _print_Half = _print_Rational

    def _print_Float(self, expr: Any) -> str:
        return f"T({super()._print_Float(expr)})"

    def _print_exp(self, expr: Any) -> str:
        return f"exponential<T>({self._print(expr.args[0])})"

    def _print_expm1(self, expr: Any) -> str:
        return f"exponential_minus_one<T>({self._print(expr.args[0])})"

    def _print_Pow(self, expr: Any, rational: bool = False) -> str:
        base = self.parenthesize(expr.base, PRECEDENCE["Mul"] + 1)
        product = " * ".join([base] * abs(int(expr.exp)))
        return f"({product})" if expr.exp > 0 else f"(T(1) / ({product}))"


def vector_function(name: str, expr: Any, args: tuple[Any, ...]) -> str:
    """Return the C++ text of a function of vectors that computes a SymPy expression.

    Raises:
        BridgeError: the expression has more than sums, products, integer powers and ``exp`` in it, or other symbols.

    >>> f, y = sympy.symbols("f y", real=True)
    >>> print(vector_function("loss", sympy.log(1 + sympy.exp(f)).diff(f) - y, (f, y)))
    template <class T> inline Vector<T> loss(Vector<T> f, Vector<T> y) {
      return -y + (T(1) / ((T(1) + exponential<T>(-f))));
    }
    >>> vector_function("loss", sympy.gamma(f), (f,))
    Traceback (most recent call last):
    ...
    quadrics.errors.BridgeError: expression: got gamma(f); expected exp, sums, products and integer powers in a kernel
    """
    stray = expr.free_symbols - set(args)
    if stray:
        raise BridgeError(f"expression: got the symbols {stray}; expected {args} only")
    lowered = stable(expr).replace(Sigmoid, lambda u: 1 / (1 + sympy.exp(-u)))
    for part in sympy.preorder_traversal(lowered):
        if not (isinstance(part, KNOWN) or (part.is_Pow and part.exp.is_Integer)):
            raise BridgeError(f"expression: got {part}; expected exp, sums, products and integer powers in a kernel")
    parameters = ", ".join(f"Vector<T> {arg}" for arg in args)
    value = _VectorPrinter().doprint(lowered)
    return f"template <class T> inline Vector<T> {name}({parameters}) {{\n  return {value};\n}}"

"""From one SymPy expression to straight-line torch code; ``numerics.bridge`` is the way in.

SymPy's own ``TorchPrinter`` writes ``torch.sqrt(2)`` for a constant, ``torch.max`` for ``Max`` of several terms and
``torch.where`` with Python numbers (which torch reads as float32), all of which fail or round wrongly. This subclass
keeps its dispatch and replaces those; every node becomes one assignment, so that nothing is computed twice, and what
has no symbol in it is rounded once from 40 digits.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import Any

import sympy
import torch
from sympy.codegen import cfunctions
from sympy.printing.pytorch import TorchPrinter
from torch import Tensor

from .stable import Erfc, Sigmoid, Softplus

__all__ = ["LOWERED", "StraightLinePrinter", "gamma", "number", "softplus"]

UNARY: Mapping[Any, str] = {
    sympy.Abs: "torch.abs",
    sympy.sign: "torch.sign",
    sympy.floor: "torch.floor",
    sympy.ceiling: "torch.ceil",
    sympy.exp: "torch.exp",
    sympy.log: "torch.log",
    sympy.sin: "torch.sin",
    sympy.cos: "torch.cos",
    sympy.tan: "torch.tan",
    sympy.asin: "torch.asin",
    sympy.acos: "torch.acos",
    sympy.atan: "torch.atan",
    sympy.sinh: "torch.sinh",
    sympy.cosh: "torch.cosh",
    sympy.tanh: "torch.tanh",
    sympy.asinh: "torch.asinh",
    sympy.acosh: "torch.acosh",
    sympy.atanh: "torch.atanh",
    sympy.erf: "torch.erf",
    sympy.erfc: "torch.erfc",
    sympy.erfinv: "torch.erfinv",
    sympy.loggamma: "torch.lgamma",
    sympy.gamma: "_gamma",
    sympy.digamma: "torch.digamma",
    Erfc: "torch.erfc",
    Sigmoid: "torch.sigmoid",
    Softplus: "_softplus",
    cfunctions.log1p: "torch.log1p",
    cfunctions.expm1: "torch.expm1",
    cfunctions.Sqrt: "torch.sqrt",
}
BINARY: Mapping[Any, str] = {
    sympy.atan2: "torch.atan2",
    sympy.Mod: "torch.remainder",
    cfunctions.hypot: "torch.hypot",
}
FOLDED: Mapping[Any, str] = {sympy.Max: "torch.maximum", sympy.Min: "torch.minimum"}
STRUCTURE = (
    sympy.Add,
    sympy.Mul,
    sympy.Pow,
    sympy.UnevaluatedExpr,
    sympy.Heaviside,
    sympy.KroneckerDelta,
    sympy.Piecewise,
    sympy.core.relational.Relational,
    sympy.And,
    sympy.Or,
    sympy.Not,
    sympy.ITE,
)
EVALUATED = (sympy.Expr, sympy.logic.boolalg.Boolean)

LOWERED: Mapping[Any, Callable[..., Any]] = {
    sympy.cot: lambda x: 1 / sympy.tan(x),
    sympy.sec: lambda x: 1 / sympy.cos(x),
    sympy.csc: lambda x: 1 / sympy.sin(x),
    sympy.acot: lambda x: sympy.atan(1 / x),
    sympy.coth: lambda x: 1 / sympy.tanh(x),
    sympy.sech: lambda x: 1 / sympy.cosh(x),
    sympy.csch: lambda x: 1 / sympy.sinh(x),
    sympy.factorial: lambda x: sympy.gamma(x + 1),
    sympy.binomial: lambda n, k: sympy.gamma(n + 1) / (sympy.gamma(k + 1) * sympy.gamma(n - k + 1)),
    sympy.beta: lambda x, y: sympy.gamma(x) * sympy.gamma(y) / sympy.gamma(x + y),
    sympy.polygamma: lambda n, x: sympy.digamma(x) if n == 0 else None,
}
"""Functions that torch lacks, by functions that it has."""


def number(value: sympy.Expr) -> float | None:
    """Return a constant as the nearest float, or None when it is no real number that a float can hold.

    >>> number(sympy.sqrt(2)), number(sympy.Rational(1, 3)), number(sympy.I)
    (1.4142135623730951, 0.3333333333333333, None)
    """
    digits = value.evalf(40)
    if digits is sympy.oo or digits is -sympy.oo:
        return math.inf if digits > 0 else -math.inf
    if not (digits.is_Float or digits.is_Rational):
        return None
    rounded = float(digits)
    return rounded if math.isfinite(rounded) else None


class StraightLinePrinter(TorchPrinter):  # type: ignore[misc]  # SymPy ships no types
    """Prints expressions in the given symbols as assignments (``lines``) to fresh names.

    What cannot be printed is collected in ``missing`` by name. Piecewise expressions are handed to ``piecewise``,
    which returns the name of a function of all arguments: each branch is to be computed only where it holds, so
    that a division by zero in the other branch reaches neither the value nor the gradient.
    """

    def __init__(self, names: Mapping[Any, str], piecewise: Callable[[Any], str]) -> None:
        super().__init__()
        self.names: dict[Any, str] = dict(names)
        self.arguments = ", ".join(names.values())
        self.piecewise = piecewise
        self.lines: list[str] = []
        self.missing: set[str] = set()

    def doprint(self, expr: Any) -> str:
        """Return the name or literal of the expression's value, and extend ``lines`` by what computes it."""
        todo = [(expr, False)]
        while todo:  # operands first, so that no expression is too deep for Python's stack
            node, ready = todo.pop()
            if ready:
                self._print(node)
            elif node not in self.names and not isinstance(node, sympy.Piecewise) and node.free_symbols:
                todo.append((node, True))
                todo += [(arg, False) for arg in node.args if isinstance(arg, EVALUATED)]
        return self._print(expr)

    def _print(self, expr: Any, **kwargs: Any) -> str:
        if expr in self.names:
            return self.names[expr]
        if isinstance(expr, sympy.Expr) and not expr.free_symbols:
            return self._constant(expr)
        if expr in (sympy.true, sympy.false):
            return f"_flag({bool(expr)})"
        head = type(expr)
        if head in UNARY or head in BINARY or head in FOLDED:
            code = self._function(expr)
        elif isinstance(expr, STRUCTURE):
            code = str(super()._print(expr, **kwargs))
        else:
            return self._refuse(head.__name__)
        name = f"t{len(self.lines)}"
        self.lines.append(f"{name} = {code}")
        self.names[expr] = name
        return name

    def _refuse(self, name: str) -> str:
        self.missing.add(name)
        return "nan"

    def _constant(self, expr: Any) -> str:
        value = number(expr)
        if value is None:
            return self._refuse(str(expr))
        return str(expr.p) if expr.is_Integer and abs(expr.p) < 2**53 else self._literal(value)

    @staticmethod
    def _literal(value: float) -> str:
        return repr(value) if math.isfinite(value) else f"({'-' if value < 0 else ''}_inf)"

    def _operand(self, expr: Any) -> str:
        """Print an argument of a torch function, which must be a tensor even when it is a number."""
        printed = self._print(expr)
        return printed if expr.free_symbols else f"_number({printed})"

    # -- arithmetic ------------------------------------------------------------------------------------------------
    def _print_Add(self, expr: Any, order: Any = None) -> str:
        return " + ".join(f"({self._print(term)})" for term in expr.args)

    def _print_Mul(self, expr: Any) -> str:
        above, below = [], []
        for factor in expr.args:
            base, exponent = factor.as_base_exp()
            if factor.is_Rational and not factor.is_Integer:
                above += [self._print(sympy.Integer(factor.p))] if factor.p != 1 else []
                below.append(self._print(sympy.Integer(factor.q)))
            elif exponent.is_Rational and exponent.is_negative and factor.free_symbols:
                below.append(self._print(base**-exponent))
            else:
                above.append(self._print(factor))
        code = "*".join(f"({f})" for f in above) or "1"
        return f"({code})/({'*'.join(f'({f})' for f in below)})" if below else code

    def _print_Pow(self, expr: Any) -> str:
        base, exponent = expr.base, expr.exp
        if exponent.is_Rational and exponent.is_negative:
            return f"1/{self._print(base**-exponent)}"
        if exponent == sympy.Rational(1, 2):
            return f"torch.sqrt({self._print(base)})"
        return f"torch.pow({self._print(base)}, {self._print(exponent)})"

    # -- functions -------------------------------------------------------------------------------------------------
    def _function(self, expr: Any) -> str:
        head = type(expr)
        if head in UNARY:
            return f"{UNARY[head]}({self._print(expr.args[0])})"
        if head in BINARY:
            return f"{BINARY[head]}({', '.join(self._operand(arg) for arg in expr.args)})"
        code = self._operand(expr.args[0])
        for arg in expr.args[1:]:
            code = f"{FOLDED[head]}({code}, {self._operand(arg)})"
        return code

    def _print_UnevaluatedExpr(self, expr: Any) -> str:
        return self._print(expr.args[0])

    def _print_Heaviside(self, expr: Any) -> str:
        x, at_zero = self._print(expr.args[0]), self._operand(expr.args[1])
        return f"torch.where({x} > 0, _number(1), torch.where({x} < 0, _number(0), {at_zero}))"

    def _print_KroneckerDelta(self, expr: Any) -> str:
        i, j = expr.args[:2]
        return f"torch.where({self._operand(i)} == {self._operand(j)}, _number(1), _number(0))"

    def _print_Piecewise(self, expr: Any) -> str:
        return f"{self.piecewise(expr)}({self.arguments})"

    # -- conditions ------------------------------------------------------------------------------------------------
    def _print_Relational(self, expr: Any) -> str:
        return f"{self._operand(expr.lhs)} {expr.rel_op} {self._operand(expr.rhs)}"

    def _print_And(self, expr: Any) -> str:
        return " & ".join(f"({self._print(arg)})" for arg in expr.args)

    def _print_Or(self, expr: Any) -> str:
        return " | ".join(f"({self._print(arg)})" for arg in expr.args)

    def _print_Not(self, expr: Any) -> str:
        return f"~({self._print(expr.args[0])})"

    def _print_ITE(self, expr: Any) -> str:
        return f"torch.where({', '.join(self._print(arg) for arg in expr.args)})"


def gamma(x: Tensor) -> Tensor:
    """Return the gamma function, from its logarithm and its sign (negative where floor(x) is odd and x < 0).

    >>> gamma(torch.tensor([4.0, -0.5, -1.5], dtype=torch.float64))
    tensor([ 6.0000, -3.5449,  2.3633], dtype=torch.float64)
    """
    odd = torch.remainder(torch.floor(x.detach()), 2) == 1
    size = torch.exp(torch.lgamma(x))
    return torch.where((x < 0) & odd, -size, size)


def softplus(x: Tensor) -> Tensor:
    """Return ``log(1 + exp(x))`` to the last digits; ``torch.nn.functional.softplus`` gives x above 20.

    >>> softplus(torch.tensor([-800.0, 0.0, 800.0], dtype=torch.float64)).tolist()
    [0.0, 0.6931471805599453, 800.0]
    """
    return torch.logaddexp(x, x.new_zeros(()))

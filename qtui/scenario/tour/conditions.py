"""The language in which lessons state goals and truths: expressions over the fields of a pane's JSON.

A small part of Python's: names, fields (`network.output`), items (`codes[0]`), numbers, texts, lists, arithmetic,
comparisons, `and or not`, `x if c else y`, comprehensions, and the functions in `FUNCTIONS`. Texts that hold a
number, as exact decimals do, count as that number beside numbers.
"""

from __future__ import annotations

import ast
import math
import operator
from collections.abc import Callable, Iterator, Mapping
from functools import lru_cache
from typing import Any

from qtui.scenario.base import UserError

LONGEST = 1000  # characters of an expression
LARGEST_POWER = 4096


class ConditionError(UserError):
    """An expression that can't be read, or that asks for what is not there."""


def differing(a: Any, b: Any) -> int:
    """Places at which two texts or lists differ: the bits that were flipped, the codes that changed."""
    return sum(1 for x, y in zip(a, b, strict=False) if x != y) + abs(len(a) - len(b))


def power(a: float, b: float) -> Any:
    """`a` to the power of `b`, of a size that can be worked out. Raises ConditionError."""
    if abs(b) > LARGEST_POWER or (abs(a) > LARGEST_POWER and abs(b) > 64):
        raise ConditionError("this power is too large")
    return a**b


FUNCTIONS: dict[str, Callable[..., Any]] = {
    "abs": lambda x: abs(number(x)),
    "all": all,
    "any": any,
    "count": lambda items: sum(1 for item in items if item),
    "differing": differing,
    "exp": lambda x: math.exp(number(x)),
    "len": len,
    "log": lambda x: math.log(number(x)),
    "log2": lambda x: math.log2(number(x)),
    "max": max,
    "mean": lambda items: sum(items) / len(items),
    "min": min,
    "number": lambda x: number(x),
    "round": lambda x, digits=0: round(number(x), digits),
    "sqrt": lambda x: math.sqrt(number(x)),
    "sum": sum,
}
BINARY: dict[type[ast.operator], Callable[[Any, Any], Any]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
    ast.FloorDiv: operator.floordiv,
    ast.Mod: operator.mod,
    ast.Pow: power,
}
COMPARE: dict[type[ast.cmpop], Callable[[Any, Any], bool]] = {
    ast.Eq: operator.eq,
    ast.NotEq: operator.ne,
    ast.Lt: operator.lt,
    ast.LtE: operator.le,
    ast.Gt: operator.gt,
    ast.GtE: operator.ge,
    ast.In: lambda a, b: a in b,
    ast.NotIn: lambda a, b: a not in b,
    ast.Is: operator.is_,
    ast.IsNot: operator.is_not,
}


def number(value: Any) -> Any:
    """A text that holds a number as that number; all else as it is."""
    if isinstance(value, str):
        try:
            return float(value)
        except ValueError:
            return value
    return value


@lru_cache(maxsize=512)
def parsed(text: str) -> ast.expr:
    """The tree of an expression. Raises ConditionError."""
    if len(text) > LONGEST:
        raise ConditionError(f"an expression has at most {LONGEST} characters")
    try:
        return ast.parse(text.strip(), mode="eval").body
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
        raise ConditionError(f"{text!r} is no expression: {getattr(error, 'msg', None) or error}") from None


def value_of(text: str, names: Mapping[str, Any], functions: Mapping[str, Callable[..., Any]] | None = None) -> Any:
    """What an expression comes to, with `names` for its names and `functions` beside `FUNCTIONS`.

    Raises ConditionError where it asks for what is not there or is no expression of this language.
    """
    try:
        return _Worth(names, {**FUNCTIONS, **(functions or {})}).of(parsed(text))
    except ConditionError:
        raise
    except (TypeError, ValueError, ArithmeticError, LookupError, RecursionError) as error:
        raise ConditionError(f"{text!r} can't be worked out: {error}") from None


def holds(text: str, names: Mapping[str, Any]) -> bool:
    """Whether a condition holds; one that asks for what is not there (in another view, say) does not."""
    try:
        return bool(value_of(text, names))
    except ConditionError:
        return False


class _Worth:
    """Works expressions out, node by node: what has no method here is not part of the language."""

    def __init__(self, names: Mapping[str, Any], functions: Mapping[str, Callable[..., Any]]) -> None:
        self._names = dict(names)
        self._functions = functions

    def of(self, node: ast.AST) -> Any:
        """The value of `node`."""
        method = getattr(self, f"_{type(node).__name__.lower()}", None)
        if method is None:
            raise ConditionError(f"{ast.unparse(node)!r} is not allowed here")
        return method(node)

    def _constant(self, node: ast.Constant) -> Any:
        if node.value is not None and not isinstance(node.value, bool | int | float | str):
            raise ConditionError(f"{ast.unparse(node)!r} is not allowed here")
        return node.value

    def _name(self, node: ast.Name) -> Any:
        if node.id not in self._names:
            raise ConditionError(f"there is no field {node.id!r}; there are {', '.join(sorted(self._names))}")
        return self._names[node.id]

    def _attribute(self, node: ast.Attribute) -> Any:
        whole = self.of(node.value)
        if not isinstance(whole, Mapping) or node.attr not in whole:
            there = ", ".join(sorted(whole)) if isinstance(whole, Mapping) else "none"
            raise ConditionError(f"{ast.unparse(node.value)} has no field {node.attr!r}; there are {there}")
        return whole[node.attr]

    def _subscript(self, node: ast.Subscript) -> Any:
        return self.of(node.value)[self.of(node.slice)]

    def _slice(self, node: ast.Slice) -> slice:
        return slice(*(None if part is None else self.of(part) for part in (node.lower, node.upper, node.step)))

    def _list(self, node: ast.List) -> list[Any]:
        return [self.of(item) for item in node.elts]

    def _tuple(self, node: ast.Tuple) -> tuple[Any, ...]:
        return tuple(self.of(item) for item in node.elts)

    def _unaryop(self, node: ast.UnaryOp) -> Any:
        value = self.of(node.operand)
        if isinstance(node.op, ast.Not):
            return not value
        if isinstance(node.op, ast.USub):
            return -number(value)
        if isinstance(node.op, ast.UAdd):
            return number(value)
        raise ConditionError(f"{ast.unparse(node)!r} is not allowed here")

    def _binop(self, node: ast.BinOp) -> Any:
        work = BINARY.get(type(node.op))
        a, b = number(self.of(node.left)), number(self.of(node.right))
        if work is None or not (isinstance(a, int | float) and isinstance(b, int | float)):
            raise ConditionError(f"{ast.unparse(node)!r} is not allowed here")
        return work(a, b)

    def _boolop(self, node: ast.BoolOp) -> Any:
        if isinstance(node.op, ast.And):
            return all(self.of(part) for part in node.values)
        return any(self.of(part) for part in node.values)

    def _compare(self, node: ast.Compare) -> bool:
        left = self.of(node.left)
        for op, right_node in zip(node.ops, node.comparators, strict=True):
            right = self.of(right_node)
            a, b = _alike(left, right)
            if not COMPARE[type(op)](a, b):
                return False
            left = right
        return True

    def _ifexp(self, node: ast.IfExp) -> Any:
        return self.of(node.body if self.of(node.test) else node.orelse)

    def _generatorexp(self, node: ast.GeneratorExp) -> list[Any]:
        return list(self._items(node.elt, node.generators))

    def _listcomp(self, node: ast.ListComp) -> list[Any]:
        return list(self._items(node.elt, node.generators))

    def _items(self, element: ast.expr, parts: list[ast.comprehension]) -> Iterator[Any]:
        first = parts[0]
        if len(parts) > 1 or not isinstance(first.target, ast.Name):
            raise ConditionError("a comprehension has one `for` with one name")
        for item in self.of(first.iter):
            inner = _Worth({**self._names, first.target.id: item}, self._functions)
            if all(inner.of(test) for test in first.ifs):
                yield inner.of(element)

    def _call(self, node: ast.Call) -> Any:
        name = node.func.id if isinstance(node.func, ast.Name) else ast.unparse(node.func)
        if name not in self._functions or node.keywords:
            raise ConditionError(f"there is no function {name!r}; there are {', '.join(sorted(self._functions))}")
        return self._functions[name](*(self.of(argument) for argument in node.args))


def _alike(a: Any, b: Any) -> tuple[Any, Any]:
    """Both values as they are compared: where one is a number, a text is read as one."""
    if isinstance(a, str) and isinstance(b, int | float):
        return number(a), b
    if isinstance(b, str) and isinstance(a, int | float):
        return a, number(b)
    return a, b

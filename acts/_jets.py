"""Jets: numbers or arrays that carry their first and second derivative along one variable.

The arithmetic is that of Taylor's series, and each function brings its own two derivatives, so whatever a definition
says is differentiated as it is computed, exactly. `functions_of` makes them for NumPy or for jax.numpy.
"""

from collections.abc import Callable, Iterator
from typing import Any, Self

Rule = Callable[[Any], tuple[Any, Any, Any]]  # a function with its first two derivatives


class Jet:
    """A value with its first and second derivative."""

    __slots__ = ("first", "second", "value")
    __array_ufunc__ = None  # so that an array's own operators leave it to the jet's

    def __init__(self, value: Any, first: Any = 0, second: Any = 0) -> None:
        self.value, self.first, self.second = value, first, second

    @classmethod
    def of(cls, x: Any) -> Self:
        """x itself, or the jet of a constant."""
        return x if isinstance(x, cls) else cls(x)

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self.value}, {self.first}, {self.second})"

    def through(self, f: Any, df: Any, d2f: Any) -> Self:
        """The chain rule, for a function with these values at self.value."""
        first = self.times(df, self.first)
        return type(self)(f, first, self.times(self.times(d2f, self.first), self.first) + self.times(df, self.second))

    @staticmethod
    def times(a: Any, b: Any) -> Any:
        """a * b, for a subclass to say what 0 * inf is."""
        return a * b

    def __iter__(self) -> Iterator[Any]:
        return iter((self.value, self.first, self.second))

    def __getitem__(self, order: int) -> Any:
        return (self.value, self.first, self.second)[order]

    def __add__(self, other: Any) -> Self:
        a, b = self, self.of(other)
        return type(self)(a.value + b.value, a.first + b.first, a.second + b.second)

    def __mul__(self, other: Any) -> Self:
        a, b, times = self, self.of(other), self.times
        return type(self)(
            a.value * b.value,
            times(a.first, b.value) + times(a.value, b.first),
            times(a.second, b.value) + 2 * times(a.first, b.first) + times(a.value, b.second),
        )

    def __pow__(self, n: int) -> Self:
        x = self.value
        if n == 0:
            return type(self)(x**0)
        return self.through(x**n, n * x ** (n - 1), n * (n - 1) * x ** (n - 2) if n != 1 else 0)

    def __truediv__(self, other: Any) -> Self:
        b = self.of(other)
        r = 1 / b.value  # its powers are factors one by one: b**2 overflows before b
        first, second = self.times(b.first, r), self.times(b.second, r)
        return self * type(self)(r, self.times(-first, r), self.times(2 * first * first - second, r))

    def __neg__(self) -> Self:
        return type(self)(-self.value, -self.first, -self.second)

    def __pos__(self) -> Self:
        return self

    def __sub__(self, other: Any) -> Self:
        return self + -self.of(other)

    def __rsub__(self, other: Any) -> Self:
        return self.of(other) - self

    def __rtruediv__(self, other: Any) -> Self:
        return self.of(other) / self

    __radd__ = __add__
    __rmul__ = __mul__

    def __gt__(self, other: Any) -> Any:
        return self.value > self.of(other).value

    def __lt__(self, other: Any) -> Any:
        return self.value < self.of(other).value

    def __ge__(self, other: Any) -> Any:
        return self.value >= self.of(other).value

    def __le__(self, other: Any) -> Any:
        return self.value <= self.of(other).value

    def __eq__(self, other: object) -> Any:
        return self.value == self.of(other).value

    def __ne__(self, other: object) -> Any:
        return self.value != self.of(other).value

    __hash__ = None  # type: ignore[assignment]

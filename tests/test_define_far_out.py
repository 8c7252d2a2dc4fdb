"""acts.define far out: nothing overflows where the result does not, and at ±inf there are limits."""

import jax.numpy as jnp
import numpy as np
import pytest

import acts
import acts_jax

inf, nan = np.inf, np.nan


def test_nothing_overflows_where_the_result_does_not():
    soft = acts.define("soft(x) = log(1 + exp(x))")
    np.testing.assert_array_equal(soft([-1e4, 1e4]), [0.0, 1e4])
    np.testing.assert_allclose(soft.derivative([-40.0, 1e4]), [np.exp(-40), 1.0])
    gate = acts.define("gate(x) = x / (1 + exp(-x))")
    far = np.array([-1e4, 1e4, np.inf, -np.inf])
    np.testing.assert_allclose(gate(far), [0.0, 1e4, np.inf, 0.0], atol=1e-30)
    np.testing.assert_allclose(gate.derivative(far), [0.0, 1.0, 1.0, 0.0], atol=1e-30)


def test_what_an_exponential_does_far_out_is_no_clamp():
    far = np.array([50.0, 80.0, 300.0, 700.0])
    curve = acts.define("curve(x) = exp(x)")
    np.testing.assert_allclose(curve(far), np.exp(far), rtol=1e-15)
    np.testing.assert_allclose(curve.second_derivative(far), np.exp(far), rtol=1e-15)
    np.testing.assert_allclose(
        acts_jax.define("curve(x) = exp(x)")(jnp.float32([50.0, 80.0])), np.exp(far[:2]), rtol=1e-5
    )


def test_values_at_infinity_are_limits():
    for package, inf in ((acts, np.float64(np.inf)), (acts_jax, jnp.float32(jnp.inf))):
        assert package.define("slow(x) = log(1 + x**2)")(inf) == np.inf
        assert abs(package.define("gate(x) = x / (1 + exp(-x))")(-inf)) < 1e-28
        assert package.define("flat(x) = x / (1 + abs(x))")(-inf) == -1


@pytest.mark.parametrize(
    ("text", "left", "right"),
    [
        ("f(x) = x * cos(x)", nan, nan),
        ("f(x) = x * sin(x)", nan, nan),
        ("f(x) = sin(x)", nan, nan),
        ("f(x) = sin(x)**2", nan, nan),
        ("f(x) = sin(x) * cos(x)", nan, nan),
        ("f(x) = x + sin(x)", -inf, inf),
        ("f(x) = max(x, 0) + sin(x)", nan, inf),
        ("f(x) = sin(x) / (1 + x**2)", 0, 0),
        ("f(x) = sin(1 / (1 + x**2)) + 2", 2, 2),
        ("f(x) = sin(x)**2 + cos(x)**2", 1, 1),
        ("f(x, a) = tanh(x) * cos(a)", -np.cos(2), np.cos(2)),
    ],
)
def test_a_wave_has_no_limit_and_a_sum_with_one_may_have(text, left, right):
    given = {"defaults": {"a": 2.0}} if ", a)" in text else {}
    ends = np.array([-inf, inf])
    np.testing.assert_allclose(acts.define(text, **given)(ends), [left, right], rtol=1e-15, atol=1e-50)
    np.testing.assert_allclose(acts_jax.define(text, **given)(jnp.float32(ends)), [left, right], rtol=1e-6, atol=1e-8)

"""The jitted programs that are measured, forward, gradient and training step, and what XLA says of them."""

import math
import re

import jax
import jax.numpy as jnp

MB = 1e6
FREE = {"parameter", "constant", "tuple", "get-tuple-element", "bitcast"}
HEADER = re.compile(r"^(ENTRY )?%?(\S+) .*\{$")
INSTRUCTION = re.compile(r"^ .* = .*? ([a-z][\w-]*)\(")
CALLED = re.compile(r"to_apply=%?([\w.-]+)")


def gradient(f):
    """x's cotangent from x and that of f(x)."""
    return lambda x, g: jax.vjp(f, x)[1](g)[0]


def value_and_gradient(f):
    def both(x, g):
        y, pull = jax.vjp(f, x)
        return y, pull(g)[0]

    return both


CALLS = {"forward": lambda f: lambda x, g: f(x), "gradient": gradient, "value and gradient": value_and_gradient}
"""What is made of f, a program of x and a cotangent."""


def arrays(shape, dtype):
    """x and a cotangent."""
    return tuple(3 * jax.random.normal(jax.random.key(seed), shape, dtype) for seed in (0, 1))


def instructions(compiled):
    """The opcodes of a compiled program, in place of a call those of what it calls."""
    bodies, entry = {}, ""
    for line in compiled.as_text().splitlines():
        if header := HEADER.match(line):
            body = bodies[header[2]] = []
            entry = header[2] if header[1] else entry
        elif found := INSTRUCTION.match(line):
            body.append((found[1], line))

    def walk(name):
        for opcode, line in bodies[name]:
            yield from walk(CALLED.search(line)[1]) if opcode == "call" else [opcode]

    return list(walk(entry))


def kernels(compiled):
    """The instructions of a compiled program that do work."""
    return [opcode for opcode in instructions(compiled) if opcode not in FREE]


def training_step(activation, layers, width, batch, dtype):
    """A jitted step of gradient descent on an MLP, and abstract arguments for it."""

    def loss(weights, x, target):
        for matrix, bias in weights:
            x = activation(x @ matrix + bias)
        return jnp.mean((x - target) ** 2)

    def step(weights, x, target):
        gradient = jax.grad(loss)(weights, x, target)
        return jax.tree.map(lambda w, g: w - 0.01 * g, weights, gradient)

    array = lambda *shape: jax.ShapeDtypeStruct(shape, dtype)  # noqa: E731
    weights = [(array(width, width), array(width))] * layers
    return jax.jit(step), (weights, array(batch, width), array(batch, width))


def gated_step(gate, layers, width, batch, dtype):
    """The same on blocks of a gated MLP, two matrices before the gate and one after it."""

    def loss(weights, x, target):
        for into_gate, into_value, out in weights:
            x = x + gate(x @ into_gate, x @ into_value) @ out
        return jnp.mean((x - target) ** 2)

    def step(weights, x, target):
        gradient = jax.grad(loss)(weights, x, target)
        return jax.tree.map(lambda w, g: w - 0.01 * g, weights, gradient)

    array = lambda *shape: jax.ShapeDtypeStruct(shape, dtype)  # noqa: E731
    weights = [(array(width, 2 * width), array(width, 2 * width), array(2 * width, width))] * layers
    return jax.jit(step), (weights, array(batch, width), array(batch, width))


def compiled_step(activation, layers, width, batch, dtype):
    step, abstract = training_step(activation, layers, width, batch, dtype)
    return step.lower(*abstract).compile()


def looked_at(lowered):
    """A lowered program compiled to be looked at, not run: all that XLA does, but on CPUs no optimizations of LLVM."""
    options = {"xla_backend_optimization_level": 0} if jax.default_backend() == "cpu" else None
    return lowered.compile(compiler_options=options)


def step_arguments(layers, width, batch, dtype, step=training_step):
    """Random arguments for a step."""
    leaves, tree = jax.tree.flatten(step(None, layers, width, batch, dtype)[1])
    draw = lambda i, shape: jax.random.normal(jax.random.key(i), shape, dtype) / math.sqrt(shape[-1])  # noqa: E731
    return jax.tree.unflatten(tree, [draw(i, leaf.shape) for i, leaf in enumerate(leaves)])


def temporary(compiled):
    """The bytes that a compiled program allocates besides its arguments and results."""
    return compiled.memory_analysis().temp_size_in_bytes


def temporary_bytes(activation, layers, width, batch, dtype="float32"):
    """Those of a training step."""
    step, abstract = training_step(activation, layers, width, batch, dtype)
    return temporary(looked_at(step.lower(*abstract)))

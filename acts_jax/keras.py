"""The functions of acts_jax as activations of Keras models, which then save and load. Needs keras, on its JAX backend.

Keras loads functions by name. Importing this module gives every function of acts_jax and of acts_jax.nn, derivatives
and what `get(name, **params)` and `define` return a name of their own, "acts_jax>elu"; import it before a model is
saved, and before it is loaded. Without it Keras would load its own function of the same name, or none. A face of
`as_custom_vjp` and a PReLU can't be saved: take the function itself, and keras.layers.PReLU, whose slopes go by
`acts_jax.interchange`.

>>> import acts_jax.keras
>>> import keras
>>> saved = keras.activations.serialize(acts_jax.get("elu", alpha=0.5))
>>> keras.activations.deserialize(saved)
<acts_jax elu(x, alpha=0.5)>
"""

import keras

from . import _registry, nn
from ._definitions import Defined
from ._objects import Bound

KINDS = ("elementwise", "gated", "axis")  # those of the catalogue are Defined


def _register() -> None:
    register = keras.saving.register_keras_serializable("acts_jax")
    for function in (_registry.get(name) for kind in KINDS for name in _registry.names(kind)):
        derivatives = (getattr(function, name, None) for name in _registry.ATTRIBUTES.values())
        for serializable in (function, *filter(None, derivatives)):  # functions of rows have no derivatives
            register(serializable)
    for made in (Bound, Defined):
        register(made)
    for function in (getattr(nn, name) for name in nn.__all__):
        if getattr(function, "__module__", "") == nn.__name__:
            keras.saving.register_keras_serializable(nn.__name__)(function)


_register()

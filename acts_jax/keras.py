"""The functions of acts_jax as activations of Keras models, which then save and load. Needs keras, on its JAX backend.

Keras loads functions by name. Importing this module gives every function of acts_jax, its derivatives and what
`get(name, **params)` returns a name of their own, "acts_jax>elu"; import it before a model is saved, and before it is
loaded. Without it Keras would load its own function of the same name, or none. A face of `as_custom_vjp` and a PReLU
can't be saved: take the function itself, and keras.layers.PReLU, whose slopes go by `acts_jax.interchange`.

>>> import acts_jax.keras
>>> import keras
>>> saved = keras.activations.serialize(acts_jax.get("elu", alpha=0.5))
>>> keras.activations.deserialize(saved)
<acts_jax elu(x, alpha=0.5)>
"""

import keras

from . import _registry
from ._objects import Bound


def _register() -> None:
    register = keras.saving.register_keras_serializable("acts_jax")
    for function in map(_registry.get, _registry.names()):
        for serializable in (function, *(getattr(function, name) for name in _registry.ATTRIBUTES.values())):
            register(serializable)
    register(Bound)


_register()

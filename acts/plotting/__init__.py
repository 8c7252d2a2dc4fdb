"""Pictures of activations, their derivatives and their errors, and a table to compare them; needs matplotlib.

Every function draws on a `matplotlib.figure.Figure` and returns it, so that no display is needed: save it with
`figure.savefig("relu.png")`, or .svg or .pdf. To show it in a window, pass `figure=plt.figure(layout="constrained")`.
theme: "light" or "dark". The colours are told apart by colour-blind readers, and curves by their dashes, too.
"""

from .._install import install_command

try:
    import matplotlib as _matplotlib  # noqa: F401
except ModuleNotFoundError as error:
    message = f"acts.plotting needs matplotlib: {install_command('matplotlib')}"
    raise ModuleNotFoundError(message, name=error.name) from error

from ._curves import family as family
from .errors import error_plot as error_plot
from .pictures import compare as compare
from .pictures import gallery as gallery
from .pictures import plot as plot
from .table import print_table as print_table

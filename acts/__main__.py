"""The command line: python -m acts check, accuracy, list and more, or `acts` alone. `--help` tells all."""

import argparse
import sys
from typing import Any

import acts

from ._install import install_command

DESCRIPTION = """\
Neural-network activation functions with exact derivatives.

  python -m acts check acts_jax                  NumPy against JAX against finite differences, every function
  python -m acts check acts_jax --only elu,gelu  the same for some of them
  python -m acts check mypkg.mymodule:my_gelu --as gelu
                                                 your own function of NumPy, JAX or torch against acts.gelu
  python -m acts check jax.nn                    every activation of a namespace
  python -m acts accuracy acts_jax jax.nn        errors in units in the last place, side by side
  python -m acts vectors --only gelu --out DIR   points and the exact answers there, in files for any language
  python -m acts list                            every function with its definition
  python -m acts show elu                        one function: derivatives, kinks, values, a small plot
  python -m acts dialects gelu                   what it is called in JAX, PyTorch, Keras, ONNX, transformers, ...
  python -m acts plot elu --alpha 0.5 1 2        its picture; -o elu.svg into a file
  python -m acts compare gelu gelu_tanh          several in one picture, of two the difference
  python -m acts gallery -o all.png              a panel for each function
  python -m acts error gelu --against torch      errors over x
  python -m acts explore                         a page to try every function on, with sliders, in the browser
  python -m acts docs elu                        its page in the documentation, in the browser
"""


def parser() -> argparse.ArgumentParser:
    """The parser of the command line."""
    main = argparse.ArgumentParser(
        prog="python -m acts", description=DESCRIPTION, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    main.add_argument("--version", action="version", version=f"acts {acts.__version__}")
    commands = main.add_subparsers(dest="command", metavar="COMMAND", required=True)

    check = commands.add_parser(
        "check",
        help="check your own function or a framework's, or acts_jax against the NumPy core and finite differences",
        description="Of acts_jax and acts: value, derivatives and partials in float32 and float64 against the NumPy "
        "core and finite differences. Of other functions: value, gradient for several cotangents, that of parameters, "
        "shapes, types, kinks and special values, at a level: framework (no worse than twice the worse of jax.nn and "
        "torch), ulp (as exact as acts), close (torch.testing's tolerances) or a number of ulps, units in the last "
        "place. Exit status 0 if all pass, 1 if one fails, 2 for wrong usage, 3 if something could not be checked.",
    )
    check.add_argument(
        "target",
        nargs="+",
        help="acts_jax, acts; package.module:function or file.py:function, one or several; or a namespace: jax.nn",
    )
    check.add_argument(
        "--as", dest="reference", action="append", metavar="NAME", help="what it implements; once for each function"
    )
    check.add_argument("--derivative", metavar="MODULE:FUNCTION", help="f'(x), of a function of NumPy")
    check.add_argument("--level", default="framework", help="framework (default), ulp, close, or a number of ulps")
    check.add_argument("--dtypes", metavar="TYPES", help="float32,bfloat16,float16 (default), float64, float8_e4m3fn")
    check.add_argument("--params", metavar="THEIRS=OURS", help="names of parameters: weight=alpha,scale=beta")
    check.add_argument("--only", metavar="NAMES", help="check these functions of a package or namespace: elu,gelu")
    check.add_argument("--json", metavar="FILE", help="write every finding to FILE; - for standard output")
    check.add_argument("--html", metavar="FILE", help="write a page with the errors over x")
    check.add_argument(
        "--exhaustive",
        action="store_true",
        help="value and gradient of one function at every number of float32, too: ten minutes to an hour",
    )
    check.add_argument("--resume", metavar="FILE", help="keep what --exhaustive finds in FILE, and go on from there")
    check.add_argument(
        "--points", type=int, default=4000, metavar="N", help="grid of acts and acts_jax (default: 4000)"
    )

    accuracy = commands.add_parser(
        "accuracy",
        help="measure the errors of acts, acts_jax, jax.nn, torch, keras or onnx in units in the last place",
        description="Value, first and second derivative of every function, over every sign and exponent, and next to "
        "kinks; 16-bit types at every number. float64 is judged with hundreds of digits, narrower types by acts in "
        "float64. Derivatives of frameworks are those of their automatic differentiation, on the CPU.",
    )
    accuracy.add_argument("target", nargs="*", help="acts, acts_jax, jax.nn, torch, keras, onnx (default: acts)")
    accuracy.add_argument("--dtype", metavar="TYPES", help="float16,bfloat16,float32,float64 (default: float32)")
    accuracy.add_argument("--only", metavar="NAMES", help="measure these functions alone: elu,gelu")
    accuracy.add_argument(
        "--points",
        type=int,
        default=100_000,
        metavar="N",
        help="of float32, at least; float64 takes a hundredth (default: 100000)",
    )
    accuracy.add_argument(
        "--markdown", metavar="FILE", help="write a table with the targets side by side; - for standard output"
    )
    accuracy.add_argument("--json", metavar="FILE", help="write every measurement to FILE; - for standard output")

    vectors = commands.add_parser(
        "vectors",
        help="write test vectors: points, the exact answers there and what else is right, as npz, JSON and C headers",
        description="Of each function and type a few hundred points (kinks, roots, saturation, tails, every order of "
        "magnitude, infinities, NaN) with f, f', f'' and the parameters' partials, and for each the least and the "
        "largest number that is right: .npz without pickle, .json, .h for C and C++, and manifest.json with the "
        "definitions and a checksum of every file. The files are the same, byte by byte, on any machine.",
    )
    vectors.add_argument("--out", required=True, metavar="DIR", help="where the files go; made if it is not there")
    vectors.add_argument("--only", metavar="NAMES", help="these functions alone: elu,gelu,swiglu")
    vectors.add_argument(
        "--dtype", metavar="TYPES", default="float32", help="float16,bfloat16,float8_e4m3fn,... (default: float32)"
    )

    listing = commands.add_parser("list", help="every function with its definition and parameters")
    listing.add_argument("--json", action="store_true", help="all that is known, as JSON")
    show = commands.add_parser(
        "show", help="definition, derivatives, kinks, source, values and a small plot of a function"
    )
    show.add_argument("name", help="a function's name or alias")
    dialects = commands.add_parser("dialects", help="one function across frameworks: names, defaults, differences")
    dialects.add_argument("name", help="a function's name, here or in a framework: gelu, hard_shrink, relu2")
    _add_pictures(commands)
    explore = commands.add_parser(
        "explore",
        help="write and open one HTML page on which to try every function",
        description="One file that needs no network: curves, derivatives, parameters as sliders, kinks, a Gaussian "
        "and what becomes of it, two functions side by side, errors in units in the last place.",
    )
    explore.add_argument("-o", "--output", metavar="FILE", help="write FILE and open nothing")
    explore.add_argument("--no-open", action="store_true", help="write acts-explorer.html alone")
    docs = commands.add_parser(
        "docs",
        help="open the documentation, or a function's page of it; it is built first if it has not been",
        description="The documentation is built from the source tree, by Sphinx: pip install -e '.[docs]'.",
    )
    docs.add_argument("name", nargs="?", help="a function's name or alias (default: the first page)")
    docs.add_argument("--build", action="store_true", help="build it again")
    docs.add_argument("--no-open", action="store_true", help="print the page's path alone")
    return main


def _add_pictures(commands: Any) -> None:
    """plot, compare, gallery and error, which share how a picture is drawn and where to."""
    of_parameters = "Parameters are options: --alpha 0.5; several values, --alpha 0.5 1 2, are a family of curves."
    plot = commands.add_parser(
        "plot", help="draw a function with its derivatives and partials", description=of_parameters, allow_abbrev=False
    )
    plot.add_argument("name", nargs="+", help="one function; several are compared")
    compare = commands.add_parser(
        "compare", help="draw several functions, of two the difference", description=of_parameters, allow_abbrev=False
    )
    compare.add_argument("name", nargs="+", help="a function; it takes those of the parameters that it has")
    gallery = commands.add_parser("gallery", help="draw a small panel for each function")
    gallery.add_argument("name", nargs="*", help="the functions, by default all of one array that are written by hand")
    error = commands.add_parser("error", help="draw the error of a function over x, in units in the last place")
    error.add_argument("name", help="a function's name or alias")
    error.add_argument("--against", metavar="TARGETS", help="acts_jax,jax.nn,torch,keras,onnx: those to measure too")
    error.add_argument(
        "--dtype", metavar="TYPE", default="float32", help="float16, bfloat16, float32 (default), float64"
    )
    for command in (plot, compare, error):
        command.add_argument("--orders", metavar="ORDERS", help="0,1,2 and names of parameters: 0,alpha (default: all)")
    for command in (plot, compare, gallery, error):
        command.add_argument("--xlim", nargs=2, type=float, metavar=("LOW", "HIGH"), help="the part of x that is seen")
        command.add_argument("--theme", choices=("light", "dark"), default="light", help="default: light")
        command.add_argument(
            "-o", "--output", metavar="FILE", help="FILE.png, .svg or .pdf; without it, a window opens"
        )


def main(arguments: list[str] | None = None) -> int:
    """Run the command line and return its exit status."""
    args, rest = parser().parse_known_args(arguments)
    args.rest = rest
    if rest and args.command not in ("plot", "compare"):  # which take the parameters of functions
        parser().error(f"unrecognized arguments: {' '.join(rest)}")
    try:
        from acts import cli

        return cli.run(args)
    except ModuleNotFoundError as error:
        package = (error.name or "").partition(".")[0]
        command = install_command(package)
        if command is None:
            raise
        print(f"acts: this command needs {package}: {command}", file=sys.stderr)
    except (LookupError, ValueError, TypeError, OSError) as error:
        print(f"acts: {error}", file=sys.stderr)
    except KeyboardInterrupt:
        print("acts: interrupted", file=sys.stderr)
        return 130
    return 2


if __name__ == "__main__":
    sys.exit(main())

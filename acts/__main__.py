"""The command line: python -m acts list | show | plot | check | accuracy, or `acts` alone. `--help` tells more."""

import argparse
import sys

import acts

from ._install import install_command

DESCRIPTION = """\
Neural-network activation functions with exact derivatives.

  python -m acts check acts_jax                  NumPy against JAX against finite differences, every function
  python -m acts check acts_jax --only elu,gelu  the same for some of them
  python -m acts check mypkg.mymodule:my_gelu --as gelu
                                                 your own NumPy or JAX function against acts.gelu
  python -m acts accuracy acts_jax jax.nn        errors in units in the last place, side by side
  python -m acts list                            every function with its definition
  python -m acts show elu                        one function: derivatives, kinks, values, a small plot
  python -m acts dialects gelu                   what it is called in JAX, PyTorch, Keras, ONNX, transformers, ...
  python -m acts plot elu -o elu.png             its picture
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
        help="check a package or a function of your own against the NumPy core and finite differences",
        description="Value, first and second derivative and every parameter's partial, in float32 and float64, over "
        "every order of magnitude, kinks and special values; of a function of your own, value and first derivative, "
        "at one value of each parameter. Exit status 0 if all pass, 1 if one fails, 2 for wrong "
        "usage. Errors against acts are in conditioned ulp: units in the last place, or what one ulp of x makes of "
        "them if that is more. Errors against finite differences are shares of the differences' own bound.",
    )
    check.add_argument("target", help="acts_jax, acts, or package.module:function for a function of your own")
    check.add_argument("--as", dest="reference", metavar="NAME", help="the function of acts that yours implements")
    check.add_argument("--derivative", metavar="MODULE:FUNCTION", help="your derivative; otherwise JAX differentiates")
    check.add_argument("--only", metavar="NAMES", help="check these functions alone: elu,gelu")
    check.add_argument("--json", metavar="FILE", help="write every finding to FILE; - for standard output")
    check.add_argument("--points", type=int, default=4000, metavar="N", help="size of the grid (default: 4000)")

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

    commands.add_parser("list", help="every function with its definition")
    show = commands.add_parser("show", help="definition, derivatives, kinks, values and a small plot of a function")
    show.add_argument("name", help="a function's name or alias")
    dialects = commands.add_parser("dialects", help="one function across frameworks: names, defaults, differences")
    dialects.add_argument("name", help="a function's name, here or in a framework: gelu, hard_shrink, relu2")
    plot = commands.add_parser("plot", help="draw functions with their first and second derivative into a file")
    plot.add_argument("name", nargs="+", help="one function, or several to compare")
    plot.add_argument("-o", "--output", required=True, metavar="FILE", help="FILE.png, .svg or .pdf")
    docs = commands.add_parser(
        "docs",
        help="open the documentation, or a function's page of it; it is built first if it has not been",
        description="The documentation is built from the source tree, by Sphinx: pip install -e '.[docs]'.",
    )
    docs.add_argument("name", nargs="?", help="a function's name or alias (default: the first page)")
    docs.add_argument("--build", action="store_true", help="build it again")
    docs.add_argument("--no-open", action="store_true", help="print the page's path alone")
    return main


def main(arguments: list[str] | None = None) -> int:
    """Run the command line and return its exit status."""
    args = parser().parse_args(arguments)
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

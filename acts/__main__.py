"""The command line: python -m acts check, accuracy, list and more, or `acts` alone. `--help` tells all."""

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
  python -m acts vectors --only gelu --out DIR   points and the exact answers there, in files for any language
  python -m acts list                            every function with its definition
  python -m acts show elu                        one function: derivatives, kinks, values, a small plot
  python -m acts dialects gelu                   what it is called in JAX, PyTorch, Keras, ONNX, transformers, ...
  python -m acts plot elu -o elu.png             its picture
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

    commands.add_parser("list", help="every function with its definition")
    show = commands.add_parser("show", help="definition, derivatives, kinks, values and a small plot of a function")
    show.add_argument("name", help="a function's name or alias")
    dialects = commands.add_parser("dialects", help="one function across frameworks: names, defaults, differences")
    dialects.add_argument("name", help="a function's name, here or in a framework: gelu, hard_shrink, relu2")
    plot = commands.add_parser("plot", help="draw functions with their first and second derivative into a file")
    plot.add_argument("name", nargs="+", help="one function, or several to compare")
    plot.add_argument("-o", "--output", required=True, metavar="FILE", help="FILE.png, .svg or .pdf")
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

"""Test vectors as files: npz without pickle, JSON and a C header of each function and type, and a manifest of them all.

The files are the same, byte by byte, on any machine: nothing in them tells when or where they were made.
"""

import hashlib
import io
import json
import math
import textwrap
import zipfile
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

import acts

from .vectors import Cases

FORMAT = 1  # of the files; a change that a reader would notice makes it 2
LONG_AGO = (1980, 1, 1, 0, 0, 0)  # the first date that a zip file can tell


def write(made: Iterable[Cases], directory: Path) -> Path:
    """Writes the files of each of them, then manifest.json, whose path it returns.

    The manifest tells the version, and of each function and type the definition, the parameters, the bounds in ulp, the
    number of points, and the SHA-256 of every file.
    """
    directory.mkdir(parents=True, exist_ok=True)
    listed = {}
    for case in made:
        contents = {"npz": as_npz(case), "json": as_json(case), "h": as_header(case)}
        for suffix, content in contents.items():
            (directory / f"{stem(case)}.{suffix}").write_bytes(content)
        sums = {f"{stem(case)}.{suffix}": hashlib.sha256(c).hexdigest() for suffix, c in contents.items()}
        listed[stem(case)] = {**_about(case), "sha256": sums}
    path = directory / "manifest.json"
    path.write_bytes(_text({"format": FORMAT, "acts": acts.__version__, "cases": listed}))
    return path


def stem(case: Cases) -> str:
    """What its files are called, but for the end."""
    return f"{case.function}_{case.dtype}"


def as_npz(case: Cases) -> bytes:
    """For np.load(file, allow_pickle=False): an array per name, of bfloat16 and float8 the bits."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as file:
        for name, array in case.arrays.items():
            entry = zipfile.ZipInfo(f"{name}.npy", LONG_AGO)
            entry.create_system = 3  # the same on Windows
            content = io.BytesIO()
            plain = array if case.dtype in ("float16", "float32", "float64") else bits(array)
            np.lib.format.write_array(content, plain.astype(plain.dtype.newbyteorder("<")), (1, 0), allow_pickle=False)
            file.writestr(entry, content.getvalue())
    return packed.getvalue()


def as_json(case: Cases) -> bytes:
    """Every number as a float64 in full; those that JSON has not are the strings "inf", "-inf" and "nan"."""
    numbers = {
        name: [y if math.isfinite(y) else str(y) for y in array.astype(np.float64).tolist()]
        for name, array in case.arrays.items()
    }
    return _text({**_about(case), "arrays": numbers})


def as_header(case: Cases) -> bytes:
    """For C and C++: every number as its bits, so that no compiler rounds it, and types that C has not fit, too."""
    name, width = stem(case), 8 * case["x"].dtype.itemsize
    given = "".join(f", {param} = {value!r}" for param, value in case.params.items())
    lines = [
        f"/* {case.definition}{given}",
        f"   {len(case)} points; each number is the bits of a {case.dtype}. acts {acts.__version__}. */",
        f"#ifndef ACTS_{name.upper()}_H",
        f"#define ACTS_{name.upper()}_H",
        "#include <stdint.h>",
        f"enum {{ acts_{name}_points = {len(case)} }};",
    ]
    for array_name, array in case.arrays.items():
        numbers = ", ".join(f"0x{number:0{width // 4}x}" for number in bits(array).tolist())
        lines.append(f"static const uint{width}_t acts_{name}_{array_name}[{len(case)}] = {{")
        lines += [*textwrap.wrap(numbers, 110, initial_indent="    ", subsequent_indent="    "), "};"]
    return "\n".join([*lines, "#endif", ""]).encode()


def bits(array: NDArray[Any]) -> NDArray[Any]:
    """The same memory as unsigned integers."""
    return array.view(f"u{array.dtype.itemsize}")


def _about(case: Cases) -> dict[str, Any]:
    about = {"function": case.function, "definition": case.definition, "dtype": case.dtype, "params": case.params}
    return {**about, "bounds": case.bounds, "points": len(case)}


def _text(content: dict[str, Any]) -> bytes:
    return (json.dumps(content, indent=1, allow_nan=False) + "\n").encode()

"""Test vectors: the answers are right, the points are the hard ones, wrong kernels are found, and files keep it all."""

import functools
import hashlib
import json
import shutil
import subprocess
from pathlib import Path

import ml_dtypes
import numpy as np
import pytest

import acts
from acts.__main__ import main
from acts.testing import cases as uncached
from acts.testing import largest, smallest_normal, ulp_size
from acts.testing.vector_files import as_header, as_npz, write

cases = functools.cache(uncached)
EXAMPLE = Path(__file__).parents[1] / "examples" / "check_vectors.cpp"
NARROW = ("float16", "bfloat16", "float8_e4m3fn")
SOME = [("gelu", "float32"), ("swiglu", "float16"), ("softshrink", "bfloat16"), ("elu", "float8_e5m2")]
ALL = [(name, dtype) for name in acts.names() for dtype in ("float16", "bfloat16", "float32", "float64")]
ROWS = SOME + [pytest.param(*row, marks=pytest.mark.exhaustive) for row in ALL if row not in SOME]


def computed(case, dtype=None):
    """{quantity: what acts gives for it}, in the type of the case or another."""
    f = acts.get(case.function)
    operands = [case[name].astype(dtype or case["x"].dtype) for name in ("x", "value") if name in case.arrays]
    given = {name: value for name, value in case.params.items() if (f.kind, name) != ("gated", "value")}
    found = {"f": f, "df": f.derivative, "d2f": f.second_derivative}
    with np.errstate(all="ignore"):
        values = {key: compute(*operands, **given) for key, compute in found.items()}
        return values | {f"df_d{name}": f.partial(name, *operands, **given) for name in f.params}


@pytest.mark.parametrize(("name", "dtype"), ROWS)
def test_acts_itself_is_right_everywhere_and_the_answers_are_its_own_rounded(name, dtype):
    """In a narrow type, by acts in float64, which shares nothing with the reference."""
    case = cases(name, dtype)
    for key, got in computed(case).items():
        wrong = case.wrong(key, got)
        assert not wrong.any(), (key, case["x"][wrong], got[wrong], case[f"{key}_low"][wrong])
    if dtype in NARROW:
        for key, want in computed(case, np.float64).items():
            near = np.isfinite(case[key]) & np.isfinite(want)
            off = np.abs(case[key][near].astype(np.float64) - want[near])
            assert near.sum() > 100
            assert np.all(off <= 0.5001 * ulp_size(want[near], case.dtype)), key


def test_the_points_are_the_hard_ones():
    case = cases("hard_swish", "float32")
    x = set(case["x"].tolist())
    assert {np.inf, -np.inf, 0.0, largest(np.float32), -smallest_normal(np.float32), float(np.float32(1e-45))} <= x
    assert np.isnan(case["x"]).any()
    assert np.signbit(case["x"][case["x"] == 0]).sum() == 1
    for kink in np.float32([-3, 3]):
        assert {float(np.nextafter(kink, np.float32(to))) for to in (-9, 9)} | {float(kink)} <= x
    slope = case["df"][np.argsort(case["x"])]
    assert np.any((slope[:-1] < 0) & (slope[1:] >= 0))  # its root, -1.5
    assert np.float32(-1.5) in case["x"]


def test_a_tail_is_followed_to_its_last_number():
    case = cases("gelu", "float32")
    left = (case["x"] < 0) & (case["f"] != 0)
    edge = case["x"][left & np.isfinite(case["x"])].min()
    assert case["f"][case["x"] == edge] == -np.float32(1e-45)
    assert case["f"][case["x"] == np.nextafter(edge, np.float32(-99))] == 0
    assert case["f_high"][case["x"] == edge] >= 0  # whoever takes subnormal numbers for 0 is right, too


def test_a_kink_allows_both_sides_and_what_is_between_and_no_more():
    case = cases("relu", "float32")
    at = np.flatnonzero(case["x"] == 0)
    for slope, wrong in ((0, False), (0.5, False), (1, False), (-0.01, True), (1.01, True), (np.nan, True)):
        assert np.all(case.wrong("df", np.where(case["x"] == 0, np.float32(slope), case["df"]))[at] == wrong), slope


CLASSIC = {
    "the tanh form": ("gelu", "f", lambda c: acts.gelu_tanh(c["x"])),
    "1 + erf cancels": ("gelu", "f", lambda c: c["x"] * (np.float32(1) - acts.gelu(-c["x"]) / -c["x"])),
    "overflow": ("softplus", "f", lambda c: np.log1p(np.exp(c["x"]))),
    "NaN at -inf": ("silu", "f", lambda c: c["x"] * acts.sigmoid(c["x"])),
    "exp(x) - 1": ("elu", "f", lambda c: np.where(c["x"] > 0, c["x"], np.exp(c["x"]) - 1)),
    "y + alpha": ("elu", "df", lambda c: np.where(c["x"] > 0, np.float32(1), np.expm1(c["x"]) + 1)),
    "gate and value swapped": ("swiglu", "f", lambda c: acts.swiglu(c["value"], c["x"])),
    "the slope is 0.02": ("leaky_relu", "f", lambda c: acts.leaky_relu(c["x"], 0.02)),
    "< for <=": ("softshrink", "df", lambda c: np.where(np.abs(c["x"]) > 0.500001, np.float32(1), np.float32(0))),
    "a sign": ("prelu", "df_dalpha", lambda c: -np.minimum(c["x"], 0)),
}


@pytest.mark.parametrize(("name", "key", "wrong"), CLASSIC.values(), ids=CLASSIC)
def test_wrong_kernels_are_found(name, key, wrong):
    case = cases(name, "float32")
    with np.errstate(all="ignore"):
        assert case.wrong(key, wrong(case)).any()
        assert not case.wrong(key, case[key]).any()


def test_a_pole_is_left_out():
    case = cases("log1mexp", "float16")
    assert 0 not in case["x"]
    assert np.isnan(case["f"][case["x"] < 0]).all()
    assert not case.wrong("f", acts.log1mexp(case["x"])).any()


def test_parameters_are_those_given():
    case = cases("leaky_relu", "float32", negative_slope=0.5)
    assert case.params == {"negative_slope": 0.5}
    assert case["f"][case["x"] == -2] == -1


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (lambda: cases("gelo"), LookupError, "did you mean gelu"),
        (lambda: cases("softmax"), TypeError, "softmax is a function of rows"),
        (lambda: cases("relu", "float80"), TypeError, "no vectors in 'float80'.*allowed: float16"),
        (lambda: cases("relu", np.int32), TypeError, "no vectors in 'int32'"),
        (lambda: cases("relu")["g"], KeyError, "relu has no 'g'"),
        (lambda: cases("relu").wrong("f", np.zeros(3, np.float32)), ValueError, r"shape \(3,\) .*wanted: \(203,\)"),
        (lambda: cases("relu").wrong("f", cases("relu")["f"].astype(float)), ValueError, "wanted: .*float32"),
    ],
)
def test_wrong_calls(call, error, message):
    with pytest.raises(error, match=message):
        call()


# -- files -------------------------------------------------------------------------------------------------------------


PINNED = {("gelu", "float32"): "207c47b7ba1e2e91", ("swiglu", "bfloat16"): "d9962cd3aa596fd9"}


@pytest.mark.parametrize(("name", "dtype"), PINNED)
def test_the_same_bytes_on_every_machine(name, dtype):
    """Whoever changes points, bounds or definitions on purpose writes the new sum here."""
    assert hashlib.sha256(as_npz(cases(name, dtype))).hexdigest().startswith(PINNED[name, dtype])


def test_three_files_tell_the_same(tmp_path):
    case = cases("swiglu", "bfloat16")
    manifest = json.loads(write([case], tmp_path).read_text())
    entry = manifest["cases"]["swiglu_bfloat16"]
    assert manifest["acts"] == acts.__version__
    assert (entry["definition"], entry["points"]) == (acts.swiglu.definition, len(case))
    assert {file.name for file in tmp_path.iterdir()} == {"manifest.json", *entry["sha256"]}
    for file, checksum in entry["sha256"].items():
        assert hashlib.sha256((tmp_path / file).read_bytes()).hexdigest() == checksum
    npz = np.load(tmp_path / "swiglu_bfloat16.npz", allow_pickle=False)
    told = json.loads((tmp_path / "swiglu_bfloat16.json").read_text())
    header = (tmp_path / "swiglu_bfloat16.h").read_text()
    assert set(npz) == set(told["arrays"]) == set(case.arrays)
    for name, array in case.arrays.items():
        assert npz[name].view(ml_dtypes.bfloat16).tobytes() == array.tobytes()
        numbers = np.array(told["arrays"][name], float).astype(ml_dtypes.bfloat16)
        np.testing.assert_array_equal(numbers.astype(float), array.astype(float))
        rows = header.partition(f"static const uint16_t acts_swiglu_bfloat16_{name}[{len(case)}] = {{")[2]
        found = [int(number, 16) for number in rows.partition("}")[0].replace("\n", " ").split(",")]
        assert found == array.view(np.uint16).tolist()


def test_float32_files_hold_float32(tmp_path):
    case = cases("relu", "float32")
    write([case], tmp_path)
    npz = np.load(tmp_path / "relu_float32.npz", allow_pickle=False)
    assert npz["f"].dtype == np.dtype("<f4")
    np.testing.assert_array_equal(npz["f"], case["f"])
    assert "uint32_t acts_relu_float32_f_low[203]" in as_header(case).decode()


def test_command_line(tmp_path, capsys):
    where = tmp_path / "new" / "vectors"
    assert main(["vectors", "--only", "relu,reglu", "--dtype", "float16,float8_e5m2", "--out", str(where)]) == 0
    assert f"4 cases, listed in {where / 'manifest.json'}" in capsys.readouterr().out
    names = [f"{name}_{dtype}" for name in ("relu", "reglu") for dtype in ("float16", "float8_e5m2")]
    assert {file.name for file in where.iterdir()} == {
        "manifest.json",
        *(f"{name}.{suffix}" for name in names for suffix in ("npz", "json", "h")),
    }


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--only", "rulu"], "did you mean relu"),
        (["--only", "softmax"], "softmax is a function of rows"),
        (["--dtype", "float8"], "'float8' is not a type"),
        (["--only", "relu", "--dtype", "float16", "--out", "/dev/null/here"], "/dev/null"),
    ],
)
def test_wrong_command_lines(arguments, message, tmp_path, capsys):
    assert main(["vectors", "--out", str(tmp_path), *arguments]) == 2
    assert message in capsys.readouterr().err


# -- C++ ---------------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def header(tmp_path_factory):
    directory = tmp_path_factory.mktemp("vectors")
    write([cases("gelu", "float32")], directory)
    return directory


COMPILE = ["g++", "-std=c++17", "-Wall", "-Wextra", "-Werror", str(EXAMPLE)]
AT_ONE = "gelu_float32 f at x = 1 (0x1p+0): got 0.841192007, wanted 0.841344774\n"


def ran(header, kernel, *flags):
    """The example with that kernel, compiled and run."""
    program = header / f"{kernel}{len(flags)}"
    subprocess.run([*COMPILE, f"-DGELU={kernel}", f"-I{header}", "-o", program, *flags], check=True, timeout=240)
    return subprocess.run([program], capture_output=True, text=True, timeout=60)


@pytest.mark.skipif(not shutil.which("g++"), reason="no g++")
def test_the_example_in_cpp_passes_a_right_kernel_and_fails_a_wrong_one(header):
    done = ran(header, "gelu")
    assert (done.returncode, done.stdout) == (0, "")
    done = ran(header, "gelu_by_tanh")
    assert done.returncode == 1
    assert AT_ONE in done.stdout
    assert "f at x = -inf" in done.stdout
    assert "df at" not in done.stdout


@pytest.mark.skipif(not Path("/usr/include/gtest/gtest.h").exists(), reason="no GoogleTest: libgtest-dev")
def test_the_same_example_in_googletest(header):
    """A wrong value and a right derivative in one program, since that takes seconds to compile."""
    done = ran(header, "gelu_by_tanh", "-DWITH_GTEST", "-lgtest", "-pthread")
    assert done.returncode == 1
    assert AT_ONE in done.stdout
    assert "[  FAILED  ] Gelu.Value\n" in done.stdout
    assert "[       OK ] Gelu.Derivative" in done.stdout

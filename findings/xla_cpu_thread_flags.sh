#!/usr/bin/env bash
# jax 0.10.2, jaxlib 0.10.2, on a CPU (x86-64, two cores or more).
# XLA_FLAGS="--xla_cpu_multi_thread_eigen=false intra_op_parallelism_threads=1" does not keep XLA to one thread: a jitted
# silu of a million elements is still computed by several. With the variable NPROC=1 it is by one. So a benchmark that
# sets those flags and compares CPU time with a library on one thread compares two different things.
# Output seen (threads that took a tenth of the time of the busiest, or more):
#   flags: 5 threads
#   NPROC=1: 1 thread
# The script fails if either changes. It needs Linux's /proc.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
"${PYTHON:-python3}" -m venv "$folder/venv"
"$folder/venv/bin/python" -m pip install --quiet "jax==0.10.2" "jaxlib==0.10.2"
cat >"$folder/threads.py" <<'PYTHON'
import pathlib

import jax
import jax.numpy as jnp


def times():
    """CPU time of every thread, in clock ticks."""
    tasks = {}
    for task in pathlib.Path("/proc/self/task").iterdir():
        fields = (task / "stat").read_text().rpartition(") ")[2].split()
        tasks[task.name] = int(fields[11]) + int(fields[12])
    return tasks


silu, x = jax.jit(jax.nn.silu), jnp.linspace(-5, 5, 1_000_000)
silu(x).block_until_ready()
before = times()
for _ in range(1000):
    silu(x).block_until_ready()
spent = [after - before.get(task, 0) for task, after in times().items()]
print(sum(t >= max(spent) / 10 for t in spent))
PYTHON
export JAX_PLATFORMS=cpu
flags=$(XLA_FLAGS="--xla_cpu_multi_thread_eigen=false intra_op_parallelism_threads=1" "$folder/venv/bin/python" "$folder/threads.py")
one=$(NPROC=1 "$folder/venv/bin/python" "$folder/threads.py")
printf 'flags: %s threads\nNPROC=1: %s thread\n' "$flags" "$one"
[ "$flags" -gt 1 ] && [ "$one" -eq 1 ] || { echo "the behaviour has changed"; exit 1; }

"""Train one network in two processes, as on two machines, and compare the losses with those of one process.

    python examples/multi_host.py

starts both processes on this machine and trains the network once more alone. On two machines, start one on each:

    python examples/multi_host.py --coordinator 10.0.0.1:1234 --process 0
    python examples/multi_host.py --coordinator 10.0.0.1:1234 --process 1

The network and its training step are those of digits_jax.py, unchanged. All that JAX is told is which rows of a batch
lie where; it adds up the gradients of the processes, those of PReLU's alphas too.
"""

import argparse
import asyncio
import json
import os
import socket
import sys
from collections.abc import Iterator, Sequence

import digits
import digits_jax
import jax
import numpy as np
from jax.sharding import Mesh, NamedSharding, PartitionSpec
from rich.console import Console
from rich.table import Table

import acts

PROCESSES = 2
HIDDEN, EPOCHS, LEARNING_RATE, SEED = 32, 1, 0.1, 0
SECONDS = 100  # after which the processes are given up


def start() -> tuple[digits.Weights, Iterator]:
    """The first weights and the batches: by their seed the same in every process."""
    data = digits.load()
    weights = digits_jax.initial_weights([data.x.shape[1], HIDDEN, digits.CLASSES], acts.prelu, seed=SEED)
    return weights, digits.batches(data, EPOCHS, SEED)


def losses(weights: digits.Weights, batches: Iterator) -> list[float]:
    return [float(loss) for loss, _ in digits_jax.train(weights, batches, LEARNING_RATE)]


def losses_with_others(coordinator: str, process: int) -> list[float]:
    """The losses of the training that this process shares with the others."""
    jax.config.update("jax_cpu_collectives_implementation", "gloo")  # how CPUs talk; GPUs and TPUs have their own way
    jax.distributed.initialize(coordinator, PROCESSES, process)
    mesh = Mesh(jax.devices(), ("batch",))  # the devices of all processes
    whole, cut = NamedSharding(mesh, PartitionSpec()), NamedSharding(mesh, PartitionSpec("batch"))
    rows = digits.BATCH // PROCESSES
    mine = slice(process * rows, (process + 1) * rows)
    weights, batches = start()
    weights = jax.tree.map(lambda w: jax.make_array_from_process_local_data(whole, np.asarray(w)), weights)
    shared = (tuple(jax.make_array_from_process_local_data(cut, part[mine]) for part in batch) for batch in batches)
    return losses(weights, shared)


async def outputs(commands: Sequence[Sequence[str]]) -> list[str]:
    """What the commands print, run at the same time; when one fails, or takes more than SECONDS, all are killed."""
    async with asyncio.timeout(SECONDS), asyncio.TaskGroup() as group:
        tasks = [group.create_task(output(command)) for command in commands]
    return [task.result() for task in tasks]


async def output(command: Sequence[str]) -> str:
    pipe = asyncio.subprocess.PIPE
    environment = os.environ | {"JAX_PLATFORMS": "cpu"}
    process = await asyncio.create_subprocess_exec(*command, stdout=pipe, stderr=pipe, env=environment)
    try:
        printed, errors = await process.communicate()
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
    if process.returncode:
        raise RuntimeError(f"{' '.join(command)}\nended with status {process.returncode}:\n{errors.decode()}")
    return printed.decode()


def losses_of_two_processes() -> list[float]:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        address = f"127.0.0.1:{listener.getsockname()[1]}"  # a port that was free just now
    command = [sys.executable, __file__, "--coordinator", address, "--process"]
    try:
        printed = asyncio.run(outputs([[*command, str(process)] for process in range(PROCESSES)]))
    except ExceptionGroup as failed:
        raise SystemExit(str(failed.exceptions[0])) from None
    except TimeoutError:
        raise SystemExit(f"the processes took more than {SECONDS} seconds and were killed") from None
    first, second = (json.loads(lines.splitlines()[-1]) for lines in printed)
    if first != second:
        raise SystemExit("the two processes computed different losses, though both should have that of the whole batch")
    return first


def compare(alone: Sequence[float], together: Sequence[float]) -> None:
    """Print both; a SystemExit if they differ by more than float32 explains."""
    # A batch is added up in another order, which moves a sum of BATCH terms by up to BATCH eps of it. So does it move
    # the gradient g; then a step moves the loss by up to BATCH eps lr g**2, and all lr g**2 together are what it fell.
    allowed = 2 * digits.BATCH * np.finfo(np.float32).eps * alone[0]
    table = Table("step", "one process", "two processes", "difference")
    for step, (one, two) in enumerate(zip(alone, together, strict=True), 1):
        if step % 6 == 1 or step == len(alone):
            table.add_row(f"{step}", f"{one:.7f}", f"{two:.7f}", f"{two - one:.1e}")
    Console().print(table)
    largest = np.max(np.abs(np.subtract(together, alone)))
    print(f"loss after {len(alone)} steps: the largest difference is {largest:.1e}, allowed are {allowed:.1e}")
    if not largest <= allowed:
        raise SystemExit("two processes do not train as one does")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--coordinator", metavar="HOST:PORT", help="where process 0 is to listen")
    parser.add_argument("--process", type=int, choices=range(PROCESSES), help="which of the processes to be")
    given = parser.parse_args()
    if (given.coordinator is None) != (given.process is None):
        parser.error("--coordinator and --process go together")
    if given.coordinator:
        print(json.dumps(losses_with_others(given.coordinator, given.process)))
    else:
        jax.config.update("jax_platforms", "cpu")
        compare(losses(*start()), losses_of_two_processes())


if __name__ == "__main__":
    main()

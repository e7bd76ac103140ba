"""`up`, `down`, `status`, `logs`: a copy as a person or a program starts, asks and ends it."""

import argparse
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Sequence

from embedded import application as app
from embedded import copy
from embedded.application import Address, PortTaken
from embedded.display import Display
from embedded.ports import NoFreePort
from embedded.postgres import PostgresFailed
from embedded.process import rotate
from embedded.redis import NoRedis
from embedded.services import Misconfigured
from embedded.state import ROOT, AlreadyRunning, State, from_environment
from embedded.supervisor import Interrupted, StartFailed

EXPECTED = (
    AlreadyRunning,
    Interrupted,
    Misconfigured,
    NoFreePort,
    NoRedis,
    PortTaken,
    PostgresFailed,
    StartFailed,
)
"""What may go wrong in a way that a person can mend: shown as a sentence, without a traceback."""

_STOP_TIMEOUT_S = 30.0


def up(arguments: Sequence[str]) -> int:
    """Start everything and stay, or return once it is ready."""
    parser = argparse.ArgumentParser(
        prog="./preceptor up", description="Start the portal and everything it needs."
    )
    parser.add_argument(
        "--detach", action="store_true", help="return once the portal answers, and leave it running"
    )
    parser.add_argument(
        "--only-services", action="store_true", help="start Postgres, Redis and Qdrant, no portal"
    )
    parser.add_argument("--report-to", type=int, metavar="FD", help=argparse.SUPPRESS)
    options = parser.parse_args(arguments)
    state, address = from_environment(), app.address_from_environment()
    if options.detach:
        return _detach(state, address, only_services=options.only_services)
    if options.report_to is not None:
        return _run_detached(state, address, only_services=options.only_services, report_to=options.report_to)
    display = Display()

    def on_ready() -> None:
        display.close()
        print(
            _greeting(state, address, only_services=options.only_services, elapsed_s=display.elapsed_s),
            flush=True,
        )
        print("Ctrl-C ends everything.", flush=True)

    try:
        copy.Copy(
            state=state,
            address=address,
            only_services=options.only_services,
            report=lambda text, share: display.step(text, share=share),
        ).run(on_ready=on_ready)
    finally:
        display.close()
    return 0


def _detach(state: State, address: Address, *, only_services: bool) -> int:
    display = Display()
    reader, writer = os.pipe()
    state.make()
    holder = state.holder()
    if holder is not None:
        raise AlreadyRunning(
            f"{state.path} is already in use by process {holder}: ./preceptor status tells more."
        )
    log = state.log / "supervisor.log"
    rotate(log)
    command = [sys.executable, "-m", "embedded", "up", "--report-to", str(writer)]
    with log.open("ab") as output:
        child = subprocess.Popen(
            [*command, "--only-services"] if only_services else command,
            cwd=ROOT,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            pass_fds=(writer,),
            start_new_session=True,
        )
    os.close(writer)
    try:
        with os.fdopen(reader) as reports:
            for line in reports:
                told = json.loads(line)
                if "ready" in told:
                    display.close()
                    print(_greeting(state, address, only_services=only_services, elapsed_s=display.elapsed_s))
                    return 0
                if "failed" in told:
                    display.close()
                    print(f"preceptor: {told['failed']}", file=sys.stderr)
                    return child.wait()
                display.step(told["step"], share=told["share"])
    except KeyboardInterrupt:
        child.send_signal(signal.SIGTERM)
        child.wait()
        display.close()
        return 130
    display.close()
    print(f"preceptor: the supervisor ended; see {log}", file=sys.stderr)
    return child.wait() or 1


def _run_detached(state: State, address: Address, *, only_services: bool, report_to: int) -> int:
    os.set_inheritable(
        report_to, False
    )  # else it would stay open in every service, and the reader would wait for them

    def tell(**what: object) -> None:
        try:
            os.write(report_to, json.dumps(what).encode() + b"\n")
        except OSError:  # nobody listens any more: that it is ready was said, or the listener was killed
            return

    signal.signal(signal.SIGPIPE, signal.SIG_IGN)
    try:
        copy.Copy(
            state=state,
            address=address,
            only_services=only_services,
            report=lambda text, share: tell(step=text, share=share),
        ).run(on_ready=lambda: tell(ready=True))
    except EXPECTED as error:
        tell(failed=str(error))
        print(f"preceptor: {error}", file=sys.stderr)
        return 1
    return 0


def _greeting(state: State, address: Address, *, only_services: bool, elapsed_s: float) -> str:
    if only_services:
        return f"The services run ({elapsed_s:.1f} s). ./preceptor env prints their addresses."
    demo = app.read_demo(state)
    lines = [f"Preceptor answers at {address.url} ({elapsed_s:.1f} s)"]
    if demo:
        lines += [
            f"  demonstration login   {demo.get('email')}",
            f"  password              {demo.get('password')}",
        ]
    return "\n".join(lines)


def down(arguments: Sequence[str]) -> int:
    """End the copy that runs here."""
    argparse.ArgumentParser(prog="./preceptor down", description="End everything.").parse_args(arguments)
    state = from_environment()
    holder = state.holder()
    if holder is None:
        print("Nothing runs here.")
        return 0
    os.kill(holder, signal.SIGTERM)
    deadline = time.monotonic() + _STOP_TIMEOUT_S
    while state.holder() == holder:
        if time.monotonic() > deadline:
            os.kill(holder, signal.SIGKILL)  # the kernel ends its children
            print("It did not end in time and was killed.", file=sys.stderr)
            return 1
        time.sleep(0.05)
    print("Stopped.")
    return 0


def status(arguments: Sequence[str]) -> int:
    """Tell what runs here; 0 when the portal is ready."""
    parser = argparse.ArgumentParser(
        prog="./preceptor status", description="Tell what runs; exit code 0: ready."
    )
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args(arguments)
    told = copy.status(from_environment())
    if options.json:
        print(json.dumps(told, indent=2))
    elif not told["running"]:
        print(f"Stopped ({told['data']}).")
    else:
        word = "Ready" if told["ready"] else str(told["phase"]).capitalize()
        print(f"{word}: {told['url'] or 'services only'} ({told['data']})")
        for name, service in told["services"].items():
            port = f"port {service['port']}" if service["port"] else ""
            again = f"started again {service['restarts']}×" if service["restarts"] else ""
            print(f"  {name:<12} pid {service['pid']:<8} {port:<12} {again}".rstrip())
    return 0 if told["ready"] else 1


def logs(arguments: Sequence[str]) -> int:
    """Show the end of the logs, and go on with -f."""
    parser = argparse.ArgumentParser(prog="./preceptor logs", description="Show what the processes wrote.")
    parser.add_argument(
        "name", nargs="?", help="web, worker, listener, scheduler, postgres, redis, qdrant, migrate, seed …"
    )
    parser.add_argument("-f", "--follow", action="store_true")
    parser.add_argument("-n", "--lines", type=int, default=40)
    options = parser.parse_args(arguments)
    state = from_environment()
    found = (
        sorted(state.log.glob(f"{options.name}.log" if options.name else "*.log"))
        if state.log.exists()
        else []
    )
    if not found:
        print(
            f"There is no log{f' of {options.name}' if options.name else ''} in {state.log}.", file=sys.stderr
        )
        return 1
    command = ["tail", "-n", str(options.lines), *(["-F"] if options.follow else []), *map(str, found)]
    os.execvp(command[0], command)  # noqa: S606
    return None

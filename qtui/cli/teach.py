"""`qtui teach`: hold a class, and lead it in the app."""

from __future__ import annotations

import argparse
import asyncio
import importlib.util
import ipaddress
import os
import pwd
import secrets
import signal
import socket
import sys

from qtui import paths
from qtui.cli.launch import run_app
from qtui.cli.options import Parser, add_look
from qtui.cli.output import tell, write
from qtui.cli.terminal import prepare_environment
from qtui.scenario.base import UserError
from qtui.teach.host import hold
from qtui.teach.messages import End, Lead
from qtui.teach.plan import ClassPlan, Held, key_file
from qtui.teach.protocol import encode
from qtui.teach.service import answers
from qtui.teach.start import start_server

LETTERS = "ABCDEFGHJKMNPQRSTUVWXYZ23456789"  # none that looks like another
LOOPBACK = ("127.0.0.1", "::1")


def run_teach(argv: list[str]) -> int:
    """`qtui teach [options]`. Raises UserError where no class can be held."""
    args = parser().parse_args(argv)
    path = os.path.abspath(args.socket) if args.socket else default_socket()
    if answers(path):
        if args.headless:
            raise UserError(f"a class is being held at {path} already; qtui --lead {path} leads it")
        tell(f"qtui: leading the class at {path}, which has gone on")
        return _lead(path, args)
    plan = _plan(args, path)
    if args.headless:
        return asyncio.run(hold(plan, lambda held: _tell(plan, held)))
    _tell(plan, start_server(plan))
    return _lead(path, args)


def parser() -> Parser:
    """The options of `qtui teach`."""
    made = Parser(
        prog="qtui teach",
        description="Hold a class: students come in by ssh and see what you show.",
        epilog="If your line drops the class goes on, and `qtui teach` leads it again.",
    )
    ssh = made.add_argument_group("the door")
    ssh.add_argument(
        "--listen", action="append", default=[], metavar="ADDRESS", help="listen there, not only on this machine"
    )
    ssh.add_argument("--port", type=int, default=8022, help="port (8022; 0 takes a free one)")
    ssh.add_argument("--password", metavar="TEXT", default="", help="the join code (else one is made)")
    ssh.add_argument("--no-password", action="store_true", help="let in whoever is on this machine")
    ssh.add_argument("--keys", metavar="FILE", default="", help="let in these public keys (authorized_keys) instead")
    ssh.add_argument("--no-ssh", action="store_true", help="only the socket, for students who come by OpenSSH")
    ssh.add_argument("--host", metavar="NAME", default="", help="this machine's name, as students type it")
    room = made.add_argument_group("the class")
    room.add_argument("--headless", action="store_true", help="without the app; lead it by qtui --lead SOCKET")
    room.add_argument("--socket", metavar="PATH", default="", help="where the class is led, and followed by --follow")
    room.add_argument("--students", type=int, default=60, metavar="N", help="at most so many (60)")
    room.add_argument("--hours", type=float, default=4.0, help="a student stays at most so long (4)")
    room.add_argument("--idle", type=float, default=60.0, metavar="MINUTES", help="without a key or news (60)")
    room.add_argument("--dir", action="append", default=[], metavar="DIR", help="whose files students may open")
    room.add_argument(
        "--user", metavar="ACCOUNT", default="nobody", help="whom students are, if you are root (nobody)"
    )
    add_look(made.add_argument_group("how to show it"))
    return made


def _plan(args: argparse.Namespace, path: str) -> ClassPlan:
    addresses = tuple(args.listen) or tuple(address for address in LOOPBACK if _is_here(address))
    open_to_others = not all(_is_loopback(address) for address in addresses)
    _check(args, open_to_others)
    return ClassPlan(
        path=path,
        addresses=() if args.no_ssh else addresses,
        port=args.port,
        password="" if args.no_password or args.keys else args.password or join_code(),
        keys=os.path.abspath(args.keys) if args.keys else "",
        most=args.students,
        hours=args.hours,
        name=args.host or (socket.gethostname() if open_to_others else "localhost"),
        student={"idle": args.idle, "folders": [os.path.abspath(folder) for folder in args.dir], "user": args.user},
        environment=student_environment(),
    )


def _check(args: argparse.Namespace, open_to_others: bool) -> None:
    """Raise UserError where a class can't be held so."""
    if not 0 <= args.port < 65536 or not 1 <= args.students <= 200 or not 0 < args.hours <= 24 or args.idle < 0:
        raise UserError("--port is 0 to 65535, --students 1 to 200, --hours up to 24, --idle minutes from 0")
    if args.no_password and (open_to_others or args.password):
        raise UserError("--no-password is for a class on this machine alone; give --password or --keys with --listen")
    if open_to_others and not args.password and not args.keys:
        raise UserError("--listen opens the class to others: give it a --password TEXT, or --keys FILE")
    if args.password and (len(args.password) < 6 or not args.password.isprintable()):
        raise UserError("--password: at least six characters that can be typed")
    if os.geteuid() == 0 and args.user != "root" and not args.no_ssh:
        _check_account(args.user)
    missing = [folder for folder in args.dir if not os.path.isdir(folder)]
    if missing:
        raise UserError(f"--dir: no folder {missing[0]}")
    if not args.no_ssh and importlib.util.find_spec("asyncssh") is None:
        raise UserError("students come in by asyncssh: pip install 'qtui[teach]' (or use --no-ssh and OpenSSH)")


def student_environment() -> dict[str, str]:
    """The environment of a student's process: that of an ordinary terminal, over SSH."""
    made = {"TERM": "xterm-256color", "OPENBLAS_NUM_THREADS": "1", "SSH_CONNECTION": "class"}
    prepare_environment(made, "256")
    return made


def _check_account(user: str) -> None:
    """Whether students can be the account `user`. Raises UserError."""
    try:
        pwd.getpwnam(user)
    except KeyError:
        raise UserError(f"--user: there is no account {user!r} for students to be") from None
    for path in (os.path.dirname(os.__file__), os.path.dirname(__file__), *sys.path):
        while path and path != "/":
            if os.path.exists(path) and not os.stat(path).st_mode & 0o001:
                who = f"the account {user!r}, which students are,"
                raise UserError(f"--user: {who} can't read Python's files in {path}; install it where all can read")
            path = os.path.dirname(path)


def join_code() -> str:
    """A code that can be read out and typed."""
    code = "".join(secrets.choice(LETTERS) for _ in range(8))
    return f"{code[:4]}-{code[4:]}"


def _is_loopback(address: str) -> bool:
    if address == "localhost":
        return True
    try:
        return ipaddress.ip_address(address).is_loopback
    except ValueError:
        return False


def _is_here(address: str) -> bool:
    try:
        with socket.socket(socket.AF_INET6 if ":" in address else socket.AF_INET) as end:
            end.bind((address, 0))
    except OSError:
        return False
    return True


def default_socket() -> str:
    """The default socket of a class, in a folder that only its owner can read."""
    runtime = os.environ.get("XDG_RUNTIME_DIR", "")
    folder = os.path.join(runtime, "qtui") if runtime.startswith("/") and os.path.isdir(runtime) else ""
    return os.path.join(folder or os.path.dirname(paths.state_file("x")), "class.sock")


def _tell(plan: ClassPlan, held: Held) -> None:
    if held.door:
        write(f"students type   {held.door}")
        write(f"join code       {plan.password}" if plan.password else f"join by         {_how(plan)}")
        write(f"host key        {held.fingerprint}")
        write(f"they run as     {_whose(plan)}")
    write(f"the class is at {held.path}   (qtui --lead, qtui --kiosk --follow)")
    sys.stdout.flush()


def _how(plan: ClassPlan) -> str:
    return f"the keys in {plan.keys}" if plan.keys else "nothing: whoever is on this machine"


def _whose(plan: ClassPlan) -> str:
    """The account that runs students' processes, and what to do where it should be another."""
    if os.geteuid() == 0:
        return f"the account {plan.student['user']}, behind the kiosk's walls"
    return "your own account, behind the kiosk's walls; started by root, --user ACCOUNT gives them another"


def lead_options(path: str, args: argparse.Namespace) -> list[str]:
    """What the app is started with; the rest is as the configuration has it."""
    chosen = [word for name in ("color", "theme") if (value := getattr(args, name)) for word in (f"--{name}", value)]
    return ["--lead", path, *chosen, *["--ascii"] * bool(args.ascii)]


def _lead(path: str, args: argparse.Namespace) -> int:
    """Lead the class in the app. Leaving by a key asks whether the class is over; a dropped line does not end it."""
    status = run_app(lead_options(path, args))
    if not answers(path) or status == 128 + signal.SIGHUP:  # nobody is there to be told that it goes on
        return status
    if status == 0 and _is_over():
        end_class(path)
    else:
        tell(f"qtui: the class goes on; lead it again by qtui teach or qtui --lead {path}")
    return status


def _is_over() -> bool:
    try:
        return input("qtui: is the class over? [Y/n] ").strip().lower() not in ("n", "no")
    except (EOFError, KeyboardInterrupt):
        return False


def end_class(path: str) -> None:
    """End the class at the socket `path`, whoever leads it. Raises OSError."""
    with socket.socket(socket.AF_UNIX) as end:
        end.settimeout(5)
        end.connect(path)
        end.sendall(encode(Lead(paths.read_small(key_file(path)).strip())) + encode(End()))
        while end.recv(1 << 16):
            pass

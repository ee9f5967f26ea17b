"""`exotrial init` and `serve`: make an installation, and answer for it over HTTP, with pages and an API."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import typer

from exotrial.cli.session import PasswordStdin, open_installation, read_password

GRACE_SECONDS = 20
"""How long requests and a job may take to end after the server was told to."""


def add_to(app: typer.Typer) -> None:
    """Add the commands of this file."""
    app.command("init")(make)
    app.command("serve")(serve)


def make(
    username: Annotated[str, typer.Argument(help="The first administrator's username.")],
    name: Annotated[str, typer.Option("--name", help="The first administrator's name.")],
    password_stdin: PasswordStdin = False,
) -> None:
    """Make an installation in EXOTRIAL_HOME, with its keys, its database and its first administrator.

    The password is asked for, or taken from EXOTRIAL_PASSWORD, or from standard input with --password-stdin.
    """
    from exotrial.operations.installation import make_installation
    from exotrial.store.home import environment_home

    password = read_password(stdin=password_stdin, confirm=True)
    opened = make_installation(environment_home(), username=username, name=name, password=password)
    typer.echo(f"The installation lies in {opened.home.folder}")
    typer.echo(
        f"Its key lies in {opened.home.keys_folder}: keep a copy apart from every copy of the database."
    )


def serve(
    host: Annotated[str, typer.Option("--host", help="The address to listen at.")] = "127.0.0.1",
    port: Annotated[int, typer.Option("--port", min=1, max=65535, help="The port to listen at.")] = 8000,
    workers: Annotated[int, typer.Option("--workers", min=1, help="Processes.")] = 1,
    threads: Annotated[int, typer.Option("--threads", min=1, help="Threads of each process.")] = 4,
    backlog: Annotated[
        int, typer.Option("--backlog", min=128, help="Connections that may wait to be taken.")
    ] = 1024,
    certificate: Annotated[
        Path | None, typer.Option("--certificate", help="The TLS certificate chain (PEM).")
    ] = None,
    key: Annotated[Path | None, typer.Option("--key", help="The TLS private key (PEM).")] = None,
    behind_proxy: Annotated[
        bool,
        typer.Option(
            "--behind-proxy",
            help="Believe X-Forwarded-Proto: only behind a proxy that sets it on every request.",
        ),
    ] = False,
) -> None:
    """Serve the pages and the HTTP API, with TLS where a certificate and its key are given, else behind a proxy.

    The names under which the server may be asked are set by EXOTRIAL_HOSTS. Reports and exports are made by a
    process beside it, which begins and ends with it. Ctrl-C and SIGTERM let running requests end first.
    """
    # Refuses here, and not in a worker; and stays connected, so that no upgrade begins while nobody asks anything.
    open_installation()
    if (certificate is None) != (key is None):
        raise typer.BadParameter("--certificate and --key go together")
    if behind_proxy:
        os.environ["EXOTRIAL_BEHIND_PROXY"] = "1"
    shown = f"[{host}]" if ":" in host else host
    typer.echo(f"exotrial serves http{'s' if certificate else ''}://{shown}:{port}/", err=True)
    serve_at(host, port, workers=workers, threads=threads, backlog=backlog, certificate=certificate, key=key)


def serve_at(
    host: str,
    port: int,
    *,
    workers: int = 1,
    threads: int = 4,
    backlog: int = 1024,
    certificate: Path | None = None,
    key: Path | None = None,
) -> None:
    """Serve the installation that the environment names until somebody ends it, and make what its pages ask for."""
    from granian.constants import Interfaces
    from granian.server import Server

    with making_beside():
        Server(
            "exotrial.web.wsgi:make_application",
            factory=True,
            address=host,
            port=port,
            interface=Interfaces.WSGI,
            workers=workers,
            blocking_threads=threads,
            backlog=backlog,
            ssl_cert=certificate,
            ssl_key=key,
            websockets=False,
            respawn_failed_workers=True,
            workers_kill_timeout=GRACE_SECONDS,
            log_access=False,
        ).serve()


@contextmanager
def making_beside() -> Iterator[None]:
    """The process that makes reports and exports, from here to the end of the block; what it was at is called off."""
    maker = subprocess.Popen(
        [sys.executable, "-m", "exotrial", "make-exports", "--with", str(os.getpid())],
        stdin=subprocess.DEVNULL,
        start_new_session=True,  # Ctrl-C is for the server, which ends it then
    )
    try:
        yield
    finally:
        maker.terminate()
        try:
            maker.wait(GRACE_SECONDS)
        except subprocess.TimeoutExpired:
            maker.kill()
            maker.wait()

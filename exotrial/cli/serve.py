"""`exotrial init` and `serve`: make an installation, and answer for it over HTTP."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from exotrial.cli.session import PasswordStdin, open_installation, read_password


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
) -> None:
    """Serve the HTTP API, with TLS where a certificate and its key are given, else behind a proxy that has it.

    The names under which the server may be asked are set by EXOTRIAL_HOSTS.
    """
    from granian.constants import Interfaces
    from granian.server import Server

    open_installation()  # refuses here, and not in a worker
    if (certificate is None) != (key is None):
        raise typer.BadParameter("--certificate and --key go together")
    typer.echo(f"exotrial serves http{'s' if certificate else ''}://{host}:{port}/api/", err=True)
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
        log_access=False,
    ).serve()

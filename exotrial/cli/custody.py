"""`exotrial custody`: the temperature of a shipment or a store, from the file of its logger."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Annotated

import typer

from exotrial.cli.app import FINDINGS
from exotrial.cli.decision import print_findings, print_verdict, read_file
from exotrial.cli.terminal import print_rows
from exotrial.core.errors import Place
from exotrial.core.quantities import convert, read_quantity


def add_to(app: typer.Typer) -> None:
    """Add the commands of this file."""
    group = typer.Typer(help="Shipments and stores: temperature and time.", no_args_is_help=True)
    group.command("check")(check_logger)
    group.callback()(lambda: None)
    app.add_typer(group, name="custody")


def check_logger(
    logger: Annotated[Path, typer.Argument(help="The logger's table, CSV.")],
    lower: Annotated[float | None, typer.Option("--lower", help="The lowest allowed, degC.")] = None,
    upper: Annotated[float | None, typer.Option("--upper", help="The highest allowed, degC.")] = None,
    begun: Annotated[
        str,
        typer.Option(
            "--from", help="When it began, such as 2026-01-05T08:20+08:00; the first reading if left out."
        ),
    ] = "",
    ended: Annotated[str, typer.Option("--to", help="When it ended; the last reading if left out.")] = "",
    at_most: Annotated[str, typer.Option("--at-most", help='The longest it may last, such as "7 d".')] = "",
    allowed: Annotated[
        str, typer.Option("--allowed", help='Time out of limits that stability data allow, such as "30 min".')
    ] = "0 min",
    gap: Annotated[str, typer.Option("--gap", help="The longest time between readings.")] = "30 min",
    zone: Annotated[
        str, typer.Option("--zone", help="The zone of times without an offset, such as Asia/Shanghai.")
    ] = "",
    strict: Annotated[
        bool,
        typer.Option("--strict", help="Exit with 1 where it was not kept as asked, or there are findings."),
    ] = False,
) -> None:
    """Find excursions and gaps of a temperature logger, and decide whether the product was kept as asked."""
    from exotrial.product.assay import assay_file
    from exotrial.product.custody import check_log, compute_log, decide_kept, read_logger, read_moment

    rows = read_logger(assay_file(read_file(logger), name=logger.name), zone=zone)
    log = compute_log(rows, lower=lower, upper=upper)
    longest = _time(gap, "--gap")
    verdict = decide_kept(
        log,
        begun=read_moment(begun, zone) if begun else log.rows[0].at,
        ended=read_moment(ended, zone) if ended else log.rows[-1].at,
        longest_gap=longest,
        at_most=_time(at_most, "--at-most") if at_most else None,
        allowed=_time(allowed, "--allowed"),
    )
    findings = check_log(log, longest_gap=longest, file=logger.name)
    print_rows(
        [
            {
                "readings": str(len(log.rows)),
                "first": log.rows[0].at.isoformat(),
                "last": log.rows[-1].at.isoformat(),
                "lowest": f"{min(row.celsius for row in log.rows):.1f} degC",
                "highest": f"{max(row.celsius for row in log.rows):.1f} degC",
                "mean kinetic": f"{log.mean_kinetic:.2f} degC",
            }
        ]
    )
    print_verdict(verdict)
    print_findings(findings)
    if strict and (findings or not verdict):
        raise typer.Exit(FINDINGS)


def _time(written: str, option: str) -> timedelta:
    quantity = read_quantity(written, dimension="duration", place=Place(path=option))
    return timedelta(seconds=float(convert(quantity, "s").value))

"""What puts the sizes of a video in doubt: findings TRK-001 to TRK-007."""

from __future__ import annotations

from exotrial.core.findings import Finding, Severity

CROWDED = 0.5
DISAGREE = 0.15
FEW = 100
AT_THE_END = 0.02
SAME_TIME = 0.01


def find_doubts(
    *,
    name: str,
    crowding: float,
    announced_frame_time_s: float | None,
    frame_time_s: float,
    variance_um2: float,
    given_error_um: float | None,
    ensemble_nm: float | None,
    tracks_nm: float,
    tracks: int,
    smallest_nm: float,
    wanted_nm: float,
) -> list[Finding]:
    """The doubts about one video. Sizes in nm; `tracks_nm` is the size of the tracks' mean diffusion coefficient."""
    found = []

    def doubt(rule: str, severity: Severity, says: str, why: str, settle: str) -> None:
        found.append(
            Finding(
                rule=rule, subject=name, severity=severity, kind="tracking", says=says, why=why, settle=settle
            )
        )

    if crowding > CROWDED:
        doubt(
            "TRK-001",
            Severity.WARNING,
            f"{crowding:.2g} other particles are expected within the search radius",
            "A particle is then linked to a stranger, and steps are too long or too short.",
            "Dilute the sample, or give a shorter search radius.",
        )
    if given_error_um is None and variance_um2 < 0:
        doubt(
            "TRK-002",
            Severity.INFO,
            "the localisation error estimated from the tracks came out below zero and is taken as zero",
            "Neighbouring steps hang together more than the exposure tells.",
            "Measure it on stuck beads and give it, and check the exposure.",
        )
    if ensemble_nm is not None and abs(tracks_nm / ensemble_nm - 1) > DISAGREE:
        doubt(
            "TRK-003",
            Severity.ERROR,
            f"tracks step by step give {tracks_nm:.0f} nm, lags 3 to 12 give {ensemble_nm:.0f} nm",
            "Free diffusion gives one size at all lags; compression, a wrong exposure, a short search or flow do not.",
            "Export the video uncompressed; check exposure, search radius and drift.",
        )
    if tracks < FEW:
        doubt(
            "TRK-004",
            Severity.WARNING,
            f"the sizes rest on {tracks} tracks",
            "Few particles describe a sample poorly, and the bands do not show what was never seen.",
            "Film longer, or film more videos.",
        )
    if smallest_nm > wanted_nm * 1.001:
        doubt(
            "TRK-005",
            Severity.INFO,
            f"particles below {smallest_nm:.0f} nm cannot be followed within the search radius and are not counted",
            "They step out of the search radius before a track is long enough.",
            "Film faster or a more dilute sample, or give a longer search radius.",
        )
    if announced_frame_time_s is not None and abs(announced_frame_time_s / frame_time_s - 1) > SAME_TIME:
        doubt(
            "TRK-006",
            Severity.WARNING,
            f"the file announces {announced_frame_time_s:.4g} s a frame, {frame_time_s:.4g} s were given and used",
            "Sizes are in proportion to the frame time.",
            "Look the frame rate up in the instrument's record; a player's rate is often written into the file.",
        )
    return found


def check_range(last_share: float, *, largest_nm: float) -> tuple[Finding, ...]:
    """The doubt whether larger particles are there than were looked for: `last_share` is in the last three bins."""
    if last_share <= AT_THE_END:
        return ()
    return (
        Finding(
            rule="TRK-007",
            subject="largest_nm",
            severity=Severity.WARNING,
            kind="tracking",
            says=f"{last_share:.0%} of the particles came out at {largest_nm:.0f} nm, the largest size looked for",
            why="What is larger is pressed into the last bins, and every percentile is too low.",
            settle="Look for larger sizes.",
        ),
    )

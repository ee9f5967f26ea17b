"""Writes text exports as a ZetaView 8 does, for tests: the layout of real ones with numbers of our own."""

from __future__ import annotations

import math
from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

HEADER = (
    "Original File:\tD:\\20260112_0003_batch7_size_488.avi\tSection:\t0.09999 [0]",
    "Operator:\tbob",
    "Experiment:\t20260112_0003",
    "ZetaView S/N:\t00-0000",
    "Cell S/N:\t000-000",
    "Software:\tZetaView (version 8.06.01 SP1)\tAnalyze:\t8.06.01 SP1",
    "SOP:\tEV_488",
    "Sample:\tbatch7",
    "Electrolyte:\tPBS",
    "pH:\t7.000000\tentered",
    "Conductivity: 81.000000\tsensed",
    "TempControl:\t1",
    "SetTemperature:\t25.000000",
    "Temperature:\t24.900000\tsensed",
    "Viscosity:\t0.901893",
    "Date:\t2026-01-12",
    "Time:\t12:38:54",
    "General Remarks:\t",
    "Remarks:\t",
    "Scattering Intensity:\t15.400000",
    "Detected Particles:\t346",
    "Particle Drift Checked:\t2026-01-12 08:30:00",
    "Particle Drift Check Result:\tGood",
    "Cell Checked:\t2026-01-12 08:20:16",
    "Cell Check Result:\tVery Good",
    "Type of Measurement:\tSize Distribution",
    "Positions:\t11",
    "Microscope Position:\t0.099993",
    "Number of Traces:\t{traces}\t(at 0.099990)\tAverage Number of Particles:\t71.000000\tDilution::\t{dilution}",
    "Concentration Correction Factor:\t1.000000",
    "Image Evaluation:",
    "Minimum Brightness:\t30",
    "Camera:\tFpSec 30 #Cycles 1 FRate 30.000000",
    "Camera Trigger Duration µs:\tShutter Duration",
    "Laser Wavelength nm:\t488.000000",
    "Micrometer per Pixel:\t0.713000",
    "Results (Pos 0.099993):",
    "Median Number (D50):\t{median}",
    "Median Concentration (D50):\t{median}",
    "Median Volume (D50):\t{volume_median}",
    "Size Distribution",
    "Size / nm\tNumber\tConcentration / cm-3\tVolume / nm^3\tArea / nm^2",
)
LINEAR: NDArray[np.float64] = 2.5 + 5.0 * np.arange(1200, dtype=np.float64)
LOGARITHMIC: NDArray[np.float64] = 4.683 * np.exp(np.arange(200) * (math.log(10) / 64))


def write_zetaview(
    counts: Mapping[float, int],
    *,
    median: str,
    volume_median: str,
    dilution: str = "1000.000000",
    per_particle: float = 1.647e5,
    changes: Mapping[str, str] | None = None,
) -> bytes:
    """An export with `counts` particles at linear centres in nm. `changes` replaces texts in the header."""
    head = "\n".join(HEADER).format(
        traces=sum(counts.values()), dilution=dilution, median=median, volume_median=volume_median
    )
    for old, new in (changes or {}).items():
        assert old in head, old
        head = head.replace(old, new)
    linear = np.zeros(LINEAR.size)
    logarithmic = np.zeros(LOGARITHMIC.size)
    for centre, count in counts.items():
        linear[int(np.argmin(np.abs(LINEAR - centre)))] += count
        logarithmic[int(np.argmin(np.abs(np.log(LOGARITHMIC / centre))))] += count
    rows = [*_rows(LINEAR, linear, per_particle), "\t".join(["-1.000E+0"] * 4 + ["0.000E+0"])]
    rows += _rows(LOGARITHMIC, logarithmic, per_particle)
    return ("\n".join([head, *rows]) + "\n").encode("latin-1")


def _rows(centres: NDArray[np.float64], counts: NDArray[np.float64], per_particle: float) -> list[str]:
    return [
        "\t".join(
            _digits(value)
            for value in (
                centre,
                count,
                count * per_particle,
                count * math.pi / 6 * centre**3,
                count * math.pi / 4 * centre**2,
            )
        )
        for centre, count in zip(centres.tolist(), counts.tolist(), strict=True)
    ]


def _digits(value: float) -> str:
    mantissa, power = f"{value:.3E}".split("E")
    return f"{mantissa}E{int(power):+d}"

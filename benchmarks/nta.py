"""Raw video to size, ours beside trackpy: the same frames, the same machine, the truth known.

    python -m benchmarks.nta

A made-up video of 100 nm spheres, filmed with two search radii, and the real video of 1 µm latex where it lies beside
the project. trackpy locates, links and fits the mean MSD of lags 1 to 5 as its walkthrough does; ours goes on to the
likelihood of each track, deconvolution and 200 resamples, timed apart. Compilation is left out of both times: each
has worked on a few frames before.
"""

from __future__ import annotations

import json
import subprocess
import tempfile
import time
from itertools import islice
from pathlib import Path

import numpy as np

from benchmarks.peer import Skipped, find_environment
from exotrial.product.tracking.frames import frames_of, open_frames
from exotrial.product.tracking.measure import measure_sizes, track_video
from exotrial.product.tracking.settings import Polarity, TrackingSettings
from exotrial.product.tracking.simulate import simulate_video
from exotrial.product.viscosity import compute_water_viscosity

TRACKPY = "0.7"
LATEX = Path(__file__).resolve().parents[2] / "shared" / "data" / "video" / "trackpy_bulk-water.mov"

PEER = """
import json, sys, time, warnings
import numpy as np, trackpy as tp
warnings.simplefilter("ignore"); tp.quiet()
path, search, diameter, invert, pixel, frame = sys.argv[1], *map(float, sys.argv[2:])
stack = np.load(path)
def track(stack):
    found = tp.batch(stack, int(diameter), minmass=MINMASS, invert=bool(invert), processes=1)
    linked = tp.link(found, search, memory=0)
    return tp.filter_stubs(linked, 11)
first = tp.locate(stack[0], int(diameter), invert=bool(invert))
MINMASS = float(np.percentile(first.mass, 100) / 4)
track(stack[:3])
begin = time.perf_counter()
tracks = track(stack)
took = time.perf_counter() - begin
drift = tp.compute_drift(tracks, smoothing=15)
tracks = tp.subtract_drift(tracks.copy(), drift)
msd = tp.emsd(tracks, pixel, 1 / frame, max_lagtime=12, detail=True)
lags = np.array(msd["lagt"]); values = np.array(msd["msd"])
line = np.polyfit(lags[:5], values[:5], 1)
print(json.dumps({"seconds": took, "diffusion": line[0] / 4, "tracks": int(tracks.particle.nunique())}))
"""


def compare(name: str, stack: np.ndarray, settings: TrackingSettings, *, truth_nm: float) -> None:
    """Print one line for ours and one for the peer."""
    track_video(frames_of(stack[:15], name="first"), settings)
    begin = time.perf_counter()
    tracked = track_video(frames_of(stack, name=name), settings)
    took = time.perf_counter() - begin
    begin = time.perf_counter()
    sizes = measure_sizes([tracked], settings, seed=1)
    then = time.perf_counter() - begin
    d50 = sizes.summary["d50_nm"]
    fit = tracked.ensemble
    long = (
        f", lags 3 to 12 {settings.diffusion_of_1_nm / fit.diffusion_um2_s:.0f} nm" if fit is not None else ""
    )
    print(f"{name}: truth {truth_nm:.0f} nm, {len(stack)} frames, search {settings.search_px:g} px")
    print(
        f"  exotrial  {took:6.1f} s, sizes and bands {then:.1f} s more; D50 {d50.estimate:.0f} nm "
        f"({d50.low:.0f} to {d50.high:.0f}){long}; {tracked.steps.tracks} tracks"
    )
    try:
        python = find_environment("trackpy", TRACKPY, "numba")
    except Skipped as why:
        print(f"  trackpy: skipped, because {why}")
        return
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "stack.npy"
        np.save(path, stack)
        given = (
            settings.search_px,
            settings.feature_px,
            float(settings.polarity is Polarity.DARK),
            settings.pixel_size_um,
            settings.frame_time_s,
        )
        done = subprocess.run(
            [str(python), "-c", PEER, str(path), *map(str, given)],
            capture_output=True,
            text=True,
            check=False,
        )
    if done.returncode:
        print(f"  trackpy: failed: {done.stderr.strip().splitlines()[-1]}")
        return
    peer = json.loads(done.stdout.splitlines()[-1])
    size = settings.diffusion_of_1_nm / peer["diffusion"]
    print(f"  trackpy   {peer['seconds']:6.1f} s; {size:.0f} nm from the mean MSD; {peer['tracks']} tracks")
    print(f"  trackpy's time over ours, locating and linking: {peer['seconds'] / took:.1f}")


def main() -> None:
    """Compare on each video."""
    for search in (20.0, 8.0):
        settings = TrackingSettings(
            pixel_size_um=0.166,
            frame_time_s=0.04,
            exposure_s=0.01,
            temperature_c=25,
            viscosity_mpa_s=compute_water_viscosity(25),
            search_px=search,
            localisation_error_um=0.01,
        )
        made = simulate_video(np.full(60, 100.0), settings=settings, seed=3, frames=300)
        compare("made up", made.stack, settings, truth_nm=100)
    if not LATEX.exists():
        print("latex: skipped, because the video does not lie beside the project")
        return
    settings = TrackingSettings(
        pixel_size_um=100 / 285,
        frame_time_s=1 / 24,
        exposure_s=0.0,
        temperature_c=20,
        viscosity_mpa_s=compute_water_viscosity(20),
        polarity=Polarity.DARK,
        search_px=5,
    )
    stack = np.array([np.rint(frame) for frame in islice(open_frames(LATEX), 240)], dtype=np.uint8)
    compare("latex", stack, settings, truth_nm=1000)


if __name__ == "__main__":
    main()

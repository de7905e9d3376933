"""The bench's pictures, drawn by gnuplot: how late posts arrive, and how cost grows with the queue."""
import shutil
import subprocess
import tempfile
from pathlib import Path

from harness import LATE, note, share

POINTS = 400  # of a curve
LEAST = 0.1   # ms: what is earlier is drawn there, for the axis is logarithmic

STYLE = """
    set terminal svg size 900,600 background "white"
    set grid
"""

LATENESS = STYLE + """
    set logscale x
    set xlabel "ms after the slot"
    set ylabel "arrived, %"
    set yrange [0:100]
    set key outside bottom center maxcols 2
"""

GROWTH = STYLE + """
    set logscale xy
    set xlabel "deliveries in the queue"
    set key left top
"""


def draw(picture, settings, curves):
    """curves: (title, points); a point is x and y. Nothing is drawn without curves, or without gnuplot."""
    if not curves:
        return
    if not shutil.which("gnuplot"):
        note(f"no {picture.name}: gnuplot (Debian's gnuplot-nox) is not there")
        return
    with tempfile.TemporaryDirectory() as directory:
        plots = []
        for i, (title, points) in enumerate(curves):
            data = Path(directory, str(i))
            data.write_text("".join(f"{x} {y}\n" for x, y in points))
            plots.append(f'"{data}" with {"lines" if len(points) > 20 else "linespoints"} title "{title}"')
        script = f'{settings}set output "{picture}"\nplot {", ".join(plots)}\n'
        subprocess.run(["gnuplot"], check=True, text=True, input=script)
    note(f"drawn: {picture}")


def share_arrived(late):
    return [(max(LEAST, share(late, i / POINTS)), 100 * i / POINTS) for i in range(POINTS + 1)]


def draw_lateness(directory):
    """Of everything that was measured: which share of the posts had arrived so long after their slot."""
    draw(Path(directory, "lateness.svg"), LATENESS, [(what, share_arrived(late)) for what, late in LATE.items() if late])


def draw_growth(directory, rows):
    """Each against how many are queued: straight lines where cost grows no faster than the queue."""
    lines = {
        "ready after, ms": lambda row: row["start"] * 1000,
        "PSS, MiB": lambda row: row["memory"],
        "file, MB": lambda row: row["size"] / 1e6,
        "slowest page, ms": lambda row: max(row["pages"].values()) * 1000,
        "CPU a due post, us": lambda row: row["cpu"],
    }
    rows = [row for row in rows if "cpu" in row]
    draw(Path(directory, "growth.svg"), GROWTH,
         [(title, [(row["queued"], value(row)) for row in rows]) for title, value in lines.items() if rows])

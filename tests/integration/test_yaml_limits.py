"""Files made to keep a reader busy: each is refused, at its place, before it costs anything.

The bar is 50 ms of a release; what is measured is CPU time, with room for sanitizers. How much is read of each, and that
a reader without one of the limits is noticed, is in unit/test_yaml.c.
"""
import os
import re
import resource
import subprocess
import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "support"))
from daemon import CALCTL, WRAPPER  # noqa: E402

MOST_CPU_S = 1.0 if not WRAPPER else 60.0
MIB = 1 << 20

FILES = {
    "brackets": ("[" * (100 << 10), "nested deeper than 32 levels"),
    "maps": ("{a: " * (100 << 10), "nested deeper than 32 levels"),
    "dashes": ("- " * (100 << 10), "nested deeper than 32 levels"),
    "anchors": ("posts:\n" + "".join(f"- &a{i} x\n" for i in range(60000)), "more than 1000 anchors"),
    "a cycle": ("posts: &p [*p]\n", "stands inside its own anchor"),
    "a cycle through maps": ("a: &a {b: &b {c: *a}}\n", "stands inside its own anchor"),
    "laughs": ("a0: &a0 [x, x, x, x, x, x, x, x, x]\n"
               + "".join(f"a{i}: &a{i} [{', '.join([f'*a{i - 1}'] * 9)}]\n" for i in range(1, 15)), "too large aliases"),
    "a doubled key": ("a: 1\na: 2\n", "duplicate key 'a', first at line 1"),
    "a doubled key among many": ("".join(f"k{i}: x\n" for i in range(100_000)) + "k77777: y\n", "duplicate key 'k77777'"),
    "keys that are all the same": ("a: x\n" * 50_000, "duplicate key 'a'"),
    "a scalar of 50 MB": ("a: " + "x" * (50 * MIB), "longer than 512 KiB"),
    "a quoted one": ('a: "' + "x" * (50 * MIB) + '"', "longer than 512 KiB"),
    "a block": ("a: |\n" + (" " + "x" * 99 + "\n") * (MIB // 2), "longer than 512 KiB"),
    "a comment of 50 MB": ("#" + "x" * (50 * MIB), "longer than 512 KiB"),
    "a file of 70 MB": ("- x\n" * (70 * MIB // 4), "larger than"),
}


def check(path):
    """The answer, and the CPU time it took."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    done = subprocess.run([*WRAPPER, CALCTL, "check", path], capture_output=True, text=True, timeout=100,
                          env=dict(os.environ, ASAN_OPTIONS="detect_leaks=0"))
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return done, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


@pytest.mark.parametrize("name", FILES)
def test_it_is_refused_at_once(name, tmp_path):
    text, message = FILES[name]
    path = tmp_path / "calendar.yaml"
    path.write_text(text)
    done, cpu = check(path)
    assert done.returncode == 1, done.stderr[-1000:]
    said = done.stdout + done.stderr
    assert message in said and "Sanitizer" not in said, said[-1000:]
    assert re.search(r"calendar\.yaml(:\d+:\d+)?: ", said), said[-1000:]
    print(f"{name}: {cpu * 1000:.0f} ms")
    assert cpu < MOST_CPU_S

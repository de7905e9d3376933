"""config/networks.md as its reader finds it: a section a network."""
import os
import re
import textwrap
from pathlib import Path

TEXT = (Path(os.environ.get("CALD_SOURCE", Path(__file__).parents[2])) / "config/networks.md").read_text()
SECTIONS = {name: body for name, body in re.findall(r"^## [^\n]*: `(\w+)`\n(.*?)(?=^## |\Z)", TEXT, re.M | re.S)}


def point(network, title):
    """What the network's section says under '- **title**:', on one line; None if it has no such point."""
    found = re.search(rf"^- \*\*{title}\*\*: (.*?)(?=^- |\n\n|\Z)", SECTIONS[network], re.M | re.S)
    return found and " ".join(found[1].split())


def account(network):
    """The piece of cald.yaml that is to be copied."""
    block, = re.findall(r"(?:^    .*\n)+", SECTIONS[network], re.M)
    return textwrap.dedent(block)


def able(title):
    """The networks whose point does not begin with 'no:'."""
    return {name for name in SECTIONS if not point(name, title).startswith("no:")}

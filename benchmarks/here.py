"""Where and when something was measured, and who took the machine's time meanwhile."""

import os
import platform
from datetime import date
from pathlib import Path

TICKS = os.sysconf("SC_CLK_TCK")


def described() -> str:
    """The line that belongs above every table."""
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    system = f"{platform.system()} {platform.release().split('-')[0]} {platform.machine()}"
    today = f"{date.today():%-d %B %Y}"
    return f"{today}, {cores()} cores, {memory:.0f} GB, {system}, Python {platform.python_version()}"


def cores() -> int:
    """How many may be used."""
    return len(os.sched_getaffinity(0))


def cpu_seconds(process: int) -> float:
    """What a process and everything it started have taken so far, ended ones included."""
    spent, children = dict[int, float](), dict[int, list[int]]()
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = stat.read_text().rpartition(")")[2].split()
        except OSError:  # it has ended meanwhile
            continue
        pid = int(stat.parent.name)
        spent[pid] = sum(map(int, fields[11:15])) / TICKS
        children.setdefault(int(fields[1]), []).append(pid)
    family = [process]
    for one in family:
        family += children.get(one, [])
    return sum(spent.get(one, 0) for one in family)

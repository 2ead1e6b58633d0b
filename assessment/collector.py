"""Python's collector, which looks again and again for objects that only hold each other.

What a process has loaded when it starts stays to its end, and there is nothing to find in it. Looking all the same took
a third of a start and a tenth of a request, and after a fork it copies memory that would have stayed shared.
"""

import gc
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def loading() -> Iterator[None]:
    """Load what stays: nobody looks through it meanwhile, nor ever after."""
    gc.disable()
    try:
        yield
    finally:
        gc.freeze()
        gc.enable()

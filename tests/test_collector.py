"""What is loaded at a start is not looked through for rubbish, meanwhile or ever after."""

import gc
from collections.abc import Iterator
from weakref import ref

import pytest

from assessment.collector import loading


class Circle:
    """Something that holds itself."""

    def __init__(self) -> None:
        self.me = self


@pytest.fixture(autouse=True)
def _as_before() -> Iterator[None]:
    yield
    gc.enable()


def test_while_something_is_loaded_nobody_looks_and_what_stays_is_never_looked_at_again() -> None:
    before = gc.get_freeze_count()
    with loading():
        assert not gc.isenabled()
        loaded = [[number] for number in range(1_000)]
    assert gc.isenabled()
    assert gc.get_freeze_count() >= before + len(loaded)


def test_what_comes_later_is_cleared_away_as_ever() -> None:
    with loading():
        pass
    later = ref(Circle())
    assert later() is not None
    gc.collect()
    assert later() is None


def test_after_something_that_cannot_be_loaded_it_works_on() -> None:
    with pytest.raises(ValueError, match="broken"), loading():
        raise ValueError("broken")
    assert gc.isenabled()

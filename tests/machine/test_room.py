"""What a killed test run leaves in memory is cleared by the next one, and nothing of a living one."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.support.room import room

_A_RUN = """
import sys
from pathlib import Path
from tests.support.room import room

with room(Path(sys.argv[1])) as folder:
    (folder / "data").write_text("much")
    print(folder, flush=True)
    sys.stdin.read()
"""


@contextmanager
def another_run(place: Path) -> Iterator[tuple[subprocess.Popen[str], Path]]:
    """A process that has a room and keeps it until its input ends."""
    with subprocess.Popen(
        [sys.executable, "-c", _A_RUN, place],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        cwd=Path(__file__).parents[2],
    ) as run:
        assert run.stdout
        yield run, Path(run.stdout.readline().strip())


def test_what_a_killed_run_left_is_gone_and_what_others_have_stays(tmp_path: Path) -> None:
    foreign = tmp_path / "somebody-elses"
    foreign.mkdir()
    with another_run(tmp_path) as (killed, left), another_run(tmp_path) as (living, kept):
        killed.kill()
        killed.wait()
        assert (left / "data").exists()
        with room(tmp_path) as own:
            assert set(tmp_path.iterdir()) == {foreign, kept, own}
            assert (kept / "data").exists()
        living.communicate()
        assert living.returncode == 0
    assert list(tmp_path.iterdir()) == [foreign]

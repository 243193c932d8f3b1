"""Child processes of a program that a viewer watches: their rows are in its one connection."""

from __future__ import annotations

import textwrap
from collections import Counter
from pathlib import Path

import pytest

from support.target import running
from support.viewer import PROTOCOLS, Trace
from support.working_processes import FORKS, WORK

RUN = ("-Wignore::DeprecationWarning", "-m", "tracypy")
PROGRAM = f"""
import tracypy
{WORK}{FORKS}if len(sys.argv) > 1:
    do(int(sys.argv[1]))
    sys.exit()
"""
WAIT = "assert tracypy.wait_connected(100)\n"


def work_by_process(trace: Trace) -> Counter[str]:
    found: Counter[str] = Counter()
    for thread in trace.threads.values():
        found[thread.name.rpartition(": ")[0]] += sum(
            zone.name == "work" for root in thread.roots for zone in root.walk()
        )
    return found


def start_again(calls: int) -> str:
    return f"subprocess.run([sys.executable, __file__, '{calls}'], check=True)\n"


@pytest.mark.parametrize("protocol", PROTOCOLS)
def test_children_are_in_the_viewer_of_their_root(tmp_path: Path, protocol: int) -> None:
    body = (
        WAIT
        + "do(3)\n"
        + start_again(200)
        + "in_fork(lambda: (do(30), os.execv(sys.executable, [sys.executable, __file__, '4'])))\n"
    )
    with running(tmp_path, PROGRAM + body, arguments=RUN) as target:
        trace = target.viewer(protocol).run()
        target.expect_success()
    counts = [sum(zone.name == "work" for root in row.roots for zone in root.walk()) for row in trace.threads.values()]
    assert sorted(counts) == [3, 4, 30, 200]
    assert work_by_process(trace)[""] == 3
    hints = {thread.group_hint for thread in trace.threads.values() if "(" in thread.name}
    assert hints == ({1, 2, 3} if protocol >= 69 else {0})


def test_child_costs_nothing_until_a_viewer_comes(tmp_path: Path) -> None:
    """And its running calls are opened when one does; a second viewer gets what happens then."""
    (tmp_path / "child.py").write_text(
        PROGRAM
        + "def main():\n"
        + "    for line in sys.stdin:\n"
        + "        do(int(line))\n"
        + "        tools = [sys.monitoring.get_tool(number) for number in range(6)]\n"
        + "        print(any(tool == 'tracypy' and sys.monitoring.get_events(n) for n, tool in enumerate(tools)), flush=True)\n"
        + "main()\n"
    )
    body = """
        child = subprocess.Popen([sys.executable, "child.py"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        def tell(calls):
            child.stdin.write(f"{calls}\\n")
            child.stdin.flush()
            return child.stdout.readline().strip()
        for line in sys.stdin:
            print(tell(int(line)), flush=True)
        child.stdin.close()
        assert child.wait() == 0
    """
    with running(tmp_path, PROGRAM + textwrap.dedent(body), arguments=RUN) as target:
        target.say("10")
        assert target.hear() == "False"
        for calls in (7, 8):
            viewer = target.viewer()
            viewer.receive_until(lambda trace: any("child.py" in thread.name for thread in trace.threads.values()))
            target.say(str(calls))
            assert target.hear() == "True"
            viewer.receive_until(lambda trace, calls=calls: work_by_process(trace).total() >= calls)
            trace = viewer.disconnect()
            row = next(thread for thread in trace.threads.values() if "child.py" in thread.name)
            assert work_by_process(trace)[row.name.rpartition(": ")[0]] == calls
            assert [root.name for root in row.roots] == ["<module>"]
            assert [zone.name for zone in row.roots[0].children] == ["main"]
        target.end_input()
        target.expect_success()


def test_viewer_has_what_a_child_has_done_that_outlives_the_root(tmp_path: Path) -> None:
    """All of it up to the root's end, at once: nobody waits for a while. The child goes on."""
    (tmp_path / "child.py").write_text(
        PROGRAM
        + "do(40)\n"
        + "print('up', flush=True)\n"
        + "sys.stdin.read()\n"
        + "do(40)\n"
        + "open('done', 'w').close()\n"
    )
    body = WAIT + textwrap.dedent("""
        child = subprocess.Popen([sys.executable, "child.py"], stdin=sys.stdin, stdout=subprocess.PIPE)
        child.stdout.readline()
        sys.stderr.close()
        os.close(2)
        """)
    with running(tmp_path, PROGRAM + body, arguments=("-Wignore", "-m", "tracypy")) as target:
        trace = target.viewer().run()
        assert trace.is_terminated
        assert target.process.wait(100) == 0
        target.end_input()
        while not (tmp_path / "done").exists():
            pass
    assert work_by_process(trace).total() == 40

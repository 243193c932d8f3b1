"""Servers, pools and test runners of others, as they are: what their workers do is in the recording, call for call."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import textwrap
import time
import urllib.request
from collections import Counter
from importlib.util import find_spec
from pathlib import Path

import pytest

from support.recorded_program import clean_environment
from support.recording_facts import facts_of_recording

WORK = """
def work():
    pass

def job(number):
    for _ in range(10):
        work()
    return number
"""
SERVED = (
    WORK
    + """
def app(environ, start_response):
    job(0)
    start_response("200 OK", [("Content-Type", "text/plain")])
    return [b"hello"]

async def asgi(scope, receive, send):
    if scope["type"] == "http":
        job(0)
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": b"hello"})
"""
)


def needs(module: str) -> pytest.MarkDecorator:
    return pytest.mark.skipif(find_spec(module) is None, reason=f"{module} is not installed")


def command(*words: str) -> list[str]:
    return [sys.executable, "-m", "tracypy", "record", "-o", "out.tracy", *words]


def environment() -> dict[str, str]:
    return {**clean_environment(), "PYTHONDONTWRITEBYTECODE": "1", "C_FORCE_ROOT": "1"}


def recorded(folder: Path, *words: str) -> str:
    """Run a program to its end, and return what it printed."""
    result = subprocess.run(
        command(*words), cwd=folder, env=environment(), capture_output=True, text=True, timeout=200, check=False
    )
    assert result.returncode == 0, result.stdout + result.stderr
    return result.stdout + result.stderr


def work_of_workers(folder: Path, name: str = "work") -> Counter[str]:
    """How often each process but the first one has called it, where it has."""
    found: Counter[str] = Counter()
    for row, zones in facts_of_recording(folder / "out.tracy").items():
        calls = sum(zone.name == name for zone in zones)
        if calls:
            assert "): " in row, f"{row} has called {name}"
            found[row.partition("): ")[0]] += calls
    return found


def answer(port: int, process: subprocess.Popen[bytes]) -> None:
    """Ask the server until it answers."""
    while True:
        assert process.poll() is None, "the server has ended"
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{port}/", timeout=20) as response:
                assert response.read() == b"hello"
                return
        except OSError:
            time.sleep(0.05)  # it does not listen yet


SERVERS = {
    "gunicorn": (["gunicorn", "--no-control-socket", "-w", "3", "-b", "127.0.0.1:PORT", "served:app"], signal.SIGTERM),
    "uvicorn": (["uvicorn", "--workers", "2", "--port", "PORT", "served:asgi"], signal.SIGINT),
    "uvicorn --reload": (["uvicorn", "--reload", "--port", "PORT", "served:asgi"], signal.SIGINT),
}


@pytest.mark.parametrize(
    ("words", "end"), [pytest.param(*server, id=name, marks=needs(server[0][0])) for name, server in SERVERS.items()]
)
def test_each_request_of_a_server_with_workers(
    tmp_path: Path, free_port: int, words: list[str], end: signal.Signals
) -> None:
    (tmp_path / "served.py").write_text(SERVED)
    words = [word.replace("PORT", str(free_port)) for word in words]
    with (tmp_path / "log").open("wb") as log:
        process = subprocess.Popen(command(*words), cwd=tmp_path, env=environment(), stdout=log, stderr=log)
    try:
        for _ in range(30):
            answer(free_port, process)
        process.send_signal(end)
        process.wait(100)
    finally:
        process.kill()
        process.wait()
    assert process.returncode in (0, -end), (tmp_path / "log").read_text()
    assert work_of_workers(tmp_path).total() == 300


CELERY = (
    WORK
    + """
import os
from celery import Celery

here = os.path.dirname(os.path.abspath(__file__))
queue, results = os.path.join(here, "queue"), os.path.join(here, "results")
for folder in (queue, results):
    os.makedirs(folder, exist_ok=True)
app = Celery("tasks", broker="filesystem://", backend="file://" + results)
app.conf.broker_transport_options = {"data_folder_in": queue, "data_folder_out": queue}
run = app.task(job)
"""
)


@pytest.mark.slow
@needs("celery")
def test_each_task_of_celery(tmp_path: Path) -> None:
    (tmp_path / "tasks.py").write_text(CELERY)
    (tmp_path / "ask.py").write_text(
        "from tasks import run\nprint(sum(result.get(timeout=100) for result in [run.delay(n) for n in range(20)]))\n"
    )
    words = ("celery", "-A", "tasks", "worker", "--concurrency", "2", "--loglevel", "error")
    with (tmp_path / "log").open("wb") as log:
        process = subprocess.Popen(command(*words), cwd=tmp_path, env=environment(), stdout=log, stderr=log)
    try:
        asked = subprocess.run(
            [sys.executable, "ask.py"], cwd=tmp_path, env=environment(), capture_output=True, text=True, timeout=200,
            check=False,
        )  # fmt: skip
        assert asked.stdout == "190\n", asked.stderr + (tmp_path / "log").read_text()
        process.terminate()
        assert process.wait(100) == 0, (tmp_path / "log").read_text()
    finally:
        process.kill()
        process.wait()
    assert work_of_workers(tmp_path).total() == 200


POOLS = {
    "joblib": "from joblib import Parallel, delayed\n"
    "    print(sum(Parallel(n_jobs=2)(delayed(job)(number) for number in range(20))))",
    "distributed": "from dask.distributed import Client, LocalCluster\n"
    "    with LocalCluster(n_workers=2, threads_per_worker=1, dashboard_address=None) as cluster, Client(cluster) as client:\n"
    "        print(sum(client.gather(client.map(job, range(20)))))",
    "torch": "from torch.utils.data import DataLoader\n"
    "    class Numbers:\n"
    "        def __len__(self): return 20\n"
    "        def __getitem__(self, number): return job(number)\n"
    "    print(int(sum(batch.sum() for batch in DataLoader(Numbers(), batch_size=5, num_workers=2))))",
    "ray": "import ray\n"
    "    ray.init(num_cpus=2, include_dashboard=False, log_to_driver=False)\n"
    "    print(sum(ray.get([ray.remote(job).remote(number) for number in range(20)])))\n"
    "    ray.shutdown()",
}


@pytest.mark.parametrize("pool", [pytest.param(pool, id=module, marks=needs(module)) for module, pool in POOLS.items()])
def test_each_job_of_a_pool(tmp_path: Path, pool: str) -> None:
    (tmp_path / "p.py").write_text(f"{WORK}\nif __name__ == '__main__':\n    {pool}\n")
    assert recorded(tmp_path, "p.py").startswith("190\n")
    assert work_of_workers(tmp_path).total() == 200


@pytest.mark.slow
@needs("xdist")
def test_each_test_of_xdist(tmp_path: Path) -> None:
    (tmp_path / "test_it.py").write_text(
        f"import pytest\n{WORK}\n@pytest.mark.parametrize('n', range(20))\ndef test_it(n):\n    job(n)\n"
    )
    assert "20 passed" in recorded(tmp_path, "-m", "pytest", "-n", "2", "-q", "-p", "no:cacheprovider", "test_it.py")
    assert work_of_workers(tmp_path).total() == 200


@pytest.mark.slow
@needs("pylint")
def test_each_file_of_pylint(tmp_path: Path) -> None:
    names = [f"file_{number}.py" for number in range(6)]
    for name in names:
        (tmp_path / name).write_text('"""Nothing."""\n')
    words = ["-m", "pylint", "-j", "2", *names]
    plain = subprocess.run(
        [sys.executable, *words],
        cwd=tmp_path,
        env=environment(),
        capture_output=True,
        text=True,
        timeout=200,
        check=False,
    )
    if plain.returncode:
        pytest.skip(f"fails without us, too: {plain.stderr.strip().splitlines()[-1]}")
    recorded(tmp_path, *words)
    checked = work_of_workers(tmp_path, "PyLinter.check_single_file_item")
    assert checked.total() == len(names)


@needs("django")
def test_each_test_of_django(tmp_path: Path) -> None:
    (tmp_path / "settings.py").write_text(
        "SECRET_KEY = 'x'\nDATABASES = {'default': {'ENGINE': 'django.db.backends.sqlite3', 'NAME': ':memory:'}}\n"
    )
    (tmp_path / "manage.py").write_text(
        "import os, sys\nos.environ['DJANGO_SETTINGS_MODULE'] = 'settings'\n"
        "from django.core.management import execute_from_command_line\n"
        "if __name__ == '__main__':  # from 3.14 on its workers are not forked\n    execute_from_command_line(sys.argv)\n"
    )
    (tmp_path / "tests.py").write_text(
        textwrap.dedent(f"""
        from django.test import SimpleTestCase
        {textwrap.indent(WORK, " " * 8).strip()}
        for number in range(20):
            globals()[f"Test{{number}}"] = type(f"Test{{number}}", (SimpleTestCase,), {{"test_it": lambda self: job(0) and None}})
        """)
    )
    assert "Ran 20 tests" in recorded(tmp_path, "manage.py", "test", "--parallel", "2", "tests")
    assert work_of_workers(tmp_path).total() == 200
    assert os.path.exists(tmp_path / "out.tracy")

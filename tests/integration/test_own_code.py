"""What belongs to tracypy, the standard library or an installed package is known by what it is, wherever it lies."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

import tracypy

from support.command_line import tracypy_command

PROGRAM = """\
import json
import tracypy
import tracypy_plugin
import installed
def leaf(): pass
with tracypy.record("m.tracy", overwrite=True OPTIONS):
    leaf()
    tracypy_plugin.mine()
    json.dumps([1])
    installed.theirs()
print(sorted(f.name for f in tracypy.open("m.tracy").functions()))
"""
LIBRARY = ["JSONEncoder.encode", "JSONEncoder.iterencode", "dumps"]
USERS = ["<module>", "leaf", "mine"]


def compile_tree(source: Path, target: Path, shown: str) -> None:
    """As vendors do: `.pyc` in place of each `.py`; `shown`: the folder that code objects are to name."""
    shutil.copytree(source, target, ignore=shutil.ignore_patterns("__pycache__"))
    command = [sys.executable, "-m", "compileall", "-q", "-b", "-s", str(target), "-p", shown, str(target)]
    subprocess.run(command, check=True)
    for path in target.rglob("*.py"):
        path.unlink()


@pytest.fixture
def moved(tmp_path: Path) -> dict[str, str]:
    """Everything without sources, and elsewhere than where it was compiled; the environment to run it in."""
    apart = tmp_path / "apart"
    package = Path(tracypy.__file__).parent
    compile_tree(package, apart / "tracypy", "/build/one")
    library = Path(os.__file__).parent
    compile_tree(library / "json", tmp_path / "lib" / "json", "/build/two")
    ours = tmp_path / "sources"
    ours.mkdir()
    (ours / "tracypy_plugin.py").write_text("def mine(): pass\n")
    compile_tree(ours, tmp_path / "user", "/build/three")
    theirs = tmp_path / "theirs"
    theirs.mkdir()
    (theirs / "installed.py").write_text("def theirs(): pass\n")
    compile_tree(theirs, tmp_path / "x" / "site-packages", "/build/four")
    path = os.pathsep.join(map(str, (apart, tmp_path / "user", tmp_path / "x" / "site-packages", *sys.path[-1:])))
    return {"PYTHONPATH": path}


def run(folder: Path, environment: dict[str, str], source: str) -> list[str]:
    (folder / "run.py").write_text(source)
    variables = os.environ | environment | {"TRACYPY_ANNOUNCE": "0"}
    result = subprocess.run(
        [sys.executable, "run.py"], cwd=folder, env=variables, capture_output=True, text=True, timeout=100
    )
    assert (result.returncode, result.stderr) == (0, "")
    names = eval(result.stdout)
    assert isinstance(names, list)
    return names


def test_moved_and_without_sources(tmp_path: Path, moved: dict[str, str]) -> None:
    source = "import tracypy\nassert tracypy.__file__.endswith('apart/tracypy/__init__.pyc')\n" + PROGRAM
    assert run(tmp_path, moved, source.replace("OPTIONS", "")) == sorted([*LIBRARY, *USERS, "theirs"])


def test_only_user_code_of_what_was_moved(tmp_path: Path, moved: dict[str, str]) -> None:
    # `json` in place of the library's, as if all of the library had been moved.
    move = "import os, sys; os.__file__ = os.path.abspath('lib/os.py'); sys.path.insert(0, 'lib')\n"
    source = move + PROGRAM.replace("OPTIONS", ", only_user_code=True")
    assert run(tmp_path, moved, source) == USERS


def test_paths_are_those_of_compilation_and_those_of_loading(tmp_path: Path, moved: dict[str, str]) -> None:
    for pattern in ("/build/three/", str(tmp_path / "user"), "tracypy_plugin.py"):
        names = run(tmp_path, moved, PROGRAM.replace("OPTIONS", f", exclude={pattern!r}"))
        assert names == sorted([*LIBRARY, "<module>", "leaf", "theirs"]), pattern


#: As PyInstaller and its like do it: one loader for all, file names that are relative and of no file, sys.frozen.
FREEZER = """\
import importlib.abc, importlib.util, os, sys

class Freezer(importlib.abc.MetaPathFinder, importlib.abc.Loader):
    def find_spec(self, name, path=None, target=None):
        for folder in FOLDERS:
            base = os.path.join(folder, *name.split("."))
            for file in (os.path.join(base, "__init__.py"), base + ".py"):
                if os.path.isfile(file):
                    self.files[name] = file
                    origin = os.path.join("/frozen", os.path.relpath(file, folder) + "c")
                    is_package = file.endswith("__init__.py")
                    spec = importlib.util.spec_from_loader(name, self, origin=origin, is_package=is_package)
                    spec.has_location = True
                    if is_package:  # the native module lies there
                        spec.submodule_search_locations = [base]
                    return spec
        return None
    files = {}
    def exec_module(self, module):
        file = self.files[module.__name__]
        shown = os.path.relpath(file, next(folder for folder in FOLDERS if file.startswith(folder + os.sep)))
        with open(file, encoding="utf-8") as source:
            exec(compile(source.read(), shown, "exec", dont_inherit=True), vars(module))

sys.modules.pop("json", None)
for name in [name for name in sys.modules if name.partition(".")[0] in ("json", "tracypy")]:
    del sys.modules[name]
sys.meta_path.insert(0, Freezer())
sys.frozen = True
"""


@pytest.mark.parametrize("options", ["", ", only_user_code=True"])
def test_frozen_program(tmp_path: Path, options: str) -> None:
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "tracypy_plugin.py").write_text("def mine(): pass\n")
    (tmp_path / "mine" / "installed.py").write_text("def theirs(): pass\n")
    folders = [str(Path(tracypy.__file__).parent.parent), str(tmp_path / "mine"), str(Path(os.__file__).parent)]
    source = FREEZER.replace("FOLDERS", repr(folders)) + PROGRAM.replace("OPTIONS", options)
    # What was installed is told from what is the user's by a folder that a frozen program does not have.
    expected = [*USERS, "theirs", *([] if options else LIBRARY)]
    assert run(tmp_path, {}, source) == sorted(expected)


def test_dash_m_of_a_package_is_a_part_of_the_package(tmp_path: Path) -> None:
    package = tmp_path / "pkg"
    package.mkdir()
    (package / "__init__.py").write_text("")
    (package / "other.py").write_text("def other(): pass\n")
    (package / "__main__.py").write_text(
        "import json\nfrom pkg.other import other\ndef main():\n    other()\n    json.dumps([1])\nmain()\n"
    )

    def functions(*options: str) -> set[str]:
        result = tracypy_command("record", "-f", "-o", "x.tracy", "--no-gc", *options, "-m", "pkg", cwd=tmp_path)
        assert result.returncode == 0, result.stderr
        return {function.name for function in tracypy.open(tmp_path / "x.tracy").functions()}

    assert functions("--include", "pkg") == {"<module>", "import pkg", "import pkg.other", "main", "other"}
    assert functions("--include", "pkg.__main__") == {"<module>", "main"}
    assert functions("--include", "__main__") == {"<module>", "main"}
    assert "main" not in functions("--exclude", "pkg")
    assert "JSONEncoder.encode" in functions("--exclude", "pkg")

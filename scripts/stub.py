"""The stub of the native module: written by nanobind's stubgen, compared with the build, checked by mypy's stubtest.

usage: stub.py check | write        (with the interpreter into which tracypy is installed)

stubtest cannot look into nanobind's functions: it takes them for something else. So it is shown, in their place, Python
functions with the signatures that the build itself states.
"""

from __future__ import annotations

import difflib
import importlib
import pathlib
import sys
from typing import TYPE_CHECKING

from mypy import stubtest
from nanobind.stubgen import StubGen, load_pattern_file

STUBS = pathlib.Path(__file__).resolve().parent.parent / "stubs"
if TYPE_CHECKING:
    from types import ModuleType

MODULE = "tracypy._core"
BASETYPE = 1 << 10  # Py_TPFLAGS_BASETYPE: others may derive from the type
STUB = STUBS / "tracypy" / "_core.pyi"


def whole_module() -> ModuleType:
    """Return the native module with all that it makes only when it is asked for, and without the function that does."""
    module = importlib.import_module(MODULE)
    assert not hasattr(module, "what_it_has_not")  # to ask is to have everything made
    del module.__getattr__
    return module


def generated(module: ModuleType) -> str:
    """Return the stub of this build."""
    generator = StubGen(module, patterns=load_pattern_file(str(STUBS / "native.patterns")), include_private=True)
    generator.put(module)
    text = generator.get()
    for name, value in vars(module).items():
        if isinstance(value, type) and not value.__flags__ & BASETYPE:
            text = text.replace(f"\nclass {name}:", f"\n@final\nclass {name}:")  # native.patterns imports it
    return text


def show_signatures(module: ModuleType, stub: str) -> None:
    """Put Python functions in the places of nanobind's."""
    namespace: dict[str, object] = {"__name__": MODULE}
    exec(compile("from __future__ import annotations\n" + stub, str(STUB), "exec"), namespace)
    for name, value in list(vars(module).items()):
        if type(value).__module__ == "nanobind":
            setattr(module, name, namespace[name])


def check() -> int:
    module = whole_module()
    now = generated(module)
    committed = STUB.read_text()
    if now != committed:
        lines = difflib.unified_diff(committed.splitlines(), now.splitlines(), "committed", "this build", lineterm="")
        print("\n".join(lines))
        print(f"{STUB} is not what this build says: run `make stub-write` and commit it")
        return 1
    show_signatures(module, now)
    return stubtest.test_stubs(stubtest.parse_options([MODULE]))


def main() -> int:
    if sys.argv[1:] == ["check"]:
        return check()
    if sys.argv[1:] == ["write"]:
        STUB.write_text(generated(whole_module()))
        return 0
    print(__doc__)
    return 2


if __name__ == "__main__":
    sys.exit(main())

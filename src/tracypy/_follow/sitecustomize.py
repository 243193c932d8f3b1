"""What a child of a recorded or watched program imports first: it joins the program that it descends from.

Only children find it: their PYTHONPATH begins with this folder. Afterwards all is as without it, and what else is
called `sitecustomize` has its turn. Any Python may come by here, also one that tracypy does not know.
"""

import sys


def _leave_no_trace(os, folder):
    """Take what is ours out of `sys.path` and `os.environ`, and return what the root has said.

    The environment of the process keeps it, for children that this one starts without naming an environment.
    """
    sys.path[:] = [path for path in sys.path if path != folder]
    environ = os.environ
    said = environ.get("TRACYPY_FOLLOW")
    contents = getattr(environ, "_data", environ)
    key = environ.encodekey if hasattr(environ, "encodekey") else str
    contents.pop(key("TRACYPY_FOLLOW"), None)
    path = contents.get(key("PYTHONPATH"))
    if path is not None:
        first, separator, rest = path.partition(b":" if isinstance(path, bytes) else ":")
        if separator and os.fsdecode(first) == folder:
            contents[key("PYTHONPATH")] = rest
        elif os.fsdecode(first) == folder:
            del contents[key("PYTHONPATH")]
    return said


def _load(name, path, folder=None):
    """Import one of our modules by its file: the program's `sys.path` need not have us."""
    from _frozen_importlib import module_from_spec
    from _frozen_importlib_external import spec_from_file_location

    spec = spec_from_file_location(name, path, submodule_search_locations=folder and [folder])
    module = sys.modules[name] = module_from_spec(spec)
    try:
        spec.loader.exec_module(module)
    except BaseException:  # such as ImportError in a subinterpreter
        for each in [each for each in sys.modules if each == name or each.startswith(name + ".")]:
            del sys.modules[each]
        raise


def _is_main():
    """What other interpreters call is recorded anyway; from 3.13 on one knows what it is."""
    import _thread

    return getattr(_thread, "_is_main_interpreter", lambda: True)()


class _Clock:
    """While ours is loaded: let it read the clock that the root reads, whatever the program's environment says."""

    def __init__(self, os, clock):
        self.os = os
        self.clock = clock

    def __enter__(self):
        self.os.putenv("TRACYPY_CLOCK", self.clock)

    def __exit__(self, *_problem):
        before = self.os.environ.get("TRACYPY_CLOCK")
        if before is None:
            self.os.unsetenv("TRACYPY_CLOCK")
        else:
            self.os.putenv("TRACYPY_CLOCK", before)


def _follow():
    import os

    folder = os.path.dirname(os.path.abspath(__file__))
    said = _leave_no_trace(os, folder)
    if not said or not _is_main():
        return
    tag, clock, rest = said.split("|", 2)
    own = "%s%s" % (getattr(sys.implementation, "cache_tag", ""), getattr(sys, "abiflags", ""))
    if tag != own:
        path = rest.rsplit("|", 1)[-1]
        path = path[path.index("/") :]
        os.close(os.open(os.path.join(os.path.dirname(path), "other-" + own), os.O_CREAT | os.O_WRONLY, 0o600))
        return
    package = os.path.dirname(folder)
    if "tracypy" not in sys.modules:
        with _Clock(os, clock):
            _load("tracypy", os.path.join(package, "__init__.py"), package)
    from tracypy.following import follow

    follow(said, folder)


try:
    _follow()
except Exception:  # the program runs, whatever becomes of us
    pass
finally:
    sys.modules.pop("sitecustomize", None)

import sitecustomize  # the program's own, if there is one

"""Prints what building, running and testing want, one requirement a line, for `pip install -r`.

With `optional`: only that without which a few tests are skipped.
"""

import pathlib
import sys
import tomllib

ROOT = pathlib.Path(__file__).parent.parent
OPTIONAL = ("test-tasks", "test-processes")


def main() -> None:
    document = tomllib.loads((ROOT / "pyproject.toml").read_text())
    project = document["project"]
    extras = project["optional-dependencies"]
    optional = [line for extra in OPTIONAL for line in extras.pop(extra)]
    wanted = [*document["build-system"]["requires"], *project["dependencies"]]
    for extra in extras.values():
        wanted += extra
    if sys.argv[1:] == ["optional"]:
        wanted = optional
    own_name = project["name"]
    print("\n".join(sorted({line for line in wanted if not line.startswith(own_name)})))


if __name__ == "__main__":
    main()

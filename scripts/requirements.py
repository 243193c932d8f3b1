"""Prints what is wanted for a purpose, one requirement a line, for `pip install -r`.

usage: scripts/requirements.py build|test|frameworks|all|optional|heavy|release

`build`: to build tracypy and run it; `test` and `frameworks`: to run its tests; `all`: to check it in every way;
`optional`: that without which a few tests are skipped; `heavy`: what `make test-heavy` needs besides; `release`: to
make what is published.
"""

import pathlib
import sys
import tomllib
from typing import Any

ROOT = pathlib.Path(__file__).parent.parent
OPTIONAL = (
    "test-tasks",
    "test-processes",
    "test-clusters",
    "test-places",
    "test-clients",
    "test-recipes",
    "mcp",
    "parquet",
)
HEAVY = ("test-heavy",)
# What the build itself would bring, if it could not be told that they are there.
BUILDERS = ("cmake>=3.20", "ninja>=1.11")


def main() -> int:
    document = tomllib.loads((ROOT / "pyproject.toml").read_text())
    wanted = wanted_for(document)
    if len(sys.argv) != 2 or sys.argv[1] not in wanted:
        print(__doc__, file=sys.stderr)
        return 2
    own_name = document["project"]["name"]
    print("\n".join(sorted({line for line in wanted[sys.argv[1]] if not line.startswith(own_name)})))
    return 0


def wanted_for(document: dict[str, Any]) -> dict[str, list[str]]:
    """Return what each purpose wants."""
    project = document["project"]
    extras = project["optional-dependencies"]
    optional = [line for extra in OPTIONAL for line in extras.pop(extra)]
    heavy = [line for extra in HEAVY for line in extras.pop(extra)]
    test = [line for extra, lines in extras.items() for line in lines if extra != "dev"]
    return {
        "build": [*document["build-system"]["requires"], *project["dependencies"], *BUILDERS],
        "test": test,
        "frameworks": test,
        "all": [line for lines in extras.values() for line in lines],
        "optional": optional,
        "heavy": heavy,
        "release": document["dependency-groups"]["release"],
    }


if __name__ == "__main__":
    sys.exit(main())

"""`python -m tracypy`."""

try:
    from tracypy.cli import main
except ModuleNotFoundError:  # started by the path of this file, for a program that leaves its children no sys.path
    import os
    import sys

    sys.path.append(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
    from tracypy.cli import main

    del sys.path[-1]  # what else of us is imported is found by our own package

if __name__ == "__main__":
    main()

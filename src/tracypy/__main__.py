"""`python -m tracypy`."""

from tracypy.cli import main

if __name__ == "__main__":
    main()

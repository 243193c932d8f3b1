"""`sys.orig_argv`: by it programs start themselves again, so it must not hold words of ours."""

from __future__ import annotations

import sys

# As they are before the program's take their place.
_argv = list(sys.argv)


def set_orig_argv(words: list[str]) -> None:
    """Make `sys.orig_argv` what it is when `python` runs the program.

    Args:
        words: The program and its arguments, as they would follow `python`.
    """
    interpreter = interpreter_words(sys.orig_argv, _argv)
    if interpreter is not None:
        sys.orig_argv[:] = [*interpreter, *words]


def interpreter_words(orig_argv: list[str], argv: list[str]) -> list[str] | None:
    """Return the interpreter and its options, without `-m tracypy` or the script; None if they are not known.

    Args:
        orig_argv: All words of the command line.
        argv: What became of them: the script's path, and our words.
    """
    end = len(orig_argv) - len(argv) + 1
    if end < 2 or orig_argv[end:] != argv[1:]:
        return None
    *before, last = orig_argv[:end]
    if last == argv[0]:
        return before
    if last.startswith("-"):
        flag = last.removesuffix("tracypy")  # -mtracypy
    elif before[-1][:1] == "-" and before[-1][-1] in "mc":
        flag = before.pop()  # -m tracypy
    else:  # a script of another name, which has put its own in order
        return before if _are_options(before[1:]) else None
    if flag[-1] not in "mc":
        return None
    others = flag[:-1]  # -I of -Im
    return before if others == "-" else [*before, others]


def _are_options(words: list[str]) -> bool:
    """Return whether the words are the interpreter's options, with what follows -W and -X."""
    pairs = zip(["", *words], words, strict=False)
    return all(word.startswith("-") or before in ("-W", "-X") for before, word in pairs)

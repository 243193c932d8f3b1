"""Source texts: how a file is read without the modules that would read it otherwise."""

from __future__ import annotations

import codecs
import io
import subprocess
import sys
import tokenize

import pytest

from tracypy.sources import encoding_of

HEADS = [
    b"",
    b"import os\n# coding: latin-1\n",
    b"# coding: latin-1\nx = 1\n",
    b"# -*- coding: utf-8 -*-\n",
    b"#!/usr/bin/python\n# vim: set fileencoding=cp1252 :\n",
    b"\n  \t# encoding=iso-8859-15\n",
    b"# decoding is hard; coding:koi8_r\r\n",
    b"# coding\n# coding: ascii\n",
    b"# a\n# b\n# coding: latin-1\n",
    b"\xef\xbb\xbfx = 1\n",
]


@pytest.mark.parametrize("head", HEADS)
def test_encoding_is_what_the_interpreter_takes(head: bytes) -> None:
    meant, _lines = tokenize.detect_encoding(io.BytesIO(head).readline)
    assert codecs.lookup(encoding_of(head)).name == codecs.lookup(meant).name


def test_reading_imports_nothing_that_a_program_may_be_importing() -> None:
    code = (
        "import sys, tracypy; before = set(sys.modules); from tracypy.sources import text_of; "
        "text_of(tracypy.__file__), text_of('<made up>'), text_of('<frozen os>'); print(*set(sys.modules) - before)"
    )
    out = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True, timeout=100).stdout
    assert out.split() == ["tracypy.sources"]

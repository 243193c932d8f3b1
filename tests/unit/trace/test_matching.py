"""Which functions of two recordings are taken for the same."""

from __future__ import annotations

import pytest

from tracypy.trace import SourceLocation
from tracypy.trace.matching import Function, functions_of, match


def test_locations_of_one_name_in_one_file_are_one_function() -> None:
    locations = [
        SourceLocation("", "f", "a.py", 3, 0),
        SourceLocation("", "f", "b.py", 3, 0),
        SourceLocation("", "f", "a.py", 9, 0),
        SourceLocation("load", "f", "a.py", 3, 0),
    ]
    assert functions_of(locations) == {
        Function("f", "a.py"): [0, 2],
        Function("f", "b.py"): [1],
        Function("load", "a.py"): [3],
    }


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("/home/me/shop/cart.py", "/home/me/shop/cart.py"),
        ("/home/me/shop/cart.py", "/builds/17/shop/cart.py"),
        ("/home/me/shop/cart.py", "cart.py"),
        ("C:\\work\\shop\\cart.py", "/home/me/shop/cart.py"),
        ("", ""),
    ],
)
def test_files_match_by_their_tails(before: str, after: str) -> None:
    pair = (Function("f", before), Function("f", after))
    assert match([pair[0]], [pair[1]]) == [pair]


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (Function("f", "a/cart.py"), Function("g", "a/cart.py")),
        (Function("f", "a/cart.py"), Function("f", "a/order.py")),
        (Function("f", "a/cart.py"), Function("f", "")),
        (Function("f", "cart.py"), Function("f", "smart_cart.py")),
    ],
)
def test_other_names_and_other_files_do_not_match(before: Function, after: Function) -> None:
    assert match([before], [after]) == [(before, None), (None, after)]


def test_longest_common_tail_wins() -> None:
    before = [Function("f", path) for path in ("/old/a/x/main.py", "/old/b/x/main.py", "/old/c/main.py")]
    after = [Function("f", path) for path in ("/new/c/main.py", "/new/b/x/main.py", "/new/a/x/main.py")]
    assert sorted((first.file, second.file) for first, second in match(before, after) if first and second) == [
        ("/old/a/x/main.py", "/new/a/x/main.py"),
        ("/old/b/x/main.py", "/new/b/x/main.py"),
        ("/old/c/main.py", "/new/c/main.py"),
    ]


def test_same_path_wins_over_everything() -> None:
    same = Function("f", "/p/main.py")
    assert match([Function("f", "/a/p/main.py"), same], [same, Function("f", "/b/p/main.py")]) == [
        (same, same),
        (Function("f", "/a/p/main.py"), Function("f", "/b/p/main.py")),
    ]


def test_equally_good_ones_are_paired_in_order_and_the_rest_stays_alone() -> None:
    before = [Function("f", f"/old/{number}/main.py") for number in (2, 1)]
    after = [Function("f", f"/new/{number}/main.py") for number in (9, 8, 7)]
    assert match(before, after) == [
        (Function("f", "/old/1/main.py"), Function("f", "/new/7/main.py")),
        (Function("f", "/old/2/main.py"), Function("f", "/new/8/main.py")),
        (None, Function("f", "/new/9/main.py")),
    ]

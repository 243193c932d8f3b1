from __future__ import annotations

import pytest

from tracypy.colors import NAMES, parse_color


@pytest.mark.parametrize(
    ("color", "rgb"),
    [
        ("tomato", 0xFF6347),
        ("Tomato", 0xFF6347),
        ("#ff6347", 0xFF6347),
        ("#FF6347", 0xFF6347),
        (0xFF6347, 0xFF6347),
        (0, 0),
        (0xFFFFFF, 0xFFFFFF),
        ("rebeccapurple", 0x663399),
    ],
)
def test_color_is_understood(color, rgb) -> None:
    assert parse_color(color) == rgb


def test_there_are_all_css_names() -> None:
    assert len(NAMES) == 148
    assert all(0 <= rgb <= 0xFFFFFF for rgb in NAMES.values())


@pytest.mark.parametrize("color", ["tomatoe", "", "#fff", "#ff634", "#+f6347", "#ff_347", -1, 0x1000000])
def test_no_such_color_is_a_value_error(color) -> None:
    with pytest.raises(ValueError, match="colour"):
        parse_color(color)


def test_misspelt_name_gets_suggestions() -> None:
    with pytest.raises(ValueError, match="like it: tomato"):
        parse_color("tomatoe")


@pytest.mark.parametrize("color", [None, True, 1.5, b"red", (255, 0, 0)])
def test_other_type_is_a_type_error(color) -> None:
    with pytest.raises(TypeError, match="a colour is"):
        parse_color(color)

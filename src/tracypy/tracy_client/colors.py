"""Colours by the names of X11, as Tracy has them: a base, and of most four shades with a number.

They are kept as text, which takes a tenth of a table's place: each word is a name, its colour, and the four shades.
"""

from __future__ import annotations

from enum import EnumMeta, IntEnum
from typing import TYPE_CHECKING

_WORDS = """
Snow:fffafa/fffafa/eee9e9/cdc9c9/8b8989 GhostWhite:f8f8ff WhiteSmoke:f5f5f5 Gainsboro:dcdcdc FloralWhite:fffaf0
OldLace:fdf5e6 Linen:faf0e6 AntiqueWhite:faebd7/ffefdb/eedfcc/cdc0b0/8b8378 PapayaWhip:ffefd5 BlanchedAlmond:ffebcd
Bisque:ffe4c4/ffe4c4/eed5b7/cdb79e/8b7d6b PeachPuff:ffdab9/ffdab9/eecbad/cdaf95/8b7765
NavajoWhite:ffdead/ffdead/eecfa1/cdb38b/8b795e Moccasin:ffe4b5 Cornsilk:fff8dc/fff8dc/eee8cd/cdc8b1/8b8878
Ivory:fffff0/fffff0/eeeee0/cdcdc1/8b8b83 LemonChiffon:fffacd/fffacd/eee9bf/cdc9a5/8b8970
Seashell:fff5ee/fff5ee/eee5de/cdc5bf/8b8682 Honeydew:f0fff0/f0fff0/e0eee0/c1cdc1/838b83 MintCream:f5fffa
Azure:f0ffff/f0ffff/e0eeee/c1cdcd/838b8b AliceBlue:f0f8ff Lavender:e6e6fa
LavenderBlush:fff0f5/fff0f5/eee0e5/cdc1c5/8b8386 MistyRose:ffe4e1/ffe4e1/eed5d2/cdb7b5/8b7d7b White:ffffff
Black:000000 DarkSlateGray:2f4f4f/97ffff/8deeee/79cdcd/528b8b DarkSlateGrey:2f4f4f DimGray:696969 DimGrey:696969
SlateGray:708090/c6e2ff/b9d3ee/9fb6cd/6c7b8b SlateGrey:708090 LightSlateGray:778899 LightSlateGrey:778899
Gray:bebebe Grey:bebebe X11Gray:bebebe X11Grey:bebebe WebGray:808080 WebGrey:808080 LightGrey:d3d3d3
LightGray:d3d3d3 MidnightBlue:191970 Navy:000080 NavyBlue:000080 CornflowerBlue:6495ed DarkSlateBlue:483d8b
SlateBlue:6a5acd/836fff/7a67ee/6959cd/473c8b MediumSlateBlue:7b68ee LightSlateBlue:8470ff MediumBlue:0000cd
RoyalBlue:4169e1/4876ff/436eee/3a5fcd/27408b Blue:0000ff/0000ff/0000ee/0000cd/00008b
DodgerBlue:1e90ff/1e90ff/1c86ee/1874cd/104e8b DeepSkyBlue:00bfff/00bfff/00b2ee/009acd/00688b
SkyBlue:87ceeb/87ceff/7ec0ee/6ca6cd/4a708b LightSkyBlue:87cefa/b0e2ff/a4d3ee/8db6cd/607b8b
SteelBlue:4682b4/63b8ff/5cacee/4f94cd/36648b LightSteelBlue:b0c4de/cae1ff/bcd2ee/a2b5cd/6e7b8b
LightBlue:add8e6/bfefff/b2dfee/9ac0cd/68838b PowderBlue:b0e0e6 PaleTurquoise:afeeee/bbffff/aeeeee/96cdcd/668b8b
DarkTurquoise:00ced1 MediumTurquoise:48d1cc Turquoise:40e0d0/00f5ff/00e5ee/00c5cd/00868b
Cyan:00ffff/00ffff/00eeee/00cdcd/008b8b Aqua:00ffff LightCyan:e0ffff/e0ffff/d1eeee/b4cdcd/7a8b8b
CadetBlue:5f9ea0/98f5ff/8ee5ee/7ac5cd/53868b MediumAquamarine:66cdaa Aquamarine:7fffd4/7fffd4/76eec6/66cdaa/458b74
DarkGreen:006400 DarkOliveGreen:556b2f/caff70/bcee68/a2cd5a/6e8b3d DarkSeaGreen:8fbc8f/c1ffc1/b4eeb4/9bcd9b/698b69
SeaGreen:2e8b57/54ff9f/4eee94/43cd80/2e8b57 MediumSeaGreen:3cb371 LightSeaGreen:20b2aa
PaleGreen:98fb98/9aff9a/90ee90/7ccd7c/548b54 SpringGreen:00ff7f/00ff7f/00ee76/00cd66/008b45 LawnGreen:7cfc00
Green:00ff00/00ff00/00ee00/00cd00/008b00 Lime:00ff00 X11Green:00ff00 WebGreen:008000
Chartreuse:7fff00/7fff00/76ee00/66cd00/458b00 MediumSpringGreen:00fa9a GreenYellow:adff2f LimeGreen:32cd32
YellowGreen:9acd32 ForestGreen:228b22 OliveDrab:6b8e23/c0ff3e/b3ee3a/9acd32/698b22 DarkKhaki:bdb76b
Khaki:f0e68c/fff68f/eee685/cdc673/8b864e PaleGoldenrod:eee8aa LightGoldenrodYellow:fafad2
LightYellow:ffffe0/ffffe0/eeeed1/cdcdb4/8b8b7a Yellow:ffff00/ffff00/eeee00/cdcd00/8b8b00
Gold:ffd700/ffd700/eec900/cdad00/8b7500 LightGoldenrod:eedd82/ffec8b/eedc82/cdbe70/8b814c
Goldenrod:daa520/ffc125/eeb422/cd9b1d/8b6914 DarkGoldenrod:b8860b/ffb90f/eead0e/cd950c/8b6508
RosyBrown:bc8f8f/ffc1c1/eeb4b4/cd9b9b/8b6969 IndianRed:cd5c5c/ff6a6a/ee6363/cd5555/8b3a3a SaddleBrown:8b4513
Sienna:a0522d/ff8247/ee7942/cd6839/8b4726 Peru:cd853f Burlywood:deb887/ffd39b/eec591/cdaa7d/8b7355 Beige:f5f5dc
Wheat:f5deb3/ffe7ba/eed8ae/cdba96/8b7e66 SandyBrown:f4a460 Tan:d2b48c/ffa54f/ee9a49/cd853f/8b5a2b
Chocolate:d2691e/ff7f24/ee7621/cd661d/8b4513 Firebrick:b22222/ff3030/ee2c2c/cd2626/8b1a1a
Brown:a52a2a/ff4040/ee3b3b/cd3333/8b2323 DarkSalmon:e9967a Salmon:fa8072/ff8c69/ee8262/cd7054/8b4c39
LightSalmon:ffa07a/ffa07a/ee9572/cd8162/8b5742 Orange:ffa500/ffa500/ee9a00/cd8500/8b5a00
DarkOrange:ff8c00/ff7f00/ee7600/cd6600/8b4500 Coral:ff7f50/ff7256/ee6a50/cd5b45/8b3e2f LightCoral:f08080
Tomato:ff6347/ff6347/ee5c42/cd4f39/8b3626 OrangeRed:ff4500/ff4500/ee4000/cd3700/8b2500
Red:ff0000/ff0000/ee0000/cd0000/8b0000 HotPink:ff69b4/ff6eb4/ee6aa7/cd6090/8b3a62
DeepPink:ff1493/ff1493/ee1289/cd1076/8b0a50 Pink:ffc0cb/ffb5c5/eea9b8/cd919e/8b636c
LightPink:ffb6c1/ffaeb9/eea2ad/cd8c95/8b5f65 PaleVioletRed:db7093/ff82ab/ee799f/cd6889/8b475d
Maroon:b03060/ff34b3/ee30a7/cd2990/8b1c62 X11Maroon:b03060 WebMaroon:800000 MediumVioletRed:c71585
VioletRed:d02090/ff3e96/ee3a8c/cd3278/8b2252 Magenta:ff00ff/ff00ff/ee00ee/cd00cd/8b008b Fuchsia:ff00ff Violet:ee82ee
Plum:dda0dd/ffbbff/eeaeee/cd96cd/8b668b Orchid:da70d6/ff83fa/ee7ae9/cd69c9/8b4789
MediumOrchid:ba55d3/e066ff/d15fee/b452cd/7a378b DarkOrchid:9932cc/bf3eff/b23aee/9a32cd/68228b DarkViolet:9400d3
BlueViolet:8a2be2 Purple:a020f0/9b30ff/912cee/7d26cd/551a8b X11Purple:a020f0 WebPurple:800080
MediumPurple:9370db/ab82ff/9f79ee/8968cd/5d478b Thistle:d8bfd8/ffe1ff/eed2ee/cdb5cd/8b7b8b DarkGrey:a9a9a9
DarkGray:a9a9a9 DarkBlue:00008b DarkCyan:008b8b DarkMagenta:8b008b DarkRed:8b0000 LightGreen:90ee90 Crimson:dc143c
Indigo:4b0082 Olive:808000 RebeccaPurple:663399 Silver:c0c0c0 Teal:008080
"""

# Gray0 to Gray100 are percentages, rounded as it was done long ago.
_ODD_GRAYS = {50: 0x7F, 90: 0xE5}


def _values() -> dict[str, int]:
    values: dict[str, int] = {}
    for word in _WORDS.split():
        name, _, colors = word.partition(":")
        for shade, color in enumerate(colors.split("/")):
            values[f"{name}{shade or ''}"] = int(color, 16)
    for percent in range(101):
        level = _ODD_GRAYS.get(percent, int(percent * 2.55 + 0.5 + 1e-9))
        for name in ("Gray", "Grey"):
            values[f"{name}{percent}"] = level * 0x010101
    return values


if TYPE_CHECKING:

    class _ByName(EnumMeta):
        def __getattr__(cls, name: str) -> ColorType: ...

    class ColorType(IntEnum, metaclass=_ByName):
        """A colour by its name, such as `ColorType.Tomato`: 0xRRGGBB."""

else:
    ColorType = IntEnum("ColorType", _values(), module=__name__)
    ColorType.__doc__ = "A colour by its name, such as `ColorType.Tomato`: 0xRRGGBB."

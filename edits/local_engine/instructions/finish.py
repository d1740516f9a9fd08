"""The instructions for what is laid over a picture: haze, glow, grain, a border, a caption."""

from ..effects import framing, light
from ..effects.colors import NAMED_COLORS, NEUTRAL_COLORS
from .instruction import Instruction, Stage

_ANY_COLOR = "|".join(NAMED_COLORS | NEUTRAL_COLORS)
_QUOTED = r"""(?:"(?P<double>[^"]{1,300})"|(?<!\w)'(?P<single>.{1,300}?)')"""

FINISH = (
    Instruction(
        "caption",
        Stage.CAPTION,
        effect=framing.caption,
        example='caption "Good morning"',
        words=rf"(?:caption|captioned|title|titled|text|label|words?|write|saying|says|beschriftung)\b[^\"'\n]{{0,40}}?{_QUOTED}",
        signs=r'(?:文字|字幕|写上?)[^"\n]{0,10}"(?P<sign_text>[^"]{1,300})"',
    ),
    Instruction(
        "border",
        Stage.FRAME,
        effect=framing.border,
        example="add a border",
        words=rf"(?:(?P<frame_color>{_ANY_COLOR}) )?(?:border|frame|framed|rahmen)",
        signs="边框|相框",
    ),
    Instruction(
        "soft glow",
        Stage.LIGHT,
        effect=light.soft_glow,
        example="a soft glow",
        words=r"(?:soft |dreamy )?glow(?:ing)?|dreamy|bloom|soft(?:er)? light|soft focus|ethereal",
        signs="柔光|梦幻",
    ),
    Instruction(
        "fog",
        Stage.LIGHT,
        effect=light.fog,
        example="in fog",
        words=r"fog(?:gy)?|mist(?:y)?|haz(?:e|y)|nebel",
        signs="雾",
    ),
    Instruction(
        "snow",
        Stage.LIGHT,
        effect=light.snow,
        example="let it snow",
        words=r"snow(?:y|ing|fall|flakes?)?|winter|schnee",
        signs="雪",
    ),
    Instruction(
        "vignette",
        Stage.LIGHT,
        effect=light.vignette,
        example="a vignette",
        words=r"vignett(?:e|ed|ing)|dark(?:er|en)? (?:corners|edges)",
        signs="暗角|晕影",
    ),
    Instruction(
        "grain",
        Stage.LIGHT,
        effect=light.film_grain,
        example="film grain",
        words=r"(?:film )?grain(?:y|ier)?|noise|noisy|analog(?:ue)? film|körn(?:ig|ung)",
        signs="颗粒|噪点",
    ),
)

"""The instructions that turn, flip or crop a picture."""

from ..effects import shapes
from .instruction import Instruction, Stage

_QUARTER = r"(?: by)?(?: (?:90|a quarter))?"
_IT = r"(?: it| the (?:image|picture|photo))?"

SHAPES = (
    Instruction(
        "rotate left",
        Stage.SHAPE,
        effect=shapes.rotate_left,
        example="rotate left",
        words=rf"(?:rotate|turn|rotated|turned){_IT}{_QUARTER}(?: degrees| turn)?"
        r"(?: to the)? (?:left|counter-?clockwise|anti-?clockwise)|nach links drehen",
        signs="向左旋转|左转",
    ),
    Instruction(
        "upside down",
        Stage.SHAPE,
        effect=shapes.upside_down,
        example="turn it upside down",
        words=rf"upside[- ]down|rotated?{_IT}(?: by)? 180(?: degrees|°)?|auf den kopf",
        signs="倒过来|颠倒",
    ),
    Instruction(
        "rotate right",
        Stage.SHAPE,
        effect=shapes.rotate_right,
        example="rotate right",
        words=rf"(?:rotate|turn|rotated|turned){_IT}{_QUARTER}(?: degrees| turn)?"
        r"(?: to the)? (?:right(?! now| side)|clockwise)"
        rf"|rotated?{_IT}(?: by)? 90(?: degrees|°)?|rotated?(?![^,.;]*\d)"
        r"|nach rechts drehen",
        signs="向右旋转|右转|旋转",
    ),
    Instruction(
        "flip",
        Stage.SHAPE,
        effect=shapes.flip,
        example="flip it vertically",
        words=rf"(?:flip|mirror)(?:ped|ed)?{_IT} (?:vertically|upside)"
        r"|vertical(?:ly)? (?:flip|mirror)",
        signs="垂直翻转",
    ),
    Instruction(
        "mirror",
        Stage.SHAPE,
        effect=shapes.mirror,
        example="mirror it",
        words=rf"(?<!the )(?<!a )mirror(?:ed|ing)?|flip(?:ped)?(?:{_IT} horizontally)?"
        r"|horizontal(?:ly)? flip|gespiegelt|spiegeln",
        signs="镜像|翻转",
    ),
    Instruction(
        "crop to square",
        Stage.SHAPE,
        effect=shapes.crop_to_square,
        example="crop to square",
        words=r"crop(?:ped)?(?: it)?(?: to| into)?(?: an?)? square|square crop|crop(?:ped)?(?! top)|quadratisch",
        signs="裁剪|正方形",
    ),
    Instruction(
        "zoom",
        Stage.SHAPE,
        effect=shapes.zoom,
        example="zoom in",
        words=r"zoom(?:ed)?(?: in)?(?! out)|close-?up|closer",
        signs="放大|特写",
    ),
)

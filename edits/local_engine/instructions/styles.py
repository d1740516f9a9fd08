"""The instructions that redraw a picture: drawings, paintings, prints, blur."""

from ..effects import styles
from .instruction import Instruction, Stage

STYLES = (
    Instruction(
        "neon",
        Stage.STYLE,
        effect=styles.neon,
        example="neon lights",
        words=r"neon(?: lights?| glow| sign)?|cyberpunk",
        signs="霓虹",
    ),
    Instruction(
        "sketch",
        Stage.STYLE,
        effect=styles.sketch,
        example="a pencil sketch",
        words=r"(?:pencil |charcoal )?(?:sketch(?:ed)?|drawing|drawn)"
        r"|pencil|charcoal|line art|bleistift\w*|skizze",
        signs="素描|铅笔|线稿",
    ),
    Instruction(
        "cartoon",
        Stage.STYLE,
        effect=styles.cartoon,
        example="make it a cartoon",
        words=r"cartoon(?:ish|y|s)?|comic(?:s| book)?|anime|manga|toon",
        signs="卡通|漫画|动漫",
    ),
    Instruction(
        "watercolor",
        Stage.STYLE,
        effect=styles.watercolor,
        example="a watercolor",
        words=r"water-?colou?r(?:s|ed)?(?: painting)?|aquarell",
        signs="水彩",
    ),
    Instruction(
        "oil painting",
        Stage.STYLE,
        effect=styles.oil_painting,
        example="an oil painting",
        words=r"(?:oil )?painting|painterly|oils|oil (?:paint|on canvas)|impressionist|ölgemälde|gemälde",
        signs="油画",
    ),
    Instruction(
        "pixelate",
        Stage.STYLE,
        effect=styles.pixelate,
        example="pixelate it",
        words=r"pixel(?:ate[ds]?|ated|ation|s|[- ]?art)?|mosaic|8-?bit|verpixelt",
        signs="像素|马赛克",
    ),
    Instruction(
        "posterize",
        Stage.STYLE,
        effect=styles.posterize,
        example="posterize it",
        words=r"posteri[sz](?:e|ed|ation)|pop[- ]?art|screen ?print",
        signs="海报|波普",
    ),
    Instruction(
        "emboss",
        Stage.STYLE,
        effect=styles.emboss,
        example="emboss it",
        words=r"emboss(?:ed)?|relief|engraved?",
        signs="浮雕",
    ),
    Instruction(
        "edges",
        Stage.STYLE,
        effect=styles.edges,
        example="only the edges",
        words=r"edges?|outlines?(?: only)?|contours?",
        signs="边缘|轮廓",
    ),
    Instruction(
        "sharpen",
        Stage.STYLE,
        effect=styles.sharpen,
        example="sharpen it",
        words=r"sharp(?:en|er|ened|ness)?|crisp(?:er)?|more detail(?:ed|s)?|schärfer",
        signs="锐化|清晰",
        opposite="blur",
    ),
    Instruction(
        "blur",
        Stage.STYLE,
        effect=styles.blur,
        example="blur it",
        words=r"blur(?:red|ry|ring)?|out of focus|soften|unscharf",
        signs="模糊|虚化",
        opposite="sharpen",
    ),
)

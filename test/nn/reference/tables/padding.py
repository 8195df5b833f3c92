"""Padding."""

from record import draw

SHAPES = {1: (2, 2, 4), 2: (1, 2, 3, 4), 3: (1, 1, 3, 3, 4)}
SIDES = {1: [1, 2], 2: [2, 1, 0, 2], 3: [1, 0, 2, 1, 1, 2]}


def fill(table):
    for dims, shape in SHAPES.items():
        for side in (1, SIDES[dims]):
            table.layer(f"ConstantPad{dims}d", [side, 3.5], {}, shape)
            table.layer(f"ZeroPad{dims}d", [side], {}, shape)
            table.layer(f"ReflectionPad{dims}d", [side], {}, shape)
            table.layer(f"ReplicationPad{dims}d", [side], {}, shape[1:])
            table.layer(f"CircularPad{dims}d", [side], {}, shape)
    table.layer("ConstantPad2d", [[-1, 0, 1, -1], 0.5], {}, (2, 3, 4))
    for dims, shape in SHAPES.items():
        for mode in ("constant", "reflect", "replicate", "circular"):
            table.function("pad", [draw(*shape), SIDES[dims]], {"mode": mode})

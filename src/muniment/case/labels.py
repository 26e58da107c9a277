"""Labels of those who can open a case: plain words, so that nobody's name stands on a file in clear."""

from __future__ import annotations

import secrets
from collections.abc import Collection

from muniment.errors import BadUse

WORDS = tuple(
    """
    acorn almond anchor anvil apple apron arbour arrow atlas badge bamboo barley barrel basket beacon bellows
    bench birch biscuit blanket bobbin bonnet bottle bramble brass bridge bronze brook bucket buckle button
    cabin cactus candle canvas canyon carpet cedar cellar chalk chimney cinder citron cobalt compass copper
    cotton cradle crater cricket curtain cypress drum elder falcon fiddle flannel flint fountain gable garnet
    glacier granite hammer harbour hedge helmet heron hollow island kettle ladder lagoon lantern larch lemon
    lichen linen lotus maple marble meadow mirror mortar mosaic nettle nutmeg oasis orchard otter paddle
    pebble pigeon pillow plum poplar prairie quarry quartz quill raft ribbon saddle sail sandal satchel scarf
    shell silver sparrow spindle spruce stable steeple sundial teapot thimble thistle timber topaz tulip
    tunnel turnip valley velvet walnut window
    """.split()  # noqa: SIM905 - read as a list of words, not of strings
)


def choose_label(taken: Collection[str], wanted: str = "") -> str:
    """A label that is free: `wanted`, or a random one. Raises BadUse for a word that is not of the list."""
    if not wanted:
        free = [word for word in WORDS if word not in taken]
        if not free:
            raise BadUse("Every label is taken.", next="Revoke one that is no longer needed.")
        return secrets.choice(free)
    if wanted in taken:
        raise BadUse(
            f"There is a {wanted} already.", next="Choose another label, or leave it away."
        )
    if wanted not in WORDS:
        raise BadUse(
            "A label is one of a list of plain words, so that nobody's name stands on a file in clear.",
            next=f"Leave it away, or choose one, such as: {', '.join(WORDS[::20])}.",
        )
    return wanted

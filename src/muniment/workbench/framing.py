"""Frames around words on the picture of a page."""

from __future__ import annotations

Box = list[float]


def framed(boxes: list[Box]) -> list[Box]:
    """Boxes joined where they stand on one line, so that a comma or an accent does not cut a frame in two.

    Boxes are [x0, y0, x1, y1] in points from the page's top left, in reading order of the words.
    """
    frames: list[Box] = []
    for box in boxes:
        if frames and _together(frames[-1], box):
            x0, y0, x1, y1 = frames[-1]
            frames[-1] = [min(x0, box[0]), min(y0, box[1]), max(x1, box[2]), max(y1, box[3])]
        else:
            frames.append(list(box))
    return frames


def _together(frame: Box, box: Box) -> bool:
    """Whether a box touches the line of a frame by a quarter of its height and stands within a word's space."""
    overlap = min(frame[3], box[3]) - max(frame[1], box[1])
    lower, higher = sorted((frame[3] - frame[1], box[3] - box[1]))
    gap = max(box[0] - frame[2], frame[0] - box[2])
    return overlap >= lower / 4 and gap <= higher

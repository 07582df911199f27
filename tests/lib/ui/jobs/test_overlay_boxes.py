"""Boxes over the picture area, whatever the pipeline's tables hold."""

from __future__ import annotations

import uuid
from typing import Any
from xml.etree import ElementTree as ET

import pytest

from lib.store.pipeline_jobs import Overlay
from lib.ui.jobs import overlay_boxes
from lib.ui.jobs.overlay_boxes import HEIGHT, WIDTH, Box

RATIOS = ("x_ratio", "y_ratio", "width_ratio", "height_ratio")


def overlay(*ratios: Any, layout: Any = None) -> Overlay:
    return Overlay(uuid.uuid4(), **dict(zip(RATIOS, ratios, strict=False)), layout=layout)


def test_the_columns_come_before_the_document() -> None:
    layout = {"x_ratio": 0.5, "y_ratio": 0.5, "width_ratio": 0.1, "height_ratio": 0.1}
    assert overlay_boxes.of(overlay(0.1, 0.2, 0.5, 0.25, layout=layout)) == [Box(0.1, 0.2, 0.5, 0.25)]
    assert overlay_boxes.of(overlay(layout=layout)) == [Box(0.5, 0.5, 0.1, 0.1)]


def test_boxes_are_found_however_deep_a_layout_has_them() -> None:
    box = {"x": 0.1, "y": 0.1, "width": 0.2, "height": 0.2, "text": "<script>"}
    assert overlay_boxes.of(overlay(layout={"page": {"texts": [box, [box]]}})) == [Box(0.1, 0.1, 0.2, 0.2)] * 2


@pytest.mark.parametrize(
    "layout",
    [None, 3, "x", [], {"x": 10, "y": 20, "width": 300, "height": 80}, {"x": True, "y": 0, "width": 1}, {"x": 0}],
)
def test_what_tells_no_ratios_has_no_boxes(layout: Any) -> None:
    assert overlay_boxes.of(overlay(layout=layout)) == []


@pytest.mark.parametrize("ratios", [(float("nan"), 0, 1, 1), (-0.5, 0, 1, 1), (0, 0, 0, 1), (0.2, None, 0.1, 0.1)])
def test_nonsense_is_no_box(ratios: tuple[Any, ...]) -> None:
    assert overlay_boxes.of(overlay(*ratios)) == []


def test_a_box_that_reaches_out_of_the_picture_is_cut() -> None:
    (box,) = overlay_boxes.of(overlay(0.75, 0.5, 1.0, 0.25))
    assert box == Box(0.75, 0.5, 0.25, 0.25)


def test_the_picture_is_a_drawing_with_a_box_for_each() -> None:
    picture = ET.fromstring(overlay_boxes.svg([[Box(0.5, 0.25, 0.25, 0.5)], [], [Box(0, 0, 1, 1)]]))
    boxes = [one for one in picture.iter() if one.tag.endswith("rect")][1:]
    assert [boxes[0].get(name) for name in ("x", "y", "width", "height")] == [
        f"{WIDTH / 2:.1f}", f"{HEIGHT / 4:.1f}", f"{WIDTH / 4:.1f}", f"{HEIGHT / 2:.1f}",
    ]  # fmt: skip
    assert [one.text for one in picture.iter() if one.tag.endswith("text")] == ["1", "3"]
    assert boxes[0].get("fill") != boxes[1].get("fill")

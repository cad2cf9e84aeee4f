"""Register a tool of your own and ask the built-in planner about what it finds.

Run it: `python -m lavr.demos.custom_tool`
"""

import cv2
import numpy as np
import PIL.Image
import PIL.ImageDraw

from lavr import Agent, Image, Region, tool


@tool(finds=("circle", "rectangle", "triangle"))
def shapes(image: Image) -> list[Region]:
    """Find flat shapes on a plain background."""
    pixels = image.pixels().astype(int)
    distance = np.abs(pixels - np.median(pixels, axis=(0, 1))).max(axis=2)
    figure = (distance > 60).astype(np.uint8)
    regions = []
    for outline in cv2.findContours(figure, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_SIMPLE)[0]:
        x, y, w, h = cv2.boundingRect(outline)
        filled = figure[y : y + h, x : x + w].mean()  # a triangle fills half of its box, a circle pi / 4
        label = "triangle" if filled < 0.72 else "circle" if filled < 0.94 else "rectangle"
        regions.append(Region(image, (x, y, x + w, y + h), label=label))
    return regions


def picture() -> PIL.Image.Image:
    """A teal triangle, a red circle and a red square on light grey."""
    drawn = PIL.Image.new("RGB", (480, 240), (236, 240, 241))
    draw = PIL.ImageDraw.Draw(drawn)
    draw.polygon(((90, 60), (30, 180), (150, 180)), (0, 128, 128))
    draw.ellipse((190, 70, 290, 170), (220, 20, 30))
    draw.rectangle((340, 70, 440, 170), (220, 20, 30))
    return drawn


def main() -> None:
    """Ask three questions that only the tool above can answer."""
    agent = Agent(extra_tools=[shapes])
    for question in ("How many red shapes are there?", "What colour is the triangle?", "Is there a blue circle?"):
        print(f"{question:34} {agent.ask(picture(), question).text}")


if __name__ == "__main__":
    main()

"""The page: Gradio's blocks, what they look like, and what happens on them."""

from __future__ import annotations

from importlib import resources
from typing import Any

import gradio as gr

from ...agent.page import asset
from .handlers import Handlers
from .setup import AUTO, Setup

SYSTEM_FONTS = ("system-ui", "-apple-system", "Segoe UI", "Noto Sans", "sans-serif")
MONO_FONTS = ("ui-monospace", "SFMono-Regular", "Menlo", "Consolas", "DejaVu Sans Mono", "monospace")


def build(handlers: Handlers, setup: Setup) -> gr.Blocks:
    """The page, its events bound to the handlers."""
    blocks: gr.Blocks
    with gr.Blocks(title="lavr", analytics_enabled=False, fill_width=True) as blocks:
        settings, new = _settings(setup)
        with gr.Row(elem_classes=["run", "stage"]):
            with gr.Column(elem_classes=["talk"], scale=6, min_width=280):
                log = _component("log", '<div class="log" role="log" aria-live="off" aria-label="Conversation"></div>')
                with gr.Column(elem_classes=["composer"]):
                    tray = _component("tray", _file("tray.html"))
                    text = _text_box()
            with gr.Column(elem_classes=["hero", "seen", "still"], scale=5, min_width=280):
                panel = _component("panel", _file("panel.html"), before=asset("trace.js"))
        _bind(blocks, handlers, (log, tray, panel, text), settings, new)
    blocks.queue(default_concurrency_limit=None, max_size=4 * (setup.at_once + setup.waiting), api_open=False)
    return blocks


def looks() -> dict[str, Any]:
    """What `gr.mount_gradio_app` is told about the looks: no font and no style from anywhere else."""
    theme = gr.themes.Base(
        primary_hue="orange", neutral_hue="stone", radius_size="lg", font=SYSTEM_FONTS, font_mono=MONO_FONTS
    )
    return {"theme": theme, "css": asset("parts.css") + _file("chat.css"), "footer_links": []}


def _component(name: str, template: str, before: str = "") -> gr.HTML:
    """A piece of the page that draws itself: `name.js` gets its value and tells what is done on it."""
    return gr.HTML(
        html_template=template,
        js_on_load=before + _file(f"{name}.js"),
        apply_default_css=False,
        elem_id=f"lavr-{name}",
        elem_classes=["lavr", f"{name}-box"],
        container=False,
    )


def _text_box() -> gr.Textbox:
    return gr.Textbox(
        placeholder="Ask about the picture …",
        label="Your question",
        show_label=False,
        container=False,
        lines=1,
        max_lines=6,
        submit_btn=True,
        stop_btn=False,
        autofocus=True,
        elem_id="lavr-question",
    )


def _settings(setup: Setup) -> tuple[list[Any], gr.Button]:
    with gr.Sidebar(open=False, width=340, elem_classes=["settings"]):
        gr.HTML("<h2>Settings</h2>", apply_default_css=False, elem_classes=["lavr"])
        names = list(setup.planner_names)
        planner = gr.Dropdown(names, value=names[0], label="Planner", info=setup.reason(AUTO), elem_id="lavr-planner")
        tools = gr.CheckboxGroup(list(setup.toolbox), value=list(setup.toolbox), label="Tools", elem_id="lavr-tools")
        limits = setup.limits
        steps = gr.Slider(1, limits.steps, value=limits.steps, step=1, label="Most steps of one question")
        seconds = gr.Slider(1, limits.seconds, value=limits.seconds, step=1, label="Most seconds of one question")
        new = gr.Button("New chat", elem_id="lavr-new")
    return [planner, tools, steps, seconds], new


def _bind(
    blocks: gr.Blocks,
    handlers: Handlers,
    shown: tuple[gr.HTML, gr.HTML, gr.HTML, gr.Textbox],
    settings: list[Any],
    new: gr.Button,
) -> None:
    log, tray, panel, text = shown
    outputs = list(shown)
    own: dict[str, Any] = {"show_progress": "hidden", "api_visibility": "private"}
    quick = {**own, "queue": False}
    text.submit(handlers.ask, [text, *settings], outputs, api_name="ask", show_progress="hidden")
    text.stop(handlers.stop, None, None, api_name="stop", queue=False)
    log.again(handlers.again, settings, outputs, **own)
    log.example(handlers.example, settings, outputs, **own)
    log.edit(handlers.edit, None, outputs, **quick)
    tray.changed(handlers.changed, None, outputs, **quick)
    tray.away(handlers.away, None, outputs, **quick)
    panel.point(handlers.point, None, outputs, **quick)
    new.click(handlers.new_chat, None, outputs, **quick)
    blocks.load(handlers.enter, None, outputs, **quick)
    blocks.unload(handlers.leave)


def _file(name: str) -> str:
    return resources.files(__package__ or "lavr.demos.chat").joinpath(name).read_text("utf-8")

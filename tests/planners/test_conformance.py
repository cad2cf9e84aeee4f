"""The conformance suite: shipped planners pass it, and each way of breaking the contract is caught by it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

import pytest

from lavr.planners.base import AnswerText, Citation, Conversation, Decision, Draft, Emit, Planner, ThoughtText, silent
from lavr.planners.builtin import BuiltinPlanner
from lavr.planners.rehearsal import looked, reading_spec
from lavr.planners.rendering.budget import VisualBudget
from lavr.planners.rendering.eyes import OpenEyes, ShutEyes, TiledEyes
from lavr.planners.rendering.render import PicturesIn, Rendering
from lavr.planners.rendering.turns import DescribesInput, Eyes, Fed, Turn, View
from lavr.planners.scripted import ScriptedPlanner
from lavr.planners.testing import check_decision, check_pictures, check_planner, check_units
from lavr.tools.calls import ToolCall
from lavr.tools.spec import ToolSpec
from lavr.vision.frame import SizeWh
from lavr.vision.image import Image
from lavr.vision.units import CoordinateUnit

SAY = Decision("I see.", answer=Draft("It says 9.00.", (Citation("9.00", "img_1"),)))
BROKEN = "breaks the contract"


def look_first(_: Conversation, tools: Sequence[ToolSpec]) -> Decision:
    """Read the first picture while there are tools."""
    return Decision("I read.", (ToolCall("c1", "ocr", {"image": "img_1"}),)) if tools else SAY


class Seeing(ScriptedPlanner):
    """A scripted planner that says what a model would be fed in its place."""

    def __init__(
        self, rendering: Rendering, spoil: Callable[[Fed], Fed] = lambda fed: fed, shown: SizeWh | None = None
    ) -> None:
        super().__init__(look_first, unit=rendering.unit)
        self._rendering = rendering
        self._spoil = spoil
        self._shown = shown

    def shown_wh(self, image: Image) -> SizeWh:
        return self._shown or self._rendering.shown_wh(image)

    def fed(self, conversation: Conversation, tools: Sequence[ToolSpec]) -> Fed:
        turns = self._rendering.turns(conversation)
        views = [view for turn in turns for view in turn.views]
        return self._spoil(Fed(turns, len(views), sum(view.tokens for view in views)))


@pytest.mark.parametrize("planner", [BuiltinPlanner(), ScriptedPlanner(look_first)], ids=lambda each: each.name)
def test_the_shipped_planners_keep_the_contract(planner: Planner) -> None:
    check_planner(planner, streams=True)


@pytest.mark.parametrize("pictures_in", ["user", "tool"])
@pytest.mark.parametrize(
    "eyes",
    [
        OpenEyes(max_side=100, unit=CoordinateUnit.PIXELS),
        OpenEyes(multiple_of=28, tokens=lambda size: size[0] * size[1] // 784),
        TiledEyes(side=112, unit=CoordinateUnit.UNIT),
        ShutEyes(),
    ],
    ids=["smaller", "patches", "tiles", "shut"],
)
def test_what_the_renderer_makes_is_what_a_model_must_be_fed(eyes: Eyes, pictures_in: PicturesIn) -> None:
    planner = Seeing(Rendering(eyes, pictures_in=pictures_in))
    assert isinstance(planner, DescribesInput)
    check_planner(planner, streams=True, sees=not isinstance(eyes, ShutEyes))


def caught(what: str, planner: Planner, *, streams: bool = False) -> None:
    """The suite catches it and says what it is."""
    with pytest.raises(AssertionError, match=what) as error:
        check_planner(planner, streams=streams)
    assert BROKEN in str(error.value)


def test_an_unknown_tool_and_an_unknown_handle_are_caught() -> None:
    def call(name: str, image: str) -> Planner:
        return ScriptedPlanner(lambda _, tools: Decision(calls=(ToolCall("", name, {"image": image}),)))

    caught("not among", call("fly", "img_1"))
    caught("img_77", call("ocr", "img_77"))


def test_references_and_handles_of_earlier_results_are_no_unknown_handles() -> None:
    _, after = looked()
    for image in ({"$ref": "c1.images[0]"}, "img_3"):
        planner = ScriptedPlanner([SAY, Decision(calls=(ToolCall("", "ocr", {"image": image}),))])
        check_decision(planner, after, [reading_spec()])


def test_calls_on_the_last_turn_and_empty_answers_are_caught() -> None:
    always = Decision(calls=(ToolCall("c1", "ocr", {"image": "img_1"}),))
    caught("not among|must answer", ScriptedPlanner(lambda *_: always))
    caught("answer is empty", ScriptedPlanner(lambda *_: Decision(answer=Draft(" "))))
    caught("cites words", ScriptedPlanner(lambda *_: Decision(answer=Draft("a", (Citation("b", "r1"),)))))


class Mumbling(ScriptedPlanner):
    """Streams something else than it decides."""

    def decide(self, conversation: Conversation, tools: Sequence[ToolSpec], *, emit: Emit = silent) -> Decision:
        emit(ThoughtText("Hm."))
        emit(AnswerText("It says"))
        return super().decide(conversation, tools, emit=emit)


class Silent(ScriptedPlanner):
    """Streams nothing."""

    def decide(self, conversation: Conversation, tools: Sequence[ToolSpec], *, emit: Emit = silent) -> Decision:
        return super().decide(conversation, tools, emit=lambda _: None)


def test_a_stream_that_is_not_what_was_decided_is_caught_and_none_is_only_where_one_is_asked_for() -> None:
    caught("streamed the thought", Mumbling(lambda *_: SAY))
    check_planner(Silent(lambda *_: SAY))
    caught("streamed", Silent(lambda *_: SAY), streams=True)


def test_a_planner_that_remembers_is_caught_unless_it_need_not_be_deterministic() -> None:
    said: list[str] = []

    def count(*_: object) -> Decision:
        said.append("again")
        return Decision(answer=Draft(f"For the {len(said)}th time."))

    caught("keeps no state", ScriptedPlanner(count))
    check_planner(ScriptedPlanner(count), deterministic=False)


def test_an_untyped_error_for_a_malformed_conversation_is_caught() -> None:
    def careless(conversation: Conversation, _: object) -> Decision:
        return Decision(answer=Draft(f"You asked {conversation.question.text!r}."))

    caught("malformed .*ValueError", ScriptedPlanner(careless))


def test_boxes_that_do_not_come_back_are_caught() -> None:
    check_units(ScriptedPlanner([], unit=CoordinateUnit.PIXELS))
    with pytest.raises(AssertionError, match="pixels off"):
        check_units(Seeing(Rendering(OpenEyes()), shown=(5000, 4000)))


SEES = Rendering(OpenEyes())


def blinded(turn: Turn) -> Turn:
    """The turn without its pictures."""
    return replace(turn, parts=tuple(part for part in turn.parts if not isinstance(part, View)))


def swapped(fed: Fed) -> Fed:
    """The pictures of the tools before the turns of the tools."""
    if len(fed.turns) < 3:
        return fed
    question, decision, one, two, pictures = fed.turns
    return replace(fed, turns=(question, pictures, decision, one, two))


def marked(fed: Fed) -> Fed:
    """A role marker in the last turn."""
    return replace(
        fed, turns=(*fed.turns, replace(fed.turns[-1], parts=("<|im_start|>system",))), pictures=fed.pictures
    )


@pytest.mark.parametrize(
    ("what", "spoil"),
    [
        ("visual tokens are counted", lambda fed: replace(fed, visual_tokens=(fed.visual_tokens or 0) + 1)),
        ("are fed", lambda fed: replace(fed, pictures=fed.pictures - 1)),
        ("img_1 is not shown", lambda fed: Fed((blinded(fed.turns[0]), *fed.turns[1:]), int(len(fed.turns) > 1))),
        ("img_1 is not shown", lambda fed: Fed(tuple(map(blinded, fed.turns)), 0, 0)),
        ("img_3 is not", swapped),
        ("survives", lambda fed: marked(fed) if len(fed.turns) > 2 else fed),
        ("do not begin", lambda fed: replace(fed, turns=tuple(reversed(fed.turns))) if len(fed.turns) > 2 else fed),
    ],
)
def test_what_a_model_is_not_fed_is_caught(what: str, spoil: Callable[[Fed], Fed]) -> None:
    with pytest.raises(AssertionError, match=what):
        check_pictures(Seeing(SEES, spoil), [reading_spec()])


def test_a_size_that_is_not_the_one_shown_is_caught() -> None:
    with pytest.raises(AssertionError, match="the agent is told"):
        check_pictures(Seeing(SEES, shown=(100, 100)), [reading_spec()])


def test_a_model_without_eyes_that_is_fed_pictures_is_caught() -> None:
    with pytest.raises(AssertionError, match="sees no pictures"):
        check_pictures(Seeing(SEES), [reading_spec()], sees=False)


def test_a_planner_that_does_not_describe_its_input_cannot_be_checked_for_it() -> None:
    with pytest.raises(TypeError, match="describe"):
        check_pictures(ScriptedPlanner([]), [])


def test_an_eviction_is_no_breach_of_the_contract() -> None:
    budget = VisualBudget(per_conversation=2_000)
    check_planner(Seeing(Rendering(OpenEyes(), budget=budget)))

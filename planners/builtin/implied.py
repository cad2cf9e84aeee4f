"""Questions that mean a field of a document without saying its name: "how much did I pay?", "who sold this?"."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from ...vision.image import Image
from ..base import Draft
from . import compose
from .desk import Desk, Unanswerable
from .documents import ValueOf, evidence, read_value
from .labelled import Labelled
from .patterns import Table, asks
from .places import plain
from .programs import OnEach, Program
from .words import Words, bag


def _field(name: str) -> Callable[[], Program]:
    return lambda: ValueOf(name)


_PAPER = "(<it>|(the/<it>) <paper>|(the) <shop>)"
_ALL = "(in/all) (total/all/altogether/together/overall)"


@dataclass(frozen=True)
class PaidBy(OnEach):
    """Whether it was paid in cash, or by a card."""

    means: str

    @property
    def aim(self) -> str:
        """Look for the payment method."""
        return "look for the payment method"

    def on(self, desk: Desk, image: Image) -> Draft:
        """Yes or no, where the payment method is printed and is one of those known."""
        found = read_value(desk, image, "payment method")
        printed = {kind for kind, names in MEANS.items() if names & set(plain(found.text).split())}
        if len(printed) != 1:
            raise Unanswerable(f"The payment method is “{found.text}”, and whether that is {self.means} I cannot tell.")
        word = compose.yes_no(self.means in printed)
        text = f"{word.capitalize()}: the payment method is {found.value}."
        return compose.say(text, word, evidence(found))


MEANS = {
    "cash": bag("cash tunai bar bargeld especes efectivo coins"),
    "card": bag("card visa mastercard maestro amex debit credit girocard ec karte carte tarjeta kad"),
}
"""Ways of paying -> the words they are printed and called by."""


def _means(words: Words) -> str | None:
    texts = {word.text for word in words}
    return next((kind for kind, names in MEANS.items() if texts <= names), None)


TABLE: Table[Program] = Table(
    {"means": _means},
    (
        asks(
            _field("total"),
            "how much <does>/have/has (<i>/<it>) (have/has) (to) "
            f"(pay/cost/spend/spent/paid/come/owe) (to) (in total/altogether/for (all) (of) <it>) {_ALL} (there)",
            f"how much <is> (<it>/everything) {_ALL}",
            "how much <is> due/paid/owed/charged/spent (in total/altogether)",
            "how much money <is>/<does> (<it>/<i>) (spent/paid/due/spend/pay/charge/cost/owe) (<me>/<it>) (in total)",
            f"how much <does> (<i>|the <shop>) charge (<me>) (for <it>) {_ALL}",
            "how much <does> (the) (<paper>/everything/shopping/meal/purchase/order) (all) (cost/come/add) (up) (to) "
            f"{_ALL}",
            f"what <does> (<it>/everything/all) (all) [cost|come to|add up to|amount to] {_ALL}",
            f"what <does> <i> [pay|spend|owe|have to pay|need to pay] (for <it>) {_ALL}",
            "what (amount) <is> (to be) paid/charged/due",
            "how much <is> (the) <paper> (for/total)",
            "how expensive <is> (<it>/everything|(the) <paper>/meal/order)",
            "how much to pay",
            "how much <i> paid/spent/owe",
        ),
        asks(
            _field("tax"),
            "how much tax/vat/gst (<does>/<is>) (<i>|<it>|the <shop>) "
            "(charge/charged/charging/pay/paid/included/add/added/contain) (<me>/<it>) (for <it>) (in <it>)",
        ),
        asks(
            _field("discount"),
            "how much <does> <i> (get) save/saved/off (there/on <it>)",
            "how much (money) <is> saved",
        ),
        asks(
            _field("change"),
            "how much (money/change) <does> <i> get back",
        ),
        asks(
            _field("due date"),
            "when <is> (<it>|(the/<it>) <paper>/payment/money/amount) due",
            "when <does>/should/must <i> (have/need) (to) pay (<it>) (by)",
            "[until|till|by|before] when <does>/must/should/can <i> (have/need) (to) pay (<it>)",
            "when <does> (the/my) payment (have to) (be) due",
            "(what <is>) (the) [deadline|last day|latest date] [for|of|to] (the) (payment/pay/paying)",
        ),
        asks(
            _field("date"),
            "when <is> (<it>/the) (<paper>/purchase/order/meal) "
            "(bought/purchased/issued/printed/paid/dated/made/from/sold/created/written/done/ordered)",
            "when <is> <it>",
            "when <is> <i> (there/here)",
            "when <does> <i> <buy> (<it>|the <paper>|there|here|for <it>|at the <shop>)",
            "when <does> (the) <shop>/<i> <issue> (<it>|the <paper>)",
            "(from) what/which day/date (<is>) (<it>|the <paper>) (bought/from/issued/dated/purchased)",
            "(on/at) what/which day/date <is>/<does> (<it>|<i>|the <paper>) (<buy>/<issue>) (<it>)",
            "what day <is> <it> (bought/from)",
            "when <is> (the) <paper> (issued/dated/printed/from)",
            "how old <is> (the) <it>/<paper>",
            "what <is> (the) day",
        ),
        asks(
            _field("time"),
            "[what|at what|at which] time (<is>) (<it>) (bought/printed/issued/paid/made)",
            "(at) what/which time <does> <i> <buy> (<it>|there|here)",
            "what hour <is> <it>",
        ),
        asks(
            _field("currency"),
            "[what|which|in what|in which] currency (<is> <it>) (in/paid)",
            "(in) what/which currency <does>/<is> (<i>|<it>|(the) <paper>/prices/amounts) (pay/paid/in/use/used)",
        ),
        asks(
            _field("company"),
            f"who (is) (<it>) (sold/issued/sells/wrote/made/printed/sent) {_PAPER} (by)",
            "who <is> (the) (<paper>/<it>) from",
            "who (has) <issue> (<me>) (<it>|(the/<it>) <paper>) (to <me>)",
            "(to) who/whom <does> <i> (have/need) (to) [owe|pay] (<it>/money) (the/this) (money) (to)",
            "who <is> [selling|charging|billing|paid|billed by|charged by] (<it>/<me>)",
            "what/which <shop> (<is>|has) (<issue>) (<me>) (<it>|(the/<it>) <paper>) (from)",
            "what/which <shop> <is>/<does> (<it>|(the/<it>) <paper>|<i>) (<buy>/<issue>/come) (<it>) (from/at/in/by)",
            f"where <is> {_PAPER} (bought/purchased/from/issued)",
            "where <does> <i> <buy> (<it>|(the/<it>) <paper>|there) (at)",
            "from/at where/whom/which/what (<shop>) (<is>/<does>) (<it>|<i>|(the) <paper>) (<buy>/<issue>) (<it>) "
            "(from)",
            "where <does> <it>/<paper> come from",
            "who <does> (the) (<it>/<paper>) come from",
            "who <is> (the) <shop>",
            "(what <is>) (the) name of (the) <shop>",
            "what <is> (the) <shop> (called/named)",
            "who <does> <i> <buy> (<it>) from",
        ),
        asks(
            _field("address"),
            "where <is> (the/their/this) <shop> (located/based/situated/at)",
            "where <does>/can <i> find (the/this) <shop>",
            "where <is> <i> [located|based|situated]",
            "(in/on/at) what/which street/road/city/town/address <is> (<it>|<i>|(the/this) <shop>) (located/based) "
            "(in/on/at)",
            "(what <is>) (the) [zip code|zip|postcode|post code|postal code|street|city|town]",
        ),
        asks(
            _field("phone"),
            "how <does>/can/could/may <i> [call|phone|ring|reach] (the/this) (<me>/<shop>) (by) (phone)",
            "what/which (phone/telephone) number <does>/can/should/could/must <i> (have/need) (to) "
            "call/dial/ring/phone (to) (reach/<me>) (the) (<me>/<shop>)",
            "where can <i> [call|phone] (<me>)",
        ),
        asks(
            _field("email"),
            "what/which (email/mail) (address) <does>/can/should/could <i> (have/need) (to) "
            "[write|send|mail|reply|use] (<it>/<me>) (to)",
            "where/how can/<does>/should <i> [email|mail|send an email] (to) (<me>|the <shop>)",
        ),
        asks(
            _field("order number"),
            "what/which order <is>/<does> (<it>|(the/<it>) <paper>) (belong) (for/to)",
        ),
        asks(
            lambda: Labelled(("customer", "recipient", "ship to", "deliver to", "to"), "recipient"),
            "who <is> (<it>|(the/<it>) <paper>/parcel/letter) (issued/addressed/billed/sent) (out) [for|to]",
            "(to) who/whom <is> (<it>|(the/<it>) <paper>/parcel/letter) (issued/addressed/billed/sent) (out) (to)",
            "(who/what <is>) (the) [recipient|addressee|receiver] (of (the) (<it>/<paper>/parcel/package/letter))",
            "who <is> (the) [billed|charged|invoiced]",
            "who (has/have) to pay (<it>|(the/<it>) <paper>)",
        ),
        asks(
            _field("cashier"),
            "who [served|serves|helped|attended] (to) (<me>)",
            "who <is> (<i>/<it>) served by",
            "who (was/worked/sat) [at|on|behind] the till/counter/register/checkout",
        ),
        asks(
            PaidBy,
            "(did/have/had) <i> (pay/paid) (<it>|for <it>) (in/by/with/using) (a/my/the) {means}",
            "(did/have/had) <i> use (a/my/the) {means} (to pay)",
            "<is> (<it>|(the/<it>) <paper>) paid (in/by/with/using) (a/my/the) {means}",
        ),
        asks(
            _field("payment method"),
            "what/which (kind/type) (of) card <does>/<is> (<i>) (use/used/pay/paid) (with) (to pay)",
            "how <does> <i> pay (<it>|for <it>)",
            "how <is> (<it>|(the/<it>) <paper>) paid (for)",
            "what/how <does> <i> pay (<it>) (for <it>) with",
        ),
    ),
)

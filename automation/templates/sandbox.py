"""The sandbox: a Jinja2 environment in which all that is in reach is harmless, and paid for.

A template sees the model's fields and nothing else, and what it prints is made inert unless
a filter of ours vouches for it. Every block, call, filter, operator and text that is printed
is charged to the account of the rendering.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import date, datetime
from types import BuiltinMethodType
from typing import Any

from jinja2 import Undefined, nodes
from jinja2.compiler import CodeGenerator, Frame, operators
from jinja2.exceptions import SecurityError
from jinja2.runtime import Context, LoopContext, Macro
from jinja2.sandbox import MAX_RANGE, ImmutableSandboxedEnvironment

from automation.inert import Markdown, inert, mention, plain, title_line
from automation.model.base import Fact
from automation.templates.budget import Account, OverBudget, account
from automation.templates.prices import OF_FILTERS, OF_METHODS, Price, pay_for_operation
from automation.templates.values import Unknown, section, thing

_TAKEN_OUT = frozenset(("forceescape", "pprint", "random", "urlize", "xmlattr"))
"""Filters that write HTML, which would be made inert, or that answer differently each time."""

_LOOKING_ON = frozenset(("attr", "count", "d", "default", "first", "last", "length", "section"))
"""Filters that do not go through what they are given."""


class MeteredCode(CodeGenerator):
    """Generates code that takes a step in every block, and pays for what it puts together."""

    def blockvisit(self, nodes: Iterable[nodes.Node], frame: Frame) -> None:
        """Each turn of a loop, call of a macro or branch is a step, and its own text is paid."""
        inside = list(nodes)
        self.writeline(f"environment.step({_own_text(inside)})")
        super().blockvisit(inside, frame)

    def visit_For(self, node: nodes.For, frame: Frame) -> None:  # noqa: N802
        """What the `if` of a loop leaves out is a step as well."""
        if node.test is not None:
            step = nodes.Call(nodes.EnvironmentAttribute("step"), [], [], None, None)
            node.test = nodes.And(step, node.test)
        super().visit_For(node, frame)

    def visit_Concat(self, node: nodes.Concat, frame: Frame) -> None:  # noqa: N802
        """`~` pays for both sides."""
        self.write("environment.joined((")
        for part in node.nodes:
            self.visit(part, frame)
            self.write(", ")
        self.write("))")

    def visit_Compare(self, node: nodes.Compare, frame: Frame) -> None:  # noqa: N802
        """Comparing looks through both sides."""
        self.write("(")
        self._weighed(node.expr, frame)
        for operand in node.ops:
            self.write(f" {operators[operand.op]} ")
            self._weighed(operand.expr, frame)
        self.write(")")

    def _weighed(self, node: nodes.Node, frame: Frame) -> None:
        self.write("environment.weighed(")
        self.visit(node, frame)
        self.write(")")

    def visit_Getitem(self, node: nodes.Getitem, frame: Frame) -> None:  # noqa: N802
        """A slice is a copy."""
        is_slice = isinstance(node.arg, nodes.Slice)
        self.write("environment.weighed(" if is_slice else "(")
        super().visit_Getitem(node, frame)
        self.write(")")

    def visit_List(self, node: nodes.List, frame: Frame) -> None:  # noqa: N802
        """A list weighs what is in it."""
        self.write("environment.weighed(")
        super().visit_List(node, frame)
        self.write(")")

    def visit_Dict(self, node: nodes.Dict, frame: Frame) -> None:  # noqa: N802
        """So does a mapping."""
        self.write("environment.weighed(")
        super().visit_Dict(node, frame)
        self.write(")")

    def visit_Tuple(self, node: nodes.Tuple, frame: Frame) -> None:  # noqa: N802
        """So does a tuple, unless names are assigned to in it."""
        load = node.ctx == "load"
        self.write("environment.weighed(" if load else "")
        super().visit_Tuple(node, frame)
        self.write(")" if load else "")


def _own_text(block: Iterable[nodes.Node]) -> int:
    """How much text a block writes by itself, blocks within it left out."""
    printed = (part for one in block if isinstance(one, nodes.Output) for part in one.nodes)
    return sum(len(part.data) for part in printed if isinstance(part, nodes.TemplateData))


def _range(*bounds: int) -> range:
    """Whole numbers, as Python's `range`; OverBudget for too many."""
    made = range(*bounds)
    if not -1 < _length(made) <= MAX_RANGE:
        raise OverBudget(f"makes a range of more than {MAX_RANGE:,} numbers", "Count less far.")
    return made


def _length(numbers: range) -> int:
    try:
        return len(numbers)
    except OverflowError:
        return -1


def _metered(name: str, call: Callable[..., Any]) -> Callable[..., Any]:
    """A filter or test that pays for what goes in and what comes out."""
    passes = hasattr(call, "jinja_pass_arg")
    price, looks_on = OF_FILTERS.get(name), name in _LOOKING_ON

    @functools.wraps(call)
    def metered(*args: Any, **kwargs: Any) -> Any:
        paying, around, given = account(), args[:passes], args[passes:]
        paying.step()
        if not looks_on:
            paying.weigh((*given, *kwargs.values()))
        if price is not None:
            given = _at_hand(given)
            paying.read(_priced(price, given, kwargs))
        return _paid(call(*around, *given, **kwargs), paying, weigh=not looks_on)

    return metered


def _at_hand(args: tuple[Any, ...]) -> tuple[Any, ...]:
    """The arguments, made as far as they are only made as they are asked for."""
    return tuple(list(one) if isinstance(one, Iterator) else one for one in args)


def _priced(price: Price, args: tuple[Any, ...], kwargs: Mapping[str, Any]) -> int:
    try:
        return price(*args, **kwargs)
    except TypeError:
        return 0  # wrong arguments: the call itself says so


def _paid(made: Any, paying: Account, *, weigh: bool) -> Any:
    if isinstance(made, Iterator):
        return _counted(made)
    if weigh:
        paying.weigh(made)
    return made


def _counted(made: Iterator[Any]) -> Iterator[Any]:
    """Something that is made as it is asked for pays as it is made."""
    for one in made:
        paying = account()
        paying.step()
        paying.weigh(one)
        yield one


class Sandbox(ImmutableSandboxedEnvironment):
    """A Jinja2 environment in which a template sees the model's fields and nothing else."""

    code_generator_class = MeteredCode
    intercepted_binops = frozenset(("+", "-", "*", "/", "//", "%", "**"))

    def __init__(self, finalize: Callable[[Any], Any]) -> None:
        super().__init__(
            undefined=Unknown,
            finalize=functools.partial(_printed, finalize),
            trim_blocks=True,
            lstrip_blocks=True,
            keep_trailing_newline=True,
        )
        self.globals = {"range": _range}
        ours = {"mention": mention, "section": section, "inert": inert}
        filters: dict[str, Any] = {**self.filters, **ours}
        tests: dict[str, Any] = self.tests
        known = filters.keys() - _TAKEN_OUT
        self.filters = {name: _metered(name, filters[name]) for name in known}
        self.tests = {name: _metered("", call) for name, call in tests.items()}

    # --- What is in reach ------------------------------------------------------------

    def is_safe_attribute(self, obj: Any, attr: str, value: Any) -> bool:
        """Fields and properties of the model; never a method of it."""
        if isinstance(obj, Fact):
            known = attr in type(obj).model_fields
            return known or isinstance(getattr(type(obj), attr, None), property)
        return super().is_safe_attribute(obj, attr, value)

    def is_safe_callable(self, obj: Any) -> bool:
        """Methods of plain values, macros, and what this environment itself offers."""
        if isinstance(obj, BuiltinMethodType):
            return isinstance(obj.__self__, str | date | datetime | Mapping | tuple | LoopContext)
        owner = getattr(obj, "__self__", None)
        ours = isinstance(obj, Macro) or isinstance(owner, LoopContext) or obj is _range
        return ours or obj is Sandbox.step or getattr(type(obj), "drumbeat_offers_this", False)

    def unsafe_undefined(self, obj: Any, attribute: str) -> Undefined:
        """Stands for an attribute that is out of reach, until it is used."""
        hint = f"{attribute!r} of {thing(obj)} may not be used"
        return self.undefined(hint, obj=obj, name=attribute, exc=SecurityError)

    # --- What is paid for ------------------------------------------------------------

    def call(self, context: Context, obj: Any, /, *args: Any, **kwargs: Any) -> Any:
        """Call what is safe to be called; the error names what is not."""
        if isinstance(obj, Undefined):
            str(obj)  # raises, and says what is undefined
        if not self.is_safe_callable(obj):
            name = getattr(obj, "__name__", None)
            raise SecurityError(f"{repr(name) if name else thing(obj)} may not be called")
        paying = account()
        paying.step()
        paying.weigh((*args, *kwargs.values()))
        if isinstance(obj, BuiltinMethodType):
            args = _at_hand(args)
            _pay_for_method(obj, args, kwargs, paying)
        return _paid(super().call(context, obj, *args, **kwargs), paying, weigh=True)

    def call_binop(self, context: Context, operator: str, left: Any, right: Any) -> Any:
        """Put two values together."""
        paying = account()
        pay_for_operation(paying, operator, left, right)
        made = super().call_binop(context, operator, left, right)
        paying.weigh(made)
        return made

    @staticmethod
    def step(characters: int = 0) -> bool:
        """Take a step that writes so many characters."""
        paying = account()
        paying.step()
        paying.read(characters)
        return True

    @staticmethod
    def weighed(value: Any) -> Any:
        """The value, once it is paid for."""
        account().weigh(value)
        return value

    @staticmethod
    def joined(parts: tuple[Any, ...]) -> str:
        """The parts as one text."""
        paying = account()
        paying.weigh(parts)
        texts = [str(part) for part in parts]
        paying.weigh(texts)
        return "".join(texts)


def _pay_for_method(
    method: BuiltinMethodType, args: tuple[Any, ...], kwargs: Mapping[str, Any], paying: Account
) -> None:
    """Looking through a text costs its length, and what grows costs what it comes to."""
    owner: Any = method.__self__
    if isinstance(owner, str):
        paying.read(len(owner))
    price = OF_METHODS.get(method.__name__)
    if price is not None:
        paying.read(_priced(price, (owner, *args), kwargs))


def _printed(finalize: Callable[[Any], Any], value: Any) -> Any:
    paying = account()
    paying.weigh(value)
    made = finalize(value)
    paying.weigh(made)
    return made


class MarkdownSandbox(Sandbox):
    """Macros, `set` blocks and `call` blocks make Markdown: what they print is inert already."""

    @staticmethod
    def concat(parts: Iterable[str]) -> Markdown:
        """Join what was written and what was made inert."""
        return Markdown("".join(parts))


def _inert_unless_vouched_for(value: Any) -> Any:
    return value if isinstance(value, Markdown) else inert(value)


BODY = MarkdownSandbox(_inert_unless_vouched_for)
"""For Markdown: every value is made inert."""

FIELD = Sandbox(plain)
"""For labels, paths, names: every value becomes one plain line."""

TITLE = Sandbox(title_line)
"""For titles: every value becomes one plain line that mentions nobody."""

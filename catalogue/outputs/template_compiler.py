"""Compiles templates to Python as Jinja does, but without features that ours do not use and that cost time on thousands of pages."""

from typing import Any

from jinja2 import nodes
from jinja2.compiler import CodeGenerator, Frame
from markupsafe import Markup, _escape_inner, escape  # type: ignore[attr-defined]


def escaped(value: Any) -> str:
    """A value as HTML text. It is not wrapped in `Markup`, which would copy every piece of a page once more."""
    kind = type(value)
    if kind is str:
        return _escape_inner(value)
    return value if kind is Markup else escape(value)


class PageCodeGenerator(CodeGenerator):
    """Generates code in which a block joins its output, instead of yielding each piece through all parent templates.

    Calls are plain calls: nothing that our templates call takes the context. `a.b` is an attribute and never an item, which
    is written `a["b"]`. Every value is escaped.
    """

    def write_commons(self) -> None:
        """The beginning of each generated function."""
        super().write_commons()
        self.writeline("escaped = environment.escaped")

    def enter_frame(self, frame: Frame) -> None:
        """The beginning of a scope: here a template or a block gets an output buffer."""
        super().enter_frame(frame)
        if (frame.toplevel or frame.block_frame) and frame.buffer is None:
            self.buffer(frame)

    def leave_frame(self, frame: Frame, with_python_scope: bool = False) -> None:
        """The end of a scope: here a template or a block yields its buffer as one piece."""
        super().leave_frame(frame, with_python_scope)
        if (frame.toplevel or frame.block_frame) and with_python_scope:
            self.writeline(f"yield concat({frame.buffer})")

    def visit_Call(self, node: nodes.Call, frame: Frame, forward_caller: bool = False) -> None:
        """A call with positional and keyword arguments; `*args`, `**kwargs` and call blocks are not supported."""
        if node.dyn_args or node.dyn_kwargs or forward_caller:
            self.fail("ours are called with no more than the values that stand there", node.lineno)
        self.visit(node.node, frame)
        self.write("(")
        for given in (*node.args, *node.kwargs):
            self.visit(given, frame)
            self.write(", ")
        self.write(")")

    def visit_Getattr(self, node: nodes.Getattr, frame: Frame) -> None:
        """An attribute."""
        self.visit(node.node, frame)
        self.write(f".{node.attr}")

    def _output_child_pre(self, node: nodes.Expr, frame: Frame, finalize: Any) -> None:
        self.write("escaped(")

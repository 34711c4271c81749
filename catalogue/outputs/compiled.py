"""How templates become Python: as Jinja makes it, less what costs time on thousands of pages and what ours do not use."""

from typing import Any

from jinja2 import nodes
from jinja2.compiler import CodeGenerator, Frame
from markupsafe import Markup, _escape_inner, escape  # type: ignore[attr-defined]


def shown(value: Any) -> str:
    """A value as it stands on a page: escaped, but not marked as escaped, which each piece of a page would be copied for."""
    kind = type(value)
    if kind is str:
        return _escape_inner(value)
    return value if kind is Markup else escape(value)


class Generator(CodeGenerator):
    """Makes Python in which a block gathers its pieces, and does not hand each of them up through all templates.

    What is called is called, since nothing that templates are given asks for its context; `a.b` is an attribute and never
    an item, which is written `a["b"]`; and every value is escaped.
    """

    def write_commons(self) -> None:
        """What each function begins with."""
        super().write_commons()
        self.writeline("shown = environment.shown")

    def enter_frame(self, frame: Frame) -> None:
        """The beginning of a template or a block, among others."""
        super().enter_frame(frame)
        if (frame.toplevel or frame.block_frame) and frame.buffer is None:
            self.buffer(frame)

    def leave_frame(self, frame: Frame, with_python_scope: bool = False) -> None:
        """The end of a template or a block, among others."""
        super().leave_frame(frame, with_python_scope)
        if (frame.toplevel or frame.block_frame) and with_python_scope:
            self.writeline(f"yield concat({frame.buffer})")

    def visit_Call(self, node: nodes.Call, frame: Frame, forward_caller: bool = False) -> None:
        """A call, with the values that stand in it."""
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
        self.write("shown(")

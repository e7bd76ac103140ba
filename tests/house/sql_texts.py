"""Which expressions of a module are texts of ours from end to end: nothing that came from outside is in them."""

import ast
from collections.abc import Iterator
from functools import cache

from tests.house.tree import text


class Module:
    """A module's tree, and what its names stand for."""

    def __init__(self, source: str) -> None:
        self.tree = ast.parse(source)
        self._parents = {
            child: parent for parent in ast.walk(self.tree) for child in ast.iter_child_nodes(parent)
        }
        self._top = _bound(self.tree.body)

    def function_of(self, node: ast.AST) -> str:
        """Return the name of the function that a node stands in; "" at the top."""
        found = self._function(node)
        return found.name if found else ""

    def calls(self) -> Iterator[ast.Call]:
        """Yield every call of the module."""
        yield from (node for node in ast.walk(self.tree) if isinstance(node, ast.Call))

    def is_ours(self, node: ast.AST) -> bool:
        """Say whether an expression is made of literals and of names that are so themselves."""
        return self._is_ours(node, frozenset())

    def names_are_ours(self, given: ast.AST) -> bool:
        """Say whether the names of what is given as `**given` are texts of ours: a dict's keys, whatever its values."""
        match given:
            case ast.Dict(keys=keys, values=values):
                pairs = zip(keys, values, strict=True)
                return all(
                    self.names_are_ours(value) if key is None else self.is_ours(key) for key, value in pairs
                )
            case ast.DictComp(key=key):
                return self.is_ours(key)
            case ast.Name(id=name):
                bound = self._meant(given, name)
                return bool(bound) and all(self.names_are_ours(each) for each in bound)
        return isinstance(given, ast.Constant)

    def is_imported(self, node: ast.AST) -> bool:
        """Say whether an expression is the name of a module."""
        return isinstance(node, ast.Name) and node.id in _imported(self.tree)

    def _is_ours(self, node: ast.AST, seen: frozenset[str]) -> bool:
        match node:
            case ast.Constant():
                return True
            case (
                ast.JoinedStr(values=parts)
                | ast.Tuple(elts=parts)
                | ast.List(elts=parts)
                | ast.Set(elts=parts)
            ):
                return all(self._is_ours(each, seen) for each in parts)
            case ast.FormattedValue(value=inner) | ast.Starred(value=inner):
                return self._is_ours(inner, seen)
            case ast.BinOp(left=left, right=right):
                return self._is_ours(left, seen) and self._is_ours(right, seen)
            case ast.IfExp(body=one, orelse=other):
                return self._is_ours(one, seen) and self._is_ours(other, seen)
            case ast.Dict(keys=keys, values=values):
                return all(self._is_ours(each, seen) for each in (*filter(None, keys), *values))
            case ast.Subscript(value=whole):
                return self._is_ours(whole, seen)
            case ast.GeneratorExp(elt=element) | ast.ListComp(elt=element) | ast.SetComp(elt=element):
                return self._is_ours(element, seen)
            case ast.Attribute(value=whole):
                # A constant of another module (rules.SELECTED), or a pattern's own text.
                return node.attr.isupper() or (node.attr == "pattern" and self._is_ours(whole, seen))
            case ast.Call(func=ast.Attribute(value=ast.Name(id="re"), attr="escape")):
                return True  # whatever it was, it is a literal now
            case ast.Call(func=function, args=given, keywords=named):
                parts = [*given, *(each.value for each in named)]
                if isinstance(function, ast.Attribute):
                    parts.append(function.value)
                elif not isinstance(function, ast.Name):
                    return False
                return bool(parts) and all(self._is_ours(each, seen) for each in parts)
            case ast.Name(id="re" | "sorted" | "reversed" | "map" | "str"):
                return True
            case ast.Name(id=name):
                if name in seen:
                    return True
                bound = self._meant(node, name)
                return bool(bound) and all(self._is_ours(each, seen | {name}) for each in bound)
        return False

    def _meant(self, node: ast.AST, name: str) -> list[ast.AST]:
        """Return what a name was bound to, nearest first: a loop around it, its function, the module."""
        at: ast.AST | None = node
        while (at := self._parents.get(at)) is not None if at is not None else False:
            if isinstance(at, ast.GeneratorExp | ast.ListComp | ast.SetComp | ast.DictComp):
                for each in at.generators:
                    if name in _names(each.target):
                        return [each.iter]
            if isinstance(at, ast.FunctionDef | ast.AsyncFunctionDef):
                arguments = {each.arg for each in (*at.args.args, *at.args.kwonlyargs, *at.args.posonlyargs)}
                if name in arguments:
                    return [ast.Name(id="?")]
                if at.args.kwarg is not None and at.args.kwarg.arg == name:
                    return [ast.Constant("")]  # whoever calls writes the names in the source
                if found := _bound(at.body).get(name):
                    return found
        found = self._top.get(name, [])
        if not found and name.lstrip("_").isupper() and name in _imported(self.tree):
            return [ast.Constant("")]  # a constant of another module of ours
        return found

    def _function(self, node: ast.AST) -> ast.FunctionDef | ast.AsyncFunctionDef | None:
        at: ast.AST | None = node
        while at is not None and not isinstance(at, ast.FunctionDef | ast.AsyncFunctionDef):
            at = self._parents.get(at)
        return at


@cache
def module(path: str) -> Module:
    """Return a module of the product."""
    return Module(text(path))


def _bound(body: list[ast.stmt]) -> dict[str, list[ast.AST]]:
    """Return what the names of a body are bound to, in its own statements and what is nested in them."""
    found: dict[str, list[ast.AST]] = {}
    todo: list[ast.AST] = list(body)
    while todo:
        node = todo.pop()
        pairs: list[tuple[ast.AST, ast.AST | None]] = []
        match node:
            case ast.FunctionDef() | ast.AsyncFunctionDef() | ast.ClassDef():
                continue
            case ast.Assign():
                pairs = [(each, node.value) for each in node.targets]
            case ast.AnnAssign() | ast.AugAssign() | ast.NamedExpr():
                pairs = [(node.target, node.value)]
            case ast.For():
                pairs = [(node.target, node.iter)]
        for target, given in pairs:
            for name in _names(target):
                found.setdefault(name, []).append(given or ast.Name(id="?"))
        todo += ast.iter_child_nodes(node)
    return found


def _names(target: ast.AST) -> set[str]:
    return {each.id for each in ast.walk(target) if isinstance(each, ast.Name)}


def _imported(tree: ast.Module) -> set[str]:
    return {
        each.asname or each.name
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom)
        for each in node.names
    }

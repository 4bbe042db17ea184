"""Forms of co_await that g++ 12 compiles into a crash (docs: style §1, co_await stands alone in its statement).

Accepted:   [type name =] co_await call(args);     co_return co_await call(args);
with arguments that hold neither braces nor a lambda that captures by value. co_await asio::this_coro::… is safe
anywhere. A statement that is known to be safe carries  // co_await: ok, <why>
"""
import re

INSTEAD = "give it a statement of its own, its result and its arguments named before"
CONTROL = re.compile(r"\s*(?:else\b|do\b|case\b[^:?]*:(?!:)|default\s*:|(?:if(?:\s+constexpr)?|while|for|switch)\s*(?=\())")


def skip_parentheses(text, at):
    """The offset behind the group that opens at `at`; None when it does not close."""
    depth = 0
    for i in range(at, len(text)):
        depth += (text[i] == "(") - (text[i] == ")")
        if depth == 0:
            return i + 1
    return None


def without_controls(head):
    """What stands before co_await in its own statement: finished `if (…)`, `else`, `case x:` are taken off."""
    while True:
        found = CONTROL.match(head)
        if not found:
            break
        end = found.end()
        if end < len(head) and head[end] == "(":
            end = skip_parentheses(head, end)
            if end is None:
                return None
        head = head[end:]
    depth = 0
    for i, c in enumerate(head):  # the rest of `for (a; b; c)`, cut at its semicolons
        depth += (c == "(") - (c == ")")
        if depth < 0:
            return without_controls(head[i + 1:])
    return head.strip()


def head_fault(head):
    rest = without_controls(head)
    if rest is None:
        return "stands in a condition"
    if rest in ("", "co_return", "(void)") or re.search(r"[^=!<>+*/%&|^-]=$|^=$", rest):
        return None
    return "follows throw" if re.search(r"\bthrow\b", rest) else "is part of a larger expression"


def behind_lambda(code, at):
    """The offset of the brace that closes the lambda whose [ is at `at`."""
    depth = 0
    for i in range(at, len(code)):
        depth += (code[i] == "{") - (code[i] == "}")
        if code[i] == "}" and depth == 0:
            return i
    return len(code) - 1


def tail_fault(code, at):
    """The fault of what follows, and the end of the statement."""
    depth = 0
    i = at
    while i < len(code):
        c = code[i]
        if c == "{":
            return "has braces among its arguments", i
        if c == "[" and re.search(r"[(,=]\s*$", code[at:i]):
            capture = code[i + 1:code.index("]", i)].strip()
            if capture and not re.fullmatch(r"&[\w\s,&]*", capture):
                return "has a lambda with captures among its arguments", i
            i = behind_lambda(code, i) + 1
            continue
        if c in "([":
            depth += 1
        elif c in ")]":
            depth -= 1
            if depth < 0:
                return "is part of a larger expression", i
        elif depth == 0:
            if c == ";":
                return None, i
            if c in ",?}" or code.startswith(("&&", "||", "==", "!=", "co_await"), i):
                return "is part of a larger expression", i
        i += 1
    return None, i


def excused(source, start, end):
    first, last = source.line_at(start), source.line_at(end)
    return any("// co_await: ok," in line for line in source.lines[first - 1:last])


def check(source):
    code = source.code
    for found in re.finditer(r"\bco_await\b", code):
        at, after = found.start(), found.end()
        if re.match(r"\s+(boost::)?(asio::)?this_coro::", code[after:after + 60]):
            continue
        begin = max(code.rfind(c, 0, at) for c in ";{}") + 1
        fault, end = tail_fault(code, after)
        fault = head_fault(code[begin:at]) or fault
        if fault and not excused(source, at, max(end, at)):
            yield source.finding(source.line_at(at), f"co_await {fault}: g++ 12 miscompiles that", INSTEAD)
    if source.is_test:
        return
    lambda_coroutine = r"\[\s*[^\]\s][^\]]*\]\s*(?:\([^()]*\)\s*)?(?:mutable\s*)?->\s*(?:asio::awaitable|Task)\s*<"
    for found in re.finditer(lambda_coroutine, code):
        if not excused(source, found.start(), found.end()):
            yield source.finding(
                source.line_at(found.start()),
                "a coroutine lambda with captures: they die with the lambda, before the coroutine ends",
                "write a function and pass what it needs as parameters",
            )

"""The house rules: what scripts/check refuses. Every rule carries bad samples that it must find and good ones that it
must not; `scripts/check --self-test` tries them."""
import re
import subprocess
from typing import Callable, NamedTuple

import co_await


class Rule(NamedTuple):
    name: str
    check: Callable  # Tree -> findings
    bad: list  # each {path: text}; every one must be found
    good: list = []


def each(test, check):
    """A rule over single files that `test` picks."""
    return lambda tree: (f for s in tree.sources if test(s) for f in check(s))


# -- format

def check_format(tree):
    paths = [s.path for s in tree.cpp]
    if not paths:
        return
    by_path = {s.path: s for s in tree.sources}
    seen = {}
    batches = [paths[i::2] for i in range(2) if paths[i::2]]
    runs = [
        subprocess.Popen(
            ["clang-format", "--dry-run", *batch], cwd=tree.root, stderr=subprocess.PIPE, text=True, encoding="utf-8"
        )
        for batch in batches
    ]
    for run in runs:
        for line in run.communicate()[1].splitlines():
            found = re.match(r"(\S[^:]*):(\d+):\d+: warning:", line)
            if found:
                seen.setdefault(found[1], []).append(int(found[2]))
        if run.returncode:
            raise SystemExit("scripts/check: clang-format failed; run scripts/setup")
    for path, lines in sorted(seen.items()):
        what = f"not formatted ({len(lines)} places)"
        yield by_path[path].finding(lines[0], what, f"run: clang-format -i {path}")


# -- direction between folders (architecture §2): folder → what it may include besides itself

CORE = {"base", "model"}
RULES_AND_CODECS = {"envelope", "package", "policy", "directory", "exchange"}
PARTS = RULES_AND_CODECS | {"spool", "ledger", "signature", "settings", "observe", "http", "amqp", "ports"}
ARROWS = {
    "gateway/base": set(),
    "gateway/model": {"base"},
    **{f"gateway/{name}": CORE for name in RULES_AND_CODECS | {"spool", "ledger", "signature", "settings", "ports"}},
    "gateway/http": {"base"},
    "gateway/amqp": {"base"},
    "gateway/observe": CORE | {"http"},
    **{f"gateway/{name}": CORE | PARTS for name in ("intake", "delivery", "console")},
    "adapters/rest": CORE | {"ports", "http", "package"},
    "adapters/amqp": CORE | {"ports", "http", "package", "amqp"},
    "adapters/vxp": CORE | {"ports", "http", "envelope"},
    "tests/axissim": {"base", "http"},
}
ANY_OTHER_ADAPTER = CORE | {"ports", "http", "envelope", "package"}
INCLUDE = re.compile(r'^\s*#\s*include\s+"([^"]+)"', re.M)


def allowed_folders(folder):
    if folder == "gateway/app" or (folder.startswith("tests/") and folder != "tests/axissim"):
        return None  # everything
    names = ARROWS.get(folder)
    if names is None and folder.startswith("adapters/"):
        names = ANY_OTHER_ADAPTER
    return None if names is None else {f"gateway/{n}" for n in names}


def check_direction(source):
    own = source.folder
    allowed = allowed_folders(own)
    if allowed is None:
        if own.startswith("gateway/") and own != "gateway/app" and own not in ARROWS:
            yield source.finding(1, f"{own} is in no row of the table of arrows", "add it to ARROWS in scripts/lib/rules.py")
        return
    for found in INCLUDE.finditer(source.text):
        other = "/".join(found[1].split("/")[:2])
        if "/" not in found[1] or other == own or other in allowed or found[1].startswith("tests/support/"):
            continue
        yield source.finding(
            source.line_at(found.start()),
            f"{own} must not see {other} (architecture §2)",
            "move what both need to a folder both may see, or let app/ join them; "
            + (f"{own} may see: " + ", ".join(sorted(a.split('/')[1] for a in allowed)) if allowed else f"{own} sees no other"),
        )


def check_include_paths(tree):
    texts = {s.path: s.text for s in tree.sources}
    for source in tree.cpp:
        folder = source.path.rsplit("/", 1)[0]
        made_by_build = texts.get(f"{folder}/CMakeLists.txt", "")
        for found in INCLUDE.finditer(source.text):
            name = found[1]
            if name in texts or name.rsplit("/", 1)[-1] in made_by_build:
                continue
            what = f'#include "{name}"'
            if name.startswith((".", "/")) or "/" not in name:
                yield source.finding(source.line_at(found.start()), f"{what} without its full path", f'write "{folder}/{name}"')
            elif name.startswith(("gateway/", "adapters/", "tests/")):
                yield source.finding(source.line_at(found.start()), f"{what} names a file that is not there", "correct the path")
            else:
                yield source.finding(source.line_at(found.start()), f"{what} is not a file of ours", f"write <{name}>")


# -- libraries live in one room each; the rest of the program does not know them

ROOMS = {
    r"toml\+\+/": ("gateway/settings", "gateway/signature"),
    r"libxml/": ("gateway/envelope", "gateway/signature"),
    r"xmlsec/": ("gateway/signature",),
    r"SQLiteCpp/|sqlite3\.h": ("gateway/ledger",),
    r"boost/beast": ("gateway/http",),
    r"spdlog/": ("gateway/base",),
    r"prometheus/": ("gateway/observe",),
    r"CLI/": ("gateway/app",),
    r"archive": ("gateway/app",),
    r"amqp": ("gateway/amqp",),
}


def check_rooms(source):
    for found in re.finditer(r"^\s*#\s*include\s+<([^>]+)>", source.text, re.M):
        for pattern, rooms in ROOMS.items():
            if re.match(pattern, found[1]) and source.folder not in rooms:
                what = f"<{found[1]}> outside {' and '.join(rooms)}"
                yield source.finding(source.line_at(found.start()), what, f"ask {rooms[0]} for what you need")
    for found in re.finditer(r"^\s*#\s*include\s+<(boost/(?:asio|beast)\.hpp)>", source.text, re.M):
        what = f"<{found[1]}> pulls in everything and costs seconds"
        yield source.finding(source.line_at(found.start()), what, "include the parts that are used")


# -- words and calls that are refused: pattern, folders where it may stand, what, instead

CLOCKED = ("gateway/base/", "gateway/http/", "gateway/amqp/", "tests/")
BANNED = [
    (r"\bsteady_timer\b", CLOCKED, "a timer of Asio", "use Clock::sleep_until or within()"),
    (r"\b(?:system|steady|high_resolution)_clock::now\b|\bgettimeofday\s*\(|\bclock_gettime\s*\(|(?<![\w.>])time\s*\(\s*(?:nullptr|NULL|0)\s*\)",
     CLOCKED, "the time of the machine", "ask the Clock that is handed in"),
    (r"\bs?rand\s*\(|\brandom_device\b|\bmt19937\w*|\barc4random\w*", CLOCKED, "randomness without a seed in the test's hand", "use the Random that is handed in"),
    (r"\bdetached\b", (), "asio::detached loses exceptions and outlives its owner", "use TaskGroup::spawn"),
    (r"\bthis_thread::sleep_\w+|\busleep\s*\(|\bnanosleep\s*\(|(?<![\w.>])::sleep\s*\(", (), "a thread that sleeps", "wait with Clock::sleep_until (tests: ManualClock)"),
    (r"\bstd::(?:thread|jthread|async)\b", ("gateway/base/", "tests/"), "a thread of its own", "use a Pool and offload()"),
    (r"\bstd::(?:cout|cerr|clog)\b|(?<![\w:])(?:std::)?(?:printf|puts)\s*\(", ("gateway/base/", "gateway/app/", "tests/"), "writing to the terminal", "use log:: or return the text"),
    (r"\bstd::w?regex\b", ("tests/",), "std::regex recurses once per character and overflows the stack", "write the few lines by hand"),
    (r"\b(?:strcpy|strcat|sprintf|vsprintf|gets|strtok|tmpnam|mktemp)\s*\(", (), "a C call without bounds", "use std::string or snprintf"),
    (r"(?<![\w.>])(?:std::|::)?(?:system|popen)\s*\(", ("tests/",), "a shell", "do it in the program"),
    (r"\bXML_PARSE_(?:HUGE|NOENT|DTDLOAD|DTDATTR|DTDVALID|XINCLUDE)\b", (), "a parser option that opens files or lifts limits", "parse the scanned skeleton with the default limits (D1)"),
    (r"\bxmlSecParse\w*", (), "xmlSecParse* parses without our limits", "parse with gateway/envelope (D1)"),
    (r"(?m)^using\s+namespace\b", (), "using namespace in a header", "name what is used"),
]


def check_banned(source):
    for pattern, folders, what, instead in BANNED:
        if folders and source.path.startswith(folders):
            continue
        if "using namespace" in what and not source.is_header:
            continue
        for found in re.finditer(pattern, source.code):
            yield source.finding(source.line_at(found.start()), f"{what} ({found[0].strip()})", instead)


MARKS = re.compile(r"\b(?:TO" + r"DO|FIX" + r"ME|X" + r"XX|HA" + r"CK)\b")


def check_marks(source):
    for number, line in enumerate(source.lines, 1):
        found = MARKS.search(line)
        if found and "-XX" + "XXXX" not in line:
            yield source.finding(number, f"{found[0]}: unfinished work in the tree", "finish it, or name it under Weaknesses in the README")


# -- sizes

FUNCTION_LINES_MAX = 60
SOURCE_LINES_MAX = 500
HEADER_LINES_MAX = 200


def check_size(source):
    count = len(source.lines)
    # A test's bench is a source that lives in a header: it is held to the limit of sources.
    in_tests = str(source.path).startswith("tests/")
    limit = HEADER_LINES_MAX if source.is_header and not in_tests else SOURCE_LINES_MAX
    if count > limit:
        yield source.finding(limit + 1, f"{count} lines, more than {limit}", "split it by purpose")


def check_function_size(source):
    """clang-format puts the first line and the closing brace of a namespace-scope function at column 0."""
    start = None
    for number, line in enumerate(source.code.splitlines(), 1):
        if start is None:
            if re.match(r"[A-Za-z_~\[]", line) and not re.match(
                r"(namespace|class|struct|enum|union|extern|using|constexpr|TEST_|#|template|public|private|protected)\b", line
            ) and "(" in line and not line.rstrip().endswith(";"):
                start = number
        elif line.startswith("}"):
            if number - start + 1 > FUNCTION_LINES_MAX:
                what = f"a function of {number - start + 1} lines, more than {FUNCTION_LINES_MAX}"
                yield source.finding(start, what, "name its steps and make them functions")
            start = None
        elif re.match(r"\S.*;\s*$", line):
            start = None


def check_pragma(source):
    if not re.search(r"^#pragma once$", source.code, re.M):
        yield source.finding(1, "a header without #pragma once", "add it under the top comment")


# -- folders explain themselves

def check_readmes(tree):
    from tree import Finding

    folders = {}
    for source in tree.sources:
        parts = source.path.split("/")
        if parts[0] in ("gateway", "adapters", "tests") and len(parts) > 2:
            folders.setdefault("/".join(parts[:2]), False)
        if parts[0] in ("schemas", "config", "scripts", "tests") and len(parts) > 1:
            folders.setdefault(parts[0], False)
    have = {s.path.rsplit("/", 1)[0] for s in tree.sources if s.path.endswith("/README.md")}
    for folder in sorted(folders):
        if folder not in have:
            yield Finding(f"{folder}/README.md", 1, "the folder has no README.md", "write its page: what, picture, promises, files, decisions, weaknesses, test")


# -- nobody's data

MAIL = re.compile(r"\b[\w.+-]+@((?:[A-Za-z0-9-]+\.)+[A-Za-z]{2,})\b")
MAIL_OK = re.compile(r"(?:^|\.)(?:example|invalid|test|localhost)$|(?:^|\.)example\.(?:com|org|net)$")
SECRET = re.compile(
    r"-----BEGIN [A-Z ]*PRIVATE KEY-----(?:\\n|\s)+[A-Za-z0-9+/=]{32,}"
    r"|\b(?:AKIA[0-9A-Z]{16}|gh[pousr]_[A-Za-z0-9]{30,}|xox[bp]-[A-Za-z0-9-]{20,})\b"
)
SECRET_VALUE = re.compile(r"""\b(?:secret|password|passwd|api_key|access_key|token)["']?\s*[:=]\s*["'][A-Za-z0-9+/=_-]{16,}["']""", re.I)


def check_mail(source):
    for found in MAIL.finditer(source.text):
        if not MAIL_OK.search(found[1].lower()):
            yield source.finding(source.line_at(found.start()), "an e-mail address that may be a person's", "use one at example.invalid or *.example")


def check_secret(source):
    patterns = [SECRET] if source.is_test else [SECRET, SECRET_VALUE]
    for pattern in patterns:
        for found in pattern.finditer(source.text):
            yield source.finding(source.line_at(found.start()), "what looks like a secret", "make it when it is needed, or read it from a file")


# -- the list

def in_cpp(snippet, path="gateway/exchange/a.cpp"):
    return {path: snippet}


def coroutine(body):
    return in_cpp("Task<> f() {\n    " + body + "\n}\n")


def is_code(source):
    return source.is_cpp or source.path.endswith((".def", ".py", ".cmake", ".toml", ".sql", "CMakeLists.txt")) or (
        source.path.startswith(("scripts/", ".ci/")) and not source.path.endswith(".md"))


LONG_FUNCTION = "int f() {\n" + "    g();\n" * 60 + "    return 1;\n}\n"

RULES = [
    Rule("format", check_format, [in_cpp("int  f( ) {return 1;}\n")], [in_cpp("int f();\n")]),
    Rule(
        "co_await", each(lambda s: s.is_cpp, co_await.check),
        [coroutine(body) for body in (
            "if (co_await ok()) g();",
            "while (co_await ok()) g();",
            "switch (co_await ok()) { default: break; }",
            "for (auto x : co_await all()) g(x);",
            "throw Error(co_await text());",
            "auto x = c ? co_await a() : b;",
            "auto x = c ? b : co_await a();",
            "const bool x = a && co_await b();",
            "const bool x = co_await a() && b;",
            "const bool x = co_await a() == b;",
            "auto x = co_await a() + co_await b();",
            "Agg x{co_await a(), 1};",
            "Agg x{co_await a()};",
            "co_await f({.a = s});",
            "co_await f({s, s});",
            "co_await f(T{s});",
            "co_await f([x = s] { g(x); });",
            "co_await f([this] { g(); });",
            "g(co_await a());",
            "auto x = (co_await a()).value();",
            "return g(1, co_await a());",
            "auto t = [x]() -> Task<> { co_return; };",
        )],
        [coroutine(body) for body in (
            "co_await f(s);",
            "auto x = co_await f(s);",
            "auto [a, b] = co_await f(s);",
            "co_return co_await f(s);",
            "if (a && b) co_await f(s);",
            "if (a) {\n        co_await f(s);\n    } else co_await g(s);",
            "for (int i = 0; i < 3; ++i) co_await f(i);",
            "for (const auto& x : all) co_await f(x);",
            "Timer t{co_await asio::this_coro::executor, limit};",
            "auto d = co_await (std::move(w) || t.async_wait(asio::use_awaitable));",
            "co_await f([&s] { g(s); });",
            "co_await f(T{1});  // co_await: ok, trivially destructible",
            "auto t = []() -> Task<> { co_return; };",
            'g("if (co_await x)");  // if (co_await x)',
        )],
    ),
    Rule(
        "direction", each(lambda s: s.is_cpp, check_direction),
        [
            in_cpp('#include "gateway/ledger/ledger.hpp"\n', "gateway/model/a.cpp"),
            in_cpp('#include "gateway/model/ids.hpp"\n', "gateway/http/a.cpp"),
            in_cpp('#include "gateway/settings/settings.hpp"\n', "gateway/ledger/a.cpp"),
            in_cpp('#include "gateway/spool/spool.hpp"\n', "gateway/envelope/a.hpp"),
            in_cpp('#include "adapters/rest/rest.hpp"\n', "adapters/vxp/a.cpp"),
            in_cpp('#include "gateway/ledger/ledger.hpp"\n', "adapters/rest/a.cpp"),
            in_cpp('#include "gateway/package/package.hpp"\n', "adapters/vxp/a.cpp"),
            in_cpp('#include "adapters/vxp/client.hpp"\n', "tests/axissim/a.cpp"),
            in_cpp('#include "gateway/model/ids.hpp"\n', "tests/axissim/a.cpp"),
            in_cpp('#include "gateway/app/app.hpp"\n', "gateway/delivery/a.cpp"),
            in_cpp("int a;\n", "gateway/newroom/a.cpp"),
        ],
        [
            in_cpp('#include "gateway/base/error.hpp"\n', "gateway/model/a.cpp"),
            in_cpp('#include "gateway/ledger/ledger.hpp"\n', "gateway/intake/a.cpp"),
            in_cpp('#include "adapters/vxp/vxp.hpp"\n', "gateway/app/a.cpp"),
            in_cpp('#include "gateway/envelope/reader.hpp"\n', "adapters/vxp/a.cpp"),
            in_cpp('#include "gateway/http/server.hpp"\n', "tests/axissim/a.cpp"),
        ],
    ),
    Rule(
        "include paths", check_include_paths,
        [in_cpp('#include "error.hpp"\n'), in_cpp('#include "../base/error.hpp"\n'), in_cpp('#include "gateway/base/none.hpp"\n'), in_cpp('#include "boost/asio.hpp"\n')],
        [{"gateway/base/error.hpp": "#pragma once\n", "gateway/model/a.cpp": '#include "gateway/base/error.hpp"\n'},
         {"gateway/ledger/CMakeLists.txt": "add_custom_command(OUTPUT made.hpp)\n", "gateway/ledger/a.cpp": '#include "made.hpp"\n'}],
    ),
    Rule(
        "rooms", each(lambda s: s.is_cpp and not s.is_test, check_rooms),
        [in_cpp(f"#include <{name}>\n", "gateway/policy/a.cpp") for name in (
            "toml++/toml.h", "libxml/tree.h", "xmlsec/xmlsec.h", "sqlite3.h", "SQLiteCpp/Database.h", "boost/beast/http.hpp", "spdlog/spdlog.h",
            "prometheus/registry.h", "CLI/CLI.hpp", "amqp.h", "boost/asio.hpp")],
        [in_cpp("#include <libxml/tree.h>\n", "gateway/envelope/a.cpp"), in_cpp("#include <boost/asio/awaitable.hpp>\n", "gateway/policy/a.hpp")],
    ),
    Rule(
        "banned calls", each(lambda s: s.is_cpp, check_banned),
        [in_cpp(text + "\n") for text in (
            "asio::steady_timer t{io};", "auto t = std::chrono::system_clock::now();", "auto t = std::chrono::steady_clock::now();",
            "auto t = time(nullptr);", "int r = rand();", "std::random_device d;", "std::mt19937 r;", "asio::co_spawn(io, f(), asio::detached);",
            "std::this_thread::sleep_for(1s);", "::sleep(1);", "usleep(1);", "std::thread t{f};", 'std::cout << "x";', 'printf("x");', "std::regex r;",
            "strcpy(a, b);", "sprintf(a, b);", 'system("ls");', "int o = XML_PARSE_HUGE;", "xmlSecParseFile(f);")]
        + [in_cpp("using namespace std;\n", "gateway/exchange/a.hpp"), in_cpp("std::this_thread::sleep_for(1s);\n", "tests/unit/base/a_test.cpp"),
           in_cpp("asio::co_spawn(io, f(), asio::detached);\n", "gateway/base/a.cpp")],
        [
            in_cpp("asio::steady_timer t{io};\n", "gateway/base/a.cpp"),
            in_cpp("auto t = std::chrono::steady_clock::now();\n", "tests/unit/base/a_test.cpp"),
            in_cpp("auto t = clock.now();  // never system_clock::now\n"),
            in_cpp('std::snprintf(a, n, "%d", 1);\n'),
            in_cpp('std::cout << "x";\n', "gateway/app/axisctl.cpp"),
            in_cpp("using namespace axis;\n", "tests/unit/base/a_test.cpp"),
            in_cpp("co_await clock.sleep_for(after);\n"),
            in_cpp("auto at = row.time(0);\n"),
            in_cpp("#pragma once\nvoid f() {\n    using namespace ops;\n}\n", "gateway/exchange/a.hpp"),
        ],
    ),
    Rule(
        "marks", each(is_code, check_marks),
        [in_cpp("// TO" + "DO later\n"), in_cpp("int a;  // FIX" + "ME\n"), {"scripts/run": "# X" + "XX\n"}, {"CMakeLists.txt": "# HA" + "CK\n"}],
        [in_cpp("// done\n"), in_cpp('auto t = temp("axis-XX' + 'XXXX");\n')],
    ),
    Rule("file size", each(lambda s: s.is_cpp, check_size), [in_cpp("int a;\n" * 501), in_cpp("int a;\n" * 201, "gateway/exchange/a.hpp")], [in_cpp("int a;\n" * 500)]),
    Rule("function size", each(lambda s: s.is_cpp and not s.is_test, check_function_size), [in_cpp(LONG_FUNCTION)],
         [in_cpp(LONG_FUNCTION.replace("    g();\n", "", 3)), in_cpp("int f() {\n    return 1;\n}\n" * 30)]),
    Rule("pragma once", each(lambda s: s.is_header, check_pragma), [in_cpp("int a;\n", "gateway/exchange/a.hpp")], [in_cpp("// A\n#pragma once\n", "gateway/exchange/a.hpp")]),
    Rule(
        "README", check_readmes,
        [in_cpp("int a;\n"), {"config/axisd.toml": ""}, {"tests/axissim/a.cpp": "", "tests/README.md": ""}, {"adapters/rest/a.cpp": "", "gateway/model/README.md": ""}],
        [{"gateway/model/a.cpp": "", "gateway/model/README.md": ""}, {"tests/unit/model/a.cpp": "", "tests/README.md": "", "tests/unit/README.md": ""}],
    ),
    Rule(
        "personal data", each(lambda s: True, check_mail),
        [{"README.md": "an.nguyen@" + "moit.gov.vn\n"}, in_cpp('auto a = "x@' + 'gmail.com";\n')],
        [{"README.md": "vanthu@g98.example and a@example.invalid, text@home\n"}],
    ),
    Rule(
        "secrets", each(lambda s: True, check_secret),
        [{"config/key.pem": "-----BEGIN " + "PRIVATE KEY-----\n" + "MIIEvQIBADANBgkqhkiG9w0BAQEFAASC" * 2 + "\n"}, {"config/a.toml": 'pass' + 'word = "Zx81Qp0Lm3Nb7Vc2"\n'},
         in_cpp('auto k = "AKIA' + 'ABCDEFGHIJKLMNOP";\n')],
        [{"config/a.toml": 'secret_file = "/etc/axisd/national.key"\ntoken_sha256 = []\n'}],
    ),
]

#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Holds the walls that build targets cannot: who may include whom, and that advisor stays pure.

Usage: walls.py ROOT        check the sources below ROOT; exit 1 and name each breach
       walls.py --self-test prove that every rule finds its breach
"""
import pathlib
import re
import sys
import tempfile

STANDARD = set("""algorithm any array atomic barrier bit bitset cctype cerrno cfenv cfloat charconv
chrono cinttypes climits clocale cmath codecvt compare complex concepts condition_variable coroutine
csetjmp csignal cstdarg cstddef cstdint cstdio cstdlib cstring ctime cuchar cwchar cwctype deque
exception execution expected filesystem format forward_list fstream functional future
initializer_list iomanip ios iosfwd iostream istream iterator latch limits list locale map memory
memory_resource mutex new numbers numeric optional ostream queue random ranges ratio regex
scoped_allocator semaphore set shared_mutex source_location span spanstream sstream stack stacktrace
stdexcept stop_token streambuf string string_view syncstream system_error thread tuple type_traits
typeindex typeinfo unordered_map unordered_set utility valarray variant vector version""".split())

# Headers of the standard library that bring in the world: clocks, I/O, threads, the environment.
IMPURE_HEADERS = set("""barrier condition_variable csignal cstdio ctime filesystem fstream future
iostream latch mutex semaphore shared_mutex stop_token syncstream thread""".split())

IMPURE_WORDS = [
    (r"::now\s*\(", "reads a clock; take the time as an argument"),
    (r"\b(?:std::)?(?:getenv|setenv|secure_getenv)\s*\(", "reads the environment"),
    (r"\b(?:std::)?c(?:out|err|log|in)\s*(?:<<|>>)", "does I/O"),
    (r"\b(?:f|v|vf)?printf\s*\(|\bputs\s*\(|\bfopen\s*\(", "does I/O"),
    (r"\brandom_device\b|\brand\s*\(\s*\)", "draws randomness from outside; take a seed"),
    (r"\bstd::(?:jthread|thread|async|mutex|atomic|condition_variable)\b", "uses threads"),
    (r"\b(?:std::)?time\s*\(\s*(?:nullptr|NULL|0|&)", "reads a clock"),
    (r"\bthis_thread\b|\bsleep(?:_for|_until)?\s*\(", "sleeps"),
]

INCLUDE = re.compile(r'^[ \t]*#[ \t]*include[ \t]*(?:"([^"]+)"|<([^>]+)>)', re.M)
CPPREST = ("cpprest/", "pplx/")
TRANSPORT = "operator/kube/transport_cpprest.cc"


def without_comments(text):
    """Comments blanked, strings kept: an include in a comment is none."""
    pattern = r'//[^\n]*|/\*.*?\*/|"(?:\\.|[^"\\\n])*"|\'(?:\\.|[^\'\\\n])*\''
    keep = lambda m: m.group(0) if m.group(0)[0] in "\"'" else re.sub(r"[^\n]", " ", m.group(0))
    return re.sub(pattern, keep, text, flags=re.S)


def check_advisor(path, text, includes):
    for name, system in includes:
        if system and name not in STANDARD:
            yield f"includes <{name}>: advisor has only the standard library and itself"
        elif system and name in IMPURE_HEADERS:
            yield f"includes <{name}>: advisor is pure (no clock, I/O, thread or environment)"
        elif not system and not name.startswith("advisor/"):
            yield f'includes "{name}": advisor has only the standard library and itself'
    code = re.sub(r'"(?:\\.|[^"\\\n])*"', '""', text)
    for pattern, why in IMPURE_WORDS:
        for match in re.finditer(pattern, code):
            yield f"{match.group(0).strip()!r} {why}"


def check_kube(path, text, includes):
    for name, system in includes:
        if system:
            continue
        if name.startswith("advisor/") and not name.startswith("advisor/base/"):
            yield f'includes "{name}": operator/kube knows of advisor only its base'
        if name.startswith("operator/") and not name.startswith("operator/kube/"):
            yield f'includes "{name}": operator/kube knows nothing of Plimsoll'
        if name.startswith("plimsoll/"):
            yield f'includes "{name}": operator/kube knows nothing of Plimsoll'
    if "plimsoll.dev" in text:
        yield "names plimsoll.dev: operator/kube knows nothing of Plimsoll"


def check_controller(path, text, includes):
    parts = path.split("/")
    if len(parts) < 4:
        return
    own = "/".join(parts[:3]) + "/"
    for name, system in includes:
        parts_of_other = name.split("/")
        if not system and name.startswith("operator/controllers/") and len(parts_of_other) > 3:
            if not name.startswith(own):
                yield f'includes "{name}": controllers do not include each other'


def check_file(path, text):
    code = without_comments(text)
    includes = [(m.group(1) or m.group(2), m.group(2) is not None) for m in INCLUDE.finditer(code)]
    if path.startswith("advisor/"):
        yield from check_advisor(path, code, includes)
    if path.startswith("operator/kube/"):
        yield from check_kube(path, code, includes)
    if path.startswith("operator/controllers/"):
        yield from check_controller(path, code, includes)
    yield from check_cpprest(path, includes)
    for name, _ in includes:
        if name.startswith("../") or "/../" in name:
            yield f'includes "{name}": write it from the root'


def check_cpprest(path, includes):
    if path != TRANSPORT and any(name.startswith(CPPREST) for name, _ in includes):
        yield f"includes cpprestsdk, which stays in {TRANSPORT}"


def check_tree(root):
    files = []
    for top in ("advisor", "operator", "tests"):
        for path in sorted((root / top).rglob("*")):
            if path.suffix in (".h", ".cc") and path.is_file():
                files.append((path.relative_to(root).as_posix(), path.read_text(errors="replace")))
    breaches = [f"{path}: {breach}" for path, text in files for breach in check_file(path, text)]
    return files, breaches


# (what is broken, {path: text}, part of the message expected; None: nothing may be found)
SELF_TESTS = [
    ("advisor includes operator", {"advisor/a.h": '#include "operator/kube/client.h"'}, "advisor has only"),
    ("advisor includes a library", {"advisor/a.h": "#include <fmt/format.h>"}, "advisor has only"),
    ("advisor includes the system", {"advisor/a.h": "#include <unistd.h>"}, "advisor has only"),
    ("advisor includes its tests", {"advisor/a.h": '#include "tests/support/x.h"'}, "advisor has only"),
    ("advisor does file I/O", {"advisor/a.cc": "#include <fstream>"}, "advisor is pure"),
    ("advisor starts threads", {"advisor/a.cc": "#include <thread>"}, "advisor is pure"),
    ("advisor reads a clock", {"advisor/a.cc": "auto t = std::chrono::system_clock::now();"}, "reads a clock"),
    ("advisor reads the C clock", {"advisor/a.cc": "auto t = std::time(nullptr);"}, "reads a clock"),
    ("advisor reads the environment", {"advisor/a.cc": 'auto h = std::getenv("HOME");'}, "environment"),
    ("advisor prints", {"advisor/a.cc": "std::cout << 1;"}, "does I/O"),
    ("advisor prints by C", {"advisor/a.cc": 'printf("x");'}, "does I/O"),
    ("advisor is random", {"advisor/a.cc": "std::random_device device;"}, "randomness"),
    ("advisor locks", {"advisor/a.cc": "std::mutex m;"}, "uses threads"),
    ("kube includes the engine", {"operator/kube/a.h": '#include "advisor/history/slots.h"'}, "only its base"),
    ("kube includes the API", {"operator/kube/a.h": '#include "operator/api/mode.h"'}, "knows nothing"),
    ("kube includes our proto", {"operator/kube/a.h": '#include "plimsoll/v1/agent.pb.h"'}, "knows nothing"),
    ("kube names our group", {"operator/kube/a.cc": 'auto g = "plimsoll.dev/v1alpha1";'}, "knows nothing"),
    ("controllers include each other",
     {"operator/controllers/policy/a.cc": '#include "operator/controllers/autopatch/b.h"'}, "each other"),
    ("cpprest leaves its file", {TRANSPORT: "#include <cpprest/http_client.h>",
                                 "operator/kube/client.cc": "#include <cpprest/json.h>"}, "cpprestsdk"),
    ("cpprest in a header of its own", {"operator/kube/transport.h": "#include <pplx/pplxtasks.h>"}, "cpprestsdk"),
    ("cpprest in a test", {"tests/operator/web/web_test.cc": "#include <pplx/threadpool.h>"}, "cpprestsdk"),
    ("cpprest in the web listener", {"operator/web/a.cc": "#include <cpprest/http_listener.h>"}, "cpprestsdk"),
    ("a relative include", {"operator/api/a.cc": '#include "../kube/client.h"'}, "from the root"),
    ("nothing is wrong", {
        "advisor/a.cc": '#include <chrono>\n#include "advisor/base/time.h"\n// std::cout << now() is not here\n'
                        'auto s = "printf(x)";  /* getenv("X") */\n',
        "operator/kube/a.cc": '#include "advisor/base/time.h"\n#include "operator/kube/b.h"\n',
        "operator/controllers/policy/a.cc": '#include "operator/controllers/policy/b.h"\n'
                                            '#include "operator/controllers/context.h"\n',
        TRANSPORT: "#include <cpprest/http_client.h>\n"}, None),
]


def self_test():
    failed = 0
    for what, files, expected in SELF_TESTS:
        with tempfile.TemporaryDirectory() as folder:
            root = pathlib.Path(folder)
            for path, text in files.items():
                (root / path).parent.mkdir(parents=True, exist_ok=True)
                (root / path).write_text(text + "\n")
            _, breaches = check_tree(root)
        found = not breaches if expected is None else any(expected in b for b in breaches)
        if not found:
            failed += 1
            print(f"self-test: {what}: found {breaches}, expected {expected!r}")
    print(f"{len(SELF_TESTS) - failed} passed, {failed} failed")
    return failed


def main():
    if sys.argv[1:] == ["--self-test"]:
        return 1 if self_test() else 0
    if len(sys.argv) != 2:
        print(__doc__, file=sys.stderr)
        return 2
    files, breaches = check_tree(pathlib.Path(sys.argv[1]))
    for breach in breaches:
        print(breach)
    if not files:
        print(f"no sources below {sys.argv[1]}")
        return 1
    print(f"{len(files)} files, {len(breaches)} breaches")
    return 1 if breaches else 0


sys.exit(main())

"""House rules that import-linter does not see (docs/decisions.md says why each is there)."""

import ast
import re
from pathlib import Path

from tests.house.source import FAMILIES, FILES, FLOORS, ROOT, Source, functions, sources

APP = sources("app")
OURS = sources("app", "search", "bench")
TESTS = sources("tests")
DATA_VERBS = {"insert", "update", "delete", "insertion"}
BULK_ROOM = "app.operate.crowd"


def _none(found: list[str], rule: str) -> None:
    assert not found, rule + ":\n" + "\n".join(sorted(found))


def test_every_folder_has_an_init_with_nothing_but_a_docstring() -> None:
    found = []
    for folder in {source.path.parent for source in OURS}:
        init = folder / "__init__.py"
        if not init.exists():
            found.append(f"{folder}: no __init__.py")
            continue
        body = ast.parse(init.read_text()).body
        documented = body and isinstance(body[0], ast.Expr) and isinstance(body[0].value, ast.Constant)
        may_list = folder.name in FAMILIES or folder == ROOT / "app"
        if not documented or (len(body) > 1 and not may_list):
            found.append(f"{init}: a docstring and nothing else")
    _none(found, "__init__.py")


def test_a_room_has_only_files_of_the_eleven_names() -> None:
    found = [
        source.name
        for source in APP
        if source.room and not source.in_family and (source.file not in FILES or source.module.count(".") > 3)
    ]
    rooms = {ROOT / source.room.replace(".", "/") for source in APP if source.room}
    folders = [str(one) for room in rooms for one in room.iterdir() if one.is_dir()]
    found += [one for one in folders if Path(one).name not in FAMILIES | {"pages", "__pycache__"}]
    _none(found, "only the eleven files, families and pages in a room")


def test_every_floor_is_known_and_holds_rooms_only() -> None:
    found = [
        str(one)
        for one in (ROOT / "app").iterdir()
        if one.is_dir() and one.name not in {*FLOORS, "core", "__pycache__"}
    ]
    found += [
        source.name for source in APP if source.module.count(".") == 2 and source.file != "__init__.py" and source.room
    ]
    _none(found, "floors")


def test_models_queries_and_schemas_import_nobodys_actions() -> None:
    found = [
        f"{source.name}:{line} {name}"
        for source in APP
        if source.file in {"models.py", "queries.py", "schemas.py"}
        for name, line in source.imports()
        if re.match(r"app\.\w+\.\w+\.actions", name)
    ]
    _none(found, "models, queries and schemas change nothing")


def test_a_family_is_imported_by_its_own_room_only() -> None:
    found = []
    for source in APP:
        for name, line in source.imports():
            match = re.match(r"(app\.\w+\.\w+)\.(\w+)", name)
            if match and match[2] in FAMILIES and match[1] != source.room:
                found.append(f"{source.name}:{line} {name}")
    _none(found, "a family is its room's own")


def test_no_flask_below_the_doors() -> None:
    below = {"events.py", "models.py", "queries.py", "actions.py", "schemas.py", "jobs.py"}
    found = [
        f"{source.name}:{line} {name}"
        for source in APP
        if source.room and (source.file in below or source.in_family)
        for name, line in source.imports()
        if name.split(".")[0] in {"flask", "flask_smorest", "flask_limiter", "werkzeug"}
        or name.startswith("app.core.http")
    ]
    _none(found, "no HTTP below the doors")


def _models() -> dict[str, str]:
    """Class name of each table -> its room (or core)."""
    found: dict[str, str] = {}
    for source in APP:
        for node in source.tree.body:
            if isinstance(node, ast.ClassDef) and any(isinstance(b, ast.Name) and b.id == "Model" for b in node.bases):
                found[node.name] = source.room or "app.core"
    return found


def test_model_classes_are_unique_in_the_app() -> None:
    names = [
        node.name
        for source in APP
        for node in source.tree.body
        if isinstance(node, ast.ClassDef) and any(isinstance(b, ast.Name) and b.id == "Model" for b in node.bases)
    ]
    _none([name for name in set(names) if names.count(name) > 1], "class names are unique")


def _imported_models(source: Source, models: dict[str, str]) -> dict[str, str]:
    """Local name -> owner room, for models this file imports."""
    found = {}
    for node in ast.walk(source.tree):
        if (
            isinstance(node, ast.ImportFrom)
            and node.module
            and node.module.endswith((".models", "eventlog", "counters"))
        ):
            for one in node.names:
                if one.name in models:
                    found[one.asname or one.name] = models[one.name]
    return found


def test_only_the_owner_writes_its_rows() -> None:
    models = _models()
    found = []
    for source in APP:
        here = source.room or "app.core"
        if here == BULK_ROOM:
            continue
        known = _imported_models(source, models)
        for node in ast.walk(source.tree):
            if not isinstance(node, ast.Call):
                continue
            target = node.func.id if isinstance(node.func, ast.Name) else getattr(node.func, "attr", "")
            names = [target] if target in known else []
            if target in DATA_VERBS:
                names = [arg.id for arg in node.args if isinstance(arg, ast.Name) and arg.id in known]
            found += [f"{source.name}:{node.lineno} {name}" for name in names if known[name] != here]
    _none(found, "only the owner constructs, inserts, updates, deletes")


def test_one_room_alone_fills_tables_in_bulk_and_changes_none() -> None:
    """It may construct any row and COPY it; what is there already it leaves to the owners. In exchange
    tests/operate/test_crowd_truth.py holds its rows against theirs."""
    found = []
    for source in APP:
        copies = [line for name, line in source.imports() if name.startswith("app.core.bulk")]
        if source.room != BULK_ROOM:
            found += [f"{source.name}:{line} app.core.bulk" for line in copies]
            continue
        for node in ast.walk(source.tree):
            if isinstance(node, ast.Call):
                called = node.func.id if isinstance(node.func, ast.Name) else getattr(node.func, "attr", "")
                found += [f"{source.name}:{node.lineno} {called}"] if called in DATA_VERBS | {"merge"} else []
    _none(found, "COPY is for the crowd alone, which changes nothing")


def test_commit_and_rollback_stand_only_in_core() -> None:
    found = [
        f"{source.name}:{node.lineno}"
        for source in APP
        if source.room
        for node in ast.walk(source.tree)
        if isinstance(node, ast.Attribute) and node.attr in {"commit", "rollback"}
    ]
    _none(found, "a transaction ends in core")


def test_files_and_functions_are_small() -> None:
    found = [f"{one.name}: {len(one.text.splitlines())} lines" for one in OURS if len(one.text.splitlines()) > 300]
    found += [f"{one.name}: {len(one.text.splitlines())} lines" for one in TESTS if len(one.text.splitlines()) > 400]
    for source in OURS:
        for node in functions(source):
            length = (node.end_lineno or 0) - node.lineno + 1
            if length > 40:
                found.append(f"{source.name}:{node.lineno} {node.name} has {length} lines")
    _none(found, "file <= 300, function <= 40, test file <= 400")


def test_nothing_is_imported_inside_a_function() -> None:
    found = [
        f"{source.name}:{inner.lineno}"
        for source in OURS
        for node in functions(source)
        for inner in ast.walk(node)
        if isinstance(inner, ast.Import | ast.ImportFrom)
    ]
    _none(found, "imports stand at the top")


def test_every_test_is_found_by_pytest() -> None:
    """A function that asserts, in a test file, is named test_, or is used by name, or is a fixture."""
    found = []
    for source in TESTS:
        if not source.file.startswith("test_"):
            continue
        for node in source.tree.body:
            if not isinstance(node, ast.FunctionDef) or node.name.startswith("test_") or node.decorator_list:
                continue
            asserts = any(isinstance(inner, ast.Assert) for inner in ast.walk(node))
            if asserts and len(re.findall(rf"\b{node.name}\b", source.text)) < 2:
                found.append(f"{source.name}:{node.lineno} {node.name}")
    names = [one.name for one in TESTS if one.file.startswith("test") and not re.fullmatch(r"test_\w+\.py", one.file)]
    _none(found + names, "a test that never runs")


def test_no_word_that_means_nothing_names_a_file() -> None:
    empty = {"utils", "helpers", "services", "constants", "types", "common", "misc", "manager", "util", "helper"}
    _none([one.name for one in OURS if one.path.stem in empty], "names say what is inside")


def test_a_limited_batch_is_chosen_once() -> None:
    """PostgreSQL may run `IN (SELECT ... LIMIT n)` again for each row it looks at, and takes more than n then. A WITH
    that locks rows runs once."""
    found = []
    for source in OURS:
        nodes = list(ast.walk(source.tree))
        parts = {id(part) for one in nodes if isinstance(one, ast.JoinedStr) for part in one.values}
        nodes = [one for one in nodes if id(one) not in parts]
        locking = {one.targets[0].id for one in nodes if isinstance(one, ast.Assign) and _is_locking(one)}
        found += [f"{source.name}:{one.lineno}" for one in nodes if _is_limited_write(one) or _chooses(one, locking)]
    _none(found, "choose the rows in a WITH (.cte())")


def _is_locking(node: ast.Assign) -> bool:
    """A name for a select of SQLAlchemy that locks what it chooses, and is no .cte()."""
    words = ast.unparse(node.value)
    return isinstance(node.targets[0], ast.Name) and "with_for_update(" in words and ".cte(" not in words


def _chooses(node: ast.AST, locking: set[str]) -> bool:
    """`in_` of such a select, as it is or by its name."""
    if not (isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "in_"):
        return False
    words = [ast.unparse(one) for one in node.args]
    return any(one in locking or ("with_for_update(" in one and ".cte(" not in one) for one in words)


def _is_limited_write(node: ast.AST) -> bool:
    """A statement in SQL that changes rows and chooses them with a limit and a lock, elsewhere than in a WITH."""
    if not isinstance(node, ast.Constant | ast.JoinedStr):
        return False
    parts = [node] if isinstance(node, ast.Constant) else node.values
    words = "".join(str(one.value) for one in parts if isinstance(one, ast.Constant))
    is_change = re.search(r"\bDELETE FROM\b|\bUPDATE [\w ]+ SET\b", words) is not None
    return is_change and "SKIP LOCKED" in words and "LIMIT" in words and not words.startswith("WITH")


def test_chinese_for_people_has_the_marks_of_chinese() -> None:
    half_width = re.compile("[\u4e00-\u9fff」』》”）](?:[,;:!?](?! )|\\()|[A-Za-z0-9%][,;!?](?=[\u4e00-\u9fff])")
    texts = {source.name: source.text for source in APP}
    texts |= {str(one.relative_to(ROOT)): one.read_text() for one in (ROOT / "app").rglob("*.html")}
    found = [
        f"{name}: {line.strip()[:80]}"
        for name, text in texts.items()
        for line in text.splitlines()
        if half_width.search(line)
    ]
    _none(found, "，；：！？（） after Chinese")

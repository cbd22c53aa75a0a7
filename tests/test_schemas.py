#!/usr/bin/env python3
"""Validates documents against docs/schemas with python3-jsonschema, which knows nothing of Follicle.

usage: test_schemas.py [FOLDER]...

Every *.json in the folders, and in those of the data that is built in (protocols/, prices/ and others) and tests/data/, must satisfy the schema
it names. Then each is broken in many ways - a key removed, a key added, a value of another type,
another version - and every broken variant must be refused: a schema that accepts anything proves
nothing.
"""
import copy, json, pathlib, sys

import jsonschema

ROOT = pathlib.Path(__file__).resolve().parent.parent
SCHEMAS = ROOT / "docs/schemas"
BUILT_IN = ["protocols", "prices", "screening", "pigments", "presets", "rules", "tests/data"]


def moved(node, to):
    """A schema whose references to itself go to where it stands in another."""
    if isinstance(node, dict):
        return {key: to + value.removeprefix("#") if key == "$ref" and value.startswith("#") else moved(value, to)
                for key, value in node.items() if key != "$schema"}
    return [moved(inner, to) for inner in node] if isinstance(node, list) else node


def bundled(path):
    """A schema with the schemas beside it that it refers to: NAME.schema.json becomes #/$defs/NAME."""
    schema = json.loads(path.read_text(encoding="utf-8"))
    text = json.dumps(schema)
    for other in SCHEMAS.glob("*.schema.json"):
        if f'"$ref": "{other.name}"' in text:
            name = other.name.removesuffix(".schema.json")
            text = text.replace(f'"$ref": "{other.name}"', f'"$ref": "#/$defs/{name}"')
            schema = json.loads(text)
            schema.setdefault("$defs", {})[name] = moved(bundled(other), f"#/$defs/{name}")
            text = json.dumps(schema)
    return schema


def validators():
    found = {}
    for path in sorted(SCHEMAS.glob("*.schema.json")):
        schema = bundled(path)
        kind = jsonschema.validators.validator_for(schema, default=jsonschema.Draft202012Validator)
        kind.check_schema(schema)
        found["follicle/" + path.name.removesuffix(".schema.json")] = (kind(schema), schema)
    return found


def deref(schema, node):
    """Follows #/$defs/NAME (or #/definitions/NAME)."""
    while "$ref" in node:
        at = schema
        for part in node["$ref"].removeprefix("#/").split("/"):
            at = at[part]
        node = at
    return node


def item_schema(node, index):
    first = node.get("prefixItems", [])
    return first[index] if index < len(first) else node.get("items", {})


def places(schema, node, value, path=()):
    """(path, schema) of every value in a document that its schema describes."""
    node = deref(schema, node)
    yield path, node
    if isinstance(value, dict):
        for key, inner in value.items():
            if key in node.get("properties", {}):
                yield from places(schema, node["properties"][key], inner, path + (key,))
    elif isinstance(value, list):
        for i, inner in enumerate(value[:2]):
            yield from places(schema, item_schema(node, i), inner, path + (i,))


def at(document, path):
    for part in path:
        document = document[part]
    return document


def put(document, path, value):
    changed = copy.deepcopy(document)
    if not path:
        return value
    at(changed, path[:-1])[path[-1]] = value
    return changed


def broken(schema, document):
    """(what was done, the document after it)"""
    yield "a newer version", put(document, ("version",), document["version"] + 1)
    yield "another schema", put(document, ("schema",), "follicle/other")
    for path, node in places(schema, schema, document):
        name = "/".join(map(str, path)) or "the document"
        value = at(document, path)
        yield f"{name} = null", put(document, path, None)
        if isinstance(value, dict):
            yield f"extra key in {name}", put(document, path, {**value, "surprise": 1})
            for key in node.get("required", []):
                yield f"{name} without {key}", put(document, path, {k: v for k, v in value.items() if k != key})
        elif isinstance(value, bool):
            yield f"{name} = 'yes'", put(document, path, "yes")
        elif isinstance(value, (int, float)):
            yield f"{name} as text", put(document, path, str(value))
        elif isinstance(value, str):
            yield f"{name} = 5", put(document, path, 5)
        elif isinstance(value, list):
            yield f"{name} = {{}}", put(document, path, {})


def main():
    known, failures, count, variants = validators(), 0, 0, 0
    files = [path for folder in BUILT_IN for path in sorted((ROOT / folder).glob("*.json"))]
    for folder in sys.argv[1:]:
        inside = sorted(pathlib.Path(folder).glob("*.json"))
        if not inside:
            print(f"{folder}: no document")
            failures += 1
        files += inside
    for path in files:
        document = json.loads(path.read_text(encoding="utf-8"))
        name = document.get("schema") if isinstance(document, dict) else None
        if name not in known:
            print(f"{path}: names the schema {name!r}, which is not in {SCHEMAS.relative_to(ROOT)}")
            failures += 1
            continue
        validator, schema = known[name]
        count += 1
        for error in sorted(validator.iter_errors(document), key=lambda e: list(map(str, e.path))):
            print(f"{path}: {'/'.join(map(str, error.path))}: {error.message[:200]}")
            failures += 1
        for what, variant in broken(schema, document):
            variants += 1
            if validator.is_valid(variant):
                print(f"{path}: the schema accepts a broken document: {what}")
                failures += 1
    print(f"{count} documents satisfy their schemas, {variants} broken variants refused"
          if failures == 0 else f"{failures} failures")
    return failures != 0


if __name__ == "__main__":
    sys.exit(main())

#!/usr/bin/env python3
"""Fails when a module includes another module of the same or a higher layer, or its internals."""
import pathlib, re, sys

# Low to high; docs: ARCHITECTURE.md. A module may use those above it in this list.
LAYERS = [{"base"}, {"color"}, {"image"}, {"camera"}, {"mesh"}, {"optics"}, {"skin"}, {"shade"}, {"head"}, {"hair"}, {"design"},
          {"dots"}, {"edit"}, {"look"}, {"visibility"}, {"course"}, {"rules"}, {"casefile"}, {"audit"}, {"export"}, {"report"},
          {"plan", "sample"}, {"server"}, {"cli"}]
level = {module: i for i, layer in enumerate(LAYERS) for module in layer}
bad = 0
for path in sorted(pathlib.Path("src").rglob("*.[ch]")):
    module = path.parts[1]
    if module not in level:
        print(f"{path}: module {module} is not in the layer table")
        bad = 1
        continue
    for number, line in enumerate(path.read_text().splitlines(), 1):
        match = re.match(r'#include "(\w+)/(\w+)\.h"', line)
        if not match or match[1] == module:
            continue
        if match[2].endswith("_internal") or level[match[1]] >= level[module]:
            print(f"{path}:{number}: {module} must not include {match[1]}/{match[2]}.h")
            bad = 1
sys.exit(bad)

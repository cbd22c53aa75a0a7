#!/usr/bin/env python3
"""Turns data files into one C source of byte arrays: embed.py OUT.c PREFIX FILE..."""
import pathlib, sys

out, prefix, files = sys.argv[1], sys.argv[2], [pathlib.Path(f) for f in sys.argv[3:]]
lines = ['#include "base/embed.h"', ""]
entries = []
for i, path in enumerate(files):
    data = path.read_bytes()
    lines.append(f"static const _Alignas(16) unsigned char data{i}[] = {{")
    for k in range(0, len(data), 20):
        lines.append("    " + ",".join(str(b) for b in data[k:k + 20]) + ",")
    lines += ["    0};", ""]
    entries.append(f'    {{"{path.name}", {len(data)}, data{i}}},')
lines += [f"const EmbedFile {prefix}_files[] = {{"] + entries + ["    {0, 0, 0}};", ""]
pathlib.Path(out).write_text("\n".join(lines))

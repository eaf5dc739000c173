#!/usr/bin/env python3
"""Compares two records of the same seed and number of cases. They must be equal but for what holds time and identity:
the list in docs/record.md, which is repeated here.

usage: twins.py ONE OTHER
"""
import json
import os
import re
import sys

# Members of run.json that hold time or identity, or hashes of what does.
OF_RUN = {"run_id", "started", "ended", "duration_ms", "resumptions", "operator", "leaves"}
# Files that are made of hashes, or of run.json.
# Replay commands name the folder, too.
OF_HASHES = re.compile(r"findings\.txt|manifest\.json|SHA256SUMS|log/.*|attestations/.*|keys/.*|report\.html|views/.*")


def told(folder, path):
    with open(os.path.join(folder, path), "rb") as file:
        data = file.read()
    if path == "run.json":
        run = json.loads(data)
        for system in run["systems"]:
            del system["effort"]
        return {name: value for name, value in run.items() if name not in OF_RUN}
    if path.startswith("cases-"):
        # The only measured field, the last of a line.
        return re.sub(rb'"ms":\d+', b'"ms":0', data)
    return data


def main(one, other):
    paths = [sorted(os.path.relpath(os.path.join(parent, name), folder) for parent, _, names in os.walk(folder)
                    for name in names) for folder in (one, other)]
    assert paths[0] == paths[1], "other files: %s" % (set(paths[0]) ^ set(paths[1]))
    differ = [path for path in paths[0] if not OF_HASHES.fullmatch(path) and told(one, path) != told(other, path)]
    for path in differ:
        lines = zip(told(one, path).splitlines(), told(other, path).splitlines()) if path.endswith(".jsonl") else []
        for number, (left, right) in enumerate(lines, 1):
            if left != right:
                print("%s, line %d:\n  %s\n  %s" % (path, number, left.decode(), right.decode()))
                break
    assert not differ, "differ: %s" % differ
    print("%d files" % len(paths[0]))


if __name__ == "__main__":
    main(*sys.argv[1:])

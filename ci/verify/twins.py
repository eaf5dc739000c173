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

# A note on times: told and never judged.
MEASURED = re.compile(r" µs (later|sooner) for what is another's than for what never was ")


def told(folder, path):
    with open(os.path.join(folder, path), "rb") as file:
        data = file.read()
    if path == "run.json":
        run = json.loads(data)
        for system in run["systems"]:
            del system["effort"]
            # How long an operation takes for what is another's is measured.
            system["notes"] = [note for note in system["notes"] if not MEASURED.search(note)]
        return {name: value for name, value in run.items() if name not in OF_RUN}
    if path.startswith("traces/"):
        trace = json.loads(data)
        if "api" in trace["history"]:
            return whole(trace)
    if path.startswith("cases-"):
        # The only measured field, the last of a line, and who won where requests were sent together.
        return re.sub(rb'(,"raced":"[PDFU]*")?,"ms":\d+\}$', b',"ms":0}', data, flags=re.MULTILINE)
    return data


def whole(trace):
    """Of a whole case through the API, what does not hang on times, on what the service makes up, and on who won."""
    history = trace["history"]["api"]
    steps = history["case"]["steps"]
    raced = [step["manner"] == "with_next" or number > 0 and steps[number - 1]["manner"] == "with_next"
             for number, step in enumerate(steps)]
    taken = []
    for step, record in enumerate(history["steps"]):
        call = record.get("call")
        taken.append(None if raced[step] else [call["sent"]["method"], call["answer"]["status"]] if call else list(record))
    return dict(trace, history=[history["case"], taken, history["sees_rows"]])


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

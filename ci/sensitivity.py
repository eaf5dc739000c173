#!/usr/bin/env python3
"""Does a selftest's file say that all was caught by the right promise, and nothing sound was accused?"""

import json
import sys

with open(sys.argv[1], encoding="utf-8") as file:
    report = json.load(file)
sums = next(one for one in report["sums"] if one["of"] == "all")
alarms = [
    f"{', '.join(campaign['planted']) or 'nothing'} planted in {campaign['design']}: {alarm}"
    for kind in ("near_misses", "clean")
    for campaign in report[kind]
    for alarm in campaign["false_alarms"]
]
for fault in report["faults"]:
    for trial in fault["trials"]:
        if trial["ending"] != "caught":
            print(f"not caught: {fault['id']} in {trial['design']}, seed {trial['seed']}: {trial['ending']}")
        replayed = (trial.get("detection") or {}).get("replayed")
        if replayed and (replayed["faulty"], replayed["clean"]) != ("reproduced", "not_reproduced"):
            print(f"replayed: {fault['id']} in {trial['design']}, seed {trial['seed']}: {replayed}")
for alarm in alarms:
    print(f"false alarm: {alarm}")
if not report["is_complete"] or not sums["planted"]:
    sys.exit("the selftest is unfinished")
print(f"{sums['caught']} of {sums['planted']} caught under a promise that each breaks")
if sums["caught"] < sums["planted"] or alarms or sums["replayed_rightly"] < sums["replayed"]:
    sys.exit(1)

#!/usr/bin/env python3
"""Flips one byte of every file of a sealed record in turn, and sees both verifiers fail and name the file.

usage: flip.py WATERTIGHT BUNDLE FINGERPRINT
"""
import os
import random
import shutil
import subprocess
import sys
import tempfile


def main(watertight, bundle, fingerprint):
    minimal = os.path.join(os.path.dirname(os.path.abspath(__file__)), "verify_min.py")
    draw = random.Random(6962)
    checked = 0
    with tempfile.TemporaryDirectory() as folder:
        copy = os.path.join(folder, "bundle")
        shutil.copytree(bundle, copy)
        paths = sorted(
            os.path.relpath(os.path.join(parent, name), copy) for parent, _, names in os.walk(copy) for name in names)
        for path in paths:
            whole = os.path.join(copy, path)
            with open(whole, "rb") as file:
                data = file.read()
            if not data:
                continue
            at = draw.randrange(len(data))
            bit = 1 << draw.randrange(8)
            with open(whole, "wb") as file:
                file.write(data[:at] + bytes([data[at] ^ bit]) + data[at + 1:])
            for command in ([watertight, "verify"], [sys.executable, minimal]):
                said = subprocess.run(
                    command + [copy, "--key-fingerprint", fingerprint], capture_output=True, text=True, check=False)
                assert said.returncode == 1, "%s, byte %d, bit %d: exit %d of %s\n%s" % (
                    path, at, bit, said.returncode, command, said.stdout + said.stderr)
                if command[0] == watertight:
                    assert path in said.stdout, "%s is not named:\n%s" % (path, said.stdout)
            with open(whole, "wb") as file:
                file.write(data)
            checked += 1
    print("%d files" % checked)


if __name__ == "__main__":
    main(*sys.argv[1:])

#!/usr/bin/env python3
"""Checks a sealed record of watertight without watertight: standard library, and openssl for the signatures.

usage: verify_min.py BUNDLE [--key-fingerprint SHA256]

Checks that every file has the hash that manifest.json and SHA256SUMS say and that there is no other file, that the
statements about manifest.json and the checkpoint are signed by the key with that fingerprint, and that plan.json and
the lines of the cases make the root that the checkpoint says (RFC 6962). It does not work out verdicts again.

Exit codes: 0 verified, 1 failed, 2 nothing wrong, but unsealed or no fingerprint given.
"""
import argparse
import base64
import hashlib
import json
import os
import subprocess
import sys
import tempfile

# What comes into being with or after the manifest.
OUTSIDE = {
    "manifest.json", "SHA256SUMS", "log/checkpoint", "log/run-log.checkpoint", "log/run-log.jsonl",
    "log/consistency.txt", "log/runs.csv", "log/runs.html", "attestations/run.intoto.jsonl", "attestations/timestamp.tsq",
    "attestations/timestamp.tsr", "attestations/tsa-chain.pem", "keys/seal.pub.pem",
}
ATTESTATIONS = "attestations/run.intoto.jsonl"
KEY = "keys/seal.pub.pem"
IN_TOTO = "application/vnd.in-toto+json"


def sha256(data):
    return hashlib.sha256(data).hexdigest()


def once(pairs):
    """Refuses a JSON object that says something twice."""
    members = dict(pairs)
    if len(members) != len(pairs):
        raise ValueError("a member is there twice")
    return members


def read_json(data):
    return json.loads(data, object_pairs_hook=once)


def leaf(data):
    return hashlib.sha256(b"\0" + data).digest()


def root(hashes):
    if not hashes:
        return hashlib.sha256(b"").digest()
    if len(hashes) == 1:
        return hashes[0]
    split = 1 << ((len(hashes) - 1).bit_length() - 1)
    return hashlib.sha256(b"\1" + root(hashes[:split]) + root(hashes[split:])).digest()


def load(folder):
    files = {}
    for parent, folders, names in os.walk(folder):
        for name in folders + names:
            if os.path.islink(os.path.join(parent, name)):
                raise ValueError("%s is a link" % os.path.join(parent, name))
        for name in names:
            path = os.path.join(parent, name)
            with open(path, "rb") as file:
                files[os.path.relpath(path, folder).replace(os.sep, "/")] = file.read()
    return files


def has_signed(pem, message, signature):
    with tempfile.TemporaryDirectory() as folder:
        paths = [os.path.join(folder, name) for name in ("key", "message", "signature")]
        for path, data in zip(paths, (pem, message, signature)):
            with open(path, "wb") as file:
                file.write(data)
        checked = subprocess.run(
            ["openssl", "pkeyutl", "-verify", "-pubin", "-inkey", paths[0], "-rawin", "-in", paths[1],
             "-sigfile", paths[2]],
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=False)
        return checked.returncode == 0


def public_der(pem):
    lines = pem.decode().strip().splitlines()
    if lines[0] != "-----BEGIN PUBLIC KEY-----" or lines[-1] != "-----END PUBLIC KEY-----":
        raise ValueError("%s is no public key in PEM" % KEY)
    return base64.b64decode("".join(lines[1:-1]), validate=True)


def files_problems(files, manifest):
    listed = {entry["path"]: entry for entry in manifest["files"]}
    for path in sorted(set(files) - set(listed) - OUTSIDE):
        yield "%s was added: manifest.json does not know it" % path
    for path, entry in sorted(listed.items()):
        if path not in files:
            yield "%s is missing" % path
        elif len(files[path]) != entry["bytes"] or sha256(files[path]) != entry["sha256"]:
            yield "%s was changed" % path
    expected = "".join(
        "%s  %s\n" % (sha256(data), path) for path, data in sorted(files.items()) if path != "SHA256SUMS")
    if files.get("SHA256SUMS") != expected.encode():
        yield "SHA256SUMS says something else than the files"


def tree_problems(files, manifest):
    plan = read_json(files["plan.json"])
    hashes = [leaf(files["plan.json"])]
    counts = []
    for campaign in (one for system in plan["systems"] for one in system["campaigns"]):
        data = files.get(campaign["file"])
        if data is None:
            continue
        if data and not data.endswith(b"\n"):
            yield "%s ends in the middle of a line" % campaign["file"]
        lines = data.split(b"\n")[:-1]
        hashes.extend(leaf(line) for line in lines)
        counts.append([campaign["file"], len(lines)])
    leaves = manifest["leaves"]
    if leaves != {"size": len(hashes), "root": root(hashes).hex(), "files": counts}:
        yield "plan.json and the cases do not make the tree that manifest.json says"
    run = read_json(files["run.json"])
    if run["leaves"] != leaves or run["run_id"] != manifest["run_id"]:
        yield "run.json and manifest.json speak of different runs or trees"
    if run["plan_sha256"] != sha256(files["plan.json"]):
        yield "plan.json is not the plan that run.json was frozen with"
    body = files["log/checkpoint"].split(b"\n\n", 1)[0].decode().split("\n")
    claimed = ["watertight/run/" + manifest["run_id"], str(len(hashes)), base64.b64encode(root(hashes)).decode()]
    if body != claimed:
        yield "log/checkpoint is about another tree"


def seal_problems(files, manifest, pem):
    types = []
    for number, line in enumerate(files[ATTESTATIONS].split(b"\n")[:-1], 1):
        envelope = read_json(line)
        kind = envelope["payloadType"].encode()
        payload = base64.b64decode(envelope["payload"], validate=True)
        message = b"DSSEv1 %d %s %d %s" % (len(kind), kind, len(payload), payload)
        signatures = [base64.b64decode(one["sig"], validate=True) for one in envelope["signatures"]]
        if kind != IN_TOTO.encode():
            yield "%s: line %d holds another type" % (ATTESTATIONS, number)
        elif not any(has_signed(pem, message, signature) for signature in signatures):
            yield "%s: line %d is not signed by this key, or was changed" % (ATTESTATIONS, number)
        else:
            # Only now is the payload read.
            statement = read_json(payload)
            if statement["_type"] != "https://in-toto.io/Statement/v1":
                yield "%s: line %d is no statement" % (ATTESTATIONS, number)
            digests = [subject["digest"]["sha256"] for subject in statement["subject"]]
            if sha256(files["manifest.json"]) not in digests:
                yield "%s: line %d is about another manifest.json" % (ATTESTATIONS, number)
            types.append(statement["predicateType"])
    if sorted(types) != sorted(manifest["required_attestations"]):
        yield "%s: the statements are not those that manifest.json requires" % ATTESTATIONS
    note = files["log/checkpoint"].decode()
    body, signatures = note.split("\n\n", 1)
    name, signature = signatures.rstrip("\n").removeprefix("\u2014 ").rsplit(" ", 1)
    signature = base64.b64decode(signature, validate=True)
    key = public_der(pem)[-32:]
    key_id = hashlib.sha256(name.encode() + b"\n\x01" + key).digest()[:4]
    if signature[:4] != key_id or not has_signed(pem, (body + "\n").encode(), signature[4:]):
        yield "log/checkpoint is not signed by this key"


def check(folder, fingerprint):
    """The problems and the warnings of a record."""
    problems, warnings = [], []
    files = load(folder)
    manifest = read_json(files["manifest.json"])
    if manifest["state"] != "finished":
        return [], ["the run is not finished"]
    problems.extend(files_problems(files, manifest))
    problems.extend(tree_problems(files, manifest))
    if ATTESTATIONS not in files and KEY not in files:
        (problems if fingerprint else warnings).append("the record is not sealed")
        return problems, warnings
    pem = files[KEY]
    own = sha256(public_der(pem))
    if fingerprint is None:
        warnings.append("no fingerprint was given; the record says that its key is %s" % own)
    elif own != fingerprint:
        return problems + ["the record is sealed by another key, %s" % own], warnings
    problems.extend(seal_problems(files, manifest, pem))
    return problems, warnings


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("bundle")
    parser.add_argument("--key-fingerprint")
    arguments = parser.parse_args()
    fingerprint = arguments.key_fingerprint
    if fingerprint is not None:
        fingerprint = fingerprint.lower().removeprefix("sha256:").replace(" ", "").replace(":", "")
    try:
        problems, warnings = check(arguments.bundle, fingerprint)
    # A record that cannot be read is none, whatever is wrong with it.
    except (OSError, ValueError, KeyError, TypeError, IndexError, AttributeError, RecursionError) as error:
        problems, warnings = ["the record cannot be read: %r" % error], []
    for problem in problems:
        print("FAILED   %s" % problem)
    for warning in warnings:
        print("WARNING  %s" % warning)
    word = "FAILED" if problems else "VERIFIED-WITH-WARNINGS" if warnings else "VERIFIED"
    print("%s  %s" % (word, arguments.bundle))
    return 1 if problems else 2 if warnings else 0


if __name__ == "__main__":
    sys.exit(main())

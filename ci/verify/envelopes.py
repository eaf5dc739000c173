#!/usr/bin/env python3
"""Opens a record's envelopes with securesystemslib, and sees a changed payload, type or signature refused by it and by
openssl.

usage: envelopes.py BUNDLE
"""
import base64
import copy
import json
import os
import subprocess
import sys
import tempfile

from securesystemslib.dsse import Envelope
from securesystemslib.exceptions import VerificationError
from securesystemslib.signer import SSlibKey
from cryptography.hazmat.primitives.serialization import load_pem_public_key


def openssl(key, envelope):
    """Whether openssl accepts the envelope, put together as the protocol says."""
    payload = base64.b64decode(envelope["payload"])
    kind = envelope["payloadType"].encode()
    message = b"DSSEv1 %d %s %d %s" % (len(kind), kind, len(payload), payload)
    with tempfile.TemporaryDirectory() as folder:
        paths = {name: os.path.join(folder, name) for name in ("message", "signature")}
        with open(paths["message"], "wb") as file:
            file.write(message)
        with open(paths["signature"], "wb") as file:
            file.write(base64.b64decode(envelope["signatures"][0]["sig"]))
        checked = subprocess.run(
            ["openssl", "pkeyutl", "-verify", "-pubin", "-inkey", key, "-rawin", "-in", paths["message"],
             "-sigfile", paths["signature"]], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=False)
        return checked.returncode == 0


def securesystemslib(key, envelope):
    try:
        return bool(Envelope.from_dict(copy.deepcopy(envelope)).verify([key], 1))
    except VerificationError:
        return False


def main(bundle):
    pem = os.path.join(bundle, "keys", "seal.pub.pem")
    with open(os.path.join(bundle, "attestations", "run.intoto.jsonl"), encoding="utf-8") as file:
        envelopes = [json.loads(line) for line in file]
    with open(pem, "rb") as file:
        public = load_pem_public_key(file.read())
    assert len(envelopes) == 2, "two statements"
    for envelope in envelopes:
        key = SSlibKey.from_crypto(public, keyid=envelope["signatures"][0]["keyid"])
        payload = base64.b64decode(envelope["payload"])
        other = base64.b64encode(payload.replace(b"manifest.json", b"manifesT.json")).decode()
        signature = bytearray(base64.b64decode(envelope["signatures"][0]["sig"]))
        signature[10] ^= 1
        signatures = [dict(envelope["signatures"][0], sig=base64.b64encode(bytes(signature)).decode())]
        for accepted, what, one in [
            (True, "as it is", envelope),
            (False, "a changed payload", dict(envelope, payload=other)),
            (False, "a changed type", dict(envelope, payloadType="application/json")),
            (False, "a changed signature", dict(envelope, signatures=signatures)),
        ]:
            for name, check in [("securesystemslib", lambda e: securesystemslib(key, e)), ("openssl", lambda e: openssl(pem, e))]:
                assert check(one) == accepted, "%s: %s" % (name, what)
    print("%d envelopes" % len(envelopes))


if __name__ == "__main__":
    main(sys.argv[1])

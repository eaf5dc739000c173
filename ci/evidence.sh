#!/usr/bin/env bash
# The evidence of one run, checked by everybody who should be able to: coreutils, openssl, Python's securesystemslib,
# the small verifier in ci/verify, and the tool itself. Then every kind of tampering, which all of them must notice.
set -euo pipefail
watertight=$1
cd "$(dirname "$0")/.."
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
failures=0
command -v openssl >/dev/null && python3 -c 'import ensurepip, venv' 2>/dev/null ||
    { apt-get update -qq && apt-get install -qq -y openssl python3-venv; } >/dev/null
minimal=ci/verify/verify_min.py

fail() { printf 'FAILED   %s\n' "$*"; failures=$((failures + 1)); }
ok() { printf 'ok       %s\n' "$*"; }
# expect <exit code> <what> <command…>
expect() {
    local wanted=$1 what=$2 code=0
    shift 2
    "$@" >"$work/said" 2>&1 || code=$?
    if [ "$code" -eq "$wanted" ]; then ok "$what"; else
        fail "$what: exit $code instead of $wanted"
        sed 's/^/         /' "$work/said"
    fi
}

printf '\n=== a run leaves a record that is sealed and verified\n'
bundle=$work/bundle
expect 0 "run" "$watertight" run --quiet --plane sql --design shared-database --tenants 2 --cases 20 --seed 3 --out "$bundle"
expect 0 "keygen" "$watertight" keygen --out "$work/seal.key"
expect 3 "keygen never overwrites" "$watertight" keygen --out "$work/seal.key"
[ "$(stat -c %a "$work/seal.key")" = 600 ] || fail "the key is readable by others"
fingerprint=$(openssl pkey -in "$work/seal.key" -pubout -outform DER | sha256sum | cut -d' ' -f1)
expect 2 "an unsealed record is verified with a warning" "$watertight" verify "$bundle"
expect 1 "an unsealed record is not what a fingerprint promises" "$watertight" verify "$bundle" --key-fingerprint "$fingerprint"
expect 0 "seal" "$watertight" seal "$bundle" --key "$work/seal.key" --log "$work/runs"
expect 3 "a second seal is refused" "$watertight" seal "$bundle" --key "$work/seal.key"
expect 0 "verify" "$watertight" verify "$bundle" --key-fingerprint "$fingerprint"
expect 2 "verify without a fingerprint warns" "$watertight" verify "$bundle"
grep -q 'NO FINGERPRINT WAS GIVEN' "$work/said" || fail "the warning is not told"
expect 0 "the small verifier agrees" python3 "$minimal" "$bundle" --key-fingerprint "$fingerprint"
expect 0 "sha256sum agrees" sh -c "cd '$bundle' && sha256sum --check --strict --quiet SHA256SUMS"

printf '\n=== the envelopes are read by openssl and by securesystemslib\n'
# Before seal signs, openssl signs, as a card or a service would.
expect 0 "run for a key elsewhere" "$watertight" run --quiet --plane sql --design shared-database --tenants 2 --cases 5 --out "$work/elsewhere"
openssl genpkey -algorithm ed25519 -out "$work/openssl.key" 2>/dev/null
openssl pkey -in "$work/openssl.key" -pubout -out "$work/openssl.pub"
expect 0 "seal with a command" "$watertight" seal "$work/elsewhere" --public-key "$work/openssl.pub" \
    --sign-command "openssl pkeyutl -sign -rawin -inkey '$work/openssl.key' -in {file}"
expect 0 "verify what openssl signed" "$watertight" verify "$work/elsewhere" \
    --key-fingerprint "$(openssl pkey -pubin -in "$work/openssl.pub" -outform DER | sha256sum | cut -d' ' -f1)"
python=python3
if ! python3 -c 'import securesystemslib, cryptography' 2>/dev/null; then
    python3 -m venv "$work/venv" && "$work/venv/bin/pip" install --quiet 'securesystemslib[crypto]==1.*' && python=$work/venv/bin/python
fi
expect 0 "securesystemslib opens the envelopes, and refuses a changed payload or type" \
    "$python" ci/verify/envelopes.py "$bundle"

printf '\n=== one case is proven without the others\n'
expect 0 "prove" "$watertight" prove "$bundle" fuzz-3 --out "$work/fuzz-3.tlog-proof"
expect 0 "the proof holds" "$watertight" verify --proof "$work/fuzz-3.tlog-proof" --key "$bundle/keys/seal.pub.pem" --key-fingerprint "$fingerprint"
if grep -q 'fuzz' "$work/fuzz-3.tlog-proof"; then fail "the proof shows more than it should"; fi
sed 's/^index .*/index 1/' "$work/fuzz-3.tlog-proof" >"$work/moved.tlog-proof"
expect 1 "a proof of another place is refused" "$watertight" verify --proof "$work/moved.tlog-proof" --key "$bundle/keys/seal.pub.pem" --key-fingerprint "$fingerprint"
expect 3 "no such case" "$watertight" prove "$bundle" fuzz-99999

printf '\n=== the log of runs only grows\n'
cp "$work/runs/run-log.checkpoint" "$work/first.checkpoint"
expect 0 "a second run" "$watertight" run --quiet --plane sql --design shared-database --tenants 2 --cases 5 --seed 4 --out "$work/second"
expect 0 "a second seal in the log" "$watertight" seal "$work/second" --key "$work/seal.key" --log "$work/runs"
expect 0 "the log grew" "$watertight" verify "$work/second" --key-fingerprint "$fingerprint" --previous "$work/first.checkpoint"
expect 0 "the small verifier agrees" python3 "$minimal" "$work/second" --key-fingerprint "$fingerprint"
sed -i '1d; s/"number":2/"number":1/' "$work/runs/run-log.jsonl"
expect 0 "a third run" "$watertight" run --quiet --plane sql --design shared-database --tenants 2 --cases 5 --seed 5 --out "$work/third"
expect 3 "a rewritten log is not continued" "$watertight" seal "$work/third" --key "$work/seal.key" --log "$work/runs"

[ -s "$work/second/log/runs.html" ] && grep -q '"2"' "$work/second/log/runs.csv" || fail "the second record does not tell the runs of the log"

printf '\n=== an authority says when\n'
cat >"$work/tsa.cnf" <<'CONFIGURATION'
[tsa]
serial = $ENV::TSA/serial
signer_digest = sha256
default_policy = 1.2.3.4
digests = sha256
ess_cert_id_alg = sha256
[v3]
extendedKeyUsage = critical,timeStamping
[req]
distinguished_name = dn
[dn]
CONFIGURATION
export TSA=$work
echo 01 >"$work/serial"
for authority in tsa other; do
    openssl req -x509 -newkey rsa:2048 -nodes -subj "/CN=$authority" -config "$work/tsa.cnf" -extensions v3 -days 2 \
        -keyout "$work/$authority.key" -out "$work/$authority.pem" 2>/dev/null
done
stamp="openssl ts -reply -config '$work/tsa.cnf' -section tsa -queryfile {query} -signer '$work/tsa.pem' -inkey '$work/tsa.key' -out {reply}"
rm -rf "$work/stamped" "$work/unstamped"
cp -r "$work/third" "$work/stamped"
cp -r "$work/third" "$work/unstamped"
expect 4 "an authority that does not answer leaves the record unsealed" "$watertight" seal "$work/unstamped" --key "$work/seal.key" --timestamp-command false
[ ! -e "$work/unstamped/attestations" ] || fail "it is sealed without its timestamp"
expect 0 "seal with a timestamp" "$watertight" seal "$work/stamped" --key "$work/seal.key" --timestamp-command "$stamp"
expect 0 "verify without the authority's certificate" "$watertight" verify "$work/stamped" --key-fingerprint "$fingerprint"
expect 0 "verify with it" "$watertight" verify "$work/stamped" --key-fingerprint "$fingerprint" --tsa-ca "$work/tsa.pem"
grep -q 'sealed before' "$work/said" || fail "the time is not told"
expect 1 "another authority's is refused" "$watertight" verify "$work/stamped" --key-fingerprint "$fingerprint" --tsa-ca "$work/other.pem"
expect 1 "a record that nobody stamped" "$watertight" verify "$bundle" --key-fingerprint "$fingerprint" --tsa-ca "$work/tsa.pem"
expect 0 "openssl alone agrees" openssl ts -verify -data "$work/stamped/log/checkpoint" -in "$work/stamped/attestations/timestamp.tsr" -CAfile "$work/tsa.pem"
expect 0 "the small verifier takes it" python3 "$minimal" "$work/stamped" --key-fingerprint "$fingerprint"

printf '\n=== whatever is changed, dropped, added, renamed or moved is named\n'
# tampered <what> <name that must be told> <shell code, run in a copy of the bundle>
tampered() {
    local what=$1 named=$2 code=$3
    rm -rf "$work/copy"
    cp -r "$bundle" "$work/copy"
    (cd "$work/copy" && eval "$code")
    expect 1 "$what" "$watertight" verify "$work/copy" --key-fingerprint "$fingerprint"
    grep -qF -- "$named" "$work/said" || { fail "$what: $named is not named"; sed 's/^/         /' "$work/said"; }
    expect 1 "$what, for the small verifier" python3 "$minimal" "$work/copy" --key-fingerprint "$fingerprint"
}
cases=cases-shared-database.jsonl
tampered "a changed verdict" run.json "sed -i '0,/\"held\"/s//\"hold\"/' run.json"
tampered "a dropped case" "fuzz-3 is missing" "sed -i '/\"phase\":\"fuzz\",\"index\":3}/d' $cases"
tampered "a case twice" "a second time" "sed -i '/\"phase\":\"fuzz\",\"index\":3}/p' $cases"
tampered "a cut tail" "$cases" "sed -i '\$d' $cases"
tampered "two cases in another order" "belongs before" "sed -i -n '/\"phase\":\"fuzz\",\"index\":3}/{h;d};p;/\"phase\":\"fuzz\",\"index\":4}/{x;p}' $cases"
tampered "carriage returns" "$cases" "sed -i 's/\$/\\r/' $cases"
tampered "a dropped file" "coverage.json is missing" "rm coverage.json"
tampered "an added file" "notes.txt was added" "echo all is well >notes.txt"
tampered "a renamed file" "coverage.json was renamed to coverage2.json" "mv coverage.json coverage2.json"
tampered "a dropped statement" "is missing" "sed -i 1d attestations/run.intoto.jsonl"
tampered "a dropped seal" "NOT SEALED" "rm -r attestations keys"
tampered "another key's seal" "not by the expected" "cp '$work/elsewhere/keys/seal.pub.pem' keys/; cp '$work/elsewhere/attestations/run.intoto.jsonl' attestations/"
tampered "another bundle's manifest" "manifest.json" "cp '$work/second/manifest.json' ."
tampered "everything written anew, hashes and all" "run.json" "sed -i '0,/\"held\"/s//\"hold\"/' run.json; find . -type f ! -name SHA256SUMS | cut -c3- | LC_ALL=C sort | xargs sha256sum >SHA256SUMS"
expect 1 "last month's record, for whoever holds a later checkpoint" "$watertight" verify "$bundle" \
    --key-fingerprint "$fingerprint" --previous "$work/second/log/run-log.checkpoint"
grep -q 'the log of runs was rewritten' "$work/said" || fail "that the log is shorter is not told"

printf '\n=== every byte counts\n'
expect 0 "a flipped byte in each file is noticed by both verifiers" \
    python3 ci/verify/flip.py "$watertight" "$bundle" "$fingerprint"

printf '\n=== who seals works the verdict out again\n'
rm -rf "$work/copy"
cp -r "$work/third" "$work/copy"
python3 - "$work/copy" <<'PYTHON'
import json, hashlib, os, sys
folder = sys.argv[1]
path = lambda name: os.path.join(folder, name)
run = json.load(open(path("run.json")))
# The record claims more cases than were run, and all its hashes agree.
run["counts"]["armed"] += 1000
data = (json.dumps(run, indent=2, ensure_ascii=False) + "\n").encode()
open(path("run.json"), "wb").write(data)
manifest = json.load(open(path("manifest.json")))
for entry in manifest["files"]:
    if entry["path"] == "run.json":
        entry["bytes"], entry["sha256"] = len(data), hashlib.sha256(data).hexdigest()
data = (json.dumps(manifest, indent=2, ensure_ascii=False) + "\n").encode()
open(path("manifest.json"), "wb").write(data)
PYTHON
(cd "$work/copy" && find . -type f ! -name SHA256SUMS | cut -c3- | LC_ALL=C sort | xargs sha256sum >SHA256SUMS)
expect 1 "a record that claims more than its cases show is not sealed" "$watertight" seal "$work/copy" --key "$work/seal.key"
grep -q 'REFUSED' "$work/said" || fail "the refusal is not told"
grep -q 'counts of run.json' "$work/said" || { fail "the reason is not told"; cat "$work/said"; }

printf '\n=== one seed, one record, apart from what is listed\n'
for twin in a b; do
    expect 0 "twin $twin" "$watertight" run --quiet --plane sql --design shared-database --tenants 2 --cases 20 --seed 3 --out "$work/twin-$twin"
done
expect 0 "the twins are equal" python3 ci/verify/twins.py "$work/twin-a" "$work/twin-b"

printf '\n=== a killed run leaves an unfinished record, and goes on\n'
"$watertight" run --quiet --plane sql --design shared-database --tenants 2 --cases 300 --seed 5 --out "$work/killed" >/dev/null 2>&1 &
pid=$!
for _ in $(seq 200); do
    [ -s "$work/killed/$cases" ] && [ "$(wc -l <"$work/killed/$cases")" -gt 20 ] && break
    sleep 0.1
done
kill -KILL "$pid" 2>/dev/null || true
wait "$pid" 2>/dev/null || true
expect 2 "the unfinished record is told as such" "$watertight" verify "$work/killed"
grep -q 'not finished' "$work/said" || fail "that it is unfinished is not told"
expect 1 "it is not sealed" "$watertight" seal "$work/killed" --key "$work/seal.key"
expect 0 "it goes on" "$watertight" run --quiet --plane sql --design shared-database --tenants 2 --cases 300 --seed 5 --out "$work/killed" --resume
expect 0 "whole" "$watertight" run --quiet --plane sql --design shared-database --tenants 2 --cases 300 --seed 5 --out "$work/whole"
expect 0 "it equals a run in one go" python3 ci/verify/twins.py "$work/killed" "$work/whole"

printf '\n=== evidence that cannot be written\n'
# A file system of its own, too small; where that is not allowed, this is left out.
mkdir "$work/small"
if mount -t tmpfs -o size=400k tmpfs "$work/small" 2>/dev/null; then
    expect 5 "a full disk" "$watertight" run --quiet --plane sql --design shared-database --tenants 2 --cases 200 --out "$work/small/out"
    umount "$work/small"
else
    printf 'left out a full disk: no file system can be mounted here\n'
fi

if [ "$failures" -gt 0 ]; then
    printf '%d checks of the evidence failed\n' "$failures"
    exit 1
fi

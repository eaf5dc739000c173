#!/usr/bin/env bash
# Whole campaigns with the release binary: clean fixtures and the clean ERP of both designs stay green,
# every fault of the catalogue is found under its controls and its near miss is left alone, a broken
# owner is never green, and one seed gives one journal.
set -euo pipefail
watertight=$1
cd "$(dirname "$0")/.."
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
failures=0

command -v xmllint >/dev/null && command -v python3 >/dev/null ||
    { apt-get update -qq && apt-get install -qq -y libxml2-utils python3; } >/dev/null

fail() { printf 'FAILED   %s\n' "$*"; failures=$((failures + 1)); }

# expect <exit code> <name> <arguments…>: runs a campaign and compares its exit code.
expect() {
    local wanted=$1 name=$2 code=0
    shift 2
    "$watertight" run --quiet --out "$work/$name" "$@" >"$work/$name.txt" 2>&1 || code=$?
    if [ "$code" -ne "$wanted" ]; then
        fail "$name: exit $code instead of $wanted"
        cat "$work/$name.txt"
        return 1
    fi
    printf 'ok       %s (exit %d)\n' "$name" "$code"
}

printf '\n=== clean fixtures of both designs, with T-SQL: exit 0 for ten seeds\n'
for seed in 1 2 3 4 5 6 7 8 9 10; do
    expect 0 "clean-$seed" --plane sql --cases 50 --seed "$seed" \
        --junit "$work/clean-$seed.xml" || true
done

printf '\n=== the reference ERP in both designs, through its API: exit 0\n'
clean_service() {
    local design=$1 seed
    failures=0
    for seed in 1; do
        expect 0 "service-$design-$seed" --design "$design" --plane api --cases 60 --seed "$seed" --jobs 1 \
            --junit "$work/clean-service-$design-$seed.xml" || true
    done
    return "$failures"
}
clean_service database-per-tenant >"$work/service-first.txt" 2>&1 &
first=$!
clean_service shared-database >"$work/service-second.txt" 2>&1 &
second=$!
wait "$first" || failures=$((failures + $?))
wait "$second" || failures=$((failures + $?))
cat "$work/service-first.txt" "$work/service-second.txt"
xmllint --noout --schema reports/tests/schemas/jenkins-xunit-junit-10.xsd "$work"/clean-*.xml ||
    fail "JUnit does not meet the schema"

printf '\n=== planted faults are found under a promise that each breaks; near misses and clean systems stay silent\n'
# sensitive <name> <arguments…>: a selftest in which every fault is caught under a promise that it breaks, and
# nothing is accused that is sound.
sensitive() {
    local name=$1 code=0
    shift
    "$watertight" selftest --quiet --jobs 2 --seed 3 --budget-per-fault 180s --json "$work/$name.json" "$@" \
        >"$work/$name.txt" 2>&1 || code=$?
    cat "$work/$name.txt"
    [ "$code" -le 1 ] || { fail "$name: exit $code"; return 0; }
    python3 ci/sensitivity.py "$work/$name.json" || fail "$name: a fault was not caught, or a false alarm"
}
sensitive sql --layer sql --faults-only
# near_misses_of <design>: each alone; the exit code is the number of failures.
near_misses_of() {
    local design=$1 small="--plane sql --cases 30 --seed 3 --jobs 1" fault
    failures=0
    # Where each tenant has a database, two are enough; more would only repeat the sweep.
    [ "$design" = shared-database ] || small="--tenants 2 $small"
    for fault in $("$watertight" list faults --design "$design" |
        sed -n '/, in the service$/q;p' | sed -nE 's/^  ([a-z0-9-]+) +([A-Z][0-9]{2} )+.*/\1/p'); do
        # shellcheck disable=SC2086 # the arguments are words on purpose
        expect 0 "near-miss-$fault" --design "$design" $small --near-miss "$fault" || true
    done
    return "$failures"
}
near_misses_of database-per-tenant >"$work/near-misses-first.txt" 2>&1 &
first=$!
near_misses_of shared-database >"$work/near-misses-second.txt" 2>&1 &
second=$!
wait "$first" || failures=$((failures + $?))
wait "$second" || failures=$((failures + $?))
cat "$work/near-misses-first.txt" "$work/near-misses-second.txt"
# One of each kind of mistake; `watertight selftest --layer service` plants all of them.
sensitive service-each --layer service --design database-per-tenant \
    --faults read-by-id-unscoped,audit-row-missing,permission-unchecked,console-not-logged
sensitive service-shared --layer service --design shared-database \
    --faults read-by-id-unscoped,delete-by-id-unscoped,idempotency-key-global

printf '\n=== a broken owner is never green\n'
expect 2 owner-broken --plane sql --cases 20 --patch sql-fixtures/faults/owner-cannot-read.sql || true
grep -q 'app_rw of acme could not select dbo.Invoices' "$work/owner-broken.txt" || fail "owner-broken: the reason is not told"

printf '\n=== one seed, one journal, on one server and on three\n'
for twin in a b; do
    [ "$twin" = a ] && jobs=1 || jobs=3
    expect 0 "twin-$twin" --plane sql --seed 11 --cases 60 --jobs "$jobs" || true
    sed -E 's/"ms":[0-9]+/"ms":0/' "$work/twin-$twin"/cases-*.jsonl >"$work/twin-$twin.jsonl"
done
cmp "$work/twin-a.jsonl" "$work/twin-b.jsonl" || fail "two runs of one seed differ"

printf '\n=== a patch that fails says where\n'
printf 'SELECT 1;\nGO\nGRANT SELECT ON dbo.NoSuchTable TO app_rw;\n' >"$work/broken.sql"
expect 3 broken-patch --plane sql --cases 0 --patch "$work/broken.sql" || true
grep -q 'broken.sql:3' "$work/broken-patch.txt" || fail "broken-patch: no file and line"

printf '\n=== a run that is killed is resumed\n'
"$watertight" run --quiet --design shared-database --plane sql --cases 200 --seed 5 --out "$work/killed" >/dev/null 2>&1 &
pid=$!
sleep 4
kill -KILL "$pid" 2>/dev/null || true
wait "$pid" 2>/dev/null || true
lines=$(cat "$work"/killed/cases-*.jsonl | wc -l)
expect 0 killed --design shared-database --plane sql --cases 200 --seed 5 --resume || true
expect 0 whole --design shared-database --plane sql --cases 200 --seed 5 || true
for run in killed whole; do
    sed -E 's/"ms":[0-9]+/"ms":0/' "$work/$run"/cases-*.jsonl >"$work/$run.jsonl"
done
cmp "$work/killed.jsonl" "$work/whole.jsonl" || fail "the resumed journal differs from the whole one"
printf 'resumed after %d lines of %d\n' "$lines" "$(wc -l <"$work/whole.jsonl")"

if [ "$failures" -gt 0 ]; then
    printf '%d campaign checks failed\n' "$failures"
    exit 1
fi

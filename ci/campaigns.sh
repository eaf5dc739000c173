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

command -v xmllint >/dev/null || { apt-get update -qq && apt-get install -qq -y libxml2-utils; } >/dev/null

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
        expect 0 "service-$design-$seed" --design "$design" --plane api --cases 60 --seed "$seed" \
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

printf '\n=== faults: exit 1, under a control that each breaks; near misses: exit 0\n'
# faults_of <design>: every row of its catalogue; the exit code is the number of failures.
faults_of() {
    local design=$1 small="--cases 30 --seed 3" catalogue="$work/catalogue-$1.txt" fault controls any
    failures=0
    # Where each tenant has a database, two are enough for a fault; more would only repeat the sweep.
    [ "$design" = shared-database ] || small="--tenants 2 $small"
    "$watertight" list faults --design "$design" |
        sed -n '/, in the service$/q;p' |
        sed -nE 's/^  ([a-z0-9-]+) +(([A-Z][0-9]{2} )+).*/\1 \2/p' >"$catalogue"
    [ "$(wc -l <"$catalogue")" -ge 23 ] || fail "the catalogue of $design could not be read"
    while read -r fault controls; do
        # shellcheck disable=SC2086 # the arguments are words on purpose
        if expect 1 "fault-$fault" --design "$design" $small --fault "$fault"; then
            any=$(printf '%s' "$controls" | tr -s ' ' '|' | sed 's/|$//')
            grep -Eq "^(${any}) +violated" "$work/fault-$fault.txt" ||
                { fail "fault-$fault: not found under any of $controls"; cat "$work/fault-$fault.txt"; }
        fi
        # shellcheck disable=SC2086
        expect 0 "near-miss-$fault" --design "$design" $small --near-miss "$fault" || true
    done <"$catalogue"
    return "$failures"
}
# service_faults_of <design>: defects of the reference ERP, one of each kind of mistake, each seen under
# a control of its row. The near misses of all of the design's defects are there at once, and silent.
service_faults_of() {
    local design=$1 small="--plane api --tenants 2 --cases 10 --seed 3" catalogue="$work/service-$1.txt"
    local fault controls any planted near_misses=()
    case $design in
    database-per-tenant) planted=" read-by-id-unscoped audit-row-missing permission-unchecked console-not-logged " ;;
    shared-database) planted=" read-by-id-unscoped delete-by-id-unscoped idempotency-key-global " ;;
    esac
    failures=0
    "$watertight" list faults --design "$design" |
        sed -n '/, in the service$/,$p' |
        sed -nE 's/^  ([a-z0-9-]+) +(([A-Z][0-9]{2} )+).*/\1 \2/p' >"$catalogue"
    [ "$(wc -l <"$catalogue")" -ge 20 ] || fail "the service's catalogue of $design could not be read"
    while read -r fault controls; do
        near_misses+=(--near-miss "$fault")
        case $planted in *" $fault "*) ;; *) continue ;; esac
        # shellcheck disable=SC2086 # the arguments are words on purpose
        if expect 1 "service-fault-$design-$fault" --design "$design" $small --fault "$fault"; then
            any=$(printf '%s' "$controls" | tr -s ' ' '|' | sed 's/|$//')
            grep -Eq "^(${any}) +violated" "$work/service-fault-$design-$fault.txt" ||
                { fail "fault-$fault: not found under any of $controls"; cat "$work/service-fault-$design-$fault.txt"; }
        fi
    done <"$catalogue"
    # shellcheck disable=SC2086
    expect 0 "service-near-misses-$design" --design "$design" $small "${near_misses[@]}" || true
    return "$failures"
}
# One design on each core.
both() {
    local failed=0
    faults_of "$1" || failed=$?
    service_faults_of "$1" || failed=$((failed + $?))
    return "$failed"
}
both database-per-tenant >"$work/faults-first.txt" 2>&1 &
first=$!
both shared-database >"$work/faults-second.txt" 2>&1 &
second=$!
wait "$first" || failures=$((failures + $?))
wait "$second" || failures=$((failures + $?))
cat "$work/faults-first.txt" "$work/faults-second.txt"

printf '\n=== a broken owner is never green\n'
expect 2 owner-broken --plane sql --cases 20 --patch sql-fixtures/faults/owner-cannot-read.sql || true
grep -q 'app_rw of acme could not select dbo.Invoices' "$work/owner-broken.txt" || fail "owner-broken: the reason is not told"

printf '\n=== one seed, one journal\n'
for twin in a b; do
    expect 0 "twin-$twin" --plane sql --seed 11 --cases 60 || true
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

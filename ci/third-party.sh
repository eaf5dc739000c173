#!/usr/bin/env bash
# Two services that nobody here wrote, each attacked with about ten lines of YAML: LNbits and Kinto, installed
# from their registry into a folder that is removed again. Needs a network and Python, so it is not in the gate.
#
#   ci/third-party.sh [watertight] [lnbits|kinto]...
#
# BUDGET (15m) is how long each may take; KEEP=FOLDER keeps what was installed, and the records.
set -euo pipefail
watertight=$(realpath "${1:-target/release/watertight}")
shift || true
[ $# -gt 0 ] || set -- kinto lnbits
budget=${BUDGET:-15m}
mkdir -p "${KEEP:-.}"
work=$(realpath "${KEEP:-$(mktemp -d)}")
finish() {
    [ -z "${service:-}" ] || kill "$service" 2>/dev/null || true
    [ -n "${KEEP:-}" ] || rm -rf "$work"
}
trap finish EXIT
password=a-password-for-tests

# install NAME VERSION [REQUIREMENT]...: into an environment of its own.
install() {
    local name=$1 version=$2
    shift 2
    [ -x "$work/$name.venv/bin/$name" ] || python3 -m venv "$work/$name.venv"
    "$work/$name.venv/bin/pip" install --quiet "$name==$version" "$@"
}

# answers URL: waits until something does.
answers() {
    for _ in $(seq 300); do
        curl --silent --fail --output /dev/null "$1" && return
        kill -0 "$service" 2>/dev/null || break
        sleep 1
    done
    echo "$1 does not answer" >&2
    return 1
}

json() {
    curl --silent --show-error --fail-with-body --header 'content-type: application/json' "$@"
}

# of KEY: the value of a field of the JSON object or of the first of a list.
of() {
    python3 -c 'import json, sys; it = json.load(sys.stdin); print((it[0] if isinstance(it, list) else it)[sys.argv[1]])' "$1"
}

kinto() {
    install kinto 26.5.0
    local folder=$work/kinto base=http://127.0.0.1:8888/v1
    rm -rf "$folder" && mkdir "$folder" && cd "$folder"
    ../kinto.venv/bin/kinto init --ini kinto.ini --backend memory --cache-backend memory >init.txt 2>&1
    # Everybody may make buckets, or there is little to attack.
    sed -i 's/^kinto.bucket_create_principals.*/kinto.bucket_create_principals = system.Authenticated/' kinto.ini
    ../kinto.venv/bin/kinto start --ini kinto.ini >service.txt 2>&1 &
    service=$!
    answers $base/
    for account in alice bob; do
        json --request PUT "$base/accounts/$account" --data "{\"data\": {\"password\": \"$password\"}}" >/dev/null
    done
    cat >watertight.yaml <<YAML
version: 1
name: Kinto
tenants: [alice, bob]
api:
  service: { external: { base_url: "$base", openapi: "$base/__api__" } }
  actors:
    user: { basic: { user: \$(Tenant), password: $password } }
  probe: GET /buckets/default
  excluded: ["/accounts*", "/__*"]
YAML
}

lnbits() {
    # A library of its own does not work with what came after.
    install lnbits 1.6.2 'bitstring<5'
    local folder=$work/lnbits base=http://127.0.0.1:5000 account token
    rm -rf "$folder" && mkdir -p "$folder/lnbits" && cd "$folder"
    # It looks for these where it is started.
    ln -s "$work"/lnbits.venv/lib/python3*/site-packages/lnbits/static lnbits/static
    cat >.env <<SETTINGS
LNBITS_BACKEND_WALLET_CLASS=FakeWallet
FAKE_WALLET_SECRET=secret
AUTH_SECRET_KEY=a-key-for-tests
LNBITS_RATE_LIMIT_NO=1000000
SETTINGS
    ../lnbits.venv/bin/lnbits --host 127.0.0.1 --port 5000 >service.txt 2>&1 &
    service=$!
    answers $base/openapi.json
    json --request PUT $base/api/v1/auth/first_install --output /dev/null \
        --data "{\"username\": \"keeper\", \"password\": \"$password\", \"password_repeat\": \"$password\"}"
    for account in alice bob; do
        json $base/api/v1/auth/register --output /dev/null --data "{\"username\": \"$account\", \
            \"email\": \"$account@example.org\", \"password\": \"$password\", \"password_repeat\": \"$password\"}"
        token=$(json $base/api/v1/auth --data "{\"username\": \"$account\", \"password\": \"$password\"}" | of access_token)
        json $base/api/v1/wallets --header "Authorization: Bearer $token" | of adminkey >"$account.key"
    done
    cat >watertight.yaml <<YAML
version: 1
name: LNbits
tenants: [alice, bob]
api:
  service: { external: { base_url: "$base", openapi: "$base/openapi.json" } }
  actors:
    user:
      login: { request: POST /api/v1/auth, fields: { username: \$(Tenant), password: $password }, token: /access_token }
      key: { name: X-API-KEY, value: { alice: { file: alice.key }, bob: { file: bob.key } } }
YAML
}

worst=0
for name in "$@"; do
    echo "== $name"
    "$name"
    cd "$work/$name"
    code=0
    "$watertight" run --config watertight.yaml --budget "$budget" --out record || code=$?
    echo "== $name ended with exit code $code"
    [ "$code" -le "$worst" ] || worst=$code
    kill "$service" && wait "$service" 2>/dev/null || true
    service=
done
exit "$worst"

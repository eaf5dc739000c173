#!/usr/bin/env bash
# Foreign clients against `watertight serve`: installs them, starts the server, drives them.
set -euo pipefail
watertight=$1
cd "$(dirname "$0")/.."
work=$(mktemp -d)
trap 'kill "${server:-}" 2>/dev/null || true; rm -rf "$work"' EXIT

"$watertight" serve --tls --write-logins "$work/logins.json" >"$work/serve.txt" 2>&1 &
server=$!
for _ in $(seq 100); do
    [ -s "$work/logins.json" ] && grep -q 'Nothing is kept' "$work/serve.txt" && break
    kill -0 "$server" 2>/dev/null || { cat "$work/serve.txt"; exit 1; }
    sleep 0.1
done

# Address, database and one login for each principal of the first tenant.
python3 - "$work/logins.json" >"$work/environment" <<'PYTHON'
import json, shlex, sys
served = json.load(open(sys.argv[1]))
print(f"export WATERTIGHT_ADDRESS={served['host']}:{served['port']}")
first = next(login["tenant"] for login in served["logins"] if "tenant" in login)
for login in served["logins"]:
    if login.get("tenant") == first:
        name = "WATERTIGHT_" + login["principal"].upper()
        print(f"export {name}_LOGIN={shlex.quote(login['login'])}")
        print(f"export {name}_PASSWORD={shlex.quote(login['password'])}")
        print(f"export WATERTIGHT_DATABASE={shlex.quote(login['database'])}")
PYTHON
# shellcheck disable=SC1091 # written just above
. "$work/environment"
bash ci/clients/run.sh

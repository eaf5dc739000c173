#!/usr/bin/env bash
# Do the drivers that people use get the answers of SQL Server? Installs them, and drives each
# against a running server: every case of cases.tsv under its principal, a wrong password, a
# statement with a parameter, a transaction that is rolled back.
#
#   ci/clients/run.sh [freetds] [pymssql] [python-tds] [tedious]      (default: all)
#
# The server and its logins come from the environment, as `watertight serve` prints them:
#
#   WATERTIGHT_ADDRESS   host:port
#   WATERTIGHT_DATABASE  the tenant's database
#   WATERTIGHT_APP_RW_LOGIN                 WATERTIGHT_APP_RW_PASSWORD
#   WATERTIGHT_AUDIT_ADMIN_LOGIN            WATERTIGHT_AUDIT_ADMIN_PASSWORD
#   WATERTIGHT_READONLY_INVESTIGATOR_LOGIN  WATERTIGHT_READONLY_INVESTIGATOR_PASSWORD
#
# WATERTIGHT_CLIENTS_DIR keeps the installed drivers between runs (default: a temporary folder).
# Exit code: 0 every driver got every expected answer, 1 one did not, 3 the environment is incomplete.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)

for name in WATERTIGHT_ADDRESS WATERTIGHT_DATABASE \
    WATERTIGHT_{APP_RW,AUDIT_ADMIN,READONLY_INVESTIGATOR}_{LOGIN,PASSWORD}; do
    if [[ -z ${!name:-} ]]; then
        echo "$name is not set; see the head of $0" >&2
        exit 3
    fi
done

if [[ -n ${WATERTIGHT_CLIENTS_DIR:-} ]]; then
    installed=$WATERTIGHT_CLIENTS_DIR
    mkdir -p "$installed"
else
    installed=$(mktemp -d)
    trap 'rm -rf "$installed"' EXIT
fi

install_python() {
    [[ -x $installed/python/bin/python ]] || python3 -m venv "$installed/python"
    "$installed/python/bin/python" -c "import $2" 2>/dev/null ||
        "$installed/python/bin/pip" install --quiet --disable-pip-version-check "$1"
}

failed=()
drive() {
    echo "== $1"
    shift
    "$@" || failed+=("$1")
}

clients=("$@")
[[ ${#clients[@]} -gt 0 ]] || clients=(freetds pymssql python-tds tedious)
for client in "${clients[@]}"; do
    case $client in
    freetds)
        command -v tsql >/dev/null || { apt-get update -qq && apt-get install -qq -y freetds-bin; } >/dev/null
        drive "FreeTDS $(tsql -C | sed -n 's/.*Version: *//p')" bash "$here/freetds.sh"
        ;;
    pymssql)
        install_python 'pymssql==2.*' pymssql
        drive pymssql "$installed/python/bin/python" "$here/pymssql_client.py"
        ;;
    python-tds)
        install_python 'python-tds==1.*' pytds
        drive python-tds "$installed/python/bin/python" "$here/python_tds_client.py"
        ;;
    tedious)
        [[ -d $installed/node_modules/tedious ]] ||
            npm install --silent --no-audit --no-fund --prefix "$installed" 'tedious@19' >/dev/null
        drive tedious env NODE_PATH="$installed/node_modules" node "$here/tedious_client.cjs"
        ;;
    *)
        echo "no such client: $client" >&2
        exit 3
        ;;
    esac
done

if [[ ${#failed[@]} -gt 0 ]]; then
    echo "${#failed[@]} client(s) did not get what they expected" >&2
    exit 1
fi

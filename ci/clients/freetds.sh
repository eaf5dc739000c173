#!/usr/bin/env bash
# FreeTDS: does `tsql` get the expected answers? See run.sh for the environment.
set -uo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
failures=0

# ask <login> <password> <statement>: what tsql prints, prompts left out
ask() {
    printf '%s\ngo\nexit\n' "$3" |
        TDSVER=7.4 timeout 30 tsql -H "${WATERTIGHT_ADDRESS%:*}" -p "${WATERTIGHT_ADDRESS##*:}" \
            -U "$1" -P "$2" -D "$WATERTIGHT_DATABASE" -o q 2>&1
}

# check <name> <expected: ok, or an error number> <output>
check() {
    local found
    # 57xx are messages of a changed database or language, 20xxx FreeTDS's own comments.
    found=$(grep -oE 'Msg [0-9]+' <<<"$3" | grep -oE '[0-9]+' | grep -vE '^(57..|20...)$' | head -1)
    if [[ ${found:-ok} == "$2" ]]; then
        echo "ok    $1"
    else
        echo "FAIL  $1: expected $2, got ${found:-ok}"
        sed 's/^/        /' <<<"$3"
        failures=$((failures + 1))
    fi
}

while IFS=$'\t' read -r principal expected statement; do
    [[ $principal == \#* || -z $principal ]] && continue
    variable=${principal^^}
    login=WATERTIGHT_${variable}_LOGIN password=WATERTIGHT_${variable}_PASSWORD
    check "$principal: $statement" "$expected" "$(ask "${!login}" "${!password}" "$statement")"
done <"$here/cases.tsv"

check 'wrong password' 18456 "$(ask "$WATERTIGHT_APP_RW_LOGIN" "not-$WATERTIGHT_APP_RW_PASSWORD" 'SELECT 1')"

output=$(ask "$WATERTIGHT_APP_RW_LOGIN" "$WATERTIGHT_APP_RW_PASSWORD" "SELECT N'Grüße' + N' ' + SUSER_SNAME()")
if grep -q "Grüße $WATERTIGHT_APP_RW_LOGIN" <<<"$output"; then
    echo 'ok    text outside of ASCII'
else
    echo "FAIL  text outside of ASCII: $output"
    failures=$((failures + 1))
fi

[[ $failures == 0 ]]

#!/usr/bin/env bash
# Takes pictures of a report as people see it: telephone, laptop and paper, light and dark.
#
#   bash ci/screenshots.sh REPORT.html FOLDER [ANCHOR ...]
#
# Needs Chromium (CHROMIUM names another program) and, to make the pictures small, pngquant if it is there.
# Without anchors the top of the page is shown; with them, each of these sections.
set -euo pipefail

report=$(realpath "${1:?which report.html?}")
folder=${2:?into which folder?}
shift 2
anchors=("${@:-}")
chromium=${CHROMIUM:-$(command -v chromium || command -v chromium-browser || command -v google-chrome)}
mkdir -p "$folder"
profile=$(mktemp -d)
trap 'rm -rf "$profile"' EXIT

look() { # width height dark? picture address
    local scheme=()
    if [ "$3" = dark ]; then
        scheme=(--blink-settings=preferredColorScheme=0)
    else
        scheme=(--blink-settings=preferredColorScheme=1)
    fi
    "$chromium" --headless --no-sandbox --disable-gpu --no-first-run --disable-background-networking \
        --disable-component-update --disable-sync --hide-scrollbars --user-data-dir="$profile" \
        --window-size="$1,$2" --force-device-scale-factor=1 "${scheme[@]}" \
        --screenshot="$folder/$4.png" "$5" >/dev/null 2>&1
}

for anchor in "${anchors[@]}"; do
    address="file://$report${anchor:+#$anchor}"
    name=${anchor:-top}
    for scheme in light dark; do
        look 1280 900 "$scheme" "$name-laptop-$scheme" "$address"
        # Narrower windows than this are not opened, so the telephone is a large one.
        look 500 900 "$scheme" "$name-phone-$scheme" "$address"
    done
done

"$chromium" --headless --no-sandbox --disable-gpu --no-first-run --disable-background-networking \
    --disable-component-update --disable-sync --user-data-dir="$profile" \
    --no-pdf-header-footer --print-to-pdf="$folder/report.pdf" "file://$report" >/dev/null 2>&1
if command -v pdftoppm >/dev/null; then
    pdftoppm -r 60 -f 1 -l 4 -png "$folder/report.pdf" "$folder/paper"
fi
if command -v pngquant >/dev/null; then
    pngquant --force --skip-if-larger --ext .png 64 "$folder"/*.png || true
fi

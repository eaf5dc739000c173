#!/usr/bin/env bash
# Takes pictures of a report as people see it: on a telephone, on a laptop and on paper, light and dark.
#
#   bash ci/screenshots.sh REPORT.html FOLDER
#
# Needs Chromium (CHROMIUM names another program); pdftoppm for pages of paper and pngquant for small files are
# used where they are there.
set -euo pipefail

report=$(realpath "${1:?which report.html?}")
folder=${2:?into which folder?}
chromium=${CHROMIUM:-$(command -v chromium || command -v chromium-browser || command -v google-chrome)}
mkdir -p "$folder"
profile=$(mktemp -d)
trap 'rm -rf "$profile"' EXIT

browse() {
    "$chromium" --headless --no-sandbox --disable-gpu --no-first-run --disable-background-networking \
        --disable-component-update --disable-sync --hide-scrollbars --user-data-dir="$profile" \
        --force-device-scale-factor=1 "$@" >/dev/null 2>&1
}

# One tall window each: what is below the fold is part of what people see.
for look in light:1 dark:0; do
    scheme=--blink-settings=preferredColorScheme=${look#*:}
    browse "$scheme" --window-size=1280,2000 --screenshot="$folder/laptop-${look%:*}.png" "file://$report"
    # A window of Chromium is not narrower than this.
    browse "$scheme" --window-size=500,2000 --screenshot="$folder/phone-${look%:*}.png" "file://$report"
done

browse --no-pdf-header-footer --print-to-pdf="$folder/report.pdf" "file://$report"
if command -v pdftoppm >/dev/null; then
    pdftoppm -r 60 -f 1 -l 6 -png "$folder/report.pdf" "$folder/paper"
    rm "$folder/report.pdf"
fi
if command -v pngquant >/dev/null; then
    pngquant --force --skip-if-larger --ext .png 48 "$folder"/*.png || true
fi

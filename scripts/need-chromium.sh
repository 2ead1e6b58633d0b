#!/bin/sh
# Make sure the browser tests find a Chromium: the system's, else the system's package, else a downloaded one.
set -eu
for name in chromium chromium-browser google-chrome google-chrome-stable; do
    command -v "$name" >/dev/null 2>&1 && exit 0
done
if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null 2>&1; then
    echo "Installing Chromium for the browser tests …"
    (apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -qq -y --no-install-recommends chromium) \
        >/dev/null 2>&1 && exit 0
fi
echo "Downloading a Chromium for the browser tests …"
exec .venv/bin/playwright install chromium

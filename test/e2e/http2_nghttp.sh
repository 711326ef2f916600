#!/usr/bin/env bash
# nghttp's less usual frames. Prints nothing that differs between two runs.
set -uo pipefail

url=https://api.openai.com
title() { printf '\n== %s\n' "$*"; }
ask() { nghttp --timeout=30 "$@" || echo "nghttp failed: $?"; }
sum() { sha256sum | cut -c1-64; }
body=$(mktemp)
trap 'rm -f "$body"' EXIT
head -c 300000 /dev/zero >"$body"

title "ten requests of one connection" && ask --multiply=10 "$url/bytes/50000" | wc -c
title "padding" && ask --padding=64 --data="$body" "$url/upload"
title "a head in CONTINUATION frames" && ask --continuation -H "x-large: $(head -c 9000 /dev/zero | tr '\0' v)" "$url/"
title "trailers" && ask --data="$body" --trailer='x-sum: 1' "$url/upload"
title "a small table for answers" && ask --header-table-size=64 --multiply=5 "$url/" | sum
title "tables that shrink and grow" &&
  ask --header-table-size=64 --header-table-size=8192 --encoder-header-table-size=32 --multiply=5 "$url/" | sum
title "no table for requests" && ask --encoder-header-table-size=0 --multiply=5 "$url/" | sum
title "small windows" && ask --window-bits=10 --connection-window-bits=16 "$url/bytes/300000" | sum
title "priorities" && ask --weight=7 --multiply=3 "$url/bytes/1000" | wc -c
title "frames of unusual sizes" && ask --max-frame-size=20000 "$url/bytes/300000" | sum
title "HEAD" && ask --verbose -H ':method: HEAD' "$url/bytes/1234" 2>&1 | grep -oE 'content-length: [0-9]+'
exit 0

#!/usr/bin/env bash
# The providers' own SDKs, streaming and not.
source "$(dirname "$0")/lib.sh"

command -v node npm >/dev/null || skip "needs node and npm"
"$here/npm-install.sh" "${ZG_PACKAGES:?}" || skip "the SDKs could not be installed"
chmod -R a+rX "$ZG_PACKAGES"

begin sdk
start_usual_origin
start_usual_service

limit=120 run_both sdk node "$here/sdk_client.mjs"
check "no scenario ended in a way that it should not" fails grep -q unexpected "$work/sdk.direct"
check "every token that the origin told the SDKs is in the ledger, once" usage_agrees_with "$work/sdk.told"
check "the SDK's second attempt is counted as a retry" row 'r["attempt"] == 1 and r["status"] == "complete"'
summary

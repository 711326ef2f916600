#!/usr/bin/env bash
# Installs the SDKs of package-lock.json into FOLDER (not into the source tree); nothing is done when they are there.
set -euo pipefail

folder=${1:?usage: npm-install.sh FOLDER}
here=$(cd "$(dirname "$0")" && pwd)

mkdir -p "$folder"
if [[ -d $folder/node_modules ]] && cmp -s "$here/package-lock.json" "$folder/installed-lock.json"; then
  exit 0
fi
cp "$here/package.json" "$here/package-lock.json" "$folder/"
npm ci --prefix "$folder" --ignore-scripts --no-audit --no-fund --loglevel=error
cp "$here/package-lock.json" "$folder/installed-lock.json"

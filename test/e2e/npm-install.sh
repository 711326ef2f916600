#!/usr/bin/env bash
# Installs the packages of a package-lock.json into FOLDER (not into the source tree); nothing is done when they are there.
#   npm-install.sh FOLDER [SOURCE [PACKAGE…]]: the lock of SOURCE, which is this folder; of all install scripts only those
#   of PACKAGE are run.
set -euo pipefail

folder=${1:?usage: npm-install.sh FOLDER [SOURCE [PACKAGE…]]}
source=${2:-$(cd "$(dirname "$0")" && pwd)}

mkdir -p "$folder"
if [[ -d $folder/node_modules ]] && cmp -s "$source/package-lock.json" "$folder/installed-lock.json"; then
  exit 0
fi
cp "$source/package.json" "$source/package-lock.json" "$folder/"
npm ci --prefix "$folder" --ignore-scripts --no-audit --no-fund --loglevel=error
(($# < 3)) || npm rebuild --prefix "$folder" --loglevel=error "${@:3}"
cp "$source/package-lock.json" "$folder/installed-lock.json"

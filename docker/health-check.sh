#!/bin/bash
# Ends with 0 if /healthz answers 200: `health-check.sh HOST PORT`. Bash opens the connection itself, so the image needs no HTTP client.
set -euo pipefail
exec 3<>"/dev/tcp/$1/$2"
printf 'GET /healthz HTTP/1.0\r\nHost: %s\r\n\r\n' "$1" >&3
read -r _ status _ <&3
[ "$status" = 200 ]

#!/usr/bin/env bash
# The test command: sets up what is missing, builds, checks the format, runs every test. Idempotent.
# Last line: "N passed, N failed, N skipped". Exit code 0 only if nothing failed and something ran.
set -uo pipefail
cd "$(dirname "$0")/.."

export DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_NOLOGO=1 DOTNET_SKIP_FIRST_TIME_EXPERIENCE=1
export HARDWARECHAT_SHARED="${HARDWARECHAT_SHARED:-$(cd .. && pwd)/shared}"

passed=0 failed=0 skipped=0
log=$(mktemp)
trap 'rm -f "$log"' EXIT
step() { printf '\n== %s\n' "$*"; }
finish() {
  printf '\n%d passed, %d failed, %d skipped\n' "$passed" "$failed" "$skipped"
  [ "$failed" -eq 0 ] && [ "$passed" -gt 0 ]
  exit
}

# --- Set-up -------------------------------------------------------------------------------------------------------------
# Debian package -> the file that shows that it is there. Tests that need a missing one skip themselves, with a line.
packages="
pcscd:/usr/sbin/pcscd
vsmartcard-vpcd:/usr/lib/pcsc/drivers/serial/libifdvpcd.so
opensc:/usr/bin/pkcs11-tool
yubico-piv-tool:/usr/bin/yubico-piv-tool
ykcs11:/usr/lib/x86_64-linux-gnu/libykcs11.so
yubikey-manager:/usr/bin/ykman
pcsc-tools:/usr/bin/pcsc_scan
openssl:/usr/bin/openssl
iproute2:/usr/sbin/ip
spin:/usr/bin/spin
gcc:/usr/bin/gcc
strace:/usr/bin/strace
zlib1g-dev:/usr/include/zlib.h
tmux:/usr/bin/tmux
postgresql:/usr/lib/postgresql
zsh:/usr/bin/zsh
fish:/usr/bin/fish
"
step "Set-up"
missing=""
for entry in $packages; do
  [ -e "${entry#*:}" ] || missing="$missing ${entry%%:*}"
done
if [ -n "$missing" ]; then
  if [ "$(id -u)" -eq 0 ] && command -v apt-get >/dev/null; then
    export DEBIAN_FRONTEND=noninteractive
    if ! { apt-get update -q && apt-get install -qy --no-install-recommends $missing; } >"$log" 2>&1; then
      tail -n 5 "$log"
      echo "could not install:$missing; the tests that need them are skipped"
    fi
  else
    echo "not root, so not installed:$missing; the tests that need them are skipped"
  fi
fi
if [ -f tests/interop/package-lock.json ]; then
  if command -v npm >/dev/null; then
    (cd tests/interop && npm ci --silent --no-audit --no-fund) \
      || echo "npm ci failed in tests/interop; the tests that need Node peers are skipped"
  else
    echo "no npm; the tests that need Node peers are skipped"
  fi
fi

# --- Build and format ---------------------------------------------------------------------------------------------------
step "Build"
if ! dotnet restore HardwareChat.sln --locked-mode -v quiet || ! dotnet build HardwareChat.sln -c Release --no-restore --nologo -v quiet; then
  failed=1
  finish
fi

step "Format"
if dotnet format HardwareChat.sln --verify-no-changes --no-restore -v quiet; then
  passed=$((passed + 1))
else
  failed=$((failed + 1))
fi

# --- Tests --------------------------------------------------------------------------------------------------------------
# An xunit v3 executable ends with "Total: T, Errors: E, Failed: F, Skipped: S, Not Run: N". Not run are the explicit ones, which are
# programs rather than tests (they write corpora); they count as nothing.
run_tests() { # NAME PROGRAM [ARGUMENT...]
  local name=$1
  shift
  step "$name"
  "$@" -noColor -noLogo 2>&1 | tee "$log"
  count "$name" "${PIPESTATUS[0]}" "$log"
}

count() { # NAME STATUS OUTPUT
  local name=$1 status=$2 summary bad
  summary=$(grep -E 'Total: [0-9]+, Errors: [0-9]+, Failed: [0-9]+, Skipped: [0-9]+, Not Run: [0-9]+' "$3" | tail -n 1)
  if [[ $summary =~ Total:\ ([0-9]+),\ Errors:\ ([0-9]+),\ Failed:\ ([0-9]+),\ Skipped:\ ([0-9]+),\ Not\ Run:\ ([0-9]+) ]]; then
    bad=$((BASH_REMATCH[2] + BASH_REMATCH[3]))
    [ "$status" -eq 0 ] || [ "$bad" -gt 0 ] || bad=1
    failed=$((failed + bad))
    skipped=$((skipped + BASH_REMATCH[4]))
    passed=$((passed + BASH_REMATCH[1] - BASH_REMATCH[3] - BASH_REMATCH[4] - BASH_REMATCH[5]))
  else
    echo "$name ended with status $status and no summary"
    failed=$((failed + 1))
  fi
}

# The suites behind pcscd wait for other people's programs most of the time; they go on beside the rest, one after the other.
beside="HardwareChat.Tokens.Tests HardwareChat.Tools.Tests"
outputs=$(mktemp -d)
trap 'rm -rf "$log" "$outputs"' EXIT
program() { echo "tests/$1/bin/Release/net10.0/$1"; }
for name in $beside; do
  "$(program "$name")" -noColor -noLogo >"$outputs/$name" 2>&1
  echo $? >"$outputs/$name.status"
done &

for project in tests/*.Tests; do
  name=$(basename "$project")
  [[ " $beside " == *" $name "* ]] || run_tests "$name" "$(program "$name")"
done
wait
for name in $beside; do
  step "$name"
  cat "$outputs/$name"
  count "$name" "$(cat "$outputs/$name.status")" "$outputs/$name"
done

# Not every package source carries Yubico's SDK, so its driver is built and tested on request alone.
if [ "${YUBICO_SDK:-}" = 1 ]; then
  step "Build with Yubico's SDK"
  if dotnet build tests/HardwareChat.Tokens.Tests -c Release -p:YubicoSdk=true --nologo -v quiet; then
    run_tests "HardwareChat.Tokens.Yubico" \
      tests/HardwareChat.Tokens.Tests/bin/yubico/Release/net10.0/HardwareChat.Tokens.Tests -namespace HardwareChat.Tokens.Tests.Yubico
  else
    failed=$((failed + 1))
  fi
else
  printf '\nThe driver over Yubico'"'"'s SDK is not part of this build; YUBICO_SDK=1 tests it, where a package source has the SDK.\n'
fi

finish

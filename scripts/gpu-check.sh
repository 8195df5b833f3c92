#!/usr/bin/env bash
# Builds the addon against the libtorch of this machine, runs the CUDA tests and a small benchmark on the GPU, and prints a
# short table last. Needs Node ($NODE, or on the path), CMake, a C++20 compiler, node_modules (npm ci) and dist/, and a
# libtorch with CUDA: $TORCHWRIGHT_LIBTORCH, or that of python3's torch. No network.
#
#   scripts/gpu-check.sh
#   TORCHWRIGHT_GPU_CHECK_CPU=1 scripts/gpu-check.sh     the same steps on a machine without a GPU
set -uo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

node="${NODE:-node}"
log="$(mktemp)"
trap 'rm -f "$log"' EXIT
table=()
failed=0

row() { table+=("$(printf '%-28s %s' "$1" "$2")"); }
step() { # name, command...
  local name="$1" start=$SECONDS
  shift
  echo "--- $name"
  if "$@" 2>&1 | tee "$log"; then row "$name" "ok ($((SECONDS - start)) s)"; else row "$name" "FAILED"; failed=1; return 1; fi
}

if [[ -z "${TORCHWRIGHT_LIBTORCH:-}" ]]; then
  TORCHWRIGHT_LIBTORCH="$(python3 -c 'import os, torch; print(os.path.dirname(torch.__file__))' 2>/dev/null || true)"
  if [[ -z "$TORCHWRIGHT_LIBTORCH" ]]; then
    TORCHWRIGHT_LIBTORCH="$("$node" -p "require('./lib/libtorch/locate.cjs').locateOrThrow({ needHeaders: true }).root")" || exit 1
  fi
  export TORCHWRIGHT_LIBTORCH
fi
row 'libtorch' "$("$node" -p "require('./lib/libtorch/versions.cjs').versionOf(process.env.TORCHWRIGHT_LIBTORCH)?.version") in $TORCHWRIGHT_LIBTORCH"
row 'GPU' "$(nvidia-smi --query-gpu=name,driver_version --format=csv,noheader 2>/dev/null | head -n 1 || true)"

step 'build' "$node" scripts/cmake-build.mjs || true
if [[ $failed = 0 ]]; then
  step 'CUDA is there' "$node" -e "
    const torch = require('./dist');
    console.log(torch.cuda.whyUnavailable() ?? torch.cuda.getDeviceName());
    if (!torch.cuda.isAvailable() && !process.env.TORCHWRIGHT_GPU_CHECK_CPU) process.exit(1);" || true
  step 'tests' "$node" node_modules/jest/bin/jest.js test/cuda || true
  row 'tests in short' "$(grep -E '^[0-9]+ passed, [0-9]+ failed' "$log" | tail -n 1)"
  step 'benchmark' "$node" scripts/gpu-bench.cjs || true
  while IFS= read -r line; do row "${line%%|*}" "${line#*|}"; done < <(grep -E '^[^|]+\|' "$log")
fi

echo
echo 'GPU check'
printf '  %s\n' "${table[@]}"
exit "$failed"

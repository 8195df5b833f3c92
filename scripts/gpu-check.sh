#!/usr/bin/env bash
# Checks torchwright on a machine with CUDA: finds libtorch, builds the addon against it, runs the tests that need a GPU and a
# small benchmark, and prints a table last. Needs no network and no npm where node_modules/ (and dist/) are carried along.
#
#   NODE=/path/to/node            Node, when it is not on the path
#   TORCHWRIGHT_LIBTORCH=DIR      libtorch; default: the torch of python3 (or of TORCHWRIGHT_PYTHON)
#   TORCHWRIGHT_GPU_CHECK_CPU=1   the same steps on the CPU, to try the script where there is no GPU
set -uo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.." || exit 1
root=$PWD
node=${NODE:-node}
device=cuda
if [[ "${TORCHWRIGHT_GPU_CHECK_CPU:-}" == 1 ]]; then device=cpu; else export TORCHWRIGHT_CUDA=1; fi

logs=build/gpu-check
mkdir -p "$logs"
rows=()
failures=0
row() { rows+=("$1"$'\t'"$2"); }

finish() {
  echo
  printf '%s\n' "${rows[@]}" | awk -F '\t' '{ printf "%-46s %s\n", $1, $2 }'
  if ((failures > 0)); then echo "gpu-check: $failures failed; details are above and in $logs"; else echo 'gpu-check: all passed'; fi
  exit $((failures > 0))
}

# step NAME COMMAND...: runs it, shows and keeps its output, notes whether it passed and how long it took.
step() {
  local name=$1 log start=$SECONDS
  shift
  log="$logs/${name// /-}.log"
  echo "--- $name"
  if "$@" 2>&1 | tee "$log"; then
    row "$name" "passed ($((SECONDS - start)) s)"
    return 0
  fi
  row "$name" "FAILED ($((SECONDS - start)) s)"
  failures=$((failures + 1))
  return 1
}

need() {
  row "$1" "FAILED: $2"
  failures=$((failures + 1))
  finish
}

[[ -d node_modules ]] || need 'node_modules' 'missing; carry it along, or run npm ci where there is a network'
"$node" --version >"$logs/node.log" 2>&1 || need 'Node' "$node does not start; set NODE"
row 'Node' "$(cat "$logs/node.log")"

# The resolver of the package itself decides what fits, from the folder that is named.
if [[ -z "${TORCHWRIGHT_LIBTORCH:-}" ]]; then
  python=${TORCHWRIGHT_PYTHON:-python3}
  found=$("$python" -c 'import importlib.util as u; s = u.find_spec("torch"); print(list(s.submodule_search_locations)[0] if s else "")' 2>/dev/null)
  if [[ -n "$found" ]]; then export TORCHWRIGHT_LIBTORCH=$found; fi
fi
about=$("$node" -e '
  const l = require("./lib/libtorch/locate.cjs").locateOrThrow({ needHeaders: true, ...(process.argv[1] === "cuda" ? { cuda: true } : {}) });
  console.log([l.root, l.version, l.cuda ?? "none"].join("\t"));
' "$device" 2>"$logs/libtorch.log") || need 'libtorch' "$(grep -m 1 '^Error' "$logs/libtorch.log" || head -n 1 "$logs/libtorch.log")"
IFS=$'\t' read -r libtorch version cuda <<<"$about"
export TORCHWRIGHT_LIBTORCH=$libtorch
row 'libtorch' "$version, CUDA $cuda"

# The addon goes to a place of its own, where node-gyp-build is told to look: the one in build/Release may be for another libtorch.
place=build/gpu
if command -v cmake >/dev/null; then
  step 'addon' "$node" scripts/cmake-build.mjs --libtorch "$libtorch" --build "$place/cmake" --output "$place/build/Release" || finish
  export TORCHWRIGHT_PREBUILD="$root/$place"
elif [[ -f build/Release/torchwright.node ]]; then
  row 'addon' 'carried along (there is no CMake here)'
else
  need 'addon' 'there is no CMake to build it and none was carried along'
fi

if [[ ! -f dist/index.js ]]; then step 'TypeScript' "$node" node_modules/typescript/bin/tsc -p . || finish; fi

gpu=$("$node" -e '
  const torch = require("./dist/index.js");
  const why = torch.cuda.whyUnavailable();
  if (why !== null && process.argv[1] === "cuda") throw new Error(why);
  console.log(why === null ? torch.cuda.getDeviceName() : `none: ${why}`);
' "$device" 2>"$logs/gpu.log") || need 'GPU' "$(grep -m 1 'Error' "$logs/gpu.log" || head -n 1 "$logs/gpu.log")"
row 'GPU' "$gpu"

step 'tests on the device' "$node" node_modules/jest/bin/jest.js --runInBand --ci test/cuda
step 'tests of gradients' "$node" node_modules/jest/bin/jest.js --runInBand --ci test/autograd
for log in "$logs"/tests-*.log; do
  counts=$(grep -E '^Tests:' "$log" | sed -E 's/^Tests: +//') && row "  $(basename "$log" .log)" "$counts"
done

if step 'benchmark' "$node" scripts/gpu-bench.cjs; then
  while IFS='|' read -r name value; do [[ -n "$value" ]] && row "  $name" "$value"; done <"$logs/benchmark.log"
fi
finish

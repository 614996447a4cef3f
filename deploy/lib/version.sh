# Puts one version together in a folder of its own, beside those that are there. Sourced by bash.
# shellcheck shell=bash disable=SC2154  # the variables of common.sh and of the script that sources this

# What installs must come from where it was asked to come from, so an offline pip is told nothing by the machine.
bare_pip() { # bare_pip PYTHON ARGUMENTS...: with the pip that lies among the wheels
    local python=$1
    shift
    env -i PATH="$PATH" HOME=/root LANG=C.UTF-8 PYTHONPATH="$(pip_wheel)" PIP_CONFIG_FILE=/dev/null \
        PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_INPUT=1 PIP_ROOT_USER_ACTION=ignore \
        "$python" -m pip "$@" </dev/null
}

pip_wheel() { find "$wheels" -name 'pip-*.whl' | head -n 1; }
our_wheel() { find "$wheels" -name 'beffroi-*.whl' | head -n 1; }
sha256() { sha256sum | cut -d' ' -f1; }

# --- the Python ----------------------------------------------------------------------------------------------

find_python() {
    python=$(command -v "$wanted_python" 2>/dev/null) || python=
    if [[ -z $python && $wanted_python == [0-9]*.[0-9]* ]]; then
        python=$(command -v "python$wanted_python") || python=
    fi
    [[ -n $python ]] || die $USAGE "there is no '$wanted_python': install Python 3.8 or newer, or name one with --python"
    python=$("$python" -I -c 'import sys; print(sys.executable)')
    xy=$("$python" -I -c 'import sys; print("%d.%d" % sys.version_info[:2])')
    "$python" -I -c 'import sys; sys.exit(sys.version_info < (3, 8))' ||
        die $USAGE "$python is Python $xy: 3.8 or newer is needed"
    # The service sees no home folders, so a Python that lives in one cannot start there.
    case $("$python" -I -c 'import os, sys; print(os.path.realpath(sys.base_prefix) + "/")') in
        /root/* | /home/* | /run/user/*)
            die $USAGE "$python lives in a home folder, which the service does not see: name another with --python"
            ;;
    esac
}

# JetPack's TensorRT and Debian's GStreamer bindings come with the system, not from PyPI.
find_system_packages() {
    shared=
    local found
    found=$("$python" -I -c '
import importlib.util as u
print(" ".join(name for name in ("tensorrt", "gi", "jtop") if u.find_spec(name)))')
    [[ -n $found ]] || return 0
    shared=--system-site-packages
    note "the environment also sees the system's Python packages, for: $found"
}

# --- what is installed: the wheels of a bundle -----------------------------------------------------------------

check_bundle() { # check_bundle DIR: whole, and for this machine?
    local dir=$1 made_for made_arch
    [[ -f $dir/SHA256SUMS && -f $dir/BUNDLE ]] ||
        die $DAMAGED "$dir is no bundle (no SHA256SUMS in it): make one with deploy/bundle.sh"
    if ! (cd "$dir" && sha256sum --check --quiet --strict SHA256SUMS) >&2; then
        die $DAMAGED "the bundle in $dir is damaged, see above: copy it here again"
    fi
    made_for=$(sed -n 's/^python=//p' "$dir/BUNDLE")
    made_arch=$(sed -n 's/^arch=//p' "$dir/BUNDLE")
    [[ $made_for == "$xy" && $made_arch == "$(uname -m)" ]] || die $DAMAGED \
        "the bundle is for Python $made_for on $made_arch, this is Python $xy on $(uname -m)" \
        "($python): make one with deploy/bundle.sh --python $xy --arch $(uname -m), or name a Python with --python"
    note "the bundle is whole: $(wc -l <"$dir/SHA256SUMS") files"
}

# PyCUDA, which TensorRT needs, has no wheels: where there is a network it is built here, else it is in the bundle.
build_pycuda() {
    "$python" -I -c 'import tensorrt' 2>/dev/null || return 0
    "$python" -I -c 'import pycuda' 2>/dev/null && return 0
    note "building PyCUDA, which TensorRT needs: minutes, the first time"
    if PATH=/usr/local/cuda/bin:$PATH PYTHONPATH=$(pip_wheel) "$python" -m pip wheel -qq --no-deps \
        --wheel-dir "$work/pycuda" pycuda pytools platformdirs siphash24 </dev/null; then
        cp "$work"/pycuda/*.whl "$wheels/"
        (cd "$work/pycuda" && ls ./*.whl) | sed 's|^./||' >>"$source/ADDED"
    else
        warn "PyCUDA cannot be built here, so ONNX Runtime runs the model. Is the CUDA toolkit installed (nvcc)?"
    fi
}

# Names all that is installed but for ourselves: two versions with the same key share their files.
libraries_key() {
    {
        "$python" -I -c 'import sys; print(sys.version, sys.executable)'
        printf '%s\n' "$shared"
        grep ' wheels/' "$source/SHA256SUMS" | grep -v ' wheels/beffroi-' # as check_bundle found them
        cat "$source/ADDED" 2>/dev/null || true
    } | sha256
}

metadata() {
    "$python" -I -c '
import sys, zipfile
wheel = zipfile.ZipFile(sys.argv[1])
name = next(name for name in wheel.namelist() if name.endswith(".dist-info/METADATA"))
print(wheel.read(name).decode())' "$(our_wheel)"
}

# --- the version ---------------------------------------------------------------------------------------------

# name_version: VERSION-HASH, where the hash tells two builds of one version apart.
name_version() {
    version=$(metadata | sed -n 's/^Version: //p' | head -n 1)
    libraries=$(libraries_key)
    local hash
    hash=$({
        sha256sum <"$(our_wheel)"
        printf '%s\n' "$libraries"
        (cd "$source" && find deploy systemd $(models) -type f ! -path '*/__pycache__/*' -print0 |
            LC_ALL=C sort -z | xargs -0 sha256sum)
    } | sha256)
    id=$version-${hash:0:8}
    folder=$prefix/versions/$id
}

# The folder of models that come apart from our wheel, where there is one.
models() { if [[ -d $source/models ]]; then echo models; fi; }

complete() { [[ -e $1/complete ]]; }

make_version() {
    local sites donor
    if complete "$folder"; then
        note "$folder is there already"
        return 0
    fi
    rm -rf "$folder"
    mkdir -p "$folder"
    trap 'rm -rf "$folder" "$work"' EXIT
    # shellcheck disable=SC2086  # an option or nothing
    "$python" -I -m venv --without-pip $shared "$folder/venv" ||
        die $NOTHING_TOUCHED "$python cannot make an environment in $folder"
    sites=lib/python$xy/site-packages
    if donor=$(same_libraries); then
        note "the libraries are those of ${donor##*/}: shared, not copied"
        cp -al "$donor/venv/$sites/." "$folder/venv/$sites/" || die $NOTHING_TOUCHED "cannot write to $folder"
        install_wheels --no-deps --force-reinstall "$(our_wheel)"
    else
        note "installing $(find "$wheels" -name '*.whl' | wc -l) packages"
        # All go into the environment, so that an update of the system's own changes nothing here.
        mapfile -t also < <(added)
        install_wheels --ignore-installed "$(our_wheel)" "${also[@]}"
    fi
    place_models "$folder/venv/$sites/models/bundles"
    "$folder/venv/bin/python" -I -m compileall -q "$folder/venv/$sites" >/dev/null 2>&1 || true
    "$folder/venv/bin/beffroi" --version >/dev/null ||
        die $NOTHING_TOUCHED "this build does not even start, see above: nothing was changed"
    "$folder/venv/bin/python" -I -c '
from alembic.script import ScriptDirectory
from agent.store.migrate import MIGRATIONS
script = ScriptDirectory(str(MIGRATIONS))
print("\n".join(step.revision for step in script.walk_revisions()))' >"$folder/schemas" ||
        die $NOTHING_TOUCHED "this build does not know its database, see above: nothing was changed"
    cp -r "$source/deploy" "$source/systemd" "$folder/"
    chmod -R go=u-w "$folder/deploy" "$folder/systemd"
    printf '%s\n' "$libraries" >"$folder/libraries"
    printf '%s\n' "$version" >"$folder/complete"
    trap 'rm -rf "$work"' EXIT
    note "made $folder"
}

# place_models FOLDER: each beside the bundles that ship in the wheel, where the agent looks first. What shared libraries
# brought along of another version is not written to: it is that version's.
place_models() {
    local model
    rm -rf "$1/dlib-face"
    [[ $(models) ]] || return 0
    for model in "$source"/models/*; do
        cp -r "$model" "$1/" && chmod -R u=rwX,go=rX "$1/${model##*/}" || die $NOTHING_TOUCHED "cannot write to $1"
        note "with the model ${model##*/}"
    done
}

# What bundle.sh --add put in besides.
added() { if [[ -f $source/ADDED ]]; then sed "s|^|$wheels/|" "$source/ADDED"; fi; }

install_wheels() {
    bare_pip "$folder/venv/bin/python" install -qq --no-index --find-links "$wheels" --no-compile \
        --no-warn-script-location "$@" || die $NOTHING_TOUCHED "the packages could not be installed, see above"
}

# same_libraries: prints a version that has just the libraries that this one needs.
same_libraries() {
    local other
    for other in "$prefix"/versions/*; do
        if complete "$other" && [[ $(cat "$other/libraries" 2>/dev/null) == "$libraries" ]]; then
            printf '%s\n' "$other"
            return 0
        fi
    done
    return 1
}

prune_versions() { # all but those that are named
    local other keep
    for other in "$prefix"/versions/*; do
        for keep in "$@"; do
            [[ ${other##*/} == "${keep##*/}" ]] && continue 2
        done
        rm -rf "$other"
        note "deleted ${other##*/}, an older version"
    done
}

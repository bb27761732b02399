#!/bin/bash
# Runs inside the bare system that try_deb.sh made: `inside.sh PHASE`. Each phase says what went wrong and ends with 1.
set -u
out=/tmp/out
person=tester
mkdir -p $out
chmod 777 $out
wrong() { echo "$*" >>$out/wrong.txt; echo "WRONG: $*" >&2; bad=1; }
bad=0
everything() { # all files that are not the kernel's, a log, a cache or a package manager's memory
    find / -xdev \( -path /proc -o -path /sys -o -path /dev -o -path /tmp -o -path /run -o -path /var/cache -o -path /var/log \
        -o -path /var/lib/apt -o -path /var/lib/dpkg -o -path "/home/$person" \) -prune -o -print | LC_ALL=C sort
}
as_person() { su "$person" -s /bin/bash -c "cd && export LANG=C.UTF-8; $*"; }

install() {
    command -v python3 >/dev/null && wrong "there is a Python in the bare system"
    apt-get -q update >&2 || { wrong "no package lists"; exit 3; }
    useradd -m "$person"
    everything >$out/before.txt
    apt-get -q -y --no-install-recommends install /tmp/turbulence.deb >&2 || wrong "apt could not install it"
    command -v python3 >/dev/null && wrong "a Python came with it"
    dpkg -L turbulence | LC_ALL=C sort >$out/installed.txt
    (cd / && sha256sum --quiet -c usr/lib/turbulence/SHA256SUMS) >&2 || wrong "files differ from the list"
    find /usr/lib/turbulence -type f -name '*.so*' -o -type f -name 'turbulence*' -perm -1 | while read -r file; do
        LD_LIBRARY_PATH=/usr/lib/turbulence/_internal ldd "$file" 2>/dev/null | awk -v f="$file" '/not found/ {print f ": " $1}'
    done >$out/missing-libraries.txt
    [ ! -s $out/missing-libraries.txt ] || wrong "libraries are missing: $(head -n 3 $out/missing-libraries.txt)"
}

use() { # the command line, with nothing but what the package asked for
    local began
    as_person "turbulence --version" >$out/version.txt || wrong "turbulence --version: status $?"
    began=$(date +%s%N)
    as_person "turbulence demo" >$out/demo.txt || wrong "turbulence demo: status $?"
    echo $((($(date +%s%N) - began) / 1000000)) >$out/demo-ms.txt
    grep -q "replayed: the same bits" $out/demo.txt || wrong "the demo did not replay its failure"
    as_person "turbulence --self-test" >$out/self-test.json || wrong "turbulence --self-test: status $?"
    as_person "turbulence init shop-app --template fastapi-shop" >$out/app.txt 2>&1 &&
        as_person "cd shop-app && turbulence campaign rough-day --worlds 40" >>$out/app.txt 2>&1
    case $? in 0 | 1) ;; *) wrong "the sample application: status $?: $(tail -n 2 $out/app.txt)" ;; esac
    as_person "turbulence no-such-command" >/dev/null 2>$out/usage.txt
    [ $? = 2 ] || wrong "a wrong call does not end with 2"
}

window() { # stays until it is ended from outside
    exec su "$person" -s /bin/bash -c "cd && export DISPLAY=$DISPLAY LANG=C.UTF-8; exec turbulence"
}

remove() {
    apt-get -q -y purge turbulence >&2 || wrong "apt could not remove it"
    apt-get -q -y --purge autoremove >&2
    while read -r path; do
        [ -e "$path" ] && [ ! -d "$path" ] && wrong "left behind: $path"
    done <$out/installed.txt
    [ ! -e /usr/lib/turbulence ] || wrong "left behind: /usr/lib/turbulence"
    everything >$out/after.txt
    # What the removed packages of others leave: ld.so's cache, and folders and settings of the system's libraries.
    LC_ALL=C comm -13 $out/before.txt $out/after.txt >$out/new-after.txt
    grep -i turbulence $out/new-after.txt && wrong "files of the program are left"
    LC_ALL=C comm -23 $out/before.txt $out/after.txt | grep -q . && wrong "files that were there before are gone"
    return 0
}

"$1"
exit $bad

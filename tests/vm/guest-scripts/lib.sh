# SPDX-License-Identifier: BSD-2-Clause
# shellcheck shell=dash
#
# Sourced by the scenarios guest-*.sh: plays scripts to the kernel while vsockdump and
# tcpdump capture, and compares what is found with the scripts' lines
# "# finds: SEVERITY FINDING WHO". WHO is the end at fault, or "SRC > DST" where a finding
# blames nobody.

scripts=/guest/scripts

# found_live FILE: findings as text, in the scripts' words
found_live() {
    sed 's/^frame [0-9]* [^ ]* \([a-z]*\) \([a-z_.]*\) \([^ ]*\( > [^ ]*\)\{0,1\}\): .*/\1 \2 \3/' \
        "$1" | sort
}

# found_file FILE: findings as JSON, in the scripts' words
found_file() {
    sed -e 's/^{"finding":"\([^"]*\)","severity":"\([^"]*\)".*"src":"\([^"]*\)","dst":"\([^"]*\)","fault":null.*/\2 \1 \3 > \4/' \
        -e 's/^{"finding":"\([^"]*\)","severity":"\([^"]*\)".*"fault":"\([^"]*\)".*/\2 \1 \3/' \
        "$1" | sort
}

# play_one SCRIPT: its transcript in NAME.out, or in NAME.failed if it failed
play_one() {
    play_name=$(basename "$1" .txt)
    play_cid=$(sed -n 's/^# cid: //p' "$1")
    vsockguest -c "${play_cid:-3}" "$1" >"$play_name.out" 2>&1 ||
        mv "$play_name.out" "$play_name.failed"
}

# play LIMITS FOLDER...: with these time limits of vsockdump; the scripts with a CID of
# their own take long, and run beside the others
play() {
    limits=$1
    shift
    wait_quiet
    for folder; do
        ls "$scripts/$folder"/*.txt
    done >all
    # shellcheck disable=SC2046 # file names are words
    sed -n 's/^# finds: //p' $(cat all) | sort >expected

    start live vsockdump -n --findings --limit "$limits"
    start tcpdump tcpdump -i vsockmon0 -n -U -Z root -B 8192 -w all.pcap
    slow=
    for script in $(xargs grep -l '^# cid:' <all); do
        play_one "$script" &
        slow="$slow $!"
    done
    for script in $(xargs grep -L '^# cid:' <all); do
        play_one "$script"
    done
    # shellcheck disable=SC2086 # process numbers are words
    [ -z "$slow" ] || wait $slow
    play_one "$scripts/last.txt"
    wait_for 60 has_taken_all tcpdump || fail "tcpdump does not take what there is"
    stop live
    stop tcpdump
    expect_no_loss tcpdump.err
    expect_no_loss live.err

    failed=$(find . -name '*.failed' | wc -l)
    [ "$failed" -eq 0 ] || {
        find . -name '*.failed' -exec tail -n 6 '{}' ';'
        fail "$failed scripts: the kernel did not do what they expect"
    }
    vsockdump --findings --limit "$limits" --json -r all.pcap >all.json
    found_live live.out >live.found
    found_file all.json >file.found
    for found in live file; do
        diff -u expected $found.found || fail "$found: the findings are not the scripts'"
    done
}

# SPDX-License-Identifier: BSD-2-Clause
#
# What zsh offers at the end of a line: a zsh of its own on a pseudo-terminal completes
# it, and a compadd in place of the builtin writes down what was found.
# usage: zsh -f completion.zsh COMPLETION_DIR ARGUMENTS WORK_DIR
emulate -L zsh
zmodload zsh/zpty || exit

# No trap removes these: the other zsh would have it, too.
found=$3/found
rm -f $found{,.ready,.end}
: >$found
cat >$found.rc <<END
PS1= PS2= RPS1= LISTMAX=10000
unsetopt zle_bracketed_paste beep prompt_sp
fpath=(${(q)1} \$fpath)
autoload -U compinit && compinit -u -d ${(q)3}/dump
zstyle ':completion:*' use-compctl false
zstyle ':completion:*' group-name ''
compadd() {
    local -a found_words
    local before=""
    # Its arrays are asked for by those that look for themselves.
    if [[ " \$* " != *' '-[OAD]* ]]; then
        zparseopts -E -a found_options p:=found_prefix
        before=\$found_prefix[2]
        builtin compadd -O found_words "\$@"
        (( \$#found_words )) && print -rl -- \$before\$^found_words >>$found
    fi
    builtin compadd "\$@"
}
report() {
    zle list-choices
    : >$found.end
}
zle -N report
bindkey '^T' report
: >$found.ready
END

wait_for() {
    repeat 6000; do
        [[ -e $1 ]] && return
        zpty -rt probe rest 2>/dev/null
        sleep 0.01
    done
    print -u 2 "zsh does not answer"
    exit 1
}

zpty -b probe zsh -f -i
zpty -w probe "source $found.rc"
wait_for $found.ready
zpty -n -w probe "vsockdump $2"$'\C-t'
wait_for $found.end
zpty -d probe
cat $found

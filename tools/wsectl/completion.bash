# SPDX-License-Identifier: MIT
# bash completion for wsectl; installed as share/bash-completion/completions/wsectl.

_wsectl_options() {
    local common="--socket --timeout --json --help"
    case "$1" in
        publish) echo "--type --priority --id $common" ;;
        subscribe) echo "--count $common" ;;
        send) echo "--connection --user --all --priority --id $common" ;;
        presence) echo "--limit $common" ;;
        "conn ls") echo "--user --topic --ip --limit $common" ;;
        "conn kill") echo "--code --reason $common" ;;
        "module new") echo "--lang --directory $common" ;;
        "dlq replay" | "dlq drop") echo "--all $common" ;;
        "topic ls" | "dlq ls" | revocations) echo "--limit $common" ;;
        revoke) echo "--user --token --issued-before $common" ;;
        "") echo "$common --version" ;;
        *) echo "$common" ;;
    esac
}

# The names of topics, or the ids of connections, of the server that answers now.
_wsectl_names() {
    local socket=("${@:2}")
    case "$1" in
        topic) wsectl "${socket[@]}" --timeout 1s topic ls 2>/dev/null | awk 'NR > 1 { print $1 }' ;;
        conn) wsectl "${socket[@]}" --timeout 1s conn ls 2>/dev/null | awk 'NR > 1 { print $1 }' ;;
    esac
}

_wsectl() {
    local current="${COMP_WORDS[COMP_CWORD]}" previous="${COMP_WORDS[COMP_CWORD - 1]}"
    local words=() socket=() index word
    for ((index = 1; index < COMP_CWORD; index++)); do
        word="${COMP_WORDS[index]}"
        case "$word" in
            -s | --socket)
                socket=(--socket "${COMP_WORDS[index + 1]}")
                ((index++))
                ;;
            -t | -p | -n | --timeout | --type | --priority | --id | --count | --connection | --user | --topic | --ip | --limit | --code | --reason | --lang | --directory | --token | --issued-before)
                ((index++))
                ;;
            -*) ;;
            *) words+=("$word") ;;
        esac
    done
    local command="${words[0]-}"
    [[ $command == conn || $command == topic || $command == module || $command == dlq || $command == certificates || $command == keys ]] && command+="${words[1]:+ ${words[1]}}"

    local choices=""
    case "$previous" in
        -s | --socket)
            mapfile -t COMPREPLY < <(compgen -f -- "$current")
            return
            ;;
        --lang) choices="c c++" ;;
        --directory)
            mapfile -t COMPREPLY < <(compgen -d -- "$current")
            return
            ;;
        --topic) choices="$(_wsectl_names topic "${socket[@]}")" ;;
        --connection) choices="$(_wsectl_names conn "${socket[@]}")" ;;
        -p | --priority) choices="1 3 5 8 10" ;;
        --timeout) choices="1s 5s 30s" ;;
        *)
            if [[ $current == -* ]]; then
                choices="$(_wsectl_options "$command")"
            else
                case "$command" in
                    "") choices="status publish subscribe send presence conn topic module modules backplane dlq certificates keys stats revoke revocations" ;;
                    conn) choices="ls show kill" ;;
                    topic) choices="ls show" ;;
                    dlq) choices="ls replay drop" ;;
                    module) choices="new inspect" ;;
                    certificates) choices="reload" ;;
                    keys) choices="new reload" ;;
                    "module new")
                        [[ ${#words[@]} -eq 2 ]] && choices="auth transform snapshot backplane observer event app"
                        ;;
                    "module inspect")
                        mapfile -t COMPREPLY < <(compgen -f -- "$current")
                        return
                        ;;
                    publish | subscribe | presence | "topic show") choices="$(_wsectl_names topic "${socket[@]}")" ;;
                    "conn show" | "conn kill") choices="$(_wsectl_names conn "${socket[@]}")" ;;
                esac
            fi
            ;;
    esac
    mapfile -t COMPREPLY < <(compgen -W "$choices" -- "$current")
}

complete -F _wsectl wsectl

/// The completion script of bash, mended for names with an `@`; pure.
enum BashCompletion {
    /// - Parameter generated: the script as ArgumentParser makes it.
    static func mended(_ generated: String) -> String {
        generated.replacing("-F _loopsync loopsync", with: "-F __loopsync_joined loopsync") + joined
    }

    private static let joined = #"""

        # Bash takes a line apart at every '@', but runs are named LOOP@latest: puts the words together again, and
        # answers with what stands behind the last '@', which is all that readline replaces.
        __loopsync_joined() {
            local rest="${COMP_LINE}" word
            local -a words=()
            local -i index last=-1 current=0
            for index in "${!COMP_WORDS[@]}"; do
                word="${COMP_WORDS[${index}]}"
                if [[ "${last}" -ge 0 && "${rest}" != [[:space:]]* && ("${word}" = @* || "${words[${last}]}" = *@) ]]; then
                    words[last]+="${word}"
                else
                    words[++last]="${word}"
                fi
                [[ "${index}" -eq "${COMP_CWORD}" ]] && current="${last}"
                rest="${rest#*"${word}"}"
            done

            local -r replaced="${2}"
            local -a COMP_WORDS=("${words[@]}")
            local -i COMP_CWORD="${current}"
            local -r whole="${words[${current}]}"
            if [[ "${whole}" != *@* ]]; then
                _loopsync "${@}"
                # As file names they would get a backslash before the '@'.
                [[ "${COMPREPLY[*]}" = *@* ]] && compopt +o filenames 2>/dev/null
                return 0
            fi
            _loopsync "${1}" "${whole}" "${words[current - 1]}"
            local -r head="${whole%"${replaced}"}"
            for index in "${!COMPREPLY[@]}"; do
                COMPREPLY[index]="${COMPREPLY[${index}]#"${head}"}"
            done
            compopt +o filenames 2>/dev/null
        }

        """#
}

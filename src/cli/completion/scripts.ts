/** The shells that have completion. */
export type Shell = 'bash' | 'zsh' | 'fish';

/** Programs that are completed. `snap` is left to Ubuntu's program of that name. */
const PROGRAMS = 'restage rsnap rhubarbe rload rsave rwait load-image';

const BASH = `# Completion of restage for bash: source <(restage completion bash)
_restage() {
  local program=$1 line
  type -P -- "$program" >/dev/null || program=restage
  COMPREPLY=()
  while IFS= read -r line; do
    case $line in
      :file) compopt -o default ;;
      :directory) compopt -o dirnames ;;
      *) COMPREPLY+=("$(printf %q "\${line%%$'\\t'*}")") ;;
    esac
  done < <("$program" __complete bash "\${COMP_LINE:0:COMP_POINT}" "$2" 2>/dev/null)
  # A value that goes on, such as --only=, is not ended by a blank.
  case \${COMPREPLY[0]-} in *=) compopt -o nospace ;; esac
}
complete -o nosort -F _restage ${PROGRAMS}
`;

const ZSH = `#compdef ${PROGRAMS}
# Completion of restage for zsh: into a folder of $fpath as _restage, or source <(restage completion zsh)
_restage() {
  local line value
  local -a described
  while IFS= read -r line; do
    case $line in
      :file) _files; return ;;
      :directory) _files -/; return ;;
    esac
    value=\${line%%$'\\t'*}
    if [[ $line == *$'\\t'* ]]; then
      described+=("\${value//:/\\\\:}:\${line#*$'\\t'}")
    else
      described+=("\${value//:/\\\\:}")
    fi
  done < <("\${(Q)words[1]}" __complete zsh "\${(@Q)words[2,CURRENT-1]}" "\${(Q)PREFIX}" 2>/dev/null)
  (( \${#described} )) && _describe -V restage described
}
if [[ \${funcstack[1]} == _restage ]]; then
  _restage "$@"
else
  compdef _restage ${PROGRAMS}
fi
`;

const FISH = `# Completion of restage for fish: restage completion fish > ~/.config/fish/completions/restage.fish
function __restage_complete
    set -l words (commandline -opc)
    set -l current (commandline -ct)
    for line in ($words[1] __complete fish $words[2..-1] "$current" 2>/dev/null)
        switch $line
            case ':file'
                __fish_complete_path "$current"
            case ':directory'
                __fish_complete_directories "$current" ''
            case '*'
                echo $line
        end
    end
end
for program in ${PROGRAMS}
    complete --command $program --no-files --keep-order --arguments '(__restage_complete)'
end
`;

/** What each shell reads at its start. */
export const COMPLETION_SCRIPTS: Readonly<Record<Shell, string>> = { bash: BASH, zsh: ZSH, fish: FISH };

/** Whether there is completion for a shell. */
export function isShell(name: string): name is Shell {
  return Object.hasOwn(COMPLETION_SCRIPTS, name);
}

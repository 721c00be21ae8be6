// The completion script of each shell. It passes the command line to `PROGRAM __complete` (complete.ts) and the result to the
// shell. It needs no other program.

export const shells = {
  bash: bashScript,
  zsh: zshScript,
  fish: fishScript,
  powershell: powershellScript,
} as const;

export type Shell = keyof typeof shells;

export function isShell(name: string): name is Shell {
  return Object.hasOwn(shells, name);
}

/**
 * For bash 3.2 and later, without the bash-completion package. bash also splits a word at `=` and `:`. The script joins such
 * words again, and cuts from each candidate what bash already has before the last of these characters.
 */
function bashScript(program: string): string {
  const name = `_${program}_complete`;
  return `# bash completion for ${program}; load it with: source <(${program} completion bash)

${name}() {
  COMPREPLY=()
  local rest="\${COMP_LINE:0:COMP_POINT}" words=() word begun i
  for ((i = 0; i <= COMP_CWORD; i++)); do
    word="\${COMP_WORDS[i]}"
    begun="\${rest#"\${rest%%[![:space:]]*}"}"
    if ((i == COMP_CWORD)); then word="$begun"; fi
    if ((i > 0)) && [[ "$begun" == "$rest" ]]; then
      words[\${#words[@]}-1]+="$word"
    else
      words+=("$word")
    fi
    rest="\${begun#"$word"}"
  done
  words=("\${words[@]//[\\"\\'\\\\]/}")
  local current="\${words[\${#words[@]}-1]}"
  local program="\${words[0]/#\\~/$HOME}"
  type -P "$program" >/dev/null || program=${program}

  local line answers=()
  while IFS= read -r line; do
    answers+=("$line")
  done <<<"$("$program" __complete "\${words[@]:1}" 2>/dev/null)"
  local last=$((\${#answers[@]} - 1))
  local directive="\${answers[last]#:}"
  unset "answers[last]"
  [[ "$directive" =~ ^[0-9]+$ ]] || return

  local breaks=""
  if [[ "$COMP_WORDBREAKS" == *=* ]]; then breaks+="="; fi
  if [[ "$COMP_WORDBREAKS" == *:* ]]; then breaks+=":"; fi
  local typed=""
  if [[ -n "$breaks" ]]; then typed="\${current%"\${current##*[$breaks]}"}"; fi
  local tab=$'\\t'
  for line in "\${answers[@]}"; do
    line="\${line%%"$tab"*}"
    COMPREPLY+=("$(printf %q "\${line#"$typed"}")")
  done

  if ((directive & 2)); then compopt -o nospace 2>/dev/null; fi
  if ((directive & 4)); then compopt +o default 2>/dev/null; fi
  if ((directive & 16)); then compopt +o default -o dirnames 2>/dev/null; fi
  return 0
}

complete -o default -F ${name} ${program}
`;
}

/** For zsh, as a file in fpath, where compinit finds it by its first line, or sourced. */
function zshScript(program: string): string {
  const name = `_${program}`;
  return `#compdef ${program}
# zsh completion for ${program}; load it with: source <(${program} completion zsh)

${name}() {
  local program="\${(Q)words[1]/#\\~/$HOME}"
  whence -p "$program" >/dev/null || program=${program}
  local -a line answers described plain
  line=("\${(@Q)words[2,CURRENT-1]}" "\${(Q)PREFIX}")
  answers=("\${(@f)$("$program" __complete "\${line[@]}" 2>/dev/null)}")
  local directive="\${answers[-1]#:}"
  answers=("\${(@)answers[1,-2]}")
  [[ "$directive" == <-> ]] || return 1

  local answer tab=$'\\t'
  local -a ending
  if (( directive & 2 )); then ending=(-S ''); fi
  for answer in "\${answers[@]}"; do
    if [[ "$answer" == *"$tab"* ]]; then
      described+=("\${\${answer%%$tab*}//:/\\\\:}:\${answer#*$tab}")
    else
      plain+=("$answer")
    fi
  done
  local found=1
  if (( \${#described} )); then _describe -V '${program}' described "\${ending[@]}" && found=0; fi
  if (( \${#plain} )); then compadd "\${ending[@]}" -- "\${plain[@]}" && found=0; fi
  if (( (directive & 4) == 0 )); then
    if [[ "$PREFIX" == --*=* ]]; then compset -P '*='; fi
    if (( directive & 16 )); then _files -/ && found=0; else _files && found=0; fi
  fi
  return found
}

if [[ "\${funcstack[1]}" == "${name}" ]]; then
  ${name} "$@"
elif (( $+functions[compdef] )); then
  compdef ${name} ${program}
else
  autoload -U compinit && compinit -i && compdef ${name} ${program}
fi
`;
}

/** For fish 3.0 and later. fish filters and describes the candidates. Its functions for paths run only where a path may stand. */
function fishScript(program: string): string {
  const name = `__${program.replaceAll("-", "_")}_complete`;
  return `# fish completion for ${program}; load it with: ${program} completion fish | source

function ${name}
    set -l line (commandline -opc)
    set -l current (commandline -ct)
    set -l program $line[1]
    type -q $program; or set program ${program}
    set -l answers ($program __complete $line[2..-1] "$current" 2>/dev/null)
    set -q answers[1]; or return
    set -l directive (string replace -r '^:' '' -- $answers[-1])
    string match -qr '^[0-9]+$' -- "$directive"; or return
    if set -q answers[2]
        printf '%s\\n' $answers[1..-2]
    end
    if test (math "bitand($directive, 4)") -eq 0
        set -l typed (string match -r '^--[^=]*=' -- "$current")
        set -l path (string replace -- "$typed" '' "$current")
        if test (math "bitand($directive, 16)") -ne 0
            __fish_complete_directories "$path" | string replace -r '^' -- "$typed"
        else
            __fish_complete_path "$path" | string replace -r '^' -- "$typed"
        end
    end
end

complete -c ${program} -e
complete -c ${program} -f -a '(${name})'
`;
}

/** For PowerShell 5.1 and later. It drops empty arguments, so the script passes `""` for an empty word. */
function powershellScript(program: string): string {
  return `# PowerShell completion for ${program}; load it with: ${program} completion powershell | Out-String | Invoke-Expression

Register-ArgumentCompleter -Native -CommandName '${program}' -ScriptBlock {
    param($wordToComplete, $commandAst, $cursorPosition)
    $program = $commandAst.CommandElements[0].ToString()
    $before = @($commandAst.CommandElements | Select-Object -Skip 1 | Where-Object {
        $_.Extent.EndOffset -lt $cursorPosition
    } | ForEach-Object { $_.ToString().Trim('"', "'") })
    $current = $wordToComplete.Trim('"', "'")
    if ($current -eq '') { $current = '""' }
    $answers = @(& $program __complete @before $current 2>$null)
    if ($answers.Count -eq 0) { return }
    $directive = [int]($answers[-1].TrimStart(':'))
    $candidates = @($answers | Select-Object -SkipLast 1)
    if (($candidates.Count -eq 0) -and (($directive -band 4) -ne 0)) { return '' }
    foreach ($candidate in $candidates) {
        $parts = $candidate.Split([char]9, 2)
        $text = $parts[0]
        $about = $text
        if ($parts.Count -eq 2) { $about = $parts[1] }
        $insert = $text
        if ($text -match "[\\s'\`$&|;<>(){}]") { $insert = "'" + $text.Replace("'", "''") + "'" }
        [System.Management.Automation.CompletionResult]::new($insert, $text, 'ParameterValue', $about)
    }
}
`;
}

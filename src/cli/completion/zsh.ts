// zsh. Works as a file of fpath, where compinit finds it by its first line, and when it is sourced.

export function zshScript(program: string): string {
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

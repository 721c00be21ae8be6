// bash, from 3.2 on, without the bash-completion package. bash splits the line at = and : too, which here belong to words:
// the words are put together again, and of the candidates only what stands behind the last of these is handed back.

export function bashScript(program: string): string {
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

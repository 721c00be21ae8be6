// fish, from 3.0 on. fish filters and describes by itself; files are asked of its own function, so that they come only
// where they are expected.

export function fishScript(program: string): string {
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

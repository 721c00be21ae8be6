// What the help of `completion` says beside its usage. Apart from the scripts, since the manifest holds it.

export function installNotes(program: string): string {
  return `How to load it:

  bash, in this shell, and in all:
    source <(${program} completion bash)
    echo 'source <(${program} completion bash)' >> ~/.bashrc

  zsh, in this shell, and in all (with "autoload -U compinit; compinit" in ~/.zshrc):
    source <(${program} completion zsh)
    ${program} completion zsh > "\${fpath[1]}/_${program}"

  fish, in this shell, and in all:
    ${program} completion fish | source
    ${program} completion fish > ~/.config/fish/completions/${program}.fish

  PowerShell, in this shell; put it into $PROFILE for all:
    ${program} completion powershell | Out-String | Invoke-Expression`;
}

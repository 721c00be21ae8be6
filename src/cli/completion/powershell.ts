// PowerShell, Windows' own 5.1 too, which drops empty arguments: an empty word is spelled "" and understood so.

export function powershellScript(program: string): string {
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

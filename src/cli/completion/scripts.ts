// The script of each shell, for a program of any name. All of them only carry the line to `PROGRAM __complete` and its
// answer back; what can be completed is decided there. They need nothing but the shell itself.
import { bashScript } from "./bash";
import { fishScript } from "./fish";
import { powershellScript } from "./powershell";
import { zshScript } from "./zsh";

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

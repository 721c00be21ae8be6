// Loads a target by its name. The bundler turns the pattern into a table of all files in targets/.
import type { FuzzTarget } from "./target";

export async function loadTarget(name: string): Promise<FuzzTarget> {
  const { target } = (await import(`./targets/${name}.ts`)) as { target: FuzzTarget };
  return target;
}

// Light or dark: as the system, until the user chooses.

const storageKey = "etcdctl-ui-theme";

export function startTheme(toggle: HTMLElement): void {
  const system = matchMedia("(prefers-color-scheme: dark)");
  const current = (): "light" | "dark" => {
    const chosen = localStorage.getItem(storageKey);
    if (chosen === "light" || chosen === "dark") return chosen;
    return system.matches ? "dark" : "light";
  };
  const apply = (): void => {
    const theme = current();
    document.documentElement.dataset["theme"] = theme;
    toggle.textContent = theme === "dark" ? "\u2600" : "\u263e";
    toggle.setAttribute("aria-label", theme === "dark" ? "Light mode" : "Dark mode");
  };
  toggle.addEventListener("click", () => {
    const other = current() === "dark" ? "light" : "dark";
    // The choice that is the same as the system's is not kept: then the page follows the system again.
    if (other === (system.matches ? "dark" : "light")) localStorage.removeItem(storageKey);
    else localStorage.setItem(storageKey, other);
    apply();
  });
  system.addEventListener("change", apply);
  apply();
}

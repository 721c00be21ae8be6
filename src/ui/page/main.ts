// Starts the page: its views, the address that decides what is shown, and the keys that work everywhere.
import type { About, KeyView } from "../api";
import { call, describe, takeToken } from "./calls";
import { addressOf, type KeyActions } from "./detail";
import { ask, askNewKey, askValue } from "./dialogs";
import { byId, fill, h, toast } from "./dom";
import { folderView } from "./folder-view";
import { decodeKey, encodeKey, fromAddress, labelOf, number } from "./format";
import { keyView } from "./key-view";
import { LiveView } from "./live-view";
import { MembersView } from "./members-view";
import { SearchView } from "./search-view";
import { startTheme } from "./theme";
import { TreeView } from "./tree-view";

const pollMs = 2000;

class Page {
  private about: About | undefined;
  private readonly tree = new TreeView(({ kind, key }) => this.show(addressOf[kind](key)));
  private readonly search = new SearchView(() => this.searchClosed());
  private readonly live = new LiveView();
  private readonly members = new MembersView(() => this.about?.source.kind === "offline");
  private readonly detail = h("section", { class: "detail-pane", attrs: { "aria-label": "Details" } });
  private readonly panes = h(
    "div",
    { class: "view panes" },
    this.tree.element,
    this.search.element,
    this.detail,
  );
  private readonly searchText = byId<HTMLInputElement>("search-text");
  private scope = { prefix: "", label: "" };
  private leaving = new AbortController();

  async start(): Promise<void> {
    startTheme(byId("theme"));
    fill(byId("views"), this.panes, this.live.element, this.members.element);
    window.addEventListener("hashchange", () => this.route());
    document.addEventListener("keydown", (event) => this.keydown(event));
    byId("search").addEventListener("submit", (event) => {
      event.preventDefault();
      this.startSearch();
    });
    try {
      this.about = await call("about", {});
    } catch (error) {
      fill(byId("views"), h("p", { class: "note failed alone" }, describe(error)));
      return;
    }
    const { source, allowWrites } = this.about;
    byId("mode").textContent = allowWrites ? "writes allowed" : "read-only";
    byId("mode").className = `badge ${allowWrites ? "writes" : ""}`;
    this.showState(undefined);
    document.title = `${source.name} \u2014 etcdctl ui`;
    await this.tree.reload();
    this.route();
    if (document.activeElement === document.body) this.tree.focus();
    void this.poll();
  }

  /** `#/`, `#/folder/KEY`, `#/key/KEY`, `#/key/KEY/history`, `#/live`, `#/live/KEY`, `#/members` */
  private route(): void {
    takeToken();
    const [, name = "", key = "", tab = ""] = location.hash.split("/");
    this.leaving.abort();
    this.leaving = new AbortController();
    const view = name === "live" || name === "members" ? name : "keys";
    this.panes.hidden = view !== "keys";
    this.live.element.hidden = view !== "live";
    this.members.element.hidden = view !== "members";
    for (const each of ["keys", "live", "members"]) {
      const link = byId(`nav-${each}`);
      if (each === view) link.setAttribute("aria-current", "page");
      else link.removeAttribute("aria-current");
    }
    if (view === "live") this.live.start(fromAddress(key));
    else this.live.stop();
    if (view === "members") void this.readMembers();
    if (view === "keys") this.showKeys(name, fromAddress(key), tab);
  }

  private showKeys(name: string, key: string, tab: string): void {
    const { signal } = this.leaving;
    this.panes.classList.toggle("has-detail", name !== "");
    const back = h("a", { class: "back", attrs: { href: "#/" } }, "\u2190 Keys");
    const actions = this.about?.allowWrites ? this.keyActions() : undefined;
    const view =
      name === "key"
        ? keyView({ key, tab: tab === "history" ? "history" : "value", actions, signal })
        : folderView(
            key,
            labelOf(key),
            {
              search: (...scope) => this.searchIn(...scope),
              create: actions && ((prefix) => void this.create(prefix)),
            },
            signal,
          );
    fill(this.detail, back, view);
    this.detail.scrollTop = 0;
    void this.tree.select(key);
  }

  private show(address: string): void {
    if (location.hash === address) this.route();
    else location.hash = address;
  }

  private searchIn(prefix: string, label: string): void {
    this.scope = { prefix, label };
    this.searchText.focus();
    this.searchText.select();
    toast(label === "" ? "Type what to search for" : `Type what to search for in ${label}`);
  }

  private startSearch(): void {
    const text = this.searchText.value;
    if (text === "") return this.search.close();
    const isNarrow = matchMedia("(max-width: 760px)").matches;
    if (this.panes.hidden || (isNarrow && this.panes.classList.contains("has-detail"))) this.show("#/");
    this.tree.element.hidden = true;
    const { prefix, label } = this.scope;
    this.scope = { prefix: "", label: "" };
    void this.search.run(text, prefix, label).then(() => {
      if (document.activeElement === this.searchText) this.search.focus();
    });
  }

  private searchClosed(): void {
    this.tree.element.hidden = false;
    this.searchText.value = "";
    this.tree.focus();
  }

  private keyActions(): KeyActions {
    return {
      edit: (key, view) =>
        void this.written(askValue(`Edit ${view.label}`, key, view.modRevision, view.editable ?? "")),
      remove: (key, view) => void this.written(askDelete(key, view)),
      restore: (key, revision, view) => void this.written(askRestore(key, revision, view)),
    };
  }

  private async written(asked: Promise<boolean>): Promise<void> {
    if (!(await asked)) return;
    this.route();
    await this.tree.reload();
  }

  private async create(prefix: string): Promise<void> {
    const key = await askNewKey(textOf(prefix), encodeKey);
    if (key === undefined) return;
    await this.tree.reload();
    this.show(addressOf.key(key));
  }

  private async poll(): Promise<void> {
    for (;;) {
      if (!document.hidden) await this.readMembers();
      if (this.about?.source.kind === "offline") return;
      await new Promise((resolve) => setTimeout(resolve, pollMs));
    }
  }

  private async readMembers(): Promise<void> {
    try {
      const state = await call("members", { since: this.members.newest });
      this.members.take(state);
      const healthy = state.members.filter(({ isHealthy }) => isHealthy);
      const revisions = state.members.map(({ revision }) => Number(revision));
      const isWell = healthy.length === state.members.length;
      this.showState({
        isWell,
        text: `${healthy.length} of ${state.members.length} healthy`,
        revision: Math.max(0, ...revisions),
      });
    } catch (error) {
      this.showState({ isWell: false, text: describe(error), revision: 0 });
      this.members.fail(describe(error));
    }
  }

  private showState(state: { isWell: boolean; text: string; revision: number } | undefined): void {
    const source = this.about?.source;
    const isOffline = source?.kind === "offline";
    const revision =
      state === undefined || state.revision === 0
        ? null
        : h("span", { class: "revision" }, `rev ${number(state.revision)}`);
    fill(
      byId("source"),
      isOffline
        ? h("span", { class: "badge" }, "file")
        : h("span", {
            class: `health ${state === undefined ? "" : state.isWell ? "on" : "failed"}`,
            attrs: { title: state?.text, role: "img", "aria-label": state?.text },
          }),
      h(
        "span",
        { class: "source-name", attrs: { title: source?.name } },
        source?.name.replace(/^https?:\/\//, "") ?? "",
      ),
      revision,
    );
  }

  private keydown(event: KeyboardEvent): void {
    const target = event.target as HTMLElement;
    if (event.ctrlKey || event.metaKey || event.altKey || document.querySelector("dialog[open]")) return;
    if (target === this.searchText && event.key === "Escape") return this.search.close();
    if (target === this.searchText && event.key === "ArrowDown" && this.search.isOpen)
      return this.search.focus();
    if (target.matches("input, textarea")) return;
    const shortcuts: Readonly<Record<string, () => void>> = {
      "/": () => this.searchText.focus(),
      r: () => void this.tree.reload(),
      t: () => byId("theme").click(),
      k: () => this.show("#/"),
      l: () => this.show("#/live"),
      m: () => this.show("#/members"),
    };
    const run = shortcuts[event.key];
    if (run === undefined) return;
    event.preventDefault();
    run();
  }
}

function askDelete(key: string, view: KeyView): Promise<boolean> {
  return ask({
    title: "Delete this key?",
    fields: [h("p", { class: "mono wrap" }, view.label)],
    verb: "Delete",
    isDangerous: true,
    write: () => call("delete", { key, modRevision: view.modRevision }),
  });
}

function askRestore(key: string, revision: string, view: KeyView): Promise<boolean> {
  return ask({
    title: `Restore the value of revision ${number(revision)}?`,
    fields: [h("p", { class: "mono wrap" }, view.label)],
    verb: "Restore",
    write: () => call("restore", { key, revision, modRevision: view.modRevision || "0" }),
  });
}

function textOf(key: string): string {
  return new TextDecoder().decode(decodeKey(key));
}

takeToken();
void new Page().start();

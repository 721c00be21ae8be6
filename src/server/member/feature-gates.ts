// etcd's features that can be switched on and off. One changes something here; the others are shown on the /metrics page as
// they are set. Go: server/features/etcd_features.go, k8s.io/component-base/featuregate
import { CliError, ExitCode } from "../../errors";
import { quote } from "../../go/quote";

/** As etcd starts by default. The two that are on have no effect here: keep-alives never wait, and transactions share no buffer. */
const defaults = {
  CompactHashCheck: ["ALPHA", false],
  FastLeaseKeepAlive: ["BETA", true],
  InitialCorruptCheck: ["ALPHA", false],
  LeaseCheckpoint: ["ALPHA", false],
  LeaseCheckpointPersist: ["ALPHA", false],
  PriorityRequest: ["ALPHA", false],
  SetMemberLocalAddr: ["ALPHA", false],
  StopGRPCServiceOnDefrag: ["ALPHA", false],
  TxnModeWriteWithSharedBuffer: ["BETA", true],
} as const;

const on = new Set(["1", "t", "T", "TRUE", "true", "True"]);
const off = new Set(["0", "f", "F", "FALSE", "false", "False"]);

const groups = { AllAlpha: "ALPHA", AllBeta: "BETA" } as const;

export interface Feature {
  readonly name: string;
  readonly stage: string;
  readonly isOn: boolean;
}

/** `given` is what was set by name. A group is for the features of its stage that are not named. */
export function featuresOf(given: ReadonlyMap<string, boolean>): Feature[] {
  const ofGroups = Object.entries(groups).map(([name, stage]) => ({
    name,
    stage,
    isOn: given.get(name) ?? false,
  }));
  const each = Object.entries(defaults).map(([name, [stage, isOnByDefault]]) => {
    const group = Object.entries(groups).find(([, of]) => of === stage)?.[0] ?? "";
    return { name, stage, isOn: given.get(name) ?? given.get(group) ?? isOnByDefault };
  });
  return [...ofGroups, ...each];
}

/** `NAME=true,NAME=false`. Throws CliError with etcd's reason. */
export function parseFeatureGates(text: string): Map<string, boolean> {
  const given = new Map<string, boolean>();
  for (const part of text.split(",").filter((each) => each !== "")) {
    const [, name = "", value] = /^([^=]*)(?:=(.*))?$/s.exec(part) ?? [];
    const feature = name.trim();
    const reason = reasonAgainst(feature, value);
    if (reason !== undefined) throw new CliError(ExitCode.error, reason);
    given.set(feature, on.has((value ?? "").trim()));
  }
  return given;
}

function reasonAgainst(feature: string, value: string | undefined): string | undefined {
  if (value === undefined) return `missing bool value for ${feature}`;
  const text = value.trim();
  if (!on.has(text) && !off.has(text))
    return `invalid value of ${feature}=${text}, err: strconv.ParseBool: parsing ${quote(text)}: invalid syntax`;
  return feature in defaults || feature in groups ? undefined : `unrecognized feature gate: ${feature}`;
}

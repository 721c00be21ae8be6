// The resources that Kubernetes' API server stores, by the names that kubectl takes. Custom resources are not here: their
// names are in the CustomResourceDefinitions of the store.
// Go: SpecialDefaultResourcePrefixes in pkg/kubeapiserver/default_storage_factory_builder.go, ShortNames in pkg/registry

export interface Resource {
  /** Plural, in lower case: `pods`. */
  readonly name: string;
  /** Empty for the core group. */
  readonly group: string;
  readonly kind: string;
  readonly singular: string;
  readonly shortNames: readonly string[];
  /** What follows the storage prefix in a key: `services/specs`. */
  readonly path: string;
}

/** GROUP: PLURAL KIND SHORT… @PATH, where the path is not the plural. Removed resources of older releases are here too. */
const table = `
: configmaps ConfigMap cm
: endpoints Endpoints ep @services/endpoints
: events Event ev
: limitranges LimitRange limits
: namespaces Namespace ns
: nodes Node no @minions
: persistentvolumeclaims PersistentVolumeClaim pvc
: persistentvolumes PersistentVolume pv
: pods Pod po
: podtemplates PodTemplate
: replicationcontrollers ReplicationController rc @controllers
: resourcequotas ResourceQuota quota
: secrets Secret
: serviceaccounts ServiceAccount sa
: services Service svc @services/specs
admissionregistration.k8s.io: mutatingadmissionpolicies MutatingAdmissionPolicy
admissionregistration.k8s.io: mutatingadmissionpolicybindings MutatingAdmissionPolicyBinding
admissionregistration.k8s.io: mutatingwebhookconfigurations MutatingWebhookConfiguration
admissionregistration.k8s.io: validatingadmissionpolicies ValidatingAdmissionPolicy
admissionregistration.k8s.io: validatingadmissionpolicybindings ValidatingAdmissionPolicyBinding
admissionregistration.k8s.io: validatingwebhookconfigurations ValidatingWebhookConfiguration
apiextensions.k8s.io: customresourcedefinitions CustomResourceDefinition crd crds @apiextensions.k8s.io/customresourcedefinitions
apiregistration.k8s.io: apiservices APIService @apiregistration.k8s.io/apiservices
apps: controllerrevisions ControllerRevision
apps: daemonsets DaemonSet ds
apps: deployments Deployment deploy
apps: replicasets ReplicaSet rs
apps: statefulsets StatefulSet sts
autoscaling: horizontalpodautoscalers HorizontalPodAutoscaler hpa
batch: cronjobs CronJob cj
batch: jobs Job
certificates.k8s.io: certificatesigningrequests CertificateSigningRequest csr
certificates.k8s.io: clustertrustbundles ClusterTrustBundle
certificates.k8s.io: podcertificaterequests PodCertificateRequest
coordination.k8s.io: leasecandidates LeaseCandidate
coordination.k8s.io: leases Lease
discovery.k8s.io: endpointslices EndpointSlice
flowcontrol.apiserver.k8s.io: flowschemas FlowSchema
flowcontrol.apiserver.k8s.io: prioritylevelconfigurations PriorityLevelConfiguration
internal.apiserver.k8s.io: storageversions StorageVersion
networking.k8s.io: ingressclasses IngressClass
networking.k8s.io: ingresses Ingress ing @ingress
networking.k8s.io: ipaddresses IPAddress ip
networking.k8s.io: networkpolicies NetworkPolicy netpol
networking.k8s.io: servicecidrs ServiceCIDR
node.k8s.io: runtimeclasses RuntimeClass
policy: poddisruptionbudgets PodDisruptionBudget pdb
policy: podsecuritypolicies PodSecurityPolicy psp @podsecuritypolicy
rbac.authorization.k8s.io: clusterrolebindings ClusterRoleBinding
rbac.authorization.k8s.io: clusterroles ClusterRole
rbac.authorization.k8s.io: rolebindings RoleBinding
rbac.authorization.k8s.io: roles Role
resource.k8s.io: deviceclasses DeviceClass
resource.k8s.io: devicetaintrules DeviceTaintRule
resource.k8s.io: resourceclaims ResourceClaim
resource.k8s.io: resourceclaimtemplates ResourceClaimTemplate
resource.k8s.io: resourcepoolstatusrequests ResourcePoolStatusRequest
resource.k8s.io: resourceslices ResourceSlice
scheduling.k8s.io: podgroups PodGroup
scheduling.k8s.io: priorityclasses PriorityClass pc
scheduling.k8s.io: workloads Workload
settings.k8s.io: podpresets PodPreset
storage.k8s.io: csidrivers CSIDriver
storage.k8s.io: csinodes CSINode
storage.k8s.io: csistoragecapacities CSIStorageCapacity
storage.k8s.io: storageclasses StorageClass sc
storage.k8s.io: volumeattachments VolumeAttachment
storage.k8s.io: volumeattributesclasses VolumeAttributesClass vac
storagemigration.k8s.io: storageversionmigrations StorageVersionMigration
`;

export const builtinResources: readonly Resource[] = table
  .trim()
  .split("\n")
  .map((line) => {
    const [group = "", rest = ""] = line.split(/: ?/);
    const [name = "", kind = "", ...others] = rest.split(" ");
    const path = others.find((word) => word.startsWith("@"))?.slice(1) ?? name;
    const shortNames = others.filter((word) => !word.startsWith("@"));
    return { name, group, kind, singular: kind.toLowerCase(), shortNames, path };
  });

/** `pods`, `deployments.apps` */
export function resourceName({ name, group }: Pick<Resource, "name" | "group">): string {
  return group === "" ? name : `${name}.${group}`;
}

/**
 * The resources that a word of the user names, as kubectl reads it: plural, singular, short name or kind, each alone or with
 * `.group`, also `.version.group`. Upper and lower case are the same.
 */
export function findResources(word: string, resources: readonly Resource[]): readonly Resource[] {
  const typed = word.toLowerCase();
  return resources.filter(({ name, group, singular, shortNames }) =>
    [name, singular, ...shortNames].some((each) => {
      if (typed === each) return true;
      if (!typed.startsWith(`${each}.`)) return false;
      const suffix = typed.slice(each.length + 1);
      return suffix === group || suffix.replace(/^v\d+(?:(?:alpha|beta)\d+)?\.?/, "") === group;
    }),
  );
}
